/*
 * The table of live sessions that all workers share: a fixed piece of memory, found by cookie or by
 * session id. What is not in it is looked up in the store; when it is full, sessions that were not
 * used lately give way.
 *
 * The caller holds the lock of the table during every call. A worker may die at any moment between
 * two calls; one that dies inside of one leaves `dirty` set, and the next call empties the table.
 *
 * A lookup in the store takes a while, in which the session may have been ended. So a worker notes
 * table_moment() before it looks and gives it to table_put(), which does not take in a session that
 * was dropped since. An entry carries the epoch that was current at that moment; one of an older
 * epoch is not found, so that the session is decided again.
 */
#ifndef INLAY_LIVE_TABLE_H
#define INLAY_LIVE_TABLE_H

#include "base/look.h"
#include "base/origin.h"
#include "base/uuid.h"
#include "crypto/digest.h"

enum { TABLE_COOKIE_BYTES = 16, TABLE_DROPPED = 64 };

struct table_session {
    unsigned char cookie[TABLE_COOKIE_BYTES];
    struct uuid id;
    struct uuid app_id;
    struct uuid link_id;
    struct digest content;
    char label[ORIGIN_LABEL_LEN];
    char theme[LOOK_THEME_SIZE]; /* this and the next: "" if nothing was said */
    char locale[LOOK_LOCALE_SIZE];
    bool used;            /* lately */
    bool has_own_portals; /* what is known of it is known of its link, not of the app */
    int64_t expires_at_ms;
    int64_t used_at_ms;  /* never goes back */
    int64_t noted_at_ms; /* when a use was last given to the store */
    int64_t epoch;
    uint32_t next_by_cookie; /* position + 1 of the next in the chain; 0 ends it */
    uint32_t next_by_id;
};

struct table {
    bool dirty;
    uint32_t size;                      /* entries, and buckets of each chain */
    uint32_t count;                     /* entries in use */
    uint32_t free;                      /* first free entry + 1, chained by next_by_cookie */
    uint32_t hand;                      /* where the search for an unused entry goes on */
    uint64_t moment;                    /* grows with every session that is dropped */
    int64_t epoch;                      /* the newest that any worker knows */
    struct uuid dropped[TABLE_DROPPED]; /* the last ones */
    /* Followed by size entries and two times size buckets. */
};

/* How many bytes a table of that many sessions takes, and how many sessions fit. */
size_t table_bytes(uint32_t size);
uint32_t table_size_for(size_t bytes);

/* memory: table_bytes(size) bytes, aligned for any type. */
struct table *table_init(void *memory, uint32_t size);

uint64_t table_moment(struct table *table);

/* Copies a live session of this epoch and label. False if there is none. */
bool table_find(struct table *table, const unsigned char cookie[TABLE_COOKIE_BYTES],
                struct str label, int64_t now_ms, struct table_session *out_session);

/* The session is used now. True if the store is to hear of it: once a minute, and never of one that
 * the table does not have. */
bool table_use(struct table *table, const struct uuid *id, int64_t now_ms);

void table_put(struct table *table, const struct table_session *session, uint64_t moment);
void table_drop(struct table *table, const struct uuid *id);
/* Since that moment; also true if too many were to remember. */
bool table_was_dropped(struct table *table, const struct uuid *id, uint64_t moment);
void table_clear(struct table *table);                      /* every session is decided again */
void table_raise_epoch(struct table *table, int64_t epoch); /* never goes back */

#endif
