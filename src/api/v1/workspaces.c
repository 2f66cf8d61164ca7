#include "api/v1/noun.h"

static json_t *workspace_json(const struct workspace *workspace)
{
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&workspace->id));
    api_json_set(json, "name", api_json_str(workspace->name));
    api_json_set(json, "status", api_json_str(workspace->status));
    api_json_set(json, "createdAt", api_json_time(workspace->created_at_ms));
    return json;
}

static enum err workspace_param(struct api_call *call, struct workspace *out_workspace)
{
    struct uuid id;
    enum err err = api_param_uuid(call, 0, "workspace", &id);
    if (!err) {
        err = noun_enter_workspace(call, &id) ? workspace_find(&call->work, &id, out_workspace)
                                              : ERR_NOT_FOUND;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "workspace") : err;
}

enum err workspaces_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    struct uuid only = api_is_admin(call) ? UUID_NONE : call->work.workspace_id;
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct workspace *workspaces =
        arena_alloc(call->work.arena, (size_t)noun_page_rows(&page) * sizeof(*workspaces));
    err = workspace_list(&call->work, &only, &page.after_id, noun_page_rows(&page), workspaces,
                         &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, workspace_json(&workspaces[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

enum err workspaces_create(struct api_call *call)
{
    struct fields in;
    struct workspace workspace;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str name = noun_read_name(&in, STR_NONE);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = workspace_create(&call->work, name, &workspace);
    }
    return err ? err : api_reply_json(call, 201, workspace_json(&workspace));
}

enum err workspaces_get(struct api_call *call)
{
    struct workspace workspace;
    enum err err = api_query_none(call);
    if (!err) {
        err = workspace_param(call, &workspace);
    }
    return err ? err : api_reply_json(call, 200, workspace_json(&workspace));
}

enum err workspaces_patch(struct api_call *call)
{
    struct fields in;
    struct workspace before;
    enum err err = workspace_param(call, &before);
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (err) {
        return err;
    }
    struct workspace after = before;
    after.name = noun_read_name(&in, before.name);
    after.status = noun_read_word(&in, "status", noun_status_words, before.status);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = workspace_update(&call->work, &before, &after);
    }
    return err ? err : api_reply_json(call, 200, workspace_json(&after));
}

enum err workspaces_delete(struct api_call *call)
{
    struct workspace workspace;
    enum err err = api_query_none(call);
    if (!err) {
        err = workspace_param(call, &workspace);
    }
    if (!err) {
        err = workspace_delete(&call->work, &workspace);
    }
    return err ? err : api_reply_empty(call);
}
