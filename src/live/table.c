#include "live/table.h"

#include "base/clock.h"

#include <openssl/crypto.h>

static struct table_session *entries_of(struct table *table)
{
    return (struct table_session *)(void *)(table + 1);
}

static uint32_t *buckets_by_cookie(struct table *table)
{
    return (uint32_t *)(void *)(entries_of(table) + table->size);
}

static uint32_t *buckets_by_id(struct table *table)
{
    return buckets_by_cookie(table) + table->size;
}

size_t table_bytes(uint32_t size)
{
    return sizeof(struct table) +
           (size_t)size * (sizeof(struct table_session) + 2 * sizeof(uint32_t));
}

uint32_t table_size_for(size_t bytes)
{
    size_t size = bytes <= sizeof(struct table)
                      ? 0
                      : (bytes - sizeof(struct table)) /
                            (sizeof(struct table_session) + 2 * sizeof(uint32_t));
    return size > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)size;
}

/* Cookies and the last bytes of ids are random: any of their bytes will do. */
static uint32_t bucket_of(const struct table *table, const unsigned char *random)
{
    uint64_t number;
    memcpy(&number, random, sizeof(number));
    return (uint32_t)(number % table->size);
}

static uint32_t *chain_by_cookie(struct table *table, const unsigned char *cookie)
{
    return &buckets_by_cookie(table)[bucket_of(table, cookie)];
}

static uint32_t *chain_by_id(struct table *table, const struct uuid *id)
{
    return &buckets_by_id(table)[bucket_of(table, id->bytes + 8)];
}

static void empty(struct table *table)
{
    struct table_session *entries = entries_of(table);
    memset(buckets_by_cookie(table), 0, (size_t)table->size * 2 * sizeof(uint32_t));
    for (uint32_t i = 0; i < table->size; i++) {
        entries[i].next_by_cookie = i + 1 < table->size ? i + 2 : 0;
        entries[i].epoch = 0; /* free */
    }
    table->free = 1;
    table->count = 0;
    table->hand = 0;
}

struct table *table_init(void *memory, uint32_t size)
{
    struct table *table = memory;
    REQUIRE(size > 0);
    memset(table, 0, sizeof(*table));
    table->size = size;
    empty(table);
    return table;
}

/* Every call goes through here first: a worker died in the middle of a change. What it dropped is
 * not known, so no lookup that is under way may be taken in. */
static void mend(struct table *table)
{
    if (table->dirty) {
        empty(table);
        table->moment += TABLE_DROPPED + 1;
        table->dirty = false;
    }
}

uint64_t table_moment(struct table *table)
{
    mend(table);
    return table->moment;
}

static uint32_t find_by_cookie(struct table *table, const unsigned char *cookie)
{
    struct table_session *entries = entries_of(table);
    uint32_t at = *chain_by_cookie(table, cookie);
    while (at != 0 && CRYPTO_memcmp(entries[at - 1].cookie, cookie, TABLE_COOKIE_BYTES) != 0) {
        at = entries[at - 1].next_by_cookie;
    }
    return at;
}

static uint32_t find_by_id(struct table *table, const struct uuid *id)
{
    struct table_session *entries = entries_of(table);
    uint32_t at = *chain_by_id(table, id);
    while (at != 0 && !uuid_equal(&entries[at - 1].id, id)) {
        at = entries[at - 1].next_by_id;
    }
    return at;
}

bool table_find(struct table *table, const unsigned char cookie[TABLE_COOKIE_BYTES],
                struct str label, int64_t now_ms, struct table_session *out_session)
{
    mend(table);
    uint32_t at = find_by_cookie(table, cookie);
    if (at == 0) {
        return false;
    }
    struct table_session *found = &entries_of(table)[at - 1];
    struct str found_label = {found->label, sizeof(found->label)};
    if (found->epoch != table->epoch || found->expires_at_ms <= now_ms ||
        !str_equal(found_label, label)) {
        return false;
    }
    found->used = true;
    *out_session = *found;
    return true;
}

/* Takes entry `at` out of both chains and makes it free. */
static void remove_entry(struct table *table, uint32_t at)
{
    struct table_session *entries = entries_of(table);
    struct table_session *entry = &entries[at - 1];
    uint32_t *link = chain_by_cookie(table, entry->cookie);
    while (*link != at) {
        link = &entries[*link - 1].next_by_cookie;
    }
    *link = entry->next_by_cookie;
    link = chain_by_id(table, &entry->id);
    while (*link != at) {
        link = &entries[*link - 1].next_by_id;
    }
    *link = entry->next_by_id;
    OPENSSL_cleanse(entry->cookie, sizeof(entry->cookie));
    entry->epoch = 0;
    entry->next_by_cookie = table->free;
    table->free = at;
    table->count--;
}

/* Second chance: whoever was not used since the hand came by last gives way. */
static void make_room(struct table *table)
{
    struct table_session *entries = entries_of(table);
    while (table->free == 0) {
        uint32_t at = table->hand + 1;
        table->hand = at % table->size;
        if (entries[at - 1].used) {
            entries[at - 1].used = false;
        } else {
            remove_entry(table, at);
        }
    }
}

static bool was_dropped_since(const struct table *table, const struct uuid *id, uint64_t moment)
{
    if (table->moment - moment > TABLE_DROPPED) {
        return true; /* more than we remember: assume the worst */
    }
    for (uint64_t i = moment; i < table->moment; i++) {
        if (uuid_equal(&table->dropped[i % TABLE_DROPPED], id)) {
            return true;
        }
    }
    return false;
}

bool table_was_dropped(struct table *table, const struct uuid *id, uint64_t moment)
{
    mend(table);
    return was_dropped_since(table, id, moment);
}

void table_put(struct table *table, const struct table_session *session, uint64_t moment)
{
    mend(table);
    if (was_dropped_since(table, &session->id, moment)) {
        return;
    }
    REQUIRE(session->epoch > 0);
    table->dirty = true;
    int64_t used_at_ms = session->used_at_ms;
    int64_t noted_at_ms = used_at_ms;
    uint32_t at = find_by_id(table, &session->id);
    if (at != 0) {
        const struct table_session *known = &entries_of(table)[at - 1];
        used_at_ms = known->used_at_ms > used_at_ms ? known->used_at_ms : used_at_ms;
        noted_at_ms = known->noted_at_ms > noted_at_ms ? known->noted_at_ms : noted_at_ms;
        remove_entry(table, at);
    }
    make_room(table);
    at = table->free;
    struct table_session *entry = &entries_of(table)[at - 1];
    table->free = entry->next_by_cookie;
    uint32_t *by_cookie = chain_by_cookie(table, session->cookie);
    uint32_t *by_id = chain_by_id(table, &session->id);
    *entry = *session;
    entry->used = true;
    entry->used_at_ms = used_at_ms;
    entry->noted_at_ms = noted_at_ms;
    entry->next_by_cookie = *by_cookie;
    entry->next_by_id = *by_id;
    *by_cookie = at;
    *by_id = at;
    table->count++;
    table->dirty = false;
}

bool table_use(struct table *table, const struct uuid *id, int64_t now_ms)
{
    mend(table);
    uint32_t at = find_by_id(table, id);
    if (at == 0) {
        return false;
    }
    struct table_session *session = &entries_of(table)[at - 1];
    session->used_at_ms = session->used_at_ms > now_ms ? session->used_at_ms : now_ms;
    if (now_ms - session->noted_at_ms < MINUTE_MS) {
        return false;
    }
    session->noted_at_ms = now_ms;
    return true;
}

void table_drop(struct table *table, const struct uuid *id)
{
    mend(table);
    table->dirty = true;
    uint32_t at = find_by_id(table, id);
    if (at != 0) {
        remove_entry(table, at);
    }
    table->dropped[table->moment % TABLE_DROPPED] = *id;
    table->moment++;
    table->dirty = false;
}

void table_clear(struct table *table)
{
    table->dirty = true;
    mend(table);
}

void table_raise_epoch(struct table *table, int64_t epoch)
{
    if (epoch > table->epoch) {
        table->epoch = epoch;
    }
}
