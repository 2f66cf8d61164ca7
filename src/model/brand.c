#include "model/brand.h"

#include "model/row.h"
#include "model/event.h"
#include "base/encode.h"

static ROW_READER(brand_from_row, brand, BRAND_ROW);
static ROW_ONE(brand_one, brand, brand_from_row);

const char *brand_logo_type(struct str bytes)
{
    enum { MARK_AT = 8 };
    static const struct {
        struct str start;
        struct str mark; /* at MARK_AT */
        const char *type;
    } types[] = {
        {{"\x89PNG\r\n\x1a\n", 8}, {"", 0}, "image/png"},
        {{"\xff\xd8\xff", 3}, {"", 0}, "image/jpeg"},
        {{"RIFF", 4}, {"WEBPVP8", 7}, "image/webp"},
    };
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct str after = bytes.len > MARK_AT ? str_skip(bytes, MARK_AT) : STR("");
        if (str_starts_with(bytes, types[i].start) && str_starts_with(after, types[i].mark)) {
            return types[i].type;
        }
    }
    return NULL;
}

void brand_logo_name(struct str bytes, char out_name[BRAND_LOGO_NAME_SIZE])
{
    enum { NAME_BYTES = 16 };
    struct digest digest = digest_of(bytes);
    _Static_assert(BASE64URL_SIZE(NAME_BYTES) == BRAND_LOGO_NAME_SIZE, "the name fits");
    base64url_encode(digest.bytes, NAME_BYTES, out_name);
}

enum err brand_find(struct work *work, const struct uuid *workspace_id, struct brand *out_brand)
{
    return brand_one(
        work, store_query(work->store, SQL_BRAND_OF_WORKSPACE, SQL_ARGS(sql_uuid(workspace_id))),
        out_brand);
}

static enum err take_brand(struct work *work, struct rows rows, struct look *look)
{
    struct brand brand;
    enum err err = brand_one(work, rows, &brand);
    if (!err) {
        look->name = brand.look.name;
        look->color = brand.look.color;
        look->support = brand.look.support;
        look->logo = brand.look.logo;
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err brand_of_label(struct work *work, struct str label, struct look *look)
{
    return take_brand(work, store_query(work->store, SQL_BRAND_OF_LABEL, SQL_ARGS(sql_text(label))),
                      look);
}

enum err brand_of_app(struct work *work, const struct uuid *app_id, struct look *look)
{
    return take_brand(work, store_query(work->store, SQL_BRAND_OF_APP, SQL_ARGS(sql_uuid(app_id))),
                      look);
}

static void note_text(json_t *detail, const char *name, struct str text)
{
    REQUIRE(json_object_set_new(
                detail, name, text.len > 0 ? json_stringn(text.ptr, text.len) : json_null()) == 0);
}

static enum err note_update(struct work *work, const struct brand *brand)
{
    json_t *detail = json_object();
    note_text(detail, "name", brand->look.name);
    note_text(detail, "color", brand->look.color);
    note_text(detail, "support", brand->look.support);
    note_text(detail, "logo", brand->look.logo);
    return event_add_detail(
        work, &(struct event){.type = "workspace.update", .workspace_id = brand->workspace_id},
        json_pack("{s:o}", "brand", detail));
}

enum err brand_update(struct work *work, const struct brand *brand)
{
    const struct look *look = &brand->look;
    enum err err = store_run(work->store, SQL_BRAND_PUT,
                             SQL_ARGS(sql_uuid(&brand->workspace_id), sql_text(look->name),
                                      sql_text(look->color), sql_text(look->support),
                                      sql_text(look->logo), sql_blob(brand->logo_file)),
                             NULL);
    if (!err) {
        work->raise_epoch = true;
        err = note_update(work, brand);
    }
    return work_store_fault(work, err);
}

enum err brand_logo(struct work *work, struct str name, struct str *out_bytes)
{
    struct rows rows = store_query(work->store, SQL_LOGO_BY_NAME, SQL_ARGS(sql_text(name)));
    enum err err = rows_one(&rows);
    if (!err) {
        *out_bytes = arena_str(work->arena, rows_text(&rows, 0));
    }
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
}
