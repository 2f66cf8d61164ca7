#include "api/v1/noun.h"

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
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i == 0 ? "" : " or ",
                                words[i]);
        REQUIRE(len < sizeof(list));
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

bool noun_enter_workspace(struct api_call *call, const struct uuid *workspace_id)
{
    if (!api_sees_workspace(call, workspace_id)) {
        return false;
    }
    call->work.workspace_id = *workspace_id;
    return true;
}

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
