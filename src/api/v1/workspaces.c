#include "api/v1/noun.h"

static json_t *workspaces_json(struct api_call *call, const void *row)
{
    const struct workspace *workspace = row;
    (void)call;
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&workspace->id));
    api_json_set(json, "name", api_json_str(workspace->name));
    api_json_set(json, "status", api_json_str(workspace->status));
    api_json_set(json, "createdAt", api_json_time(workspace->created_at_ms));
    return json;
}

static enum err workspaces_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    return uuid_parse(call->params[index], &id) ? workspace_find(&call->work, &id, out_row)
                                                : ERR_NOT_FOUND;
}

static enum err workspaces_list(struct api_query *query, const struct api_page *page,
                                void *out_rows, size_t *out_count)
{
    struct work *work = &query->call->work;
    struct uuid only = api_is_admin(query->call) ? UUID_NONE : work->workspace_id;
    enum err err = api_query_end(query);
    return err ? err
               : workspace_list(work, &only, &page->after_id, noun_page_rows(page), out_rows,
                                out_count);
}

static enum err workspaces_create(struct api_call *call, struct fields *in, void *row)
{
    struct str name = noun_read_name(in, STR_NONE);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : workspace_create(&call->work, name, row);
}

static enum err workspaces_patch(struct api_call *call, struct fields *in, const void *before,
                                 void *after)
{
    struct workspace *workspace = after;
    workspace->name = noun_read_name(in, workspace->name);
    workspace->status = noun_read_word(in, "status", noun_status_words, workspace->status);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : workspace_update(&call->work, before, workspace);
}

static enum err workspaces_delete(struct api_call *call, const void *row)
{
    return workspace_delete(&call->work, row);
}

const struct noun workspaces_noun = {
    .name = "workspace",
    .size = sizeof(struct workspace),
    .workspace_at = offsetof(struct workspace, id),
    .list = workspaces_list,
    .page = api_page_by_id,
    .find = workspaces_find,
    .json = workspaces_json,
    .create = workspaces_create,
    .patch = workspaces_patch,
    .remove = workspaces_delete,
};
