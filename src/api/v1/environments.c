#include "model/environment.h"

#include "api/v1/noun.h"

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
                       ? environment_find(&call->access, &id, out_environment)
                       : environment_find_by_name(&call->access, call->params[0], out_environment);
    if (!err && !enter_workspace(call, &out_environment->workspace_id)) {
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
        arena_alloc(call->access.arena, (size_t)page_rows(&page) * sizeof(*environments));
    err = environment_list(&call->access, &page.after_id, page_rows(&page), environments, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        append_item(items, environment_json(&environments[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

static struct str read_environment_name(struct json_reader *in, struct str present)
{
    bool has = json_reader_has(in, "name");
    bool is_required = has || present.ptr == NULL;
    struct str name = json_read_str(in, "name", is_required ? JSON_REQUIRED : JSON_OPTIONAL,
                                    LIMIT_ENVIRONMENT_BYTES);
    if (!has) {
        return present;
    }
    if (!environment_name_is_valid(name)) {
        json_reader_refuse(in, "name",
                           "must be letters, digits and . _ -, the first a letter or digit, and "
                           "no UUID.");
    }
    return name;
}

static struct str read_config(struct json_reader *in, struct arena *arena, struct str present)
{
    json_t *config = json_read_object(in, "config", JSON_OPTIONAL);
    if (!json_reader_has(in, "config")) {
        return present;
    }
    if (config == NULL) {
        return STR("{}");
    }
    struct str text = json_canonical(config, arena);
    if (text.len > LIMIT_CONFIG_BYTES) {
        json_reader_refuse_above(in, "config", LIMIT_CONFIG_BYTES, "bytes long when serialised");
    }
    return text;
}

enum err environments_create(struct api_call *call)
{
    struct json_reader in;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct environment environment = {
        .name = read_environment_name(&in, STR_NONE),
        .config = read_config(&in, call->access.arena, STR("{}")),
    };
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (!err) {
        err = environment_create(&call->access, &environment);
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
    struct json_reader in;
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
    after.config = read_config(&in, call->access.arena, before.config);
    err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
    if (!err) {
        err = environment_update(&call->access, &before, &after);
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
        err = environment_delete(&call->access, &environment);
    }
    return err ? err : api_reply_empty(call);
}
