#include "api/v1/noun.h"

static json_t *group_json(const struct group *group)
{
    json_t *json = json_object();
    api_json_set(json, "id", json_integer(group->id));
    api_json_set(json, "name", api_json_str(group->name));
    api_json_set(json, "memberCount", json_integer(group->member_count));
    api_json_set(json, "appCount", json_integer(group->app_count));
    api_json_set(json, "createdAt", api_json_time(group->created_at_ms));
    return json;
}

static enum err group_param(struct api_call *call, struct group *out_group)
{
    int64_t id = 0;
    enum err err = api_param_int(call, 0, "group", &id);
    if (!err) {
        err = group_find(&call->work, id, out_group);
    }
    if (!err && !noun_enter_workspace(call, &out_group->workspace_id)) {
        err = ERR_NOT_FOUND;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "group") : err;
}

enum err groups_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_number(&query);
    struct group_filter filter = {
        .name = api_query_str(&query, "name"),
        .app_id = api_query_uuid(&query, "appId"),
        .search = api_query_search(&query),
        .after = page.after_number,
        .limit = noun_page_rows(&page),
    };
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct group *groups = arena_alloc(call->work.arena, (size_t)filter.limit * sizeof(*groups));
    err = group_list(&call->work, &filter, groups, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, group_json(&groups[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

enum err groups_create(struct api_call *call)
{
    struct fields in;
    struct group group;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str name = noun_read_name(&in, STR_NONE);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = group_create(&call->work, name, &group);
    }
    return err ? err : api_reply_json(call, 201, group_json(&group));
}

enum err groups_get(struct api_call *call)
{
    struct group group;
    enum err err = api_query_none(call);
    if (!err) {
        err = group_param(call, &group);
    }
    return err ? err : api_reply_json(call, 200, group_json(&group));
}

enum err groups_patch(struct api_call *call)
{
    struct fields in;
    struct group group;
    enum err err = group_param(call, &group);
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (err) {
        return err;
    }
    struct str name = noun_read_name(&in, group.name);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = group_rename(&call->work, &group, name);
    }
    return err ? err : api_reply_json(call, 200, group_json(&group));
}

enum err groups_delete(struct api_call *call)
{
    struct group group;
    enum err err = api_query_none(call);
    if (!err) {
        err = group_param(call, &group);
    }
    if (!err) {
        err = group_delete(&call->work, &group);
    }
    return err ? err : api_reply_empty(call);
}

/* ---- members ---- */

enum err groups_members(struct api_call *call)
{
    struct group group;
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (!err) {
        err = group_param(call, &group);
    }
    if (err) {
        return err;
    }
    struct user *users =
        arena_alloc(call->work.arena, (size_t)noun_page_rows(&page) * sizeof(*users));
    err = group_members(&call->work, &group, &page.after_id, noun_page_rows(&page), users, &count);
    return err ? err : users_reply(call, users, count, &page);
}

/* The group, and a user of its workspace. */
static enum err member_params(struct api_call *call, struct group *out_group, struct user *out_user)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = group_param(call, out_group);
    }
    if (!err) {
        err = user_param(call, 1, out_user);
    }
    if (!err && !uuid_equal(&out_user->workspace_id, &out_group->workspace_id)) {
        err = api_not_found(call, "user");
    }
    return err;
}

enum err groups_add_member(struct api_call *call)
{
    struct group group;
    struct user user;
    enum err err = member_params(call, &group, &user);
    if (!err) {
        err = group_add_member(&call->work, &group, &user);
    }
    return err ? err : api_reply_empty(call);
}

/* A user of the group's workspace, by the id that a list in the body has. */
static enum err read_member(struct api_call *call, const struct group *group, const json_t *entry,
                            struct user *out_user)
{
    struct uuid id;
    struct str text = {json_string_value(entry), json_string_length(entry)};
    if (!json_is_string(entry) || !uuid_parse(text, &id)) {
        return fault_set(&call->fault, ERR_INVALID, "member_invalid", "It must be a user's UUID.");
    }
    enum err err = user_find(&call->work, &id, out_user);
    if (!err && !uuid_equal(&out_user->workspace_id, &group->workspace_id)) {
        err = ERR_NOT_FOUND;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "user") : err;
}

/* Every entry is looked at before anything is written. */
static enum err read_members(struct api_call *call, const struct group *group, const json_t *ids,
                             struct user *out_users)
{
    size_t wrong = 0;
    for (size_t i = 0; i < json_array_size(ids); i++) {
        char member[32];
        enum err err = read_member(call, group, json_array_get(ids, i), &out_users[i]);
        if (err && err != ERR_INVALID && err != ERR_NOT_FOUND) {
            return err;
        }
        if (err) {
            snprintf(member, sizeof(member), "userIds[%zu]", i);
            api_note_error(call, member);
            wrong++;
        }
    }
    return wrong == 0 ? ERR_OK
                      : fault_member(&call->fault, ERR_INVALID, "member_invalid", "userIds",
                                     "%zu of %zu ids cannot be added; nobody was.", wrong,
                                     json_array_size(ids));
}

enum err groups_add_members(struct api_call *call)
{
    struct group group;
    struct fields in;
    enum err err = group_param(call, &group);
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (err) {
        return err;
    }
    const json_t *ids = fields_array(&in, "userIds", FIELD_REQUIRED, LIMIT_MEMBERS);
    size_t count = json_array_size(ids);
    struct user *users = arena_alloc(call->work.arena, (count + 1) * sizeof(*users));
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = read_members(call, &group, ids, users);
    }
    for (size_t i = 0; i < count && !err; i++) {
        err = group_add_member(&call->work, &group, &users[i]);
    }
    if (!err) {
        err = group_find(&call->work, group.id, &group);
    }
    return err ? err : api_reply_json(call, 200, group_json(&group));
}

enum err groups_remove_member(struct api_call *call)
{
    struct group group;
    struct user user;
    enum err err = member_params(call, &group, &user);
    if (!err) {
        err = group_remove_member(&call->work, &group, &user);
    }
    return err ? err : api_reply_empty(call);
}

/* ---- apps ---- */

enum err groups_apps(struct api_call *call)
{
    struct group group;
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (!err) {
        err = group_param(call, &group);
    }
    if (err) {
        return err;
    }
    struct app *apps = arena_alloc(call->work.arena, (size_t)noun_page_rows(&page) * sizeof(*apps));
    err = group_apps(&call->work, &group, &page.after_id, noun_page_rows(&page), apps, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, app_json(&apps[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

/* The group, and an app of its workspace. */
static enum err app_params(struct api_call *call, struct group *out_group, struct app *out_app)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = group_param(call, out_group);
    }
    if (!err) {
        err = app_param(call, 1, out_app);
    }
    if (!err && !uuid_equal(&out_app->workspace_id, &out_group->workspace_id)) {
        err = api_not_found(call, "app");
    }
    return err;
}

enum err groups_allow_app(struct api_call *call)
{
    struct group group;
    struct app app;
    enum err err = app_params(call, &group, &app);
    if (!err) {
        err = group_allow_app(&call->work, &group, &app);
    }
    return err ? err : api_reply_empty(call);
}

enum err groups_disallow_app(struct api_call *call)
{
    struct group group;
    struct app app;
    enum err err = app_params(call, &group, &app);
    if (!err) {
        err = group_disallow_app(&call->work, &group, &app);
    }
    return err ? err : api_reply_empty(call);
}
