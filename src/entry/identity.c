#include "entry/identity.h"

#include "entry/claims.h"
#include "entry/session.h"
#include "model/signingkey.h"
#include "model/user.h"
#include "base/encode.h"
#include "base/jsontext.h"
#include "base/limits.h"
#include "crypto/random.h"

enum {
    CLOCK_SKEW_S = 5, /* the app's server may be that much behind */
    VALUE_MAX_BYTES = 16 * 1024,
};

static const char *header_text(const struct settings *settings, enum identity_header header)
{
    switch (header) {
    case IDENTITY_USER:
        return settings->identity_user_header;
    case IDENTITY_EMAIL:
        return settings->identity_email_header;
    case IDENTITY_NAME:
        return settings->identity_name_header;
    case IDENTITY_GROUPS:
        return settings->identity_groups_header;
    case IDENTITY_METADATA:
        return settings->identity_metadata_header;
    case IDENTITY_SESSION:
        return settings->identity_session_header;
    case IDENTITY_ASSERTION:
        return settings->identity_assertion_header;
    case IDENTITY_HEADERS:
        break;
    }
    return "";
}

struct str identity_header_name(const struct settings *settings, enum identity_header header)
{
    return str_from(header_text(settings, header));
}

static char folded(char c)
{
    c = str_lower_char(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

static bool starts_alike(struct str name, struct str start)
{
    for (size_t i = 0; i < start.len; i++) {
        if (i >= name.len || folded(name.ptr[i]) != folded(start.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool identity_is_header(const struct settings *settings, struct str name)
{
    char first = name.len > 0 ? folded(name.ptr[0]) : '\0';
    for (enum identity_header i = 0; i < IDENTITY_HEADERS; i++) {
        const char *ours = header_text(settings, i);
        /* Every header of every request comes here: most begin with another letter. */
        if (first == folded(ours[0]) && strlen(ours) == name.len &&
            starts_alike(name, str_from(ours))) {
            return true;
        }
    }
    return starts_alike(name, STR("X-Inlay-"));
}

/* Spaces at the ends would not arrive. */
static bool is_plain(struct str text, size_t at)
{
    char c = text.ptr[at];
    return c == ' ' ? at > 0 && at + 1 < text.len : c > ' ' && c < 0x7f && c != '%';
}

static void add_encoded(struct buf *out, struct str text, char special)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_plain(text, i) && (special == '\0' || text.ptr[i] != special)) {
            buf_add_char(out, text.ptr[i]);
        } else {
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)text.ptr[i]);
        }
    }
}

static struct str encoded(struct work *work, struct str text)
{
    struct buf out = buf_make(VALUE_MAX_BYTES);
    add_encoded(&out, text, '\0');
    REQUIRE(buf_is_ok(&out));
    struct str value = arena_str(work->arena, buf_str(&out));
    buf_done(&out);
    return value;
}

/* JSON in ASCII. */
static struct str json_value(struct work *work, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    struct buf out = buf_make(VALUE_MAX_BYTES);
    REQUIRE(text != NULL);
    for (const char *c = text; *c != '\0'; c++) {
        /* DEL: JSON lets it stand, a header does not */
        buf_add(&out, *c == 0x7f ? STR("\\u007f") : (struct str){c, 1});
    }
    free(text);
    REQUIRE(buf_is_ok(&out));
    struct str value = arena_str(work->arena, buf_str(&out));
    buf_done(&out);
    return value;
}

static void set_text(json_t *claims, const char *name, struct str text)
{
    if (text.len > 0) {
        REQUIRE(json_object_set_new(claims, name, json_stringn(text.ptr, text.len)) == 0);
    }
}

static enum err add_groups(struct work *work, const struct user *user, const struct claims *link,
                           json_t *claims, struct identity *identity)
{
    json_t *names = json_array();
    struct buf list = buf_make(LIMIT_IDENTITY_GROUPS_BYTES);
    struct rows rows =
        link->groups.len > 0
            ? store_query(work->store, SQL_GROUPS_BY_IDS, SQL_ARGS(sql_text(link->groups)))
            : store_query(work->store, SQL_GROUPS_OF_USER, SQL_ARGS(sql_uuid(&user->id)));
    while (rows_next(&rows)) {
        struct str name = rows_text(&rows, 1);
        if (list.len > 0) {
            buf_add_char(&list, ',');
        }
        add_encoded(&list, name, ',');
        REQUIRE(json_array_append_new(names, json_stringn(name.ptr, name.len)) == 0);
    }
    enum err err = rows_end(&rows);
    if (buf_is_ok(&list)) {
        identity->values[IDENTITY_GROUPS] = arena_str(work->arena, buf_str(&list));
    } else {
        REQUIRE(json_array_clear(names) == 0);
        REQUIRE(json_object_set_new(claims, "groupsOmitted", json_true()) == 0);
    }
    REQUIRE(json_object_set_new(claims, "groups", names) == 0);
    buf_done(&list);
    return work_store_fault(work, err);
}

static void add_base64url(struct buf *out, struct work *work, struct str bytes)
{
    char *text = arena_alloc(work->arena, BASE64URL_SIZE(bytes.len));
    base64url_encode(bytes.ptr, bytes.len, text);
    buf_add(out, str_from(text));
}

/* RFC 7515 3.1: header, claims and signature. */
static enum err sign(struct work *work, const json_t *claims, struct str *out_assertion)
{
    char id[SIGNING_KEY_ID_SIZE];
    unsigned char signature[SIGN_SIGNATURE_BYTES];
    struct sign_key key;
    enum err err = signingkey_current(work, id, &key);
    if (err) {
        return err;
    }
    struct buf out = buf_make(VALUE_MAX_BYTES);
    add_base64url(
        &out, work,
        arena_printf(work->arena, "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", id));
    buf_add_char(&out, '.');
    add_base64url(&out, work, jsontext_canonical(claims, work->arena));
    if (!buf_is_ok(&out) || !sign_es256(&key, buf_str(&out), signature)) {
        err = work_store_fault(work, ERR_INTERNAL);
    } else {
        buf_add_char(&out, '.');
        add_base64url(&out, work, (struct str){(const char *)signature, sizeof(signature)});
        *out_assertion = arena_str(work->arena, buf_str(&out));
    }
    sign_key_done(&key);
    buf_done(&out);
    return err;
}

static json_t *registered_claims(struct work *work, const struct session *session,
                                 int64_t expires_at_s)
{
    int64_t now_s = work->now_ms / 1000;
    struct uuid id = random_uuid();
    json_t *claims = json_object();
    set_text(claims, "iss", str_from(work->instance->settings->public_url.text));
    set_text(claims, "aud", work_uuid_text(work, &session->app_id));
    set_text(claims, "sub", work_uuid_text(work, &session->user_id));
    set_text(claims, "sid", work_uuid_text(work, &session->id));
    set_text(claims, "jti", work_uuid_text(work, &id));
    REQUIRE(json_object_set_new(claims, "iat", json_integer(now_s)) == 0);
    REQUIRE(json_object_set_new(claims, "nbf", json_integer(now_s - CLOCK_SKEW_S)) == 0);
    REQUIRE(json_object_set_new(claims, "exp", json_integer(expires_at_s)) == 0);
    return claims;
}

static enum err find_parts(struct work *work, const struct uuid *session_id,
                           struct session *session, struct user *user, struct claims *link)
{
    enum err err = session_find(work, session_id, session);
    if (!err) {
        err = user_find(work, &session->user_id, user);
    }
    if (!err) {
        err = session_claims(work, session, link);
    }
    return err == ERR_NOT_FOUND ? fault_set(work->fault, ERR_UNAUTHENTICATED, "session_ended",
                                            "The session has ended.")
                                : err;
}

enum err identity_of_session(struct work *work, const struct uuid *session_id,
                             struct identity *out_identity)
{
    struct session session;
    struct user user;
    struct claims link;
    struct identity identity = {.keep_until_ms = 0};
    enum err err = find_parts(work, session_id, &session, &user, &link);
    if (err) {
        return err;
    }
    for (enum identity_header i = 0; i < IDENTITY_HEADERS; i++) {
        identity.values[i] = STR("");
    }
    int64_t end_ms = work->now_ms + ASSERTION_LIFE_S * 1000;
    end_ms = session.expires_at_ms < end_ms ? session.expires_at_ms : end_ms;
    identity.keep_until_ms = work->now_ms + (end_ms - work->now_ms) / 2;

    struct str name = user_full_name(work, &user);
    json_t *metadata = link.metadata.len > 0
                           ? json_loadb(link.metadata.ptr, link.metadata.len, 0, NULL)
                           : json_object();
    json_t *claims = registered_claims(work, &session, end_ms / 1000);
    REQUIRE(metadata != NULL);
    identity.values[IDENTITY_USER] = work_uuid_text(work, &user.id);
    identity.values[IDENTITY_EMAIL] = encoded(work, user.email);
    identity.values[IDENTITY_NAME] = encoded(work, name);
    identity.values[IDENTITY_METADATA] = json_value(work, metadata);
    identity.values[IDENTITY_SESSION] = work_uuid_text(work, &session.id);
    set_text(claims, "email", user.email);
    set_text(claims, "name", name);
    set_text(claims, "given_name", user.first_name);
    set_text(claims, "family_name", user.last_name);
    set_text(claims, "externalIdentifier", user.external_identifier);
    set_text(claims, "environment", link.environment);
    REQUIRE(json_object_set_new(claims, "metadata", metadata) == 0);
    err = add_groups(work, &user, &link, claims, &identity);
    if (!err) {
        err = sign(work, claims, &identity.values[IDENTITY_ASSERTION]);
    }
    json_decref(claims);
    if (!err) {
        *out_identity = identity;
    }
    return err;
}
