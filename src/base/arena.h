/*
 * Request memory: many small pieces, freed at once.
 *
 * An arena belongs to one request or job and to one thread at a time. Allocation never returns
 * NULL: a process that has no memory left ends and is started again by the master, which is simpler
 * to get right than a thousand branches that are never run. Sizes that a client can influence are
 * checked against a limit before they come here.
 */
#ifndef INLAY_BASE_ARENA_H
#define INLAY_BASE_ARENA_H

#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* owned */
};

#define ARENA_NONE ((struct arena){NULL})

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
void arena_done(struct arena *arena);                /* frees all; the arena may be used again */

struct str arena_str(struct arena *arena, struct str s);   /* a copy, also NUL-terminated */
const char *arena_cstr(struct arena *arena, struct str s); /* s must not hold a NUL */
struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
