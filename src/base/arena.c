#include "base/arena.h"

#include <stdarg.h>

enum { ARENA_CHUNK_BYTES = 4096 - 32 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    size_t used;
    max_align_t bytes[];
};

static struct arena_chunk *chunk_new(size_t size)
{
    struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    REQUIRE(chunk != NULL);
    chunk->size = size;
    chunk->used = 0;
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = sizeof(max_align_t);
    REQUIRE(size < SIZE_MAX / 2);
    size = (size + align - 1) / align * align;
    struct arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        chunk = chunk_new(size > ARENA_CHUNK_BYTES ? size : ARENA_CHUNK_BYTES);
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *memory = (char *)chunk->bytes + chunk->used;
    chunk->used += size;
    return memset(memory, 0, size);
}

void arena_done(struct arena *arena)
{
    while (arena->chunks != NULL) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
}

struct str arena_str(struct arena *arena, struct str s)
{
    char *copy = arena_alloc(arena, s.len + 1);
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return (struct str){copy, s.len};
}

const char *arena_cstr(struct arena *arena, struct str s)
{
    REQUIRE(s.len == 0 || memchr(s.ptr, '\0', s.len) == NULL);
    return arena_str(arena, s).ptr;
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    REQUIRE(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){text, (size_t)len};
}
