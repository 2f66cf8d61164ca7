/*
 * Releases and branches. An upload runs in the bulk lane, where no transaction is open: it begins
 * and commits by itself and raises the epoch itself (apps/bundle/upload.h). In the other lanes
 * whoever runs the call does both, as work->raise_epoch says.
 */
#include "api/idempotency.h"
#include "apps/bundle/upload.h"
#include "model/branch.h"
#include "api/v1/noun.h"

static json_t *releases_json(struct api_call *call, const void *row)
{
    const struct release *release = row;
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

static json_t *branches_json(struct api_call *call, const void *row)
{
    const struct branch *branch = row;
    json_t *json = json_object();
    api_json_set(json, "name", api_json_str(branch->name));
    api_json_set(json, "digest", api_json_str(release_content_text(&call->work, &branch->content)));
    api_json_set(json, "files", json_integer(branch->files));
    api_json_set(json, "bytes", json_integer(branch->bytes));
    api_json_set(json, "updatedAt", api_json_time(branch->updated_at_ms));
    return json;
}

static enum err find_app(struct api_call *call, struct app *out_app)
{
    return noun_find(call, &apps_noun, 0, out_app);
}

/* The end of a list's query, and the app whose list it is. */
static enum err list_of_app(struct api_query *query, struct app *out_app)
{
    enum err err = api_query_end(query);
    return err ? err : find_app(query->call, out_app);
}

/* ---- releases ---- */

static enum err releases_find(struct api_call *call, int index, void *out_row)
{
    struct app app;
    enum err err = find_app(call, &app);
    return err ? err : release_find(&call->work, &app.id, call->params[index + 1], out_row);
}

static enum err releases_list(struct api_query *query, const struct api_page *page, void *out_rows,
                              size_t *out_count)
{
    struct app app;
    enum err err = list_of_app(query, &app);
    return err ? err
               : release_list(&query->call->work, &app, page->after_number, noun_page_rows(page),
                              out_rows, out_count);
}

static struct str releases_cursor(struct work *work, const void *row)
{
    const struct release *release = row;
    return arena_printf(work->arena, "%lld", (long long)release->number);
}

static enum err releases_delete(struct api_call *call, const void *row)
{
    struct app app;
    enum err err = find_app(call, &app);
    return err ? err : release_delete(&call->work, &app, row);
}

const struct noun releases_noun = {
    .name = "release",
    .size = sizeof(struct release),
    .workspace_at = NOUN_IN_SIGHT, /* the app is */
    .list = releases_list,
    .page = api_page_by_number,
    .cursor = releases_cursor,
    .find = releases_find,
    .json = releases_json,
    .remove = releases_delete,
};

enum err releases_rollback(struct api_call *call)
{
    struct app app;
    struct release release;
    enum err err = api_query_none(call);
    if (!err) {
        err = noun_find(call, &releases_noun, 0, &release);
    }
    if (!err) {
        err = find_app(call, &app);
    }
    if (!err) {
        err = release_rollback(&call->work, &app, &release);
    }
    return err ? err : noun_reply(call, &releases_noun, 200, &release, NULL);
}

/* ---- branches ---- */

static enum err branches_find(struct api_call *call, int index, void *out_row)
{
    struct app app;
    enum err err = find_app(call, &app);
    return err ? err : branch_find(&call->work, &app.id, call->params[index + 1], out_row);
}

static enum err branches_list(struct api_query *query, const struct api_page *page, void *out_rows,
                              size_t *out_count)
{
    struct app app;
    if (page->after.ptr != NULL && !branch_name_is_valid(page->after)) {
        api_query_refuse(query, "after", "must be the name of a branch");
    }
    enum err err = list_of_app(query, &app);
    return err ? err
               : branch_list(&query->call->work, &app, page->after, noun_page_rows(page), out_rows,
                             out_count);
}

static struct str branches_cursor(struct work *work, const void *row)
{
    const struct branch *branch = row;
    (void)work;
    return branch->name;
}

static enum err branches_delete(struct api_call *call, const void *row)
{
    struct app app;
    enum err err = find_app(call, &app);
    return err ? err : branch_delete(&call->work, &app, row);
}

const struct noun branches_noun = {
    .name = "branch",
    .size = sizeof(struct branch),
    .workspace_at = NOUN_IN_SIGHT, /* the app is */
    .list = branches_list,
    .page = api_page_by_text,
    .cursor = branches_cursor,
    .find = branches_find,
    .json = branches_json,
    .remove = branches_delete,
};

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
        return err ? err : noun_reply(call, &releases_noun, 201, &release, NULL);
    }
    err = branch_find(&call->work, &upload->app_id, upload->branch, &branch);
    return err ? err : noun_reply(call, &branches_noun, 201, &branch, NULL);
}

/* In the transaction that makes the release: its response is kept with it. */
static enum err releases_uploaded(void *context, const struct upload *upload)
{
    struct api_call *call = context;
    enum err err = reply_uploaded(call, upload);
    return err ? err : idempotency_end(call);
}

enum err releases_upload(struct api_call *call)
{
    struct app app = {0};
    struct upload upload = {
        .path = call->request->body_path, .on_made = releases_uploaded, .context = call};
    enum err err = upload_query(call, &upload);
    if (!err) {
        err = find_app(call, &app);
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
    return err;
}
