/*
 * Admins of the console, for those who may do everything.
 */
#include "api/v1/noun.h"

json_t *admin_json(const struct admin *admin)
{
    json_t *json = json_object();
    bool is_active = admin->password.ptr != NULL;
    api_json_set(json, "id", api_json_uuid(&admin->id));
    api_json_set(json, "email", api_json_str(admin->email));
    api_json_set(json, "role", api_json_str(admin->role));
    api_json_set(json, "workspaceId", api_json_uuid(&admin->workspace_id));
    api_json_set(json, "status", json_string(is_active ? "active" : "invited"));
    api_json_set(json, "totp", json_boolean(admin->totp_secret.ptr != NULL));
    api_json_set(json, "createdAt", api_json_time(admin->created_at_ms));
    api_json_set(json, "createdBy", api_json_str(admin->created_by));
    api_json_set(json, "signedInAt", api_json_time(admin->signed_in_at_ms));
    return json;
}

static enum err admin_param(struct api_call *call, struct admin *out_admin)
{
    struct uuid id;
    enum err err = api_param_uuid(call, 0, "admin", &id);
    if (!err) {
        err = admin_find(&call->work, &id, out_admin);
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "admin") : err;
}

enum err admins_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    struct search search = api_query_search(&query);
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct admin *admins =
        arena_alloc(call->work.arena, (size_t)noun_page_rows(&page) * sizeof(*admins));
    err = admin_list(&call->work, &search, &page.after_id, noun_page_rows(&page), admins, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, admin_json(&admins[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

struct str admins_read_email(struct fields *in)
{
    struct str email = fields_str(in, "email", FIELD_REQUIRED, LIMIT_EMAIL_BYTES);
    if (email.ptr != NULL && !user_email_is_plausible(email)) {
        fields_refuse(in, "email", "must be an email address.");
    }
    return email;
}

/* Role admin acts everywhere; the others in the workspace that the call acts in. */
static struct uuid workspace_of_role(const struct api_call *call, struct str role)
{
    return str_equal(role, STR("admin")) ? UUID_NONE : call->work.workspace_id;
}

static enum err reply_link(struct api_call *call, const struct admin *admin)
{
    char url[ADMIN_URL_SIZE];
    enum err err = admin_link_make(&call->work, admin, url);
    if (err) {
        return err;
    }
    json_t *json = admin_json(admin);
    api_json_set(json, "link", json_string(url));
    api_json_set(json, "linkExpiresAt",
                 api_json_time(call->work.now_ms + (int64_t)ADMIN_LINK_HOURS * HOUR_MS));
    return api_reply_json(call, 201, json);
}

enum err admins_create(struct api_call *call)
{
    struct fields in;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct admin admin = {
        .email = admins_read_email(&in),
        .role = noun_read_word(&in, "role", admin_roles, STR("viewer")),
    };
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        admin.workspace_id = workspace_of_role(call, admin.role);
        err = admin_create(&call->work, &admin);
    }
    return err ? err : reply_link(call, &admin);
}

enum err admins_get(struct api_call *call)
{
    struct admin admin;
    enum err err = api_query_none(call);
    if (!err) {
        err = admin_param(call, &admin);
    }
    return err ? err : api_reply_json(call, 200, admin_json(&admin));
}

enum err admins_patch(struct api_call *call)
{
    struct fields in;
    struct admin before;
    enum err err = admin_param(call, &before);
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (err) {
        return err;
    }
    struct admin after = before;
    after.role = noun_read_word(&in, "role", admin_roles, before.role);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err && !str_equal(before.role, after.role)) {
        after.workspace_id = workspace_of_role(call, after.role);
        err = admin_set_role(&call->work, &before, &after);
    }
    return err ? err : api_reply_json(call, 200, admin_json(&after));
}

enum err admins_delete(struct api_call *call)
{
    struct admin admin;
    enum err err = api_query_none(call);
    if (!err) {
        err = admin_param(call, &admin);
    }
    if (!err) {
        err = admin_delete(&call->work, &admin);
    }
    return err ? err : api_reply_empty(call);
}

enum err admins_link(struct api_call *call)
{
    struct admin admin;
    enum err err = api_query_none(call);
    if (!err) {
        err = admin_param(call, &admin);
    }
    return err ? err : reply_link(call, &admin);
}

/* ---- their sessions ---- */

static json_t *admin_session_json(const struct api_call *call, const struct admin_session *session)
{
    json_t *json = json_object();
    bool is_current = uuid_equal(&session->id, &call->admin.id);
    api_json_set(json, "id", api_json_uuid(&session->id));
    api_json_set(json, "adminId", api_json_uuid(&session->admin_id));
    api_json_set(json, "email", api_json_str(session->email));
    api_json_set(json, "address", api_json_str(session->address));
    api_json_set(json, "userAgent", api_json_str(session->user_agent));
    api_json_set(json, "createdAt", api_json_time(session->created_at_ms));
    api_json_set(json, "usedAt", api_json_time(session->used_at_ms));
    api_json_set(json, "expiresAt", api_json_time(session->expires_at_ms));
    api_json_set(json, "current", json_boolean(is_current));
    return json;
}

enum err admin_sessions_reply(struct api_call *call, struct api_query *query,
                              const struct uuid *admin_id)
{
    struct api_page page = api_page_by_id(query);
    size_t count = 0;
    enum err err = api_query_end(query);
    if (err) {
        return err;
    }
    struct admin_session *sessions =
        arena_alloc(call->work.arena, (size_t)noun_page_rows(&page) * sizeof(*sessions));
    err = admin_session_list(&call->work, admin_id, &page.after_id, noun_page_rows(&page), sessions,
                             &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, admin_session_json(call, &sessions[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

enum err admin_sessions_delete(struct api_call *call, const struct uuid *admin_id)
{
    struct uuid id;
    enum err err = api_query_none(call);
    if (!err) {
        err = api_param_uuid(call, 0, "session", &id);
    }
    if (!err) {
        err = admin_session_end(&call->work, &id, admin_id);
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "session")
           : err                ? err
                                : api_reply_empty(call);
}

enum err admin_sessions_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct uuid admin_id = api_query_uuid(&query, "adminId");
    return admin_sessions_reply(call, &query, &admin_id);
}

enum err admin_sessions_end(struct api_call *call)
{
    return admin_sessions_delete(call, &UUID_NONE);
}
