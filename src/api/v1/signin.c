/*
 * The admin who signs in, and what they have of their own: password, second factor, sessions.
 */
#include "crypto/password.h"
#include "api/v1/noun.h"

enum { CODE_MAX_BYTES = 64 };

/* ---- signing in and out ---- */

static json_t *me_json(struct api_call *call, const struct admin *admin)
{
    json_t *json = admins_json(call, admin);
    api_json_set(json, "scopes", noun_words_json(admin_role_scopes(admin->role)));
    api_json_set(json, "recoveryCodesLeft", json_integer((json_int_t)admin_recovery_left(admin)));
    return json;
}

static enum err reply_signed_in(struct api_call *call, const struct admin *admin,
                                struct secret *cookie)
{
    enum err err = api_reply_json(call, 200, me_json(call, admin));
    call->response.set_cookie = arena_str(call->work.arena, secret_str(cookie));
    secret_done(cookie);
    return err;
}

enum err sign_in_post(struct api_call *call)
{
    struct fields in;
    struct admin admin;
    struct secret cookie;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct signin request = {
        .email = fields_str(&in, "email", FIELD_REQUIRED, LIMIT_EMAIL_BYTES),
        .password = fields_str(&in, "password", FIELD_REQUIRED, PASSWORD_MAX_BYTES),
        .code = fields_str(&in, "code", FIELD_OPTIONAL, CODE_MAX_BYTES),
    };
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (err) {
        return err;
    }
    err = signin(&call->work, &request, &admin, &cookie);
    call->is_noted = err == ERR_UNAUTHENTICATED;
    return err ? err : reply_signed_in(call, &admin, &cookie);
}

enum err sign_out_post(struct api_call *call)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = admin_session_end(&call->work, &call->admin.id, &call->admin.admin_id);
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
    struct fields in;
    struct admin admin;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str code = fields_str(&in, "code", FIELD_REQUIRED, CODE_MAX_BYTES);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = admin_link_find(&call->work, code, &admin);
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
    struct fields in;
    struct admin admin;
    struct secret cookie;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str code = fields_str(&in, "code", FIELD_REQUIRED, CODE_MAX_BYTES);
    struct str password = fields_str(&in, "password", FIELD_REQUIRED, PASSWORD_MAX_BYTES);
    struct str email = fields_has(&in, "email")
                           ? admins_read_email(&in)
                           : fields_str(&in, "email", FIELD_OPTIONAL, LIMIT_EMAIL_BYTES);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = password_check(password, "password", &call->fault);
    }
    if (!err) {
        err = admin_link_find(&call->work, code, &admin);
    }
    if (!err && uuid_is_none(&admin.id) && email.ptr == NULL) {
        err = fault_member(&call->fault, ERR_INVALID, "member_invalid", "email",
                           "email is required: it is the first admin's.");
    }
    if (!err) {
        err = signin_set_up_admin(&call->work, code, email, password, &admin, &cookie);
    }
    return err ? err : reply_signed_in(call, &admin, &cookie);
}

/* ---- me ---- */

static enum err find_me(struct api_call *call, struct admin *out_admin)
{
    enum err err = admin_find(&call->work, &call->admin.admin_id, out_admin);
    return err == ERR_NOT_FOUND ? api_not_found(call, "admin") : err;
}

enum err me_get(struct api_call *call)
{
    struct admin admin;
    enum err err = api_query_none(call);
    if (!err) {
        err = find_me(call, &admin);
    }
    return err ? err : api_reply_json(call, 200, me_json(call, &admin));
}

enum err me_end_session(struct api_call *call)
{
    return admin_sessions_delete(call, &call->admin.admin_id);
}

enum err me_password(struct api_call *call)
{
    struct work_transaction transaction;
    struct work *work = &call->work;
    struct fields in;
    struct admin admin;
    char kept[PASSWORD_TEXT_SIZE];
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str current = fields_str(&in, "currentPassword", FIELD_REQUIRED, PASSWORD_MAX_BYTES);
    struct str password = fields_str(&in, "newPassword", FIELD_REQUIRED, PASSWORD_MAX_BYTES);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = password_check(password, "newPassword", &call->fault);
    }
    if (!err) {
        err = find_me(call, &admin);
    }
    if (!err) {
        err = signin_again(work, &admin, current, "currentPassword");
    }
    if (err) {
        return err;
    }
    password_keep(password, kept);
    err = work_begin(work, &transaction);
    if (err) {
        return err;
    }
    err = work_end(work, &transaction,
                   admin_set_password(work, &admin, str_from(kept), &call->admin.id));
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
        err = admin_totp_begin(&call->work, &admin, secret);
    }
    if (err) {
        return err;
    }
    totp_secret_format(secret, text);
    struct str address =
        arena_printf(call->work.arena, "otpauth://totp/Inlay:" STR_FMT "?secret=%s&issuer=Inlay",
                     STR_ARG(admin.email), text);
    json_t *json = json_object();
    api_json_set(json, "secret", json_string(text));
    api_json_set(json, "uri", api_json_str(address));
    return api_reply_json(call, 200, json);
}

/* Reads currentPassword, and `code` if it is asked for; ends with the password checked. */
static enum err totp_request(struct api_call *call, struct str *out_code, struct admin *out_admin)
{
    struct fields in;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str password = fields_str(&in, "currentPassword", FIELD_REQUIRED, PASSWORD_MAX_BYTES);
    if (out_code != NULL) {
        *out_code = fields_str(&in, "code", FIELD_REQUIRED, CODE_MAX_BYTES);
    }
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = find_me(call, out_admin);
    }
    return err ? err : signin_again(&call->work, out_admin, password, "currentPassword");
}

enum err me_totp_confirm(struct api_call *call)
{
    struct work_transaction transaction;
    struct work *work = &call->work;
    struct str code = STR_NONE;
    struct admin admin;
    char codes[RECOVERY_CODES][RECOVERY_CODE_LEN + 1];
    enum err err = totp_request(call, &code, &admin);
    if (!err) {
        err = work_begin(work, &transaction);
    }
    if (err) {
        return err;
    }
    err = work_end(work, &transaction, admin_totp_confirm(work, &admin, code, codes));
    if (err) {
        return err;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        noun_append_item(list, json_string(codes[i]));
    }
    json_t *json = json_object();
    api_json_set(json, "recoveryCodes", list);
    return api_reply_json(call, 200, json);
}

enum err me_totp_remove(struct api_call *call)
{
    struct work_transaction transaction;
    struct work *work = &call->work;
    struct admin admin;
    enum err err = totp_request(call, NULL, &admin);
    if (!err) {
        err = work_begin(work, &transaction);
    }
    if (err) {
        return err;
    }
    err = work_end(work, &transaction, admin_totp_remove(work, &admin));
    return err ? err : api_reply_empty(call);
}
