#include "model/environment.h"

#include "api/v1/noun.h"
#include "base/jsontext.h"

static json_t *environments_json(struct api_call *call, const void *row)
{
    const struct environment *environment = row;
    (void)call;
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&environment->id));
    api_json_set(json, "name", api_json_str(environment->name));
    api_json_set(json, "config", api_json_parsed(environment->config));
    api_json_set(json, "createdAt", api_json_time(environment->created_at_ms));
    api_json_set(json, "updatedAt", api_json_time(environment->updated_at_ms));
    return json;
}

static enum err environments_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    struct str id_or_name = call->params[index];
    return uuid_parse(id_or_name, &id) ? environment_find(&call->work, &id, out_row)
                                       : environment_find_by_name(&call->work, id_or_name, out_row);
}

static enum err environments_list(struct api_query *query, const struct api_page *page,
                                  void *out_rows, size_t *out_count)
{
    enum err err = api_query_end(query);
    return err ? err
               : environment_list(&query->call->work, &page->after_id, noun_page_rows(page),
                                  out_rows, out_count);
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

static enum err environments_create(struct api_call *call, struct fields *in, void *row)
{
    struct environment *environment = row;
    environment->name = read_environment_name(in, STR_NONE);
    environment->config = read_config(in, call->work.arena, STR("{}"));
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : environment_create(&call->work, environment);
}

static enum err environments_patch(struct api_call *call, struct fields *in, const void *before,
                                   void *after)
{
    struct environment *environment = after;
    environment->name = read_environment_name(in, environment->name);
    environment->config = read_config(in, call->work.arena, environment->config);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : environment_update(&call->work, before, environment);
}

static enum err environments_delete(struct api_call *call, const void *row)
{
    return environment_delete(&call->work, row);
}

const struct noun environments_noun = {
    .name = "environment",
    .size = sizeof(struct environment),
    .workspace_at = offsetof(struct environment, workspace_id),
    .list = environments_list,
    .page = api_page_by_id,
    .find = environments_find,
    .json = environments_json,
    .create = environments_create,
    .patch = environments_patch,
    .remove = environments_delete,
};
