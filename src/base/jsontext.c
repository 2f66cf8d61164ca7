#include "base/jsontext.h"

#include "base/limits.h"

/* jansson recurses once for each level, so the depth is checked before it starts. */
static bool depth_is_within(struct str text, size_t max_depth)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
            if (depth > max_depth) {
                return false;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

enum err jsontext_parse(struct str text, json_t **out_json, struct fault *fault)
{
    json_error_t error;
    if (str_starts_with(text, STR("\xef\xbb\xbf"))) {
        text = str_skip(text, 3); /* a byte order mark, which a parser may ignore (RFC 8259 8.1) */
    }
    if (!depth_is_within(text, LIMIT_JSON_DEPTH)) {
        return fault_limit(fault, ERR_INVALID, "json_too_deep", LIMIT_JSON_DEPTH,
                           "The JSON is nested deeper than %d levels.", LIMIT_JSON_DEPTH);
    }
    json_t *json =
        json_loadb(text.len > 0 ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        enum json_error_code code = json_error_code(&error);
        const char *name = code == json_error_duplicate_key      ? "json_duplicate_member"
                           : code == json_error_null_character   ? "json_nul"
                           : code == json_error_null_byte_in_key ? "json_nul"
                           : code == json_error_invalid_utf8     ? "json_not_utf8"
                           : code == json_error_numeric_overflow ? "json_number_range"
                                                                 : "json_malformed";
        /* jansson's text may quote input: only its position and our own words go out. */
        return fault_set(fault, ERR_INVALID, name,
                         "The body is not valid JSON (%s, line %d, column %d).",
                         code == json_error_duplicate_key      ? "a member is there twice"
                         : code == json_error_null_character   ? "a text holds a NUL"
                         : code == json_error_null_byte_in_key ? "a name holds a NUL"
                         : code == json_error_invalid_utf8     ? "not UTF-8"
                         : code == json_error_numeric_overflow ? "a number is out of range"
                         : text.len == 0                       ? "it is empty"
                                                               : "syntax error",
                         error.line, error.column);
    }
    *out_json = json;
    return ERR_OK;
}

enum err jsontext_parse_object(struct str text, json_t **out_object, struct fault *fault)
{
    json_t *json = NULL;
    enum err err = jsontext_parse(text, &json, fault);
    if (err) {
        return err;
    }
    if (!json_is_object(json)) {
        json_decref(json);
        return fault_set(fault, ERR_INVALID, "json_not_object", "The body must be a JSON object.");
    }
    *out_object = json;
    return ERR_OK;
}

struct str jsontext_canonical(const json_t *json, struct arena *arena)
{
    const size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY;
    size_t len = json_dumpb(json, NULL, 0, flags);
    char *text = arena_alloc(arena, len + 1);
    REQUIRE(json_dumpb(json, text, len, flags) == len);
    return (struct str){text, len};
}
