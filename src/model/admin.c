#include "model/admin.h"

#include <openssl/crypto.h>

#include "model/event.h"
#include "base/encode.h"
#include "base/limits.h"
#include "crypto/random.h"

/* ---- roles --------------------------------------------------------------------------------------
 * The one table from roles to scopes; docs/permissions.md shows it. */

#define READS                                                                                      \
    "workspaces:read users:read groups:read apps:read releases:read environments:read "            \
    "api-tokens:read links:read sessions:read events:read"

static const struct {
    const char *role;
    const char *scopes;
} roles[] = {
    {"admin", "admin"},
    {"builder", READS " embed apps:write releases:write environments:write"},
    {"viewer", READS},
};

const char *const admin_roles[] = {"admin", "builder", "viewer", NULL};

struct str role_scopes(struct str role)
{
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        if (str_equal(role, str_from(roles[i].role))) {
            return str_from(roles[i].scopes);
        }
    }
    return STR("");
}

/* ---- finding ---- */

static void admin_from_row(struct access *access, const struct rows *rows, struct admin *out_admin)
{
    *out_admin = (struct admin){
        .id = rows_uuid(rows, 0),
        .workspace_id = rows_uuid(rows, 1),
        .email = access_column(access, rows, 2),
        .role = access_column(access, rows, 3),
        .password = access_column(access, rows, 4),
        .totp_secret = access_column(access, rows, 5),
        .totp_pending = access_column(access, rows, 6),
        .totp_step = rows_int(rows, 7),
        .recovery = access_column(access, rows, 8),
        .created_at_ms = rows_int(rows, 9),
        .created_by = access_column(access, rows, 10),
        .signed_in_at_ms = rows_int(rows, 11),
    };
}

static enum err admin_from_query(struct access *access, struct rows rows, struct admin *out_admin)
{
    enum err err = access_one_row(&rows);
    if (!err) {
        admin_from_row(access, &rows, out_admin);
    }
    enum err end = rows_end(&rows);
    return access_store_fault(access, end ? end : err);
}

enum err admin_find(struct access *access, const struct uuid *id, struct admin *out_admin)
{
    return admin_from_query(
        access, store_query(access->store, SQL_ADMIN_BY_ID, SQL_ARGS(sql_uuid(id))), out_admin);
}

enum err admin_find_by_email(struct access *access, struct str email, struct admin *out_admin)
{
    struct str key = access_lower(access, email);
    return admin_from_query(
        access, store_query(access->store, SQL_ADMIN_BY_EMAIL, SQL_ARGS(sql_text(key))), out_admin);
}

enum err admin_list(struct access *access, const struct search *search, const struct uuid *after,
                    int64_t limit, struct admin *out_admins, size_t *out_count)
{
    struct rows rows = store_query(
        access->store, SQL_ADMIN_LIST,
        SQL_ARGS(sql_uuid(after), sql_int(limit), sql_text(search->text), sql_uuid(&search->id)));
    size_t count = 0;
    while (rows_next(&rows)) {
        admin_from_row(access, &rows, &out_admins[count++]);
    }
    *out_count = count;
    return access_store_fault(access, rows_end(&rows));
}

/* How many of role admin can sign in, but for this one. */
static enum err count_others(struct access *access, const struct uuid *id, int64_t *out_count)
{
    struct rows rows = store_query(access->store, SQL_ADMIN_OTHERS, SQL_ARGS(sql_uuid(id)));
    enum err err = access_one_row(&rows);
    *out_count = err ? 0 : rows_int(&rows, 0);
    enum err end = rows_end(&rows);
    return access_store_fault(access, end ? end : err);
}

enum err admin_is_missing(struct access *access, bool *out_missing)
{
    int64_t count = 0;
    enum err err = count_others(access, &UUID_NONE, &count);
    *out_missing = count == 0;
    return err;
}

/* ---- changing ---- */

static enum err note(struct access *access, const char *type, const struct admin *admin)
{
    struct event event = {.type = type};
    struct str id = access_uuid_text(access, &admin->id);
    return event_add_detail(access, &event,
                            json_pack("{s:s%, s:s%, s:s%}", "adminId", id.ptr, id.len, "email",
                                      admin->email.ptr, admin->email.len, "role", admin->role.ptr,
                                      admin->role.len));
}

enum err admin_create(struct access *access, struct admin *admin)
{
    struct str key = access_lower(access, admin->email);
    admin->id = random_uuid();
    admin->created_at_ms = access->now_ms;
    admin->created_by = access->actor.name;
    enum err err = store_run(access->store, SQL_ADMIN_INSERT,
                             SQL_ARGS(sql_uuid(&admin->id), sql_uuid(&admin->workspace_id),
                                      sql_text(admin->email), sql_text(key), sql_text(admin->role),
                                      sql_int(admin->created_at_ms), sql_text(admin->created_by)),
                             NULL);
    if (err == ERR_CONFLICT) {
        return fault_member(access->fault, ERR_CONFLICT, "admin_exists", "email",
                            "There is an admin with this address already.");
    }
    if (!err) {
        err = note(access, "admin.create", admin);
    }
    return access_store_fault(access, err);
}

/* Somebody of role admin has to be left who can sign in. */
static enum err check_others(struct access *access, const struct admin *admin)
{
    int64_t others = 0;
    enum err err = ERR_OK;
    if (str_equal(admin->role, STR("admin")) && admin->password.ptr != NULL) {
        err = count_others(access, &admin->id, &others);
        if (!err && others == 0) {
            err = fault_set(access->fault, ERR_CONFLICT, "admin_required",
                            "This is the last admin of role admin who can sign in. Give another "
                            "one that role first.");
        }
    }
    return err;
}

enum err admin_set_role(struct access *access, const struct admin *before,
                        const struct admin *after)
{
    if (str_equal(before->role, after->role)) {
        return ERR_OK;
    }
    enum err err = check_others(access, before);
    if (!err) {
        err = store_run(
            access->store, SQL_ADMIN_UPDATE,
            SQL_ARGS(sql_uuid(&after->id), sql_text(after->role), sql_uuid(&after->workspace_id)),
            NULL);
    }
    if (!err) {
        err = note(access, "admin.update", after);
    }
    return access_store_fault(access, err);
}

enum err admin_delete(struct access *access, const struct admin *admin)
{
    enum err err = check_others(access, admin);
    if (!err) {
        err = store_run(access->store, SQL_ADMIN_DELETE, SQL_ARGS(sql_uuid(&admin->id)), NULL);
    }
    if (!err) {
        err = note(access, "admin.delete", admin);
    }
    return access_store_fault(access, err);
}

/* ---- links ---- */

enum err admin_link_make(struct access *access, const struct admin *admin,
                         char out_url[ADMIN_URL_SIZE])
{
    struct secret secret = secret_make(SECRET_LINK);
    struct digest digest = secret_digest(secret_str(&secret));
    const struct uuid *id = admin == NULL ? &UUID_NONE : &admin->id;
    int64_t expires_at_ms = access->now_ms + (int64_t)ADMIN_LINK_HOURS * HOUR_MS;
    enum err err = store_run(access->store, SQL_ADMIN_LINK_FORGET, SQL_ARGS(sql_uuid(id)), NULL);
    if (!err) {
        err = store_run(access->store, SQL_ADMIN_LINK_PUT,
                        SQL_ARGS(sql_digest(&digest), sql_uuid(id), sql_int(expires_at_ms)), NULL);
    }
    if (!err && admin != NULL) {
        err = note(access, "admin.link", admin);
    }
    /* Behind "#": browsers do not send it, so that no log on the way can have it. */
    snprintf(out_url, ADMIN_URL_SIZE, "%s/setup#" STR_FMT,
             access->instance->settings->public_url.text, STR_ARG(secret_str(&secret)));
    secret_done(&secret);
    return access_store_fault(access, err);
}

static enum err link_refuse(const struct access *access)
{
    return fault_set(access->fault, ERR_GONE, "setup_link_invalid",
                     "This link does not work any more: it was used, is older than a day, or a "
                     "newer one was made.");
}

enum err admin_link_find(struct access *access, struct str code, struct admin *out_admin)
{
    struct digest digest = secret_digest(code);
    struct uuid id = UUID_NONE;
    if (!secret_has_form(SECRET_LINK, code)) {
        return link_refuse(access);
    }
    struct rows rows = store_query(access->store, SQL_ADMIN_LINK_GET,
                                   SQL_ARGS(sql_digest(&digest), sql_int(access->now_ms)));
    enum err err = access_one_row(&rows);
    if (!err) {
        id = rows_uuid(&rows, 0);
    }
    enum err end = rows_end(&rows);
    err = access_store_fault(access, end ? end : err);
    *out_admin = (struct admin){.role = STR("admin")};
    if (!err && !uuid_is_none(&id)) {
        err = admin_find(access, &id, out_admin);
    }
    return err == ERR_NOT_FOUND ? link_refuse(access) : err;
}

enum err admin_link_spend(struct access *access, struct str code)
{
    struct digest digest = secret_digest(code);
    int64_t changes = 0;
    enum err err =
        store_run(access->store, SQL_ADMIN_LINK_DELETE, SQL_ARGS(sql_digest(&digest)), &changes);
    return !err && changes == 0 ? link_refuse(access) : access_store_fault(access, err);
}

/* ---- what the person sets ---- */

enum err admin_set_password(struct access *access, const struct admin *admin, struct str kept,
                            const struct uuid *except)
{
    enum err err = store_run(access->store, SQL_ADMIN_SET_PASSWORD,
                             SQL_ARGS(sql_uuid(&admin->id), sql_text(kept)), NULL);
    if (!err) {
        err = store_run(access->store, SQL_ADMIN_SESSIONS_DELETE,
                        SQL_ARGS(sql_uuid(&admin->id), sql_uuid(except)), NULL);
    }
    if (!err) {
        err = note(access, "admin.password", admin);
    }
    return access_store_fault(access, err);
}

static struct sql_value bytes_or_null(const unsigned char *bytes, size_t count)
{
    return bytes == NULL ? sql_null() : sql_blob((struct str){(const char *)bytes, count});
}

static enum err totp_store(struct access *access, const struct admin *admin,
                           const unsigned char *secret, const unsigned char *pending, int64_t step,
                           struct str recovery)
{
    return store_run(access->store, SQL_ADMIN_SET_TOTP,
                     SQL_ARGS(sql_uuid(&admin->id), bytes_or_null(secret, TOTP_SECRET_BYTES),
                              bytes_or_null(pending, TOTP_SECRET_BYTES), sql_int(step),
                              sql_text(recovery)),
                     NULL);
}

static const unsigned char *secret_bytes(struct str secret)
{
    return secret.len == TOTP_SECRET_BYTES ? (const unsigned char *)secret.ptr : NULL;
}

enum err admin_totp_begin(struct access *access, const struct admin *admin,
                          unsigned char out_secret[TOTP_SECRET_BYTES])
{
    random_bytes(out_secret, TOTP_SECRET_BYTES);
    return access_store_fault(access, totp_store(access, admin, secret_bytes(admin->totp_secret),
                                                 out_secret, admin->totp_step, admin->recovery));
}

/* The codes, and their digests as they are stored. */
static struct str make_recovery(struct access *access,
                                char out_codes[RECOVERY_CODES][RECOVERY_CODE_LEN + 1])
{
    struct str list = STR("");
    for (int i = 0; i < RECOVERY_CODES; i++) {
        unsigned char bytes[RECOVERY_CODE_LEN * 5 / 8];
        char hex[HEX_SIZE(DIGEST_BYTES)];
        random_bytes(bytes, sizeof(bytes));
        base32_encode(bytes, sizeof(bytes), out_codes[i], RECOVERY_CODE_LEN);
        struct digest digest = secret_digest(str_from(out_codes[i]));
        hex_encode(digest.bytes, DIGEST_BYTES, hex);
        list = arena_printf(access->arena, STR_FMT "%s%s", STR_ARG(list), i == 0 ? "" : " ", hex);
        OPENSSL_cleanse(bytes, sizeof(bytes));
    }
    return list;
}

enum err admin_totp_confirm(struct access *access, const struct admin *admin, struct str code,
                            char out_codes[RECOVERY_CODES][RECOVERY_CODE_LEN + 1])
{
    const unsigned char *pending = secret_bytes(admin->totp_pending);
    int64_t step = 0;
    if (pending == NULL || !totp_matches(pending, code, access->now_ms, 0, &step)) {
        return fault_member(access->fault, ERR_INVALID, "totp_wrong", "code",
                            "This is not the code of the new secret. Codes change every 30 "
                            "seconds; is the clock of the phone right?");
    }
    struct str recovery = make_recovery(access, out_codes);
    enum err err = totp_store(access, admin, pending, NULL, step, recovery);
    if (!err) {
        err = note(access, "admin.totp.add", admin);
    }
    return access_store_fault(access, err);
}

enum err admin_totp_remove(struct access *access, const struct admin *admin)
{
    if (admin->totp_secret.ptr == NULL) {
        return ERR_OK;
    }
    enum err err = totp_store(access, admin, NULL, NULL, 0, STR_NONE);
    if (!err) {
        err = note(access, "admin.totp.remove", admin);
    }
    return access_store_fault(access, err);
}

size_t admin_recovery_left(const struct admin *admin)
{
    struct str rest = admin->recovery;
    size_t count = 0;
    while (rest.len > 0) {
        str_cut(&rest, ' ');
        count++;
    }
    return count;
}

struct str admin_recovery_without(struct access *access, const struct admin *admin, struct str code)
{
    struct digest digest = secret_digest(access_lower(access, code));
    char hex[HEX_SIZE(DIGEST_BYTES)];
    struct str rest = admin->recovery;
    struct str left = STR("");
    bool found = false;
    hex_encode(digest.bytes, DIGEST_BYTES, hex);
    while (rest.len > 0) {
        struct str one = str_cut(&rest, ' ');
        if (str_equal(one, str_from(hex))) {
            found = true;
        } else {
            left = arena_printf(access->arena, STR_FMT "%s" STR_FMT, STR_ARG(left),
                                left.len == 0 ? "" : " ", STR_ARG(one));
        }
    }
    return found ? left : STR_NONE;
}
