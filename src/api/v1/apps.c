#include "model/environment.h"
#include "apps/upstream/probe.h"
#include "apps/upstream/upstream.h"
#include "api/v1/noun.h"
#include "base/jsontext.h"
#include "base/portal.h"

static json_t *upstream_json(const struct app *app)
{
    json_t *json = api_json_parsed(app->upstream);
    if (app->upstream.ptr != NULL) {
        api_json_set(json, "environments", api_json_parsed(app->upstream_addresses));
    }
    return json;
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
    api_json_set(json, "kind", api_json_str(app->kind));
    api_json_set(json, "portals", noun_words_json(app->portals));
    api_json_set(json, "currentRelease", api_json_str(app->current_version));
    api_json_set(json, "upstream", upstream_json(app));
    api_json_set(json, "createdAt", api_json_time(app->created_at_ms));
    api_json_set(json, "updatedAt", api_json_time(app->updated_at_ms));
    return json;
}

static enum err apps_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    struct str id_or_slug = call->params[index];
    return uuid_parse(id_or_slug, &id) ? app_find(&call->work, &id, out_row)
                                       : app_find_here(&call->work, id_or_slug, out_row);
}

static enum err apps_list(struct api_query *query, const struct api_page *page, void *out_rows,
                          size_t *out_count)
{
    struct app_filter filter = {
        .slug = api_query_str(query, "slug"),
        .search = api_query_search(query),
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

/* Each in its one spelling, without repetitions, separated by spaces. */
static struct str read_portals(struct fields *in, struct work *work, struct str present)
{
    json_t *array = fields_array(in, "portals", FIELD_OPTIONAL, LIMIT_PORTALS);
    const struct origin *app_url = &work->instance->settings->app_url.origin;
    struct str portals = STR("");
    if (!fields_has(in, "portals")) {
        return present;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *entry = json_array_get(array, i);
        struct str text = {json_string_value(entry), json_string_length(entry)};
        struct fault fault = {.message = "It must be a string."};
        char portal[ORIGIN_TEXT_SIZE];
        if (!json_is_string(entry) || portal_parse(text, app_url, portal, &fault) != ERR_OK) {
            char member[48];
            snprintf(member, sizeof(member), "portals[%zu]", i);
            fields_refuse(in, member, "cannot be used. %s", fault.message);
            return STR("");
        }
        portals = noun_words_add(work->arena, portals, str_from(portal));
    }
    return portals;
}

/* ---- upstream ---- */

static struct str read_address(struct fields *in, const char *member, struct str text)
{
    struct upstream_address address;
    struct fault fault = {.message = "It must be a string."};
    if (text.ptr == NULL || upstream_address_parse(text, &address, &fault) != ERR_OK) {
        fields_refuse(in, member, "cannot be used. %s", fault.message);
    }
    return text;
}

static struct str read_host_header(struct fields *in)
{
    struct origin origin;
    char url[ORIGIN_TEXT_SIZE];
    struct str host = fields_str(in, "hostHeader", FIELD_OPTIONAL, ORIGIN_HOST_SIZE);
    if (host.ptr == NULL || str_equal(host, STR("app")) || str_equal(host, STR("upstream"))) {
        return host.ptr == NULL ? STR("app") : host;
    }
    snprintf(url, sizeof(url), "http://" STR_FMT, STR_ARG(host));
    if (origin_parse(str_from(url), &origin, NULL) != ERR_OK || origin.is_pattern ||
        str_find(host, '/') < host.len) {
        fields_refuse(in, "hostHeader", "must be \"app\", \"upstream\" or a host.");
    }
    return host;
}

static struct str read_addresses(struct api_call *call, struct fields *in)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_t *object = fields_object(in, "environments", FIELD_OPTIONAL);
    if (object == NULL) {
        return STR("{}");
    }
    if (json_object_size(object) > LIMIT_UPSTREAM_ENVIRONMENTS) {
        fields_refuse_above(in, "environments", LIMIT_UPSTREAM_ENVIRONMENTS, "entries");
        return STR("{}");
    }
    json_object_foreach(object, name, value)
    {
        struct environment environment;
        char member[96];
        struct str shown = str_head(str_from(name), LIMIT_ENVIRONMENT_BYTES);
        snprintf(member, sizeof(member), "environments." STR_FMT, STR_ARG(shown));
        enum err err = environment_find_by_name(&call->work, str_from(name), &environment);
        if (err == ERR_NOT_FOUND) {
            fields_refuse(in, member, "is not an environment of this workspace.");
        } else if (err) {
            in->err = err; /* and not the caller's mistake, whatever else is wrong */
            break;
        }
        read_address(in, member, str_from(json_string_value(value)));
    }
    return jsontext_canonical(object, call->work.arena);
}

struct tls {
    bool verify;
    struct str ca;
};

static struct tls read_tls(struct fields *in)
{
    json_t *pem = fields_any(in, "tlsCa", FIELD_OPTIONAL);
    struct str ca = {json_string_value(pem), json_string_length(pem)};
    json_t *verify = fields_any(in, "tlsVerify", FIELD_OPTIONAL);
    if (verify != NULL && !json_is_boolean(verify)) {
        fields_refuse(in, "tlsVerify", "must be true or false.");
    }
    if (pem != NULL &&
        (ca.ptr == NULL || ca.len > LIMIT_UPSTREAM_CA_BYTES || !upstream_ca_is_valid(ca))) {
        fields_refuse(in, "tlsCa", "must be certificates in PEM form.");
    }
    return (struct tls){.verify = verify == NULL || json_is_true(verify), .ca = ca};
}

enum err upstream_checks_create(struct api_call *call)
{
    struct fields in;
    struct probe probe;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct str url =
        read_address(&in, "url", fields_str(&in, "url", FIELD_REQUIRED, LIMIT_UPSTREAM_URL_BYTES));
    struct tls tls = read_tls(&in);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (err) {
        return err;
    }
    probe_run(&call->work, url, tls.verify, tls.ca, &probe);
    json_t *json = json_object();
    api_json_set(json, "reachable", json_boolean(probe.status != 0));
    api_json_set(json, "status", probe.status == 0 ? json_null() : json_integer(probe.status));
    api_json_set(json, "detail", api_json_str(probe.detail));
    return api_reply_json(call, 200, json);
}

/* Members that are not there keep their values; those of a new app have defaults. */
static enum err read_upstream(struct api_call *call, json_t *given, struct app *app)
{
    json_t *merged = app->upstream.ptr == NULL ? json_object() : api_json_parsed(app->upstream);
    if (app->upstream.ptr != NULL) {
        api_json_set(merged, "environments", api_json_parsed(app->upstream_addresses));
    }
    REQUIRE(json_object_update(merged, given) == 0);
    struct fields in = fields_start(merged, &call->fault);
    in.prefix = "upstream.";
    json_t *settings = json_object();
    struct str url =
        read_address(&in, "url", fields_str(&in, "url", FIELD_REQUIRED, LIMIT_UPSTREAM_URL_BYTES));
    struct tls tls = read_tls(&in);
    api_json_set(settings, "url", api_json_str(url));
    api_json_set(settings, "hostHeader", api_json_str(read_host_header(&in)));
    api_json_set(settings, "connectTimeoutSeconds",
                 json_integer(fields_int(&in, "connectTimeoutSeconds", UPSTREAM_CONNECT_SECONDS, 1,
                                         UPSTREAM_SECONDS_MAX)));
    api_json_set(settings, "readTimeoutSeconds",
                 json_integer(fields_int(&in, "readTimeoutSeconds", UPSTREAM_READ_SECONDS, 1,
                                         UPSTREAM_SECONDS_MAX)));
    api_json_set(settings, "bodyMaxBytes",
                 json_integer(fields_int(&in, "bodyMaxBytes", 0, 0, INT64_C(1) << 40)));
    api_json_set(settings, "tlsVerify", json_boolean(tls.verify));
    api_json_set(settings, "tlsCa", api_json_str(tls.ca));
    app->upstream_addresses = read_addresses(call, &in);
    enum err err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        app->upstream = jsontext_canonical(settings, call->work.arena);
    }
    json_decref(settings);
    json_decref(merged);
    return err;
}

static enum err apps_create(struct api_call *call, struct fields *in, void *row)
{
    static const char *const kinds[] = {"bundle", "upstream", NULL};
    struct app *app = row;
    app->name = noun_read_name(in, STR_NONE);
    app->slug = read_slug(in, STR_NONE);
    app->kind = noun_read_word(in, "kind", kinds, STR("bundle"));
    app->portals = read_portals(in, &call->work, STR(""));
    json_t *upstream = fields_object(in, "upstream", FIELD_OPTIONAL);
    if ((upstream != NULL) != str_equal(app->kind, STR("upstream"))) {
        fields_refuse(in, "upstream", "belongs to an app of kind \"upstream\", and only there.");
    }
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    if (!err && upstream != NULL) {
        err = read_upstream(call, upstream, app);
    }
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
    app->portals = read_portals(in, &call->work, app->portals);
    app->workspace_id = noun_read_uuid(in, "workspaceId", &app->workspace_id);
    json_t *upstream = fields_object(in, "upstream", FIELD_OPTIONAL);
    if (upstream != NULL && app->upstream.ptr == NULL) {
        fields_refuse(in, "upstream", "belongs to an app of kind \"upstream\", and only there.");
    }
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    if (!err && upstream != NULL) {
        err = read_upstream(call, upstream, app);
    }
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
