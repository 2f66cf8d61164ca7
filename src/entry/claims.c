#include "entry/claims.h"

#include "base/jsontext.h"

struct str claims_portals(struct work *work, const struct claims *claims, struct str portals)
{
    const char *console = work->instance->settings->public_url.text;
    return claims->is_preview ? arena_printf(work->arena, STR_FMT "%s%s", STR_ARG(portals),
                                             portals.len == 0 ? "" : " ", console)
                              : portals;
}

/* ---- metadata that takes no part in the origin ---- */

static json_t *parsed(struct str object)
{
    json_t *json = object.len == 0 ? json_object() : json_loadb(object.ptr, object.len, 0, NULL);
    REQUIRE(json_is_object(json));
    return json;
}

static struct str formatted(struct work *work, json_t *object)
{
    struct str text =
        json_object_size(object) == 0 ? STR_NONE : jsontext_canonical(object, work->arena);
    json_decref(object);
    return text;
}

void claims_set_apart(struct work *work, struct claims *claims, struct str names)
{
    json_t *kept = parsed(claims->metadata);
    json_t *apart = json_object();
    json_t *list = json_loadb(names.ptr, names.len, 0, NULL);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        json_t *value = json_object_get(kept, name);
        if (value != NULL) {
            REQUIRE(json_object_set(apart, name, value) == 0 && json_object_del(kept, name) == 0);
        }
    }
    json_decref(list);
    claims->metadata = formatted(work, kept);
    claims->volatile_metadata = formatted(work, apart);
}

struct str claims_metadata(struct work *work, const struct claims *claims,
                           struct str volatile_metadata)
{
    if (volatile_metadata.len == 0) {
        return claims->metadata;
    }
    json_t *all = parsed(claims->metadata);
    json_t *more = parsed(volatile_metadata);
    REQUIRE(json_object_update(all, more) == 0);
    json_decref(more);
    return formatted(work, all);
}

/* ---- as they are stored ---- */

static void claims_put(json_t *object, const char *name, struct str text)
{
    if (text.len > 0) {
        REQUIRE(json_object_set_new(object, name, json_stringn(text.ptr, text.len)) == 0);
    }
}

static void claims_put_json(json_t *object, const char *name, struct str text)
{
    if (text.len > 0) {
        json_t *value = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL);
        REQUIRE(value != NULL && json_object_set_new(object, name, value) == 0);
    }
}

struct str claims_format(struct work *work, const struct claims *claims)
{
    /* By far the most common claims, those of a personal access token. */
    if (!claims->is_preview && claims->groups.len == 0 && claims->metadata.len == 0 &&
        claims->branch.len == 0 && claims->release_version.len == 0 &&
        str_equal(claims->environment, STR("production"))) {
        return STR("{\"environment\":\"production\"}");
    }
    json_t *object = json_object();
    claims_put_json(object, "groups", claims->groups);
    claims_put_json(object, "metadata", claims->metadata);
    claims_put(object, "environment", claims->environment);
    claims_put(object, "branch", claims->branch);
    claims_put(object, "releaseVersion", claims->release_version);
    if (claims->is_preview) {
        REQUIRE(json_object_set_new(object, "preview", json_true()) == 0);
    }
    struct str text = jsontext_canonical(object, work->arena);
    json_decref(object);
    return text;
}

static struct str claims_get(const json_t *object, const char *name, struct arena *arena)
{
    const json_t *value = json_object_get(object, name);
    return value == NULL ? STR_NONE
                         : arena_str(arena, (struct str){json_string_value(value),
                                                         json_string_length(value)});
}

static struct str claims_get_json(const json_t *object, const char *name, struct arena *arena)
{
    const json_t *value = json_object_get(object, name);
    return value == NULL ? STR_NONE : jsontext_canonical(value, arena);
}

enum err claims_parse(struct work *work, struct str text, struct claims *out_claims)
{
    json_t *object = json_loadb(text.ptr, text.len, 0, NULL);
    if (object == NULL) {
        return work_store_fault(work, ERR_STORAGE);
    }
    *out_claims = (struct claims){
        .groups = claims_get_json(object, "groups", work->arena),
        .metadata = claims_get_json(object, "metadata", work->arena),
        .environment = claims_get(object, "environment", work->arena),
        .branch = claims_get(object, "branch", work->arena),
        .release_version = claims_get(object, "releaseVersion", work->arena),
        .is_preview = json_is_true(json_object_get(object, "preview")),
    };
    json_decref(object);
    return ERR_OK;
}
