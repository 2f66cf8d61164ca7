#include "apps/kind.h"
#include "apps/upstream/probe.h"
#include "apps/upstream/settings.h"
#include "api/mint.h"
#include "api/v1/noun.h"
#include "base/jsontext.h"

static json_t *number_or_null(int64_t number)
{
    return number == 0 ? json_null() : json_integer(number);
}

json_t *apps_json(struct api_call *call, const void *row)
{
    const struct app *app = row;
    (void)call;
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&app->id));
    api_json_set(json, "workspaceId", api_json_uuid(&app->workspace_id));
    api_json_set(json, "slug", api_json_str(app->slug));
    api_json_set(json, "name", api_json_str(app->name));
    api_json_set(json, "kind", api_json_str(str_from(app_kind_names[app->kind])));
    api_json_set(json, "portals", noun_words_json(app->portals));
    api_json_set(json, "serviceWorkers", api_json_str(app->service_workers));
    api_json_set(json, "volatileMetadata", api_json_parsed(app->volatile_metadata));
    api_json_set(json, "idleTimeoutMinutes", number_or_null(app->idle_minutes));
    api_json_set(json, "sessionsPerUser", number_or_null(app->sessions_per_user));
    api_json_set(json, "topLevel", api_json_str(app->top_level));
    api_json_set(json, "strict", json_boolean(app->is_strict));
    api_json_set(json, "startPath", api_json_str(app->start_path));
    api_json_set(json, "currentRelease", api_json_str(app->current_version));
    for (enum app_kind kind = 0; kind < APP_KINDS; kind++) {
        if (app_kinds[kind].member != NULL) {
            api_json_set(json, app_kinds[kind].member,
                         kind == app->kind ? app_kinds[kind].settings_json(app) : json_null());
        }
    }
    api_json_set(json, "createdAt", api_json_time(app->created_at_ms));
    api_json_set(json, "updatedAt", api_json_time(app->updated_at_ms));
    return json;
}

static enum err apps_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    struct app *app = out_row;
    struct str id_or_slug = call->params[index];
    enum err err = uuid_parse(id_or_slug, &id) ? app_find(&call->work, &id, app)
                                               : app_find_here(&call->work, id_or_slug, app);
    return err ? err : api_check_app(call, &app->id);
}

static enum err apps_list(struct api_query *query, const struct api_page *page, void *out_rows,
                          size_t *out_count)
{
    struct app_filter filter = {
        .slug = api_query_str(query, "slug"),
        .search = api_query_search(query),
        .apps = query->call->token.apps,
        .after = page->after_id,
        .limit = noun_page_rows(page),
    };
    enum err err = api_query_end(query);
    return err ? err : app_list(&query->call->work, &filter, out_rows, out_count);
}

static struct str read_slug(struct fields *in, struct str present)
{
    bool has = fields_has(in, "slug");
    bool is_required = has && present.ptr != NULL;
    struct str slug =
        fields_str(in, "slug", is_required ? FIELD_REQUIRED : FIELD_OPTIONAL, LIMIT_SLUG_BYTES);
    if (!has) {
        return present;
    }
    if (slug.ptr != NULL && !app_slug_is_valid(slug)) {
        fields_refuse(in, "slug",
                      "must be lower-case letters and digits with single hyphens between "
                      "them, and no UUID.");
    }
    return slug;
}

/* ---- the settings of its kind ---- */

/* A host as an app of this server would have it: where browsers see it. */
static struct str sample_host(struct work *work)
{
    char text[ORIGIN_TEXT_SIZE];
    origin_format(&work->instance->settings->app_url.origin, text);
    struct str host = str_from(text);
    (void)str_cut(&host, '/');
    (void)str_cut(&host, '/');
    return arena_printf(work->arena, "aaaaaaaaaaaaaaaaaaaaaaaaaa." STR_FMT, STR_ARG(host));
}

/* Asks as the app would be asked; if that is refused, by the server's own host. NULL if neither
 * is better: hostHeader stays with the admin. */
static const char *probe_hosts(struct work *work, struct str url, const struct upstream_tls *tls,
                               struct probe *out_probe)
{
    struct probe own;
    probe_run(work, url, tls->verify, tls->ca, sample_host(work), out_probe);
    if (out_probe->status > 0 && out_probe->status < 400) {
        return "app";
    }
    if (out_probe->status == 0) {
        return NULL;
    }
    probe_run(work, url, tls->verify, tls->ca, STR_NONE, &own);
    if (own.status == 0 || own.status >= 400) {
        return NULL;
    }
    out_probe->detail = arena_printf(
        work->arena,
        "It refuses the app's host with status %ld, and answers with status %ld if Host is that of "
        "its address: set the Host header to \"upstream\".",
        out_probe->status, own.status);
    out_probe->status = own.status;
    return "upstream";
}

enum err upstream_checks_create(struct api_call *call)
{
    struct fields in;
    struct probe probe;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str url = upstream_read_url(&in);
    struct upstream_tls tls = upstream_read_tls(&in);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (err) {
        return err;
    }
    const char *host = probe_hosts(&call->work, url, &tls, &probe);
    json_t *json = json_object();
    api_json_set(json, "reachable", json_boolean(probe.status != 0));
    api_json_set(json, "status", probe.status == 0 ? json_null() : json_integer(probe.status));
    api_json_set(json, "hostHeader", host == NULL ? json_null() : json_string(host));
    api_json_set(json, "detail", api_json_str(probe.detail));
    return api_reply_json(call, 200, json);
}

/* Each kind has a member of its own, which others refuse. */
static enum err read_settings(struct api_call *call, struct fields *in, struct app *app,
                              enum field_presence presence)
{
    json_t *given = NULL;
    for (enum app_kind kind = 0; kind < APP_KINDS; kind++) {
        const char *member = app_kinds[kind].member;
        json_t *object = member == NULL ? NULL : fields_object(in, member, FIELD_OPTIONAL);
        bool is_own = kind == app->kind;
        if (member != NULL &&
            (is_own ? object == NULL && presence == FIELD_REQUIRED : object != NULL)) {
            fields_refuse(in, member, "belongs to an app of kind \"%s\", and only there.",
                          app_kind_names[kind]);
        }
        given = is_own ? object : given;
    }
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err || given == NULL ? err : app_kinds[app->kind].read_settings(&call->work, given, app);
}

static struct str read_start_path(struct fields *in, struct arena *arena, struct str present)
{
    struct str path = mint_read_path(in, "startPath", arena);
    return path.ptr == NULL ? present : path;
}

static struct str read_service_workers(struct fields *in, struct str present)
{
    static const char *const words[] = {"guarded", "unguarded-imports", "off", NULL};
    return noun_read_word(in, "serviceWorkers", words, present);
}

/* Names, without repetitions, as a JSON array. */
static struct str read_volatile_metadata(struct fields *in, struct arena *arena, struct str present)
{
    json_t *array = fields_array(in, "volatileMetadata", FIELD_OPTIONAL, LIMIT_VOLATILE_METADATA);
    if (!fields_has(in, "volatileMetadata")) {
        return present;
    }
    json_t *names = json_array();
    json_t *seen = json_object();
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *name = json_array_get(array, i);
        if (!json_is_string(name) || json_string_length(name) == 0 ||
            json_string_length(name) > LIMIT_NAME_BYTES) {
            fields_refuse(in, "volatileMetadata",
                          "must hold names of members of metadata, such as \"latestLogin\".");
            break;
        }
        if (json_object_get(seen, json_string_value(name)) == NULL) {
            REQUIRE(json_object_set_new(seen, json_string_value(name), json_true()) == 0);
            REQUIRE(json_array_append(names, (json_t *)(uintptr_t)name) == 0);
        }
    }
    struct str text = jsontext_canonical(names, arena);
    json_decref(names);
    json_decref(seen);
    return text;
}

/* 0 without a limit, which is null. */
static int64_t read_limit(struct fields *in, const char *name, int64_t min, int64_t max,
                          int64_t present)
{
    return fields_has(in, name) ? fields_int(in, name, 0, min, max) : present;
}

static void read_session_limits(struct fields *in, struct app *app)
{
    enum { IDLE_MIN = 5, IDLE_MAX = 43200, PER_USER_MAX = 1000 };
    app->idle_minutes = read_limit(in, "idleTimeoutMinutes", IDLE_MIN, IDLE_MAX, app->idle_minutes);
    app->sessions_per_user =
        read_limit(in, "sessionsPerUser", 1, PER_USER_MAX, app->sessions_per_user);
}

static struct str read_top_level(struct fields *in, struct str present)
{
    static const char *const words[] = {"own-pages", "any-page", NULL};
    return noun_read_word(in, "topLevel", words, present);
}

static enum err apps_create(struct api_call *call, struct fields *in, void *row)
{
    struct app *app = row;
    app->name = noun_read_name(in, STR_NONE);
    app->slug = read_slug(in, STR_NONE);
    struct str kind = noun_read_word(in, "kind", app_kind_names, STR("bundle"));
    app->kind = in->err ? APP_BUNDLE : app_kind_named(kind);
    app->portals = noun_read_portals(in, &call->work, STR(""));
    app->start_path = read_start_path(in, call->work.arena, STR("/"));
    app->service_workers = read_service_workers(in, STR("guarded"));
    app->volatile_metadata = read_volatile_metadata(in, call->work.arena, STR("[]"));
    read_session_limits(in, app);
    app->top_level = read_top_level(in, STR("own-pages"));
    app->is_strict = fields_bool(in, "strict", false);
    enum err err = read_settings(call, in, app, FIELD_REQUIRED);
    return err ? err : app_create(&call->work, app);
}

/* Only who may act in both workspaces moves an app. */
static enum err check_move(struct api_call *call, const struct app *before, const struct app *after)
{
    struct workspace workspace;
    if (uuid_equal(&before->workspace_id, &after->workspace_id)) {
        return ERR_OK;
    }
    if (!api_is_admin(call)) {
        return fault_member(&call->fault, ERR_DENIED, "scope_missing", "workspaceId",
                            "The API token lacks the scope \"admin\", which moves apps.");
    }
    enum err err = workspace_find(&call->work, &after->workspace_id, &workspace);
    return err == ERR_NOT_FOUND ? api_not_found(call, "workspace") : err;
}

static enum err apps_patch(struct api_call *call, struct fields *in, const void *before,
                           void *after)
{
    struct app *app = after;
    app->name = noun_read_name(in, app->name);
    app->slug = read_slug(in, app->slug);
    app->portals = noun_read_portals(in, &call->work, app->portals);
    app->start_path = read_start_path(in, call->work.arena, app->start_path);
    app->service_workers = read_service_workers(in, app->service_workers);
    app->volatile_metadata = read_volatile_metadata(in, call->work.arena, app->volatile_metadata);
    read_session_limits(in, app);
    app->top_level = read_top_level(in, app->top_level);
    app->is_strict = fields_bool(in, "strict", app->is_strict);
    app->workspace_id = noun_read_uuid(in, "workspaceId", &app->workspace_id);
    enum err err = read_settings(call, in, app, FIELD_OPTIONAL);
    if (!err) {
        err = check_move(call, before, app);
    }
    return err ? err : app_update(&call->work, before, app);
}

static enum err apps_delete(struct api_call *call, const void *row)
{
    return app_delete(&call->work, row);
}

const struct noun apps_noun = {
    .name = "app",
    .size = sizeof(struct app),
    .workspace_at = offsetof(struct app, workspace_id),
    .list = apps_list,
    .page = api_page_by_id,
    .find = apps_find,
    .json = apps_json,
    .create = apps_create,
    .patch = apps_patch,
    .remove = apps_delete,
};
