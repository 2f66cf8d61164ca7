#include "unit.h"

#include "base/fields.h"
#include "base/jsontext.h"

static struct fault fault;
static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    if (jsontext_parse(str_from(text), &json, &fault) != ERR_OK) {
        fail_msg("%s: %s", text, fault.message);
    }
    return json;
}

/* ---- parsing ---- */

static void what_rfc_8259_leaves_open_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *code;
    } cases[] = {
        {"", "json_malformed"},
        {" ", "json_malformed"},
        {"{", "json_malformed"},
        {"{}{}", "json_malformed"},
        {"{} x", "json_malformed"},
        {"{\"a\":1,}", "json_malformed"},
        {"{'a':1}", "json_malformed"},
        {"{\"a\":01}", "json_malformed"},
        {"{\"a\":+1}", "json_malformed"},
        {"{\"a\":.5}", "json_malformed"},
        {"{\"a\":1.}", "json_malformed"},
        {"{\"a\":NaN}", "json_malformed"},
        {"{\"a\":Infinity}", "json_malformed"},
        {"{\"a\":tru}", "json_malformed"},
        {"/**/{}", "json_malformed"},
        {" \xef\xbb\xbf{}", "json_malformed"},
        {"\xef\xbb\xbf", "json_malformed"},
        {"{\"a\":\"\t\"}", "json_malformed"},
        {"{\"a\":1,\"a\":2}", "json_duplicate_member"},
        {"{\"a\":1,\"\\u0061\":2}", "json_duplicate_member"},
        {"{\"x\":{\"a\":1,\"a\":1}}", "json_duplicate_member"},
        {"[\"\\u0000\"]", "json_nul"},
        {"{\"\\u0000\":1}", "json_nul"},
        {"[\"\\ud800\"]", "json_malformed"},
        {"[\"\\udc00\\ud800\"]", "json_malformed"},
        {"[\"\xc0\xaf\"]", "json_not_utf8"},
        {"[\"\xed\xa0\x80\"]", "json_not_utf8"},
        {"[\"\xf4\x90\x80\x80\"]", "json_not_utf8"},
        {"[\"\xff\"]", "json_not_utf8"},
        {"[1e400]", "json_number_range"},
        {"[9223372036854775808]", "json_number_range"},
        {"[-9223372036854775809]", "json_number_range"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *json = NULL;
        if (jsontext_parse(str_from(cases[i].text), &json, &fault) != ERR_INVALID ||
            strcmp(fault.code, cases[i].code) != 0) {
            fail_msg("%s is \"%s\", not %s", cases[i].text, fault.code, cases[i].code);
        }
        assert_null(json);
    }
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    json_t *json = parse("\xef\xbb\xbf{\"a\":1}");
    assert_int_equal(json_integer_value(json_object_get(json, "a")), 1);
    json_decref(json);
}

static void words_of_refusal_never_repeat_the_input(void **state)
{
    (void)state;
    json_t *json = NULL;
    assert_int_equal(jsontext_parse(STR("{\"a\": confidential}"), &json, &fault), ERR_INVALID);
    assert_null(strstr(fault.message, "confidential"));
    assert_non_null(strstr(fault.message, "line 1"));
}

static void nesting_is_limited_before_anything_recurses(void **state)
{
    (void)state;
    char text[2 * LIMIT_JSON_DEPTH + 3];
    json_t *json = NULL;
    memset(text, '[', LIMIT_JSON_DEPTH);
    memset(text + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    text[2 * LIMIT_JSON_DEPTH] = '\0';
    json_decref(parse(text));
    memset(text, '[', LIMIT_JSON_DEPTH + 1);
    memset(text + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
    text[2 * LIMIT_JSON_DEPTH + 2] = '\0';
    assert_int_equal(jsontext_parse(str_from(text), &json, &fault), ERR_INVALID);
    assert_string_equal(fault.code, "json_too_deep");
    assert_int_equal(fault.limit, LIMIT_JSON_DEPTH);
    /* brackets inside of texts do not count */
    json_decref(parse("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[\"]"));
}

static void only_objects_are_bodies(void **state)
{
    (void)state;
    json_t *json = NULL;
    assert_int_equal(jsontext_parse_object(STR("[1]"), &json, &fault), ERR_INVALID);
    assert_string_equal(fault.code, "json_not_object");
    assert_int_equal(jsontext_parse_object(STR("{}"), &json, &fault), ERR_OK);
    json_decref(json);
}

static void equal_values_have_one_text(void **state)
{
    (void)state;
    json_t *one = parse("{ \"b\" : [1, {\"y\":null, \"x\":\"\\u00e9\"}], \"a\":9007199254740993 }");
    json_t *other = parse("{\"a\":9007199254740993,\"b\":[1,{\"x\":\"\xc3\xa9\",\"y\":null}]}");
    struct str text = jsontext_canonical(one, &arena);
    assert_str_equal(text, "{\"a\":9007199254740993,\"b\":[1,{\"x\":\"\xc3\xa9\",\"y\":null}]}");
    assert_str_equal(jsontext_canonical(other, &arena), text.ptr);
    json_decref(one);
    json_decref(other);
}

/* ---- reading ---- */

static void members_are_read_by_name(void **state)
{
    (void)state;
    json_t *object = parse("{\"t\":\"x\",\"n\":7,\"o\":{},\"a\":[1],\"z\":null}");
    struct fields in = fields_start(object, &fault);
    assert_str_equal(fields_str(&in, "t", FIELD_REQUIRED, 1), "x");
    assert_int_equal(fields_int(&in, "n", 1, 7, 7), 7);
    assert_int_equal(fields_int(&in, "absent", 5, 0, 1), 5);
    assert_non_null(fields_object(&in, "o", FIELD_REQUIRED));
    assert_non_null(fields_array(&in, "a", FIELD_REQUIRED, 1));
    assert_null(fields_str(&in, "z", FIELD_OPTIONAL, 1).ptr);
    assert_true(fields_has(&in, "z"));
    assert_false(fields_has(&in, "absent"));
    assert_int_equal(fields_end(&in, FIELDS_REFUSE_UNKNOWN), ERR_OK);
    json_decref(object);
}

static void wrong_members_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *words;
    } cases[] = {
        {"{}", "is missing"},
        {"{\"t\":null}", "is missing"},
        {"{\"t\":\"\"}", "must not be empty"},
        {"{\"t\":5}", "must be a string"},
        {"{\"t\":\"abcd\"}", "at most 3 bytes"},
        {"{\"t\":\"a\\nb\"}", "control characters"},
        {"{\"t\":\"\\u007f\"}", "control characters"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *object = parse(cases[i].text);
        struct fields in = fields_start(object, &fault);
        in.prefix = "userInfo.";
        assert_null(fields_str(&in, "t", FIELD_REQUIRED, 3).ptr);
        assert_int_equal(fields_end(&in, FIELDS_IGNORE_UNKNOWN), ERR_INVALID);
        assert_string_equal(fault.code, "member_invalid");
        assert_string_equal(fault.member, "userInfo.t");
        if (strstr(fault.message, cases[i].words) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", fault.message, cases[i].words);
        }
        json_decref(object);
    }
}

static void numbers_are_whole_and_within_their_range(void **state)
{
    (void)state;
    static const char *const wrong[] = {"{\"n\":0}",   "{\"n\":11}",    "{\"n\":1.0}",
                                        "{\"n\":1e0}", "{\"n\":\"1\"}", "{\"n\":true}",
                                        "{\"n\":[1]}", "{\"n\":-0.0}"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        json_t *object = parse(wrong[i]);
        struct fields in = fields_start(object, &fault);
        assert_int_equal(fields_int(&in, "n", 3, 1, 10), 3);
        assert_int_equal(fields_end(&in, FIELDS_REFUSE_UNKNOWN), ERR_INVALID);
        assert_string_equal(fault.member, "n");
        json_decref(object);
    }
}

static void booleans_are_true_or_false(void **state)
{
    (void)state;
    json_t *object = parse("{\"t\":true,\"f\":false,\"z\":null,\"s\":\"true\"}");
    struct fields in = fields_start(object, &fault);
    assert_true(fields_bool(&in, "t", false));
    assert_false(fields_bool(&in, "f", true));
    assert_true(fields_bool(&in, "z", true));
    assert_false(fields_bool(&in, "absent", false));
    assert_int_equal(fields_end(&in, FIELDS_IGNORE_UNKNOWN), ERR_OK);
    assert_false(fields_bool(&in, "s", false));
    assert_int_equal(fields_end(&in, FIELDS_IGNORE_UNKNOWN), ERR_INVALID);
    assert_string_equal(fault.member, "s");
    json_decref(object);
}

static void lists_have_a_longest_length(void **state)
{
    (void)state;
    json_t *object = parse("{\"a\":[1,2,3]}");
    struct fields in = fields_start(object, &fault);
    assert_null(fields_array(&in, "a", FIELD_REQUIRED, 2));
    assert_int_equal(fields_end(&in, FIELDS_REFUSE_UNKNOWN), ERR_INVALID);
    assert_int_equal(fault.limit, 2);
    json_decref(object);
}

static void the_first_thing_that_is_wrong_sticks(void **state)
{
    (void)state;
    json_t *object = parse("{\"a\":1,\"b\":2}");
    struct fields in = fields_start(object, &fault);
    fields_str(&in, "a", FIELD_REQUIRED, 9);
    fields_str(&in, "b", FIELD_REQUIRED, 9);
    fields_refuse(&in, "c", "is wrong too.");
    fields_refuse_above(&in, "d", 5, "bytes");
    assert_int_equal(fields_end(&in, FIELDS_REFUSE_UNKNOWN), ERR_INVALID);
    assert_string_equal(fault.member, "a");
    assert_int_equal(fault.limit, 0);
    json_decref(object);
}

static void unknown_members_are_refused_or_ignored_as_asked(void **state)
{
    (void)state;
    json_t *object = parse("{\"a\":\"x\",\"nme\":1}");
    struct fields in = fields_start(object, &fault);
    fields_str(&in, "a", FIELD_REQUIRED, 9);
    assert_int_equal(fields_end(&in, FIELDS_IGNORE_UNKNOWN), ERR_OK);
    assert_int_equal(fields_end(&in, FIELDS_REFUSE_UNKNOWN), ERR_INVALID);
    assert_string_equal(fault.code, "member_unknown");
    assert_string_equal(fault.member, "nme");
    json_decref(object);
}

static void a_long_unknown_name_is_not_repeated_whole(void **state)
{
    (void)state;
    json_t *object = parse("{\"inlay_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\":1}");
    struct fields in = fields_start(object, &fault);
    assert_int_equal(fields_end(&in, FIELDS_REFUSE_UNKNOWN), ERR_INVALID);
    assert_true(strlen(fault.member) <= 40);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rfc_8259_leaves_open_is_refused),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(words_of_refusal_never_repeat_the_input),
        cmocka_unit_test(nesting_is_limited_before_anything_recurses),
        cmocka_unit_test(only_objects_are_bodies),
        cmocka_unit_test(equal_values_have_one_text),
        cmocka_unit_test(members_are_read_by_name),
        cmocka_unit_test(wrong_members_are_named),
        cmocka_unit_test(numbers_are_whole_and_within_their_range),
        cmocka_unit_test(booleans_are_true_or_false),
        cmocka_unit_test(lists_have_a_longest_length),
        cmocka_unit_test(the_first_thing_that_is_wrong_sticks),
        cmocka_unit_test(unknown_members_are_refused_or_ignored_as_asked),
        cmocka_unit_test(a_long_unknown_name_is_not_repeated_whole),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
