#include "api/v1/noun.h"

static json_t *groups_json(struct api_call *call, const void *row)
{
    const struct group *group = row;
    (void)call;
    json_t *json = json_object();
    api_json_set(json, "id", json_integer(group->id));
    api_json_set(json, "name", api_json_str(group->name));
    api_json_set(json, "memberCount", json_integer(group->member_count));
    api_json_set(json, "appCount", json_integer(group->app_count));
    api_json_set(json, "createdAt", api_json_time(group->created_at_ms));
    return json;
}

static enum err groups_find(struct api_call *call, int index, void *out_row)
{
    int64_t id = 0;
    return str_to_int64(call->params[index], 1, INT64_MAX, &id)
               ? group_find(&call->work, id, out_row)
               : ERR_NOT_FOUND;
}

static enum err groups_list(struct api_query *query, const struct api_page *page, void *out_rows,
                            size_t *out_count)
{
    struct group_filter filter = {
        .name = api_query_str(query, "name"),
        .app_id = api_query_uuid(query, "appId"),
        .search = api_query_search(query),
        .after = page->after_number,
        .limit = noun_page_rows(page),
    };
    enum err err = api_query_end(query);
    return err ? err : group_list(&query->call->work, &filter, out_rows, out_count);
}

static enum err groups_create(struct api_call *call, struct fields *in, void *row)
{
    struct str name = noun_read_name(in, STR_NONE);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : group_create(&call->work, name, row);
}

static enum err groups_patch(struct api_call *call, struct fields *in, const void *before,
                             void *after)
{
    const struct group *present = before;
    struct str name = noun_read_name(in, present->name);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : group_rename(&call->work, after, name);
}

static enum err groups_delete(struct api_call *call, const void *row)
{
    return group_delete(&call->work, row);
}

const struct noun groups_noun = {
    .name = "group",
    .size = sizeof(struct group),
    .workspace_at = offsetof(struct group, workspace_id),
    .list = groups_list,
    .page = api_page_by_number,
    .find = groups_find,
    .json = groups_json,
    .create = groups_create,
    .patch = groups_patch,
    .remove = groups_delete,
};

/* ---- members, and the apps that they may use ---- */

/* The end of a list's query, and the group whose list it is. */
static enum err list_of_group(struct api_query *query, struct group *out_group)
{
    enum err err = api_query_end(query);
    return err ? err : noun_find(query->call, &groups_noun, 0, out_group);
}

static enum err members_list(struct api_query *query, const struct api_page *page, void *out_rows,
                             size_t *out_count)
{
    struct group group;
    enum err err = list_of_group(query, &group);
    return err ? err
               : group_members(&query->call->work, &group, &page->after_id, noun_page_rows(page),
                               out_rows, out_count);
}

static enum err apps_list(struct api_query *query, const struct api_page *page, void *out_rows,
                          size_t *out_count)
{
    struct group group;
    enum err err = list_of_group(query, &group);
    return err ? err
               : group_apps(&query->call->work, &group, &page->after_id, noun_page_rows(page),
                            out_rows, out_count);
}

const struct noun group_members_noun = {
    .name = "user",
    .size = sizeof(struct user),
    .list = members_list,
    .page = api_page_by_id,
    .json = users_json,
};

const struct noun group_apps_noun = {
    .name = "app",
    .size = sizeof(struct app),
    .list = apps_list,
    .page = api_page_by_id,
    .json = apps_json,
};

/* The group, and a user of its workspace. */
static enum err member_params(struct api_call *call, struct group *out_group, struct user *out_user)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = noun_find(call, &groups_noun, 0, out_group);
    }
    if (!err) {
        err = noun_find(call, &users_noun, 1, out_user);
    }
    bool is_strange = !err && !uuid_equal(&out_user->workspace_id, &out_group->workspace_id);
    return is_strange ? api_not_found(call, "user") : err;
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
    enum err err = noun_find(call, &groups_noun, 0, &group);
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
    return err ? err : noun_reply(call, &groups_noun, 200, &group, NULL);
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

/* The group, and an app of its workspace. */
static enum err app_params(struct api_call *call, struct group *out_group, struct app *out_app)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = noun_find(call, &groups_noun, 0, out_group);
    }
    if (!err) {
        err = noun_find(call, &apps_noun, 1, out_app);
    }
    bool is_strange = !err && !uuid_equal(&out_app->workspace_id, &out_group->workspace_id);
    return is_strange ? api_not_found(call, "app") : err;
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
