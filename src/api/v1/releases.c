/*
 * Releases and branches. An upload runs in the bulk lane, where no transaction is open: it begins
 * and commits by itself and raises the epoch itself (apps/bundle/upload.h). In the other lanes
 * whoever runs the call does both, as access->raise_epoch says.
 */
#include "apps/bundle/upload.h"
#include "api/v1/noun.h"

static json_t *release_json(struct api_call *call, const struct release *release)
{
    json_t *json = json_object();
    api_json_set(json, "version", api_json_str(release->version));
    api_json_set(json, "current", json_boolean(release->is_current));
    api_json_set(json, "digest",
                 api_json_str(release_content_text(&call->work, &release->content)));
    api_json_set(json, "files", json_integer(release->files));
    api_json_set(json, "bytes", json_integer(release->bytes));
    api_json_set(json, "createdAt", api_json_time(release->created_at_ms));
    api_json_set(json, "createdBy", api_json_str(release->created_by));
    return json;
}

static json_t *branch_json(struct api_call *call, const struct branch *branch)
{
    json_t *json = json_object();
    api_json_set(json, "name", api_json_str(branch->name));
    api_json_set(json, "digest", api_json_str(release_content_text(&call->work, &branch->content)));
    api_json_set(json, "files", json_integer(branch->files));
    api_json_set(json, "bytes", json_integer(branch->bytes));
    api_json_set(json, "updatedAt", api_json_time(branch->updated_at_ms));
    return json;
}

static enum err release_param(struct api_call *call, struct app *out_app,
                              struct release *out_release)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = app_param(call, 0, out_app);
    }
    if (err) {
        return err;
    }
    err = release_find(&call->work, &out_app->id, call->params[1], out_release);
    return err == ERR_NOT_FOUND ? api_not_found(call, "release") : err;
}

static enum err branch_param(struct api_call *call, struct app *out_app, struct branch *out_branch)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = app_param(call, 0, out_app);
    }
    if (err) {
        return err;
    }
    err = branch_find(&call->work, &out_app->id, call->params[1], out_branch);
    return err == ERR_NOT_FOUND ? api_not_found(call, "branch") : err;
}

enum err releases_list(struct api_call *call)
{
    struct app app;
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_number(&query);
    size_t limit = (size_t)page.limit;
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (!err) {
        err = app_param(call, 0, &app);
    }
    if (err) {
        return err;
    }
    struct release *releases = arena_alloc(call->work.arena, (limit + 1) * sizeof(*releases));
    err =
        release_list(&call->work, &app, page.after_number, noun_page_rows(&page), releases, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count && i < limit; i++) {
        noun_append_item(items, release_json(call, &releases[i]));
    }
    return api_reply_page(call, items,
                          count <= limit ? STR_NONE
                                         : arena_printf(call->work.arena, "%lld",
                                                        (long long)releases[limit - 1].number));
}

enum err releases_get(struct api_call *call)
{
    struct app app;
    struct release release;
    enum err err = release_param(call, &app, &release);
    return err ? err : api_reply_json(call, 200, release_json(call, &release));
}

enum err releases_delete(struct api_call *call)
{
    struct app app;
    struct release release;
    enum err err = release_param(call, &app, &release);
    if (!err) {
        err = release_delete(&call->work, &app, &release);
    }
    return err ? err : api_reply_empty(call);
}

enum err releases_rollback(struct api_call *call)
{
    struct app app;
    struct release release;
    enum err err = release_param(call, &app, &release);
    if (!err) {
        err = release_rollback(&call->work, &app, &release);
    }
    return err ? err : api_reply_json(call, 200, release_json(call, &release));
}

enum err branches_list(struct api_call *call)
{
    struct app app;
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_text(&query);
    size_t count = 0;
    if (page.after.ptr != NULL && !branch_name_is_valid(page.after)) {
        api_query_refuse(&query, "after", "must be the name of a branch");
    }
    enum err err = api_query_end(&query);
    if (!err) {
        err = app_param(call, 0, &app);
    }
    if (err) {
        return err;
    }
    struct branch *branches =
        arena_alloc(call->work.arena, (size_t)noun_page_rows(&page) * sizeof(*branches));
    err = branch_list(&call->work, &app, page.after, noun_page_rows(&page), branches, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, branch_json(call, &branches[i]));
    }
    return api_reply_list(call, items, &page, "name");
}

enum err branches_get(struct api_call *call)
{
    struct app app;
    struct branch branch;
    enum err err = branch_param(call, &app, &branch);
    return err ? err : api_reply_json(call, 200, branch_json(call, &branch));
}

enum err branches_delete(struct api_call *call)
{
    struct app app;
    struct branch branch;
    enum err err = branch_param(call, &app, &branch);
    if (!err) {
        err = branch_delete(&call->work, &app, &branch);
    }
    return err ? err : api_reply_empty(call);
}

/* ---- upload ---- */

static enum err upload_query(struct api_call *call, struct upload *upload)
{
    struct api_query query = api_query_start(call);
    upload->version = api_query_str(&query, "version");
    upload->branch = api_query_str(&query, "branch");
    if (upload->version.ptr != NULL && upload->branch.ptr != NULL) {
        api_query_refuse(&query, "branch", "and \"version\" exclude each other");
    } else if (upload->branch.ptr != NULL && !branch_name_is_valid(upload->branch)) {
        api_query_refuse(&query, "branch",
                         "must be letters, digits and . _ / -, the first a letter or digit, at "
                         "most 64 of them");
    } else if (upload->branch.ptr == NULL && !release_version_is_semantic(upload->version)) {
        api_query_refuse(&query, "version",
                         "must be a semantic version (semver.org) like 1.0.0, of at most 64 "
                         "characters; or give a branch");
    }
    return api_query_end(&query);
}

static enum err upload_type(struct api_call *call, enum unpack_type *out_type)
{
    struct str parameters = call->request->content_type;
    struct str type = str_trim(str_cut(&parameters, ';'));
    if (str_equal_nocase(type, STR("application/gzip"))) {
        *out_type = UNPACK_TAR_GZ;
    } else if (str_equal_nocase(type, STR("application/zip"))) {
        *out_type = UNPACK_ZIP;
    } else {
        return fault_set(&call->fault, ERR_UNSUPPORTED, "media_type_unsupported",
                         "The body must be application/gzip (a tar archive, compressed) or "
                         "application/zip, as its Content-Type.");
    }
    return ERR_OK;
}

static enum err reply_uploaded(struct api_call *call, const struct upload *upload)
{
    struct release release;
    struct branch branch;
    enum err err = ERR_OK;
    if (upload->version.ptr != NULL) {
        err = release_find(&call->work, &upload->app_id, upload->version, &release);
        return err ? err : api_reply_json(call, 201, release_json(call, &release));
    }
    err = branch_find(&call->work, &upload->app_id, upload->branch, &branch);
    return err ? err : api_reply_json(call, 201, branch_json(call, &branch));
}

enum err releases_upload(struct api_call *call)
{
    struct app app = {0};
    struct upload upload = {.path = call->request->body_path};
    enum err err = upload_query(call, &upload);
    if (!err) {
        err = app_param(call, 0, &app);
    }
    if (!err) {
        err = upload_type(call, &upload.type);
    }
    if (!err && upload.path == NULL) {
        err = fault_set(&call->fault, ERR_INVALID, "bundle_empty", "The body is empty.");
    }
    if (!err) {
        upload.app_id = app.id;
        err = upload_run(&call->work, &upload);
    }
    return err ? err : reply_uploaded(call, &upload);
}
