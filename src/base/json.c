#include "base/json.h"

#include <stdarg.h>

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

enum err json_parse(struct str text, json_t **out_json, struct fault *fault)
{
    json_error_t error;
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

enum err json_parse_object(struct str text, json_t **out_object, struct fault *fault)
{
    json_t *json = NULL;
    enum err err = json_parse(text, &json, fault);
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

struct str json_canonical(const json_t *json, struct arena *arena)
{
    const size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY;
    size_t len = json_dumpb(json, NULL, 0, flags);
    char *text = arena_alloc(arena, len + 1);
    REQUIRE(json_dumpb(json, text, len, flags) == len);
    return (struct str){text, len};
}

struct json_reader json_reader_start(json_t *object, struct fault *fault)
{
    REQUIRE(json_is_object(object));
    return (struct json_reader){.object = object, .fault = fault, .prefix = ""};
}

void json_reader_refuse(struct json_reader *in, const char *name, const char *format, ...)
{
    char member[FAULT_MEMBER_MAX];
    char reason[FAULT_MESSAGE_MAX / 2];
    va_list args;
    if (in->err) {
        return;
    }
    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    snprintf(member, sizeof(member), "%s%s", in->prefix, name);
    in->err =
        fault_member(in->fault, ERR_INVALID, "member_invalid", member, "%.100s %s", member, reason);
}

void json_reader_refuse_above(struct json_reader *in, const char *name, int64_t limit,
                              const char *unit)
{
    if (in->err) {
        return;
    }
    json_reader_refuse(in, name, "must be at most %lld %s.", (long long)limit, unit);
    if (in->fault != NULL) {
        in->fault->limit = limit;
    }
}

json_t *json_read_any(struct json_reader *in, const char *name, enum json_presence presence)
{
    REQUIRE(in->known_count < JSON_READER_MEMBERS);
    in->known[in->known_count++] = name;
    json_t *value = json_object_get(in->object, name);
    if (json_is_null(value)) {
        value = NULL;
    }
    if (value == NULL && presence == JSON_REQUIRED) {
        json_reader_refuse(in, name, "is missing.");
    }
    return value;
}

struct str json_read_str(struct json_reader *in, const char *name, enum json_presence presence,
                         size_t max_bytes)
{
    json_t *value = json_read_any(in, name, presence);
    if (value == NULL) {
        return STR_NONE;
    }
    struct str text = {json_string_value(value), json_string_length(value)};
    if (!json_is_string(value)) {
        json_reader_refuse(in, name, "must be a string.");
    } else if (text.len > max_bytes) {
        json_reader_refuse_above(in, name, (int64_t)max_bytes, "bytes long");
    } else if (text.len == 0 && presence == JSON_REQUIRED) {
        json_reader_refuse(in, name, "must not be empty.");
    } else if (!str_is_clean_utf8(text)) {
        json_reader_refuse(in, name, "must not hold control characters.");
    } else {
        return text;
    }
    return STR_NONE;
}

int64_t json_read_int(struct json_reader *in, const char *name, int64_t fallback, int64_t min,
                      int64_t max)
{
    json_t *value = json_read_any(in, name, JSON_OPTIONAL);
    if (value == NULL) {
        return fallback;
    }
    if (!json_is_integer(value)) {
        json_reader_refuse(in, name, "must be a whole number.");
        return fallback;
    }
    int64_t number = json_integer_value(value);
    if (number < min) {
        json_reader_refuse(in, name, "must be at least %lld.", (long long)min);
        return fallback;
    }
    if (number > max) {
        if (!in->err) {
            json_reader_refuse(in, name, "must be at most %lld.", (long long)max);
            if (in->fault != NULL) {
                in->fault->limit = max;
            }
        }
        return fallback;
    }
    return number;
}

json_t *json_read_object(struct json_reader *in, const char *name, enum json_presence presence)
{
    json_t *value = json_read_any(in, name, presence);
    if (value != NULL && !json_is_object(value)) {
        json_reader_refuse(in, name, "must be an object.");
        return NULL;
    }
    return value;
}

json_t *json_read_array(struct json_reader *in, const char *name, enum json_presence presence,
                        size_t max_items)
{
    json_t *value = json_read_any(in, name, presence);
    if (value != NULL && !json_is_array(value)) {
        json_reader_refuse(in, name, "must be an array.");
        return NULL;
    }
    if (value != NULL && json_array_size(value) > max_items) {
        json_reader_refuse_above(in, name, (int64_t)max_items, "entries long");
        return NULL;
    }
    return value;
}

bool json_reader_has(const struct json_reader *in, const char *name)
{
    return json_object_get(in->object, name) != NULL;
}

enum err json_reader_end(struct json_reader *in, enum json_unknown unknown)
{
    const char *name;
    json_t *value;
    if (in->err || unknown == JSON_UNKNOWN_IGNORED) {
        return in->err;
    }
    json_object_foreach(in->object, name, value)
    {
        bool is_known = false;
        for (size_t i = 0; i < in->known_count && !is_known; i++) {
            is_known = strcmp(in->known[i], name) == 0;
        }
        if (!is_known) {
            struct str shown = str_head(str_from(name), 40);
            char member[FAULT_MEMBER_MAX];
            snprintf(member, sizeof(member), "%s" STR_FMT, in->prefix, STR_ARG(shown));
            in->err = fault_member(in->fault, ERR_INVALID, "member_unknown", member,
                                   "%.100s is not a member of this request.", member);
            break;
        }
    }
    return in->err;
}
