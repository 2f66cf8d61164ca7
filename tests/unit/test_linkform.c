#include "unit.h"

#include "http/linkform.h"

#define FORM "application/x-www-form-urlencoded"

static struct arena arena;
static struct fault fault;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static enum err parse(const char *type, const char *body, struct linkform *out_form)
{
    return linkform_parse(&arena, str_from(type), str_from(body), out_form, &fault);
}

static void the_secret_is_found_among_other_fields(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *secret;
        bool is_doubled;
    } cases[] = {
        {"secret=abc", "abc", false},
        {"a=b&secret=x-_Y%2D&&c", "x-_Y-", false},
        {"secret=a+b", "a b", false},
        {"secret=a=b", "a=b", false},
        {"", "", false},
        {"secret", "", false},
        {"secrets=x&Secret=y", "", false},
        {"secret=a&secret=b", "b", true},
        {"secret=&secret=b", "b", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct linkform form;
        assert_int_equal(parse(FORM, cases[i].body, &form), ERR_OK);
        assert_true(str_equal(form.secret, str_from(cases[i].secret)));
        assert_int_equal(form.is_doubled, cases[i].is_doubled);
    }
}

static void only_what_forms_send_by_default_is_one(void **state)
{
    (void)state;
    struct linkform form;
    static const char *const types[] = {"",
                                        "text/plain",
                                        "application/json",
                                        "multipart/form-data; boundary=x",
                                        "application/x-www-form-urlencodedx",
                                        ";application/x-www-form-urlencoded"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        assert_int_equal(parse(types[i], "secret=abc", &form), ERR_INVALID);
        assert_string_equal(fault.code, "bad_request");
    }
    assert_int_equal(linkform_parse(&arena, STR_NONE, STR("secret=abc"), &form, &fault),
                     ERR_INVALID);
    assert_int_equal(parse("Application/X-WWW-Form-URLEncoded ; charset=UTF-8", "secret=a", &form),
                     ERR_OK);
    assert_int_equal(parse(FORM, "secret=%z1", &form), ERR_INVALID);
    assert_int_equal(parse(FORM, "secret=a%00b", &form), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_secret_is_found_among_other_fields),
        cmocka_unit_test(only_what_forms_send_by_default_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
