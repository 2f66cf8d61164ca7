#include "api/v1/noun.h"

static const char *const kind_words[] = {"internal", "external", NULL};

static enum err groups_json(struct api_call *call, const struct user *user, json_t **out_groups)
{
    json_t *groups = json_array();
    struct rows rows =
        store_query(call->work.store, SQL_GROUPS_OF_USER, SQL_ARGS(sql_uuid(&user->id)));
    while (rows_next(&rows)) {
        json_t *group = json_object();
        api_json_set(group, "id", json_integer(rows_int(&rows, 0)));
        api_json_set(group, "name", api_json_str(rows_text(&rows, 1)));
        noun_append_item(groups, group);
    }
    enum err err = work_store_fault(&call->work, rows_end(&rows));
    if (err) {
        json_decref(groups);
        return err;
    }
    *out_groups = groups;
    return ERR_OK;
}

static enum err user_json(struct api_call *call, const struct user *user, json_t **out_json)
{
    json_t *groups = NULL;
    enum err err = groups_json(call, user, &groups);
    if (err) {
        return err;
    }
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&user->id));
    api_json_set(json, "kind", json_string(user->is_external ? "external" : "internal"));
    api_json_set(json, "email", api_json_str(user->email));
    api_json_set(json, "firstName", api_json_str(user->first_name));
    api_json_set(json, "lastName", api_json_str(user->last_name));
    api_json_set(json, "externalIdentifier", api_json_str(user->external_identifier));
    api_json_set(json, "metadata",
                 user->metadata.ptr == NULL ? json_object() : api_json_parsed(user->metadata));
    api_json_set(json, "status", json_string(user->is_active ? "active" : "archived"));
    api_json_set(json, "groups", groups);
    api_json_set(json, "createdAt", api_json_time(user->created_at_ms));
    api_json_set(json, "updatedAt", api_json_time(user->updated_at_ms));
    *out_json = json;
    return ERR_OK;
}

static enum err user_reply(struct api_call *call, int status, const struct user *user)
{
    json_t *json = NULL;
    enum err err = user_json(call, user, &json);
    return err ? err : api_reply_json(call, status, json);
}

enum err users_reply(struct api_call *call, const struct user *users, size_t count,
                     const struct api_page *page)
{
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *item = NULL;
        enum err err = user_json(call, &users[i], &item);
        if (err) {
            json_decref(items);
            return err;
        }
        noun_append_item(items, item);
    }
    return api_reply_list(call, items, page, "id");
}

enum err user_param(struct api_call *call, int index, struct user *out_user)
{
    struct uuid id;
    enum err err = api_param_uuid(call, index, "user", &id);
    if (!err) {
        err = user_find(&call->work, &id, out_user);
    }
    if (!err && !noun_enter_workspace(call, &out_user->workspace_id)) {
        err = ERR_NOT_FOUND;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "user") : err;
}

enum err users_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    struct user_filter filter = {
        .email = api_query_str(&query, "email"),
        .external_identifier = api_query_str(&query, "externalIdentifier"),
        .kind = api_query_word(&query, "kind", kind_words),
        .status = api_query_word(&query, "status", noun_status_words),
        .search = api_query_search(&query),
        .after = page.after_id,
        .limit = noun_page_rows(&page),
    };
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct user *users = arena_alloc(call->work.arena, (size_t)filter.limit * sizeof(*users));
    err = user_list(&call->work, &filter, users, &count);
    return err ? err : users_reply(call, users, count, &page);
}

/* Internal users always have an address; external ones may be without. */
static struct str read_email(struct fields *in, const struct user *present)
{
    bool has = fields_has(in, "email");
    bool is_required = !present->is_external && (has || present->email.ptr == NULL);
    struct str email =
        fields_str(in, "email", is_required ? FIELD_REQUIRED : FIELD_OPTIONAL, LIMIT_EMAIL_BYTES);
    if (!has) {
        return present->email;
    }
    if (email.ptr != NULL && !user_email_is_plausible(email)) {
        fields_refuse(in, "email", "must be an email address.");
    }
    return email;
}

static void read_person(struct fields *in, struct user *user)
{
    user->email = read_email(in, user);
    user->first_name = noun_read_text(in, "firstName", LIMIT_PERSON_NAME_BYTES, user->first_name);
    user->last_name = noun_read_text(in, "lastName", LIMIT_PERSON_NAME_BYTES, user->last_name);
}

enum err users_create(struct api_call *call)
{
    struct fields in;
    struct user user = {0};
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    read_person(&in, &user);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = user_create(&call->work, &user);
    }
    return err ? err : user_reply(call, 201, &user);
}

enum err users_get(struct api_call *call)
{
    struct user user;
    enum err err = api_query_none(call);
    if (!err) {
        err = user_param(call, 0, &user);
    }
    return err ? err : user_reply(call, 200, &user);
}

enum err users_patch(struct api_call *call)
{
    struct fields in;
    struct user before;
    enum err err = user_param(call, 0, &before);
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (err) {
        return err;
    }
    struct user after = before;
    read_person(&in, &after);
    struct str status = noun_read_word(&in, "status", noun_status_words,
                                       before.is_active ? STR("active") : STR("archived"));
    after.is_active = str_equal(status, STR("active"));
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = user_update(&call->work, &before, &after);
    }
    return err ? err : user_reply(call, 200, &after);
}

enum err users_delete(struct api_call *call)
{
    struct user user;
    enum err err = api_query_none(call);
    if (!err) {
        err = user_param(call, 0, &user);
    }
    if (!err) {
        err = user_delete(&call->work, &user);
    }
    return err ? err : api_reply_empty(call);
}
