#include "api/v1/noun.h"

#include "base/encode.h"
#include "base/jsontext.h"
#include "base/portal.h"
#include "http/etag.h"

/* ---- members of a request ---- */

const char *const noun_status_words[] = {"active", "archived", NULL};

struct str noun_read_name(struct fields *in, struct str present)
{
    bool has = fields_has(in, "name");
    bool is_required = has || present.ptr == NULL;
    struct str name =
        fields_str(in, "name", is_required ? FIELD_REQUIRED : FIELD_OPTIONAL, LIMIT_NAME_BYTES);
    if (!has) {
        return present;
    }
    name = str_trim(name);
    if (name.len == 0) {
        fields_refuse(in, "name", "must not be blank.");
    }
    return name;
}

struct str noun_read_text(struct fields *in, const char *name, size_t max_bytes, struct str present)
{
    struct str text = str_trim(fields_str(in, name, FIELD_OPTIONAL, max_bytes));
    if (!fields_has(in, name)) {
        return present;
    }
    return text.len == 0 ? STR_NONE : text;
}

struct str noun_read_word(struct fields *in, const char *name, const char *const *words,
                          struct str present)
{
    bool has = fields_has(in, name);
    struct str word = fields_str(in, name, has ? FIELD_REQUIRED : FIELD_OPTIONAL, LIMIT_NAME_BYTES);
    char list[96] = "";
    size_t len = 0;
    if (!has) {
        return present;
    }
    for (size_t i = 0; words[i] != NULL; i++) {
        if (str_equal(word, str_from(words[i]))) {
            return word;
        }
        len +=
            str_print(list + len, sizeof(list) - len, "%s%s", i == 0 ? "" : " or ", words[i]).len;
    }
    fields_refuse(in, name, "must be %s.", list);
    return STR_NONE;
}

struct uuid noun_read_uuid(struct fields *in, const char *name, const struct uuid *present)
{
    bool has = fields_has(in, name);
    struct uuid id = UUID_NONE;
    struct str text =
        fields_str(in, name, has ? FIELD_REQUIRED : FIELD_OPTIONAL, UUID_TEXT_SIZE - 1);
    if (!has) {
        return *present;
    }
    if (!uuid_parse(text, &id)) {
        fields_refuse(in, name, "must be a UUID.");
    }
    return id;
}

/* ---- the handlers ---- */

static const struct uuid *workspace_of(const struct noun *noun, const void *row)
{
    return (const struct uuid *)(const void *)((const char *)row + noun->workspace_at);
}

enum err noun_find(struct api_call *call, const struct noun *noun, int index, void *out_row)
{
    REQUIRE(index < API_PARAMS_MAX);
    enum err err = noun->find(call, index, out_row);
    if (!err && noun->workspace_at != NOUN_IN_SIGHT) {
        const struct uuid *workspace_id = workspace_of(noun, out_row);
        if (api_sees_workspace(call, workspace_id)) {
            call->work.workspace_id = *workspace_id;
        } else {
            err = ERR_NOT_FOUND;
        }
    }
    bool has_words = call->fault.err == ERR_NOT_FOUND; /* of what it is a part of */
    return err == ERR_NOT_FOUND && !has_words ? api_not_found(call, noun->name) : err;
}

static void *new_rows(struct api_call *call, const struct noun *noun, size_t count)
{
    void *rows = arena_alloc(call->work.arena, count * noun->size);
    memset(rows, 0, count * noun->size);
    return rows;
}

/* The ETag: a digest of all that makes the object what it is. */
static struct str version_of(struct api_call *call, const struct noun *noun, const json_t *json)
{
    enum { VERSION_BYTES = 16 };
    char hex[HEX_SIZE(VERSION_BYTES)];
    json_t *kept = json_copy((json_t *)(uintptr_t)json);
    for (size_t i = 0; i < COUNT_OF(noun->use) && noun->use[i] != NULL; i++) {
        json_object_del(kept, noun->use[i]);
    }
    struct digest digest = digest_of(jsontext_canonical(kept, call->work.arena));
    json_decref(kept);
    hex_encode(digest.bytes, VERSION_BYTES, hex);
    return arena_printf(call->work.arena, "\"%s\"", hex);
}

enum err noun_reply(struct api_call *call, const struct noun *noun, int status, const void *row,
                    json_t *more)
{
    json_t *json = noun->json(call, row);
    if (json == NULL) {
        json_decref(more);
        return call->fault.err;
    }
    struct str version = version_of(call, noun, json);
    if (more != NULL) {
        REQUIRE(json_object_update(json, more) == 0);
        json_decref(more);
    }
    enum err err = api_reply_json(call, status, json);
    call->response.etag = version;
    return err;
}

/* If-Match: is the object still what the caller has seen? */
enum err noun_check_version(struct api_call *call, const struct noun *noun, const void *row)
{
    struct str wanted = call->request->if_match;
    if (wanted.ptr == NULL) {
        return ERR_OK;
    }
    json_t *json = noun->json(call, row);
    if (json == NULL) {
        return call->fault.err;
    }
    enum etag_match match = etag_if_match(wanted, version_of(call, noun, json));
    json_decref(json);
    switch (match) {
    case ETAG_MATCHES:
        return ERR_OK;
    case ETAG_DIFFERS:
        return fault_set(&call->fault, ERR_CONFLICT, "changed",
                         "The %s has changed since you read it. Read it again, then repeat the "
                         "change.",
                         noun->name);
    case ETAG_MALFORMED:
        break;
    }
    return fault_set(&call->fault, ERR_INVALID, "if_match_invalid",
                     "If-Match must be \"*\", or the ETag as it came, in its quotes.");
}

static struct str cursor_of(struct api_call *call, const struct noun *noun, const void *row,
                            const json_t *item)
{
    const json_t *id = json_object_get(item, "id");
    if (noun->cursor != NULL) {
        return noun->cursor(&call->work, row);
    }
    return json_is_integer(id)
               ? arena_printf(call->work.arena, "%lld", (long long)json_integer_value(id))
               : str_from(json_string_value(id));
}

enum err noun_list(struct api_call *call)
{
    const struct noun *noun = call->route->noun;
    struct api_query query = api_query_start(call);
    struct api_page page = noun->page(&query);
    const char *rows = new_rows(call, noun, (size_t)noun_page_rows(&page));
    struct str next = STR_NONE;
    size_t limit = (size_t)page.limit;
    size_t count = 0;
    enum err err = noun->list(&query, &page, (void *)(uintptr_t)rows, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count && i < limit; i++) {
        json_t *item = noun->json(call, rows + i * noun->size);
        if (item == NULL) {
            json_decref(items);
            return call->fault.err;
        }
        noun_append_item(items, item);
        next = cursor_of(call, noun, rows + i * noun->size, item);
    }
    return api_reply_page(call, items, count > limit ? next : STR_NONE);
}

enum err noun_create(struct api_call *call)
{
    const struct noun *noun = call->route->noun;
    void *row = new_rows(call, noun, 1);
    struct fields in;
    enum err err = api_body_reader(call, &in);
    if (!err) {
        err = noun->create(call, &in, row);
    }
    return err ? err : noun_reply(call, noun, 201, row, NULL);
}

enum err noun_get(struct api_call *call)
{
    const struct noun *noun = call->route->noun;
    void *row = new_rows(call, noun, 1);
    enum err err = api_query_none(call);
    if (!err) {
        err = noun_find(call, noun, 0, row);
    }
    return err ? err : noun_reply(call, noun, 200, row, NULL);
}

enum err noun_patch(struct api_call *call)
{
    const struct noun *noun = call->route->noun;
    void *before = new_rows(call, noun, 1);
    void *after = new_rows(call, noun, 1);
    struct fields in;
    enum err err = noun_find(call, noun, 0, before);
    if (!err) {
        err = noun_check_version(call, noun, before);
    }
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (!err) {
        memcpy(after, before, noun->size);
        err = noun->patch(call, &in, before, after);
    }
    return err ? err : noun_reply(call, noun, 200, after, NULL);
}

enum err noun_delete(struct api_call *call)
{
    const struct noun *noun = call->route->noun;
    void *row = new_rows(call, noun, 1);
    enum err err = api_query_none(call);
    if (!err) {
        err = noun_find(call, noun, 0, row);
    }
    if (!err) {
        err = noun_check_version(call, noun, row);
    }
    if (!err) {
        err = noun->remove(call, row);
    }
    return err ? err : api_reply_empty(call);
}

/* ---- what handlers share ---- */

int64_t noun_page_rows(const struct api_page *page)
{
    return page->limit + 1;
}

void noun_append_item(json_t *items, json_t *item)
{
    REQUIRE(item != NULL && json_array_append_new(items, item) == 0);
}

json_t *noun_words_json(struct str words)
{
    json_t *array = json_array();
    while (words.len > 0) {
        noun_append_item(array, api_json_str(str_cut(&words, ' ')));
    }
    return array;
}

struct str noun_words_add(struct arena *arena, struct str words, struct str word)
{
    for (struct str rest = words; rest.len > 0;) {
        if (str_equal(str_cut(&rest, ' '), word)) {
            return words;
        }
    }
    return arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(words), words.len == 0 ? "" : " ",
                        STR_ARG(word));
}

struct str noun_read_portals(struct fields *in, struct work *work, struct str present)
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
