/* Room on the disk that is kept back: a file of zeros beside the database, DATA/inlay.db.reserve.
 */
#ifndef INLAY_STORE_SQLITE_RESERVE_H
#define INLAY_STORE_SQLITE_RESERVE_H

#include "base/base.h"

enum { RESERVE_BYTES = 4 * 1024 * 1024 };

/* -1 if it can't be opened: then there is none. */
int reserve_open(const char *database_path);

/* Gives the room back; false if there was none. */
bool reserve_use(int fd);

/* Takes as much of it as the disk has. */
void reserve_fill(int fd);

#endif
