/*
 * The admin who signs in, and what they have of their own: password, second factor, sessions.
 */
#include "crypto/password.h"
#include "api/v1/noun.h"

enum { CODE_MAX_BYTES = 64 };

/* ---- signing in and out ---- */

static json_t *me_json(const struct admin *admin)
{
    json_t *json = admin_json(admin);
    api_json_set(json, "scopes", words_json(role_scopes(admin->role)));
    api_json_set(json, "recoveryCodesLeft", json_integer((json_int_t)admin_recovery_left(admin)));
    return json;
}

static enum err reply_signed_in(struct api_call *call, const struct admin *admin,
                                struct secret *cookie)
{
    enum err err = api_reply_json(call, 200, me_json(admin));
    call->response.set_cookie = arena_str(call->access.arena, secret_str(cookie));
    secret_done(cookie);
    return err;
}

enum err sign_in_post(struct api_call *call)
{
    struct json_reader in;
    struct admin admin;
    struct secret cookie;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct sign_in request = {
        .email = json_read_str(&in, "email", JSON_REQUIRED, LIMIT_EMAIL_BYTES),
        .password = json_read_str(&in, "password", JSON_REQUIRED, PASSWORD_MAX_BYTES),
        .code = json_read_str(&in, "code", JSON_OPTIONAL, CODE_MAX_BYTES),
    };
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (err) {
        return err;
    }
    err = sign_in(&call->access, &request, &admin, &cookie);
    call->is_noted = err == ERR_UNAUTHENTICATED;
    return err ? err : reply_signed_in(call, &admin, &cookie);
}

enum err sign_out_post(struct api_call *call)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = admin_session_end(&call->access, &call->admin.id, &call->admin.admin_id);
    }
    if (err && err != ERR_NOT_FOUND) {
        return err;
    }
    err = api_reply_empty(call);
    call->response.set_cookie = STR("");
    return err;
}

/* ---- links ---- */

enum err setup_check(struct api_call *call)
{
    struct json_reader in;
    struct admin admin;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str code = json_read_str(&in, "code", JSON_REQUIRED, CODE_MAX_BYTES);
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (!err) {
        err = admin_link_find(&call->access, code, &admin);
    }
    if (err) {
        return err;
    }
    const char *kind = uuid_is_none(&admin.id)      ? "first"
                       : admin.password.ptr == NULL ? "invitation"
                                                    : "reset";
    json_t *json = json_object();
    api_json_set(json, "kind", json_string(kind));
    api_json_set(json, "email", api_json_str(admin.email));
    api_json_set(json, "role", api_json_str(admin.role));
    return api_reply_json(call, 200, json);
}

enum err setup_use(struct api_call *call)
{
    struct json_reader in;
    struct admin admin;
    struct secret cookie;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str code = json_read_str(&in, "code", JSON_REQUIRED, CODE_MAX_BYTES);
    struct str password = json_read_str(&in, "password", JSON_REQUIRED, PASSWORD_MAX_BYTES);
    struct str email = json_reader_has(&in, "email")
                           ? read_admin_email(&in)
                           : json_read_str(&in, "email", JSON_OPTIONAL, LIMIT_EMAIL_BYTES);
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (!err) {
        err = password_check(password, "password", &call->fault);
    }
    if (!err) {
        err = admin_link_find(&call->access, code, &admin);
    }
    if (!err && uuid_is_none(&admin.id) && email.ptr == NULL) {
        err = fault_member(&call->fault, ERR_INVALID, "member_invalid", "email",
                           "email is required: it is the first admin's.");
    }
    if (!err) {
        err = setup_admin(&call->access, code, email, password, &admin, &cookie);
    }
    return err ? err : reply_signed_in(call, &admin, &cookie);
}

/* ---- me ---- */

static enum err find_me(struct api_call *call, struct admin *out_admin)
{
    enum err err = admin_find(&call->access, &call->admin.admin_id, out_admin);
    return err == ERR_NOT_FOUND ? api_not_found(call, "admin") : err;
}

enum err me_get(struct api_call *call)
{
    struct admin admin;
    enum err err = api_query_none(call);
    if (!err) {
        err = find_me(call, &admin);
    }
    return err ? err : api_reply_json(call, 200, me_json(&admin));
}

enum err me_sessions(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    return admin_sessions_reply(call, &query, &call->admin.admin_id);
}

enum err me_end_session(struct api_call *call)
{
    return admin_sessions_delete(call, &call->admin.admin_id);
}

/* A transaction of its own: the lane of passwords has none. */
static enum err commit_or_not(struct access *access, enum err err)
{
    if (err) {
        store_rollback(access->store);
        return err;
    }
    return access_store_fault(access, store_commit(access->store));
}

enum err me_password(struct api_call *call)
{
    struct access *access = &call->access;
    struct json_reader in;
    struct admin admin;
    char kept[PASSWORD_TEXT_SIZE];
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str current = json_read_str(&in, "currentPassword", JSON_REQUIRED, PASSWORD_MAX_BYTES);
    struct str password = json_read_str(&in, "newPassword", JSON_REQUIRED, PASSWORD_MAX_BYTES);
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (!err) {
        err = password_check(password, "newPassword", &call->fault);
    }
    if (!err) {
        err = find_me(call, &admin);
    }
    if (!err) {
        err = sign_in_again(access, &admin, current, "currentPassword");
    }
    if (err) {
        return err;
    }
    password_keep(password, kept);
    err = store_begin(access->store);
    if (err) {
        return access_store_fault(access, err);
    }
    err =
        commit_or_not(access, admin_set_password(access, &admin, str_from(kept), &call->admin.id));
    return err ? err : api_reply_empty(call);
}

enum err me_totp_begin(struct api_call *call)
{
    struct admin admin;
    unsigned char secret[TOTP_SECRET_BYTES];
    char text[TOTP_SECRET_TEXT_SIZE];
    enum err err = api_query_none(call);
    if (!err) {
        err = find_me(call, &admin);
    }
    if (!err) {
        err = admin_totp_begin(&call->access, &admin, secret);
    }
    if (err) {
        return err;
    }
    totp_secret_format(secret, text);
    struct str address =
        arena_printf(call->access.arena, "otpauth://totp/Inlay:" STR_FMT "?secret=%s&issuer=Inlay",
                     STR_ARG(admin.email), text);
    json_t *json = json_object();
    api_json_set(json, "secret", json_string(text));
    api_json_set(json, "uri", api_json_str(address));
    return api_reply_json(call, 200, json);
}

/* Reads currentPassword, and `code` if it is asked for; ends with the password checked. */
static enum err totp_request(struct api_call *call, struct str *out_code, struct admin *out_admin)
{
    struct json_reader in;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str password = json_read_str(&in, "currentPassword", JSON_REQUIRED, PASSWORD_MAX_BYTES);
    if (out_code != NULL) {
        *out_code = json_read_str(&in, "code", JSON_REQUIRED, CODE_MAX_BYTES);
    }
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (!err) {
        err = find_me(call, out_admin);
    }
    return err ? err : sign_in_again(&call->access, out_admin, password, "currentPassword");
}

enum err me_totp_confirm(struct api_call *call)
{
    struct access *access = &call->access;
    struct str code = STR_NONE;
    struct admin admin;
    char codes[RECOVERY_CODES][RECOVERY_CODE_LEN + 1];
    enum err err = totp_request(call, &code, &admin);
    if (!err) {
        err = access_store_fault(access, store_begin(access->store));
    }
    if (err) {
        return err;
    }
    err = commit_or_not(access, admin_totp_confirm(access, &admin, code, codes));
    if (err) {
        return err;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        append_item(list, json_string(codes[i]));
    }
    json_t *json = json_object();
    api_json_set(json, "recoveryCodes", list);
    return api_reply_json(call, 200, json);
}

enum err me_totp_remove(struct api_call *call)
{
    struct access *access = &call->access;
    struct admin admin;
    enum err err = totp_request(call, NULL, &admin);
    if (!err) {
        err = access_store_fault(access, store_begin(access->store));
    }
    if (err) {
        return err;
    }
    err = commit_or_not(access, admin_totp_remove(access, &admin));
    return err ? err : api_reply_empty(call);
}
