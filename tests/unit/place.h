/*
 * A folder with a database of its own, for tests of the store itself: what tests of model, entry
 * and api start from is world.h.
 */
#ifndef INLAY_UNIT_PLACE_H
#define INLAY_UNIT_PLACE_H

#include "unit.h"

#include "base/buf.h"
#include "store/store.h"

struct place {
    char folder[UNIT_FOLDER_SIZE];
    char database[UNIT_FOLDER_SIZE + 16];
    char copy[UNIT_FOLDER_SIZE + 16];
    struct fault fault;
};

void place_make(struct place *place);
struct store *place_open(struct place *place, enum store_mode mode);
/* Anything that SQLite can do to a file, behind the store's back. */
void place_sql(const char *path, const char *sql);
enum err place_add_workspace(struct store *store, const char *name);
int64_t place_count_workspaces(struct store *store);
/* Its tables and indexes as SQL, in the buffer. */
struct str place_schema(const char *path, struct buf *buf);

#endif
