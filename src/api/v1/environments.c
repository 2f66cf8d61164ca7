#include "model/environment.h"

#include "api/v1/noun.h"
#include "base/jsontext.h"

static json_t *environment_json(const struct environment *environment)
{
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&environment->id));
    api_json_set(json, "name", api_json_str(environment->name));
    api_json_set(json, "config", api_json_parsed(environment->config));
    api_json_set(json, "createdAt", api_json_time(environment->created_at_ms));
    api_json_set(json, "updatedAt", api_json_time(environment->updated_at_ms));
    return json;
}

/* By id, or by name in the workspace that the call acts in. */
static enum err environment_param(struct api_call *call, struct environment *out_environment)
{
    struct uuid id;
    enum err err = uuid_parse(call->params[0], &id)
                       ? environment_find(&call->work, &id, out_environment)
                       : environment_find_by_name(&call->work, call->params[0], out_environment);
    if (!err && !noun_enter_workspace(call, &out_environment->workspace_id)) {
        err = ERR_NOT_FOUND;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "environment") : err;
}

enum err environments_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct environment *environments =
        arena_alloc(call->work.arena, (size_t)noun_page_rows(&page) * sizeof(*environments));
    err =
        environment_list(&call->work, &page.after_id, noun_page_rows(&page), environments, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, environment_json(&environments[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

static struct str read_environment_name(struct fields *in, struct str present)
{
    bool has = fields_has(in, "name");
    bool is_required = has || present.ptr == NULL;
    struct str name = fields_str(in, "name", is_required ? FIELD_REQUIRED : FIELD_OPTIONAL,
                                 LIMIT_ENVIRONMENT_BYTES);
    if (!has) {
        return present;
    }
    if (!environment_name_is_valid(name)) {
        fields_refuse(in, "name",
                      "must be letters, digits and . _ -, the first a letter or digit, and "
                      "no UUID.");
    }
    return name;
}

static struct str read_config(struct fields *in, struct arena *arena, struct str present)
{
    json_t *config = fields_object(in, "config", FIELD_OPTIONAL);
    if (!fields_has(in, "config")) {
        return present;
    }
    if (config == NULL) {
        return STR("{}");
    }
    struct str text = jsontext_canonical(config, arena);
    if (text.len > LIMIT_CONFIG_BYTES) {
        fields_refuse_above(in, "config", LIMIT_CONFIG_BYTES, "bytes long when serialised");
    }
    return text;
}

enum err environments_create(struct api_call *call)
{
    struct fields in;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct environment environment = {
        .name = read_environment_name(&in, STR_NONE),
        .config = read_config(&in, call->work.arena, STR("{}")),
    };
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = environment_create(&call->work, &environment);
    }
    return err ? err : api_reply_json(call, 201, environment_json(&environment));
}

enum err environments_get(struct api_call *call)
{
    struct environment environment;
    enum err err = api_query_none(call);
    if (!err) {
        err = environment_param(call, &environment);
    }
    return err ? err : api_reply_json(call, 200, environment_json(&environment));
}

enum err environments_patch(struct api_call *call)
{
    struct fields in;
    struct environment before;
    enum err err = environment_param(call, &before);
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (err) {
        return err;
    }
    struct environment after = before;
    after.name = read_environment_name(&in, before.name);
    after.config = read_config(&in, call->work.arena, before.config);
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = environment_update(&call->work, &before, &after);
    }
    return err ? err : api_reply_json(call, 200, environment_json(&after));
}

enum err environments_delete(struct api_call *call)
{
    struct environment environment;
    enum err err = api_query_none(call);
    if (!err) {
        err = environment_param(call, &environment);
    }
    if (!err) {
        err = environment_delete(&call->work, &environment);
    }
    return err ? err : api_reply_empty(call);
}
