/*
 * Admins of the console, for those who may do everything.
 */
#include "api/v1/noun.h"

json_t *admins_json(struct api_call *call, const void *row)
{
    const struct admin *admin = row;
    (void)call;
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

static enum err admins_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    return uuid_parse(call->params[index], &id) ? admin_find(&call->work, &id, out_row)
                                                : ERR_NOT_FOUND;
}

static enum err admins_list(struct api_query *query, const struct api_page *page, void *out_rows,
                            size_t *out_count)
{
    struct search search = api_query_search(query);
    enum err err = api_query_end(query);
    return err ? err
               : admin_list(&query->call->work, &search, &page->after_id, noun_page_rows(page),
                            out_rows, out_count);
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
    json_t *more = json_object();
    api_json_set(more, "link", json_string(url));
    api_json_set(more, "linkExpiresAt",
                 api_json_time(call->work.now_ms + (int64_t)ADMIN_LINK_HOURS * HOUR_MS));
    return noun_reply(call, &admins_noun, 201, admin, more);
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

static enum err admins_patch(struct api_call *call, struct fields *in, const void *before,
                             void *after)
{
    const struct admin *present = before;
    struct admin *admin = after;
    admin->role = noun_read_word(in, "role", admin_roles, present->role);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    if (err || str_equal(present->role, admin->role)) {
        return err;
    }
    admin->workspace_id = workspace_of_role(call, admin->role);
    return admin_set_role(&call->work, present, admin);
}

static enum err admins_delete(struct api_call *call, const void *row)
{
    return admin_delete(&call->work, row);
}

const struct noun admins_noun = {
    .name = "admin",
    .use = {"signedInAt"},
    .size = sizeof(struct admin),
    .workspace_at = NOUN_IN_SIGHT,
    .list = admins_list,
    .page = api_page_by_id,
    .find = admins_find,
    .json = admins_json,
    .patch = admins_patch,
    .remove = admins_delete,
};

enum err admins_link(struct api_call *call)
{
    struct admin admin;
    enum err err = api_query_none(call);
    if (!err) {
        err = noun_find(call, &admins_noun, 0, &admin);
    }
    return err ? err : reply_link(call, &admin);
}

/* ---- their sessions ---- */

static json_t *sessions_json(struct api_call *call, const void *row)
{
    const struct admin_session *session = row;
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

static enum err list_sessions(struct api_query *query, const struct api_page *page,
                              const struct uuid *admin_id, void *out_rows, size_t *out_count)
{
    enum err err = api_query_end(query);
    return err ? err
               : admin_session_list(&query->call->work, admin_id, &page->after_id,
                                    noun_page_rows(page), out_rows, out_count);
}

static enum err all_sessions_list(struct api_query *query, const struct api_page *page,
                                  void *out_rows, size_t *out_count)
{
    struct uuid admin_id = api_query_uuid(query, "adminId");
    return list_sessions(query, page, &admin_id, out_rows, out_count);
}

static enum err my_sessions_list(struct api_query *query, const struct api_page *page,
                                 void *out_rows, size_t *out_count)
{
    return list_sessions(query, page, &query->call->admin.admin_id, out_rows, out_count);
}

const struct noun admin_sessions_noun = {
    .name = "session",
    .size = sizeof(struct admin_session),
    .list = all_sessions_list,
    .page = api_page_by_id,
    .json = sessions_json,
};

const struct noun my_sessions_noun = {
    .name = "session",
    .size = sizeof(struct admin_session),
    .list = my_sessions_list,
    .page = api_page_by_id,
    .json = sessions_json,
};

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

enum err admin_sessions_end(struct api_call *call)
{
    return admin_sessions_delete(call, &UUID_NONE);
}
