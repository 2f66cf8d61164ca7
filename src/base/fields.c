#include "base/fields.h"

#include <stdarg.h>

struct fields fields_start(json_t *object, struct fault *fault)
{
    REQUIRE(json_is_object(object));
    return (struct fields){.object = object, .fault = fault, .prefix = ""};
}

void fields_refuse(struct fields *in, const char *name, const char *format, ...)
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

void fields_refuse_above(struct fields *in, const char *name, int64_t limit, const char *unit)
{
    if (in->err) {
        return;
    }
    fields_refuse(in, name, "must be at most %lld %s.", (long long)limit, unit);
    if (in->fault != NULL) {
        in->fault->limit = limit;
    }
}

json_t *fields_any(struct fields *in, const char *name, enum field_presence presence)
{
    REQUIRE(in->known_count < FIELDS_MAX);
    in->known[in->known_count++] = name;
    json_t *value = json_object_get(in->object, name);
    if (json_is_null(value)) {
        value = NULL;
    }
    if (value == NULL && presence == FIELD_REQUIRED) {
        fields_refuse(in, name, "is missing.");
    }
    return value;
}

struct str fields_str(struct fields *in, const char *name, enum field_presence presence,
                      size_t max_bytes)
{
    json_t *value = fields_any(in, name, presence);
    if (value == NULL) {
        return STR_NONE;
    }
    struct str text = {json_string_value(value), json_string_length(value)};
    if (!json_is_string(value)) {
        fields_refuse(in, name, "must be a string.");
    } else if (text.len > max_bytes) {
        fields_refuse_above(in, name, (int64_t)max_bytes, "bytes long");
    } else if (text.len == 0 && presence == FIELD_REQUIRED) {
        fields_refuse(in, name, "must not be empty.");
    } else if (!str_is_clean_utf8(text)) {
        fields_refuse(in, name, "must not hold control characters.");
    } else {
        return text;
    }
    return STR_NONE;
}

int64_t fields_int(struct fields *in, const char *name, int64_t fallback, int64_t min, int64_t max)
{
    json_t *value = fields_any(in, name, FIELD_OPTIONAL);
    if (value == NULL) {
        return fallback;
    }
    if (!json_is_integer(value)) {
        fields_refuse(in, name, "must be a whole number.");
        return fallback;
    }
    int64_t number = json_integer_value(value);
    if (number < min) {
        fields_refuse(in, name, "must be at least %lld.", (long long)min);
        return fallback;
    }
    if (number > max) {
        if (!in->err) {
            fields_refuse(in, name, "must be at most %lld.", (long long)max);
            if (in->fault != NULL) {
                in->fault->limit = max;
            }
        }
        return fallback;
    }
    return number;
}

bool fields_bool(struct fields *in, const char *name, bool fallback)
{
    json_t *value = fields_any(in, name, FIELD_OPTIONAL);
    if (value != NULL && !json_is_boolean(value)) {
        fields_refuse(in, name, "must be true or false.");
        return fallback;
    }
    return value == NULL ? fallback : json_is_true(value);
}

json_t *fields_object(struct fields *in, const char *name, enum field_presence presence)
{
    json_t *value = fields_any(in, name, presence);
    if (value != NULL && !json_is_object(value)) {
        fields_refuse(in, name, "must be an object.");
        return NULL;
    }
    return value;
}

json_t *fields_array(struct fields *in, const char *name, enum field_presence presence,
                     size_t max_items)
{
    json_t *value = fields_any(in, name, presence);
    if (value != NULL && !json_is_array(value)) {
        fields_refuse(in, name, "must be an array.");
        return NULL;
    }
    if (value != NULL && json_array_size(value) > max_items) {
        fields_refuse_above(in, name, (int64_t)max_items, "entries long");
        return NULL;
    }
    return value;
}

bool fields_has(const struct fields *in, const char *name)
{
    return json_object_get(in->object, name) != NULL;
}

enum err fields_end(struct fields *in, enum fields_unknown unknown)
{
    const char *name;
    json_t *value;
    if (in->err || unknown == FIELDS_IGNORE_UNKNOWN) {
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
