/*
 * JSON bodies: what is read must survive being written and read again, and every refusal must be
 * one that can be sent.
 */
#include "fuzz.h"

#include "base/json.h"

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
    struct str text = json_canonical(json, &arena);
    REQUIRE(json_parse(text, &again, NULL) == ERR_OK);
    REQUIRE(str_equal(json_canonical(again, &arena), text));
    json_decref(again);
    arena_done(&arena);
}

static void check_reader(json_t *object, struct fault *fault)
{
    struct json_reader in = json_reader_start(object, fault);
    struct str name = json_read_str(&in, "name", JSON_REQUIRED, 16);
    struct str note = json_read_str(&in, "note", JSON_OPTIONAL, 16);
    int64_t minutes = json_read_int(&in, "minutes", 60, 10, 100);
    json_t *metadata = json_read_object(&in, "metadata", JSON_OPTIONAL);
    json_t *groups = json_read_array(&in, "groups", JSON_OPTIONAL, 3);
    if (json_reader_end(&in, JSON_UNKNOWN_REFUSED) != ERR_OK) {
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
    if (json_parse(text, &json, &fault) != ERR_OK) {
        check_fault(&fault);
        return 0;
    }
    check_canonical(json);
    json_t *object = NULL;
    if (json_parse_object(text, &object, &fault) != ERR_OK) {
        REQUIRE(!json_is_object(json));
        check_fault(&fault);
    } else {
        check_reader(object, &fault);
    }
    json_decref(object);
    json_decref(json);
    return 0;
}
