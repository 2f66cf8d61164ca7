#include "api/noun.h"

static json_t *portals_json(struct str frame_ancestors)
{
    json_t *portals = json_array();
    while (frame_ancestors.len > 0) {
        append_item(portals, api_json_str(str_cut(&frame_ancestors, ' ')));
    }
    return portals;
}

json_t *app_json(const struct app *app)
{
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&app->id));
    api_json_set(json, "workspaceId", api_json_uuid(&app->workspace_id));
    api_json_set(json, "slug", api_json_str(app->slug));
    api_json_set(json, "name", api_json_str(app->name));
    api_json_set(json, "kind", api_json_str(app->kind));
    api_json_set(json, "frameAncestors", portals_json(app->frame_ancestors));
    api_json_set(json, "currentRelease", api_json_str(app->current_version));
    api_json_set(json, "createdAt", api_json_time(app->created_at_ms));
    api_json_set(json, "updatedAt", api_json_time(app->updated_at_ms));
    return json;
}

enum err app_param(struct api_call *call, int index, struct app *out_app)
{
    REQUIRE(index < API_PARAMS_MAX);
    struct uuid id;
    bool is_id = uuid_parse(call->params[index], &id);
    enum err err = is_id ? app_find(&call->access, &id, out_app)
                         : app_find_here(&call->access, call->params[index], out_app);
    if (!err && !enter_workspace(call, &out_app->workspace_id)) {
        err = ERR_NOT_FOUND;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "app") : err;
}

enum err apps_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    struct str slug = api_query_str(&query, "slug");
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct app *apps = arena_alloc(call->access.arena, (size_t)page_rows(&page) * sizeof(*apps));
    err = app_list(&call->access, slug, &page.after_id, page_rows(&page), apps, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        append_item(items, app_json(&apps[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

static struct str read_slug(struct json_reader *in, struct str present)
{
    bool has = json_reader_has(in, "slug");
    bool is_required = has && present.ptr != NULL;
    struct str slug =
        json_read_str(in, "slug", is_required ? JSON_REQUIRED : JSON_OPTIONAL, LIMIT_SLUG_BYTES);
    if (!has) {
        return present;
    }
    if (slug.ptr != NULL && !slug_is_valid(slug)) {
        json_reader_refuse(in, "slug",
                           "must be lower-case letters and digits with single hyphens between "
                           "them, and no UUID.");
    }
    return slug;
}

static bool has_portal(struct str portals, struct str portal)
{
    while (portals.len > 0) {
        if (str_equal(str_cut(&portals, ' '), portal)) {
            return true;
        }
    }
    return false;
}

/* Each in its one spelling, without repetitions, separated by spaces. */
static struct str read_portals(struct json_reader *in, struct arena *arena, struct str present)
{
    json_t *array = json_read_array(in, "frameAncestors", JSON_OPTIONAL, LIMIT_FRAME_ANCESTORS);
    struct str portals = STR("");
    if (!json_reader_has(in, "frameAncestors")) {
        return present;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *entry = json_array_get(array, i);
        struct str text = {json_string_value(entry), json_string_length(entry)};
        struct fault fault = {.message = "It must be a string."};
        char portal[ORIGIN_TEXT_SIZE];
        if (!json_is_string(entry) || portal_parse(text, portal, &fault) != ERR_OK) {
            char member[48];
            snprintf(member, sizeof(member), "frameAncestors[%zu]", i);
            json_reader_refuse(in, member, "cannot be used. %s", fault.message);
            return STR("");
        }
        if (!has_portal(portals, str_from(portal))) {
            portals = arena_printf(arena, STR_FMT "%s%s", STR_ARG(portals),
                                   portals.len == 0 ? "" : " ", portal);
        }
    }
    return portals;
}

enum err apps_create(struct api_call *call)
{
    static const char *const kinds[] = {"bundle", NULL};
    struct json_reader in;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct app app = {
        .name = read_name(&in, STR_NONE),
        .slug = read_slug(&in, STR_NONE),
        .kind = read_word(&in, "kind", kinds, STR("bundle")),
        .frame_ancestors = read_portals(&in, call->access.arena, STR("")),
    };
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (!err) {
        err = app_create(&call->access, &app);
    }
    return err ? err : api_reply_json(call, 201, app_json(&app));
}

enum err apps_get(struct api_call *call)
{
    struct app app;
    enum err err = api_query_none(call);
    if (!err) {
        err = app_param(call, 0, &app);
    }
    return err ? err : api_reply_json(call, 200, app_json(&app));
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
    enum err err = workspace_find(&call->access, &after->workspace_id, &workspace);
    return err == ERR_NOT_FOUND ? api_not_found(call, "workspace") : err;
}

enum err apps_patch(struct api_call *call)
{
    struct json_reader in;
    struct app before;
    enum err err = app_param(call, 0, &before);
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (err) {
        return err;
    }
    struct app after = before;
    after.name = read_name(&in, before.name);
    after.slug = read_slug(&in, before.slug);
    after.frame_ancestors = read_portals(&in, call->access.arena, before.frame_ancestors);
    after.workspace_id = read_uuid(&in, "workspaceId", &before.workspace_id);
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (!err) {
        err = check_move(call, &before, &after);
    }
    if (!err) {
        err = app_update(&call->access, &before, &after);
    }
    return err ? err : api_reply_json(call, 200, app_json(&after));
}

enum err apps_delete(struct api_call *call)
{
    struct app app;
    enum err err = api_query_none(call);
    if (!err) {
        err = app_param(call, 0, &app);
    }
    if (!err) {
        err = app_delete(&call->access, &app);
    }
    return err ? err : api_reply_empty(call);
}
