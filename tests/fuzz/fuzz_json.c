/*
 * JSON bodies: what is read must survive being written and read again, and every refusal must be
 * one that can be sent.
 */
#include "fuzz.h"

#include "base/fields.h"
#include "base/jsontext.h"

static void check_fault(const struct fault *fault)
{
    json_t *message = json_string(fault->message);
    json_t *member = json_string(fault->member);
    REQUIRE(fault->err == ERR_INVALID && fault->code[0] != '\0' && fault->message[0] != '\0');
    REQUIRE(message != NULL && member != NULL); /* valid UTF-8 */
    json_decref(message);
    json_decref(member);
}

static void check_canonical(const json_t *json)
{
    struct arena arena = ARENA_NONE;
    json_t *again = NULL;
    struct str text = jsontext_canonical(json, &arena);
    REQUIRE(jsontext_parse(text, &again, NULL) == ERR_OK);
    REQUIRE(str_equal(jsontext_canonical(again, &arena), text));
    json_decref(again);
    arena_done(&arena);
}

static void check_reader(json_t *object, struct fault *fault)
{
    struct fields in = fields_start(object, fault);
    struct str name = fields_str(&in, "name", FIELD_REQUIRED, 16);
    struct str note = fields_str(&in, "note", FIELD_OPTIONAL, 16);
    int64_t minutes = fields_int(&in, "minutes", 60, 10, 100);
    json_t *metadata = fields_object(&in, "metadata", FIELD_OPTIONAL);
    json_t *groups = fields_array(&in, "groups", FIELD_OPTIONAL, 3);
    if (fields_end(&in, FIELDS_REFUSE_UNKNOWN) != ERR_OK) {
        check_fault(fault);
        return;
    }
    REQUIRE(name.len > 0 && name.len <= 16 && str_is_clean_utf8(name));
    REQUIRE(note.len <= 16 && str_is_clean_utf8(note));
    REQUIRE(minutes >= 10 && minutes <= 100);
    REQUIRE(metadata == NULL || json_is_object(metadata));
    REQUIRE(groups == NULL || json_array_size(groups) <= 3);
    REQUIRE(json_object_size(object) <= 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct fault fault = {.err = ERR_OK};
    json_t *json = NULL;
    if (jsontext_parse(text, &json, &fault) != ERR_OK) {
        check_fault(&fault);
        return 0;
    }
    check_canonical(json);
    json_t *object = NULL;
    if (jsontext_parse_object(text, &object, &fault) != ERR_OK) {
        REQUIRE(!json_is_object(json));
        check_fault(&fault);
    } else {
        check_reader(object, &fault);
    }
    json_decref(object);
    json_decref(json);
    return 0;
}
