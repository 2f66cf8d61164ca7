#include "model/brand.h"

#include "api/v1/noun.h"
#include "base/encode.h"

static json_t *brand_json(struct api_call *call, const void *row)
{
    const struct brand *brand = row;
    const struct look *look = &brand->look;
    const char *public_url = call->work.instance->settings->public_url.text;
    struct str logo = STR_NONE;
    json_t *json = json_object();
    if (look->logo.len > 0) {
        logo = arena_printf(call->work.arena, "%s/_inlay/logo/" STR_FMT, public_url,
                            STR_ARG(look->logo));
    }
    api_json_set(json, "name", api_json_str(look->name));
    api_json_set(json, "color", api_json_str(look->color));
    api_json_set(json, "support", api_json_str(look->support));
    api_json_set(json, "logo", api_json_str(logo));
    return json;
}

static enum err brand_find_row(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    return uuid_parse(call->params[index], &id) ? brand_find(&call->work, &id, out_row)
                                                : ERR_NOT_FOUND;
}

static struct str read_color(struct fields *in, struct str present)
{
    struct str color = noun_read_text(in, "color", LIMIT_NAME_BYTES, present);
    if (color.len > 0 && !look_is_color(color)) {
        fields_refuse(in, "color", "must be # and six hexadecimal digits, such as \"#0f6b5c\".");
    }
    return color;
}

/* "data:image/png;base64,…", whatever type it says. */
static struct str decode_logo(struct fields *in, struct str text, struct arena *arena)
{
    struct str rest = text;
    struct str start = str_cut(&rest, ',');
    char *bytes = arena_alloc(arena, LIMIT_LOGO_BYTES + 1);
    struct str file = {bytes, 0};
    if (!str_starts_with(start, STR("data:image/")) || !str_ends_with(start, STR(";base64"))) {
        fields_refuse(in, "logo", "must be an image as a data: URL in base64, or null.");
    } else if (rest.len > (size_t)LIMIT_LOGO_BYTES / 3 * 4 + 4) {
        fields_refuse_above(in, "logo", LIMIT_LOGO_BYTES, "bytes");
    } else if (!base64_decode(rest, bytes, LIMIT_LOGO_BYTES + 1, &file.len) || file.len == 0) {
        fields_refuse(in, "logo", "is not valid base64.");
    } else if (file.len > LIMIT_LOGO_BYTES) {
        fields_refuse_above(in, "logo", LIMIT_LOGO_BYTES, "bytes");
    } else if (brand_logo_type(file) == NULL) {
        fields_refuse(in, "logo", "must be a PNG, JPEG or WebP image.");
    }
    return file;
}

/* Its own address stands for the logo that is there. */
static void read_logo(struct api_call *call, struct fields *in, struct brand *brand)
{
    json_t *value = fields_any(in, "logo", FIELD_OPTIONAL);
    struct str text = {json_string_value(value), json_string_length(value)};
    struct str present = brand->look.logo;
    if (!fields_has(in, "logo") || (present.len > 0 && str_ends_with(text, present))) {
        return;
    }
    brand->look.logo = STR_NONE;
    if (value != NULL && !json_is_string(value)) {
        fields_refuse(in, "logo", "must be a string or null.");
    } else if (text.len > 0) {
        char *name = arena_alloc(call->work.arena, BRAND_LOGO_NAME_SIZE);
        brand->logo_file = decode_logo(in, text, call->work.arena);
        brand_logo_name(brand->logo_file, name);
        brand->look.logo = str_from(name);
    }
}

static enum err brand_patch(struct api_call *call, struct fields *in, const void *before,
                            void *after)
{
    struct brand *brand = after;
    struct look *look = &brand->look;
    (void)before;
    look->name = noun_read_text(in, "name", LIMIT_NAME_BYTES, look->name);
    look->color = read_color(in, look->color);
    look->support = noun_read_text(in, "support", LIMIT_SUPPORT_BYTES, look->support);
    read_logo(call, in, brand);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : brand_update(&call->work, brand);
}

const struct noun brands_noun = {
    .name = "workspace",
    .size = sizeof(struct brand),
    .workspace_at = offsetof(struct brand, workspace_id),
    .find = brand_find_row,
    .json = brand_json,
    .patch = brand_patch,
};
