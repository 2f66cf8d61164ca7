#include "model/admin.h"

#include "model/row.h"
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

struct str admin_role_scopes(struct str role)
{
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        if (str_equal(role, str_from(roles[i].role))) {
            return str_from(roles[i].scopes);
        }
    }
    return STR("");
}

/* ---- finding ---- */

static ROW_READER(admin_from_row, admin, ADMIN_ROW);
static ROW_ONE(admin_one, admin, admin_from_row);
static ROW_ALL(admin_all, admin, admin_from_row);

enum err admin_find(struct work *work, const struct uuid *id, struct admin *out_admin)
{
    return admin_one(work, store_query(work->store, SQL_ADMIN_BY_ID, SQL_ARGS(sql_uuid(id))),
                     out_admin);
}

enum err admin_find_by_email(struct work *work, struct str email, struct admin *out_admin)
{
    struct str key = work_lower(work, email);
    return admin_one(work, store_query(work->store, SQL_ADMIN_BY_EMAIL, SQL_ARGS(sql_text(key))),
                     out_admin);
}

enum err admin_list(struct work *work, const struct search *search, const struct uuid *after,
                    int64_t limit, struct admin *out_admins, size_t *out_count)
{
    return admin_all(work,
                     store_query(work->store, SQL_ADMIN_LIST,
                                 SQL_ARGS(sql_uuid(after), sql_int(limit), sql_text(search->text),
                                          sql_uuid(&search->id))),
                     out_admins, out_count);
}

/* How many of role admin can sign in, but for this one. */
static enum err count_others(struct work *work, const struct uuid *id, int64_t *out_count)
{
    struct rows rows = store_query(work->store, SQL_ADMIN_OTHERS, SQL_ARGS(sql_uuid(id)));
    enum err err = rows_one(&rows);
    *out_count = err ? 0 : rows_int(&rows, 0);
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
}

enum err admin_is_missing(struct work *work, bool *out_missing)
{
    int64_t count = 0;
    enum err err = count_others(work, &UUID_NONE, &count);
    *out_missing = count == 0;
    return err;
}

/* ---- changing ---- */

static enum err note(struct work *work, const char *type, const struct admin *admin)
{
    struct event event = {.type = type};
    struct str id = work_uuid_text(work, &admin->id);
    return event_add_detail(work, &event,
                            json_pack("{s:s%, s:s%, s:s%}", "adminId", id.ptr, id.len, "email",
                                      admin->email.ptr, admin->email.len, "role", admin->role.ptr,
                                      admin->role.len));
}

enum err admin_create(struct work *work, struct admin *admin)
{
    struct str key = work_lower(work, admin->email);
    admin->id = random_uuid();
    admin->created_at_ms = work->now_ms;
    admin->created_by = work->actor.name;
    enum err err = store_run(work->store, SQL_ADMIN_INSERT,
                             SQL_ARGS(sql_uuid(&admin->id), sql_uuid(&admin->workspace_id),
                                      sql_text(admin->email), sql_text(key), sql_text(admin->role),
                                      sql_int(admin->created_at_ms), sql_text(admin->created_by)),
                             NULL);
    if (err == ERR_CONFLICT) {
        return fault_member(work->fault, ERR_CONFLICT, "admin_exists", "email",
                            "There is an admin with this address already.");
    }
    if (!err) {
        err = note(work, "admin.create", admin);
    }
    return work_store_fault(work, err);
}

/* Somebody of role admin has to be left who can sign in. */
static enum err check_others(struct work *work, const struct admin *admin)
{
    int64_t others = 0;
    enum err err = ERR_OK;
    if (str_equal(admin->role, STR("admin")) && admin->password.ptr != NULL) {
        err = count_others(work, &admin->id, &others);
        if (!err && others == 0) {
            err = fault_set(work->fault, ERR_CONFLICT, "admin_required",
                            "This is the last admin of role admin who can sign in. Give another "
                            "one that role first.");
        }
    }
    return err;
}

enum err admin_set_role(struct work *work, const struct admin *before, const struct admin *after)
{
    if (str_equal(before->role, after->role)) {
        return ERR_OK;
    }
    enum err err = check_others(work, before);
    if (!err) {
        err = work_run_one(work, SQL_ADMIN_UPDATE,
                           SQL_ARGS(sql_uuid(&after->id), sql_text(after->role),
                                    sql_uuid(&after->workspace_id), sql_text(before->role)));
    }
    if (!err) {
        err = note(work, "admin.update", after);
    }
    return work_store_fault(work, err);
}

enum err admin_delete(struct work *work, const struct admin *admin)
{
    enum err err = check_others(work, admin);
    if (!err) {
        err = work_run_one(work, SQL_ADMIN_DELETE, SQL_ARGS(sql_uuid(&admin->id)));
    }
    if (!err) {
        err = note(work, "admin.delete", admin);
    }
    return work_store_fault(work, err);
}

/* ---- links ---- */

enum err admin_link_make(struct work *work, const struct admin *admin, char out_url[ADMIN_URL_SIZE])
{
    struct secret secret = secret_make(SECRET_LINK);
    struct digest digest = secret_digest(secret_str(&secret));
    const struct uuid *id = admin == NULL ? &UUID_NONE : &admin->id;
    int64_t expires_at_ms = work->now_ms + (int64_t)ADMIN_LINK_HOURS * HOUR_MS;
    enum err err = store_run(work->store, SQL_ADMIN_LINK_FORGET, SQL_ARGS(sql_uuid(id)), NULL);
    if (!err) {
        err = store_run(work->store, SQL_ADMIN_LINK_PUT,
                        SQL_ARGS(sql_digest(&digest), sql_uuid(id), sql_int(expires_at_ms)), NULL);
    }
    if (!err && admin != NULL) {
        err = note(work, "admin.link", admin);
    }
    /* Behind "#": browsers do not send it, so that no log on the way can have it. */
    snprintf(out_url, ADMIN_URL_SIZE, "%s/setup#" STR_FMT,
             work->instance->settings->public_url.text, STR_ARG(secret_str(&secret)));
    secret_done(&secret);
    return work_store_fault(work, err);
}

static enum err link_refuse(const struct work *work)
{
    return fault_set(work->fault, ERR_GONE, "setup_link_invalid",
                     "This link does not work any more: it was used, is older than a day, or a "
                     "newer one was made.");
}

enum err admin_link_find(struct work *work, struct str code, struct admin *out_admin)
{
    struct digest digest = secret_digest(code);
    struct uuid id = UUID_NONE;
    if (!secret_has_form(SECRET_LINK, code)) {
        return link_refuse(work);
    }
    struct rows rows = store_query(work->store, SQL_ADMIN_LINK_GET,
                                   SQL_ARGS(sql_digest(&digest), sql_int(work->now_ms)));
    enum err err = rows_one(&rows);
    if (!err) {
        id = rows_uuid(&rows, 0);
    }
    enum err end = rows_end(&rows);
    err = work_store_fault(work, end ? end : err);
    *out_admin = (struct admin){.role = STR("admin")};
    if (!err && !uuid_is_none(&id)) {
        err = admin_find(work, &id, out_admin);
    }
    return err == ERR_NOT_FOUND ? link_refuse(work) : err;
}

enum err admin_link_spend(struct work *work, struct str code)
{
    struct digest digest = secret_digest(code);
    enum err err = store_run_one(work->store, SQL_ADMIN_LINK_DELETE, SQL_ARGS(sql_digest(&digest)));
    return err == ERR_NOT_FOUND ? link_refuse(work) : work_store_fault(work, err);
}

/* ---- what the person sets ---- */

enum err admin_set_password(struct work *work, const struct admin *admin, struct str kept,
                            const struct uuid *except)
{
    enum err err =
        work_run_one(work, SQL_ADMIN_SET_PASSWORD, SQL_ARGS(sql_uuid(&admin->id), sql_text(kept)));
    if (!err) {
        err = store_run(work->store, SQL_ADMIN_SESSIONS_DELETE,
                        SQL_ARGS(sql_uuid(&admin->id), sql_uuid(except)), NULL);
    }
    if (!err) {
        err = note(work, "admin.password", admin);
    }
    return work_store_fault(work, err);
}

static struct sql_value bytes_or_null(const unsigned char *bytes, size_t count)
{
    return bytes == NULL ? sql_null() : sql_blob((struct str){(const char *)bytes, count});
}

/* In the place of what admin has, if that is still so. */
static enum err totp_store(struct work *work, const struct admin *admin,
                           const unsigned char *secret, const unsigned char *pending, int64_t step,
                           struct str recovery)
{
    return work_run_one(work, SQL_ADMIN_SET_TOTP,
                        SQL_ARGS(sql_uuid(&admin->id), bytes_or_null(secret, TOTP_SECRET_BYTES),
                                 bytes_or_null(pending, TOTP_SECRET_BYTES), sql_int(step),
                                 sql_text(recovery), sql_blob(admin->totp_secret),
                                 sql_blob(admin->totp_pending)));
}

static const unsigned char *secret_bytes(struct str secret)
{
    return secret.len == TOTP_SECRET_BYTES ? (const unsigned char *)secret.ptr : NULL;
}

enum err admin_totp_begin(struct work *work, const struct admin *admin,
                          unsigned char out_secret[TOTP_SECRET_BYTES])
{
    random_bytes(out_secret, TOTP_SECRET_BYTES);
    return work_store_fault(work, totp_store(work, admin, secret_bytes(admin->totp_secret),
                                             out_secret, admin->totp_step, admin->recovery));
}

/* The codes, and their digests as they are stored. */
static struct str make_recovery(struct work *work,
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
        list = arena_printf(work->arena, STR_FMT "%s%s", STR_ARG(list), i == 0 ? "" : " ", hex);
        OPENSSL_cleanse(bytes, sizeof(bytes));
    }
    return list;
}

enum err admin_totp_confirm(struct work *work, const struct admin *admin, struct str code,
                            char out_codes[RECOVERY_CODES][RECOVERY_CODE_LEN + 1])
{
    const unsigned char *pending = secret_bytes(admin->totp_pending);
    int64_t step = 0;
    if (pending == NULL || !totp_matches(pending, code, work->now_ms, 0, &step)) {
        return fault_member(work->fault, ERR_INVALID, "totp_wrong", "code",
                            "This is not the code of the new secret. Codes change every 30 "
                            "seconds; is the clock of the phone right?");
    }
    struct str recovery = make_recovery(work, out_codes);
    enum err err = totp_store(work, admin, pending, NULL, step, recovery);
    if (!err) {
        err = note(work, "admin.totp.add", admin);
    }
    return work_store_fault(work, err);
}

enum err admin_totp_remove(struct work *work, const struct admin *admin)
{
    if (admin->totp_secret.ptr == NULL) {
        return ERR_OK;
    }
    enum err err = totp_store(work, admin, NULL, NULL, 0, STR_NONE);
    if (!err) {
        err = note(work, "admin.totp.remove", admin);
    }
    return work_store_fault(work, err);
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

struct str admin_recovery_without(struct work *work, const struct admin *admin, struct str code)
{
    struct digest digest = secret_digest(work_lower(work, code));
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
            left = arena_printf(work->arena, STR_FMT "%s" STR_FMT, STR_ARG(left),
                                left.len == 0 ? "" : " ", STR_ARG(one));
        }
    }
    return found ? left : STR_NONE;
}
