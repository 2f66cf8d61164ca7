/*
 * A world for tests of access/ and api/: an instance with its default workspace, in a database and
 * a folder of its own, at a moment that stands still.
 *
 *     struct world world;
 *     world_make(&world);
 *     … user_create(&world.access, …) …
 *     world_end(&world);
 *
 * Nothing is inside of a transaction unless the test begins one: each statement commits by itself.
 */
#ifndef INLAY_UNIT_WORLD_H
#define INLAY_UNIT_WORLD_H

#include "unit.h"

#include "access/access.h"

enum { WORLD_SECOND_MS = 1000, WORLD_MINUTE_MS = 60 * WORLD_SECOND_MS };

#define WORLD_START_MS INT64_C(1767322800000) /* 2026-01-02T03:00:00.000Z */

struct world {
    char folder[UNIT_FOLDER_SIZE]; /* the data folder: inlay.db, admin-token */
    struct settings settings;      /* the defaults, on that folder */
    struct instance instance;
    struct arena arena;
    struct store *store; /* STORE_WRITE */
    struct fault fault;
    struct access access; /* the system, in the default workspace, now */
};

void world_make(struct world *world);
void world_end(struct world *world);

/* Lets time go by, for the clock and for world->access. */
void world_wait(struct world *world, int64_t ms);

/* How many events of this type are there, and the detail of the newest ("" without one). */
int world_events(struct world *world, const char *type);
struct str world_event_detail(struct world *world, const char *type);

#define assert_fault(world, expected_code) assert_string_equal((world)->fault.code, (expected_code))

#endif
