#include "model/signingkey.h"

#include "model/row.h"

#include "base/jsontext.h"
#include "model/event.h"
#include "base/encode.h"

static void coordinates(const unsigned char *public_bytes, char *out_x, char *out_y)
{
    base64url_encode(public_bytes + 1, SIGN_COORDINATE_BYTES, out_x);
    base64url_encode(public_bytes + 1 + SIGN_COORDINATE_BYTES, SIGN_COORDINATE_BYTES, out_y);
}

/* RFC 7638 3: the hash of the key's required members, in this order, without spaces. */
static void thumbprint(const unsigned char *public_bytes, char out_id[SIGNING_KEY_ID_SIZE])
{
    char x[BASE64URL_SIZE(SIGN_COORDINATE_BYTES)];
    char y[BASE64URL_SIZE(SIGN_COORDINATE_BYTES)];
    char text[160];
    coordinates(public_bytes, x, y);
    snprintf(text, sizeof(text), "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x,
             y);
    struct digest digest = digest_of(str_from(text));
    base64url_encode(digest.bytes, DIGEST_BYTES, out_id);
}

/* Is there a key that has no end yet, which begins to sign at newest_ms? Then it ends when the new
 * one begins. 0: there is none. */
static enum err make_key(struct work *work, int64_t newest_ms, int64_t signs_at_ms)
{
    char id[SIGNING_KEY_ID_SIZE];
    struct sign_key key = sign_key_make();
    thumbprint(key.public_bytes, id);
    enum err err = newest_ms == 0
                       ? ERR_OK
                       : work_run_one(work, SQL_SIGNING_KEY_RETIRE,
                                      SQL_ARGS(sql_int(signs_at_ms), sql_int(newest_ms)));
    if (!err) {
        struct str public_bytes = {(const char *)key.public_bytes, SIGN_PUBLIC_BYTES};
        struct str private_bytes = {(const char *)key.private_bytes, SIGN_PRIVATE_BYTES};
        err = store_run(work->store, SQL_SIGNING_KEY_INSERT,
                        SQL_ARGS(sql_text(str_from(id)), sql_blob(public_bytes),
                                 sql_blob(private_bytes), sql_int(work->now_ms),
                                 sql_int(signs_at_ms)),
                        NULL);
    }
    sign_key_done(&key);
    if (!err) {
        struct event event = {.type = "signing-key.create"};
        err = event_add_detail(work, &event, json_pack("{s:s}", "keyId", id));
    }
    return work_store_fault(work, err);
}

/* When the newest key begins to sign; ERR_NOT_FOUND if there is none. */
static enum err newest(struct work *work, int64_t *out_signs_at_ms)
{
    struct rows rows = store_query(work->store, SQL_SIGNING_KEY_NEWEST, SQL_NO_ARGS);
    enum err err = rows_one(&rows);
    if (!err) {
        *out_signs_at_ms = rows_int(&rows, 0);
    }
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
}

enum err signingkey_ensure(struct work *work)
{
    int64_t signs_at_ms = 0;
    enum err err = newest(work, &signs_at_ms);
    return err == ERR_NOT_FOUND ? make_key(work, 0, work->now_ms) : err;
}

/* Keys that retired until then are in no cache any more. */
static int64_t unpublished_before_ms(const struct work *work)
{
    return work->now_ms - work->instance->settings->signing_key_overlap_seconds * 1000 -
           ASSERTION_LIFE_S * 1000;
}

enum err signingkey_sweep(struct work *work)
{
    const struct settings *settings = work->instance->settings;
    int64_t overlap_ms = settings->signing_key_overlap_seconds * 1000;
    int64_t life_ms = settings->signing_key_days * DAY_MS;
    int64_t signs_at_ms = 0;
    enum err err = signingkey_ensure(work);
    if (!err) {
        err = newest(work, &signs_at_ms);
    }
    if (!err && life_ms > 0 && signs_at_ms + life_ms <= work->now_ms + overlap_ms) {
        err = make_key(work, signs_at_ms, work->now_ms + overlap_ms);
    }
    if (!err) {
        err = store_run(work->store, SQL_SIGNING_KEYS_WIPE, SQL_ARGS(sql_int(work->now_ms)), NULL);
    }
    if (!err) {
        err = store_run(work->store, SQL_SIGNING_KEYS_DELETE,
                        SQL_ARGS(sql_int(unpublished_before_ms(work))), NULL);
    }
    return work_store_fault(work, err);
}

struct signing_pair {
    struct str id;
    struct str public_bytes;
    struct str private_bytes;
};

static ROW_READER(pair_from_row, signing_pair, SIGNING_PAIR_ROW);

struct published {
    struct str id;
    struct str public_bytes;
    int64_t created_at_ms;
    int64_t signs_at_ms;
    int64_t retires_at_ms;
};

static ROW_READER(published_from_row, published, SIGNING_KEY_ROW);

enum err signingkey_current(struct work *work, char out_id[SIGNING_KEY_ID_SIZE],
                            struct sign_key *out_key)
{
    struct rows rows =
        store_query(work->store, SQL_SIGNING_KEY_CURRENT, SQL_ARGS(sql_int(work->now_ms)));
    enum err err = rows_one(&rows);
    if (!err) {
        struct signing_pair pair;
        pair_from_row(work, &rows, &pair);
        REQUIRE(str_to_cstr(pair.id, out_id, SIGNING_KEY_ID_SIZE));
        REQUIRE(pair.public_bytes.len == SIGN_PUBLIC_BYTES &&
                pair.private_bytes.len == SIGN_PRIVATE_BYTES);
        memcpy(out_key->public_bytes, pair.public_bytes.ptr, SIGN_PUBLIC_BYTES);
        memcpy(out_key->private_bytes, pair.private_bytes.ptr, SIGN_PRIVATE_BYTES);
    }
    enum err end = rows_end(&rows);
    err = end ? end : err;
    return work_store_fault(work, err == ERR_NOT_FOUND ? ERR_INTERNAL : err);
}

enum err signingkey_set(struct work *work, struct str *out_json)
{
    json_t *keys = json_array();
    struct rows rows = store_query(work->store, SQL_SIGNING_KEYS_PUBLISHED,
                                   SQL_ARGS(sql_int(unpublished_before_ms(work))));
    while (rows_next(&rows)) {
        char x[BASE64URL_SIZE(SIGN_COORDINATE_BYTES)];
        char y[BASE64URL_SIZE(SIGN_COORDINATE_BYTES)];
        struct published row;
        published_from_row(work, &rows, &row);
        REQUIRE(row.public_bytes.len == SIGN_PUBLIC_BYTES);
        coordinates((const unsigned char *)row.public_bytes.ptr, x, y);
        json_t *key =
            json_pack("{s:s, s:s, s:s, s:s, s:s%, s:s, s:s}", "kty", "EC", "crv", "P-256", "use",
                      "sig", "alg", "ES256", "kid", row.id.ptr, row.id.len, "x", x, "y", y);
        REQUIRE(key != NULL && json_array_append_new(keys, key) == 0);
    }
    json_t *set = json_pack("{s:o}", "keys", keys);
    *out_json = jsontext_canonical(set, work->arena);
    json_decref(set);
    return work_store_fault(work, rows_end(&rows));
}

/* ---- by hand ---- */

const char *signingkey_state(const struct work *work, const struct signingkey *key)
{
    return key->signs_at_ms > work->now_ms                                ? "next"
           : key->retires_at_ms == 0 || key->retires_at_ms > work->now_ms ? "current"
                                                                          : "retired";
}

enum err signingkey_list(struct work *work, struct signingkey *out_keys, size_t *out_count)
{
    size_t count = 0;
    struct rows rows = store_query(work->store, SQL_SIGNING_KEYS_PUBLISHED,
                                   SQL_ARGS(sql_int(unpublished_before_ms(work))));
    while (count < SIGNING_KEYS_MAX && rows_next(&rows)) {
        struct signingkey *key = &out_keys[count++];
        struct published row;
        published_from_row(work, &rows, &row);
        *key = (struct signingkey){
            .created_at_ms = row.created_at_ms,
            .signs_at_ms = row.signs_at_ms,
            .retires_at_ms = row.retires_at_ms,
        };
        REQUIRE(str_to_cstr(row.id, key->id, SIGNING_KEY_ID_SIZE));
    }
    *out_count = count;
    return work_store_fault(work, rows_end(&rows));
}

enum err signingkey_rotate(struct work *work, struct signingkey *out_key)
{
    int64_t overlap_ms = work->instance->settings->signing_key_overlap_seconds * 1000;
    int64_t signs_at_ms = 0;
    enum err err = newest(work, &signs_at_ms);
    if (!err && signs_at_ms > work->now_ms) {
        char when[CLOCK_TEXT_SIZE];
        clock_format(signs_at_ms, when);
        return fault_set(work->fault, ERR_CONFLICT, "rotation_pending",
                         "The next key is published already. It signs from %s on.", when);
    }
    if (!err || err == ERR_NOT_FOUND) {
        err = make_key(work, err ? 0 : signs_at_ms, work->now_ms + overlap_ms);
    }
    if (!err) {
        struct signingkey keys[SIGNING_KEYS_MAX];
        size_t count = 0;
        err = signingkey_list(work, keys, &count);
        if (!err) {
            *out_key = keys[0];
        }
    }
    return err;
}

/* Somebody signs now, and one key has no end yet. */
static enum err close_gap(struct work *work)
{
    int64_t signs_at_ms = 0;
    int64_t changes = 0;
    enum err err = newest(work, &signs_at_ms);
    if (err == ERR_NOT_FOUND) {
        /* The next one is gone, or the only one. */
        err = store_run(work->store, SQL_SIGNING_KEY_GO_ON, SQL_ARGS(sql_int(work->now_ms)),
                        &changes);
        return err || changes > 0 ? work_store_fault(work, err) : make_key(work, 0, work->now_ms);
    }
    if (!err && signs_at_ms > work->now_ms) {
        err = work_run_one(work, SQL_SIGNING_KEY_SIGN_NOW,
                           SQL_ARGS(sql_int(work->now_ms), sql_int(signs_at_ms)));
    }
    return work_store_fault(work, err);
}

enum err signingkey_revoke(struct work *work, struct str id)
{
    enum err err = store_run_one(work->store, SQL_SIGNING_KEY_REVOKE, SQL_ARGS(sql_text(id)));
    if (!err) {
        work->raise_epoch = true; /* workers keep no assertion of before */
        err = close_gap(work);
    }
    if (!err) {
        struct event event = {.type = "signing-key.revoke"};
        err = event_add_detail(work, &event, json_pack("{s:s%}", "keyId", id.ptr, id.len));
    }
    return work_store_fault(work, err);
}
