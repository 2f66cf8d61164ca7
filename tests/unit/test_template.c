#include "unit.h"

#include "serve/template.h"

static struct arena arena;
static struct template_node *values;
static struct buf out;
static struct fault fault;

static int setup(void **state)
{
    (void)state;
    values = template_new(&arena);
    out = buf_make(4096);
    fault = (struct fault){.err = ERR_OK};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&out);
    arena_done(&arena);
    return 0;
}

static void assert_rendered(const char *text, const char *expected)
{
    out.len = 0;
    enum err err = template_render(str_from(text), values, &out, &fault);
    if (err) {
        fail_msg("%s", fault.message);
    }
    assert_str_equal(buf_str(&out), expected);
}

static void assert_refused(enum err err, const char *text, const char *part)
{
    assert_int_equal(template_render(str_from(text), values, &out, &fault), err);
    if (strstr(fault.message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fault.message, part);
    }
}

static void values_take_the_place_of_their_names(void **state)
{
    (void)state;
    template_set(values, "level", "info");
    template_set_number(values, "count", -17);
    assert_rendered("error_log stderr {{level}};\n", "error_log stderr info;\n");
    assert_rendered("{{count}}{{level}}", "-17info");
    assert_rendered("server { a \\.{{level}} }", "server { a \\.info }");
}

static void one_branch_is_taken(void **state)
{
    (void)state;
    template_set_flag(values, "yes", true);
    template_set_flag(values, "no", false);
    assert_rendered("a{{#if yes}} b{{/if}};", "a b;");
    assert_rendered("a{{#if no}} b{{/if}};", "a;");
    assert_rendered("{{#if yes}}a{{else}}b{{/if}}", "a");
    assert_rendered("{{#if no}}a{{else}}b{{/if}}", "b");
    assert_rendered("{{#if no}}{{#if yes}}a{{else}}b{{/if}}{{else}}c{{/if}}", "c");
    assert_rendered("{{#if yes}}{{#if no}}a{{else}}b{{/if}}{{else}}c{{/if}}", "b");
}

static void a_tag_alone_on_a_line_takes_the_line(void **state)
{
    (void)state;
    template_set_flag(values, "yes", true);
    template_set(values, "name", "x");
    assert_rendered("{{! about }}\na\n  {{#if yes}}\n    b\n{{else}}\n    c\n  {{/if}}\nd\n",
                    "a\n    b\nd\n");
    assert_rendered("a\n{{name}}\nb\n", "a\nx\nb\n");
    assert_rendered("a {{#if yes}}\nb{{/if}}\n", "a \nb\n");
}

static void lists_are_written_row_by_row(void **state)
{
    (void)state;
    struct template_node *pools = template_add_list(values, "pools");
    template_set(values, "name", "outer");
    template_set(values, "size", "3");
    for (int i = 0; i < 2; i++) {
        template_set(template_add_row(pools), "name", i == 0 ? "read" : "write");
    }
    template_add_list(values, "none");
    assert_rendered("{{#each pools}}\npool {{name}} {{size}};\n{{/each}}\nin {{name}}\n",
                    "pool read 3;\npool write 3;\nin outer\n");
    assert_rendered("a{{#each none}} {{anything}}{{#if also}}x{{/if}}{{/each}};", "a;");
    assert_rendered("{{#if pools}}some{{/if}}{{#if none}}more{{/if}}", "some");
}

static void a_part_is_written_wherever_it_is_named(void **state)
{
    (void)state;
    template_set(values, "name", "x");
    assert_rendered("a {\n{{> inner}}\n}\nb {\n{{> inner}}\n}\n"
                    "{{#part inner}}\n    c {{name}};\n{{/part}}\n",
                    "a {\n    c x;\n}\nb {\n    c x;\n}\n");
}

static void quoted_values_cannot_leave_their_quotes(void **state)
{
    (void)state;
    template_set(values, "path", "/a b/\"c\"; d '#' \\ {}\n");
    assert_rendered("root \"{{path}}/e\";", "root \"/a b/\\\"c\\\"; d '#' \\\\ {}\n/e\";");
    assert_rendered("root '{{path}}';", "root '/a b/\"c\"; d \\'#\\' \\\\ {}\n';");
    assert_rendered("# it's \"\nroot \"{{path}}\";",
                    "# it's \"\nroot \"/a b/\\\"c\\\"; d '#' \\\\ {}\n\";");
    assert_rendered("a b\"c'd 'x\"' \"\\\"{{path}}\";",
                    "a b\"c'd 'x\"' \"\\\"/a b/\\\"c\\\"; d '#' \\\\ {}\n\";");
}

static void values_outside_quotes_are_one_plain_word(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    " ",   "a b", "a;",  "a{",  "}",   "a\"",     "'",
                                      "a\\", "a\n", "#",   "a\t", "a*b", "a,b", "\xc3\xa9"};
    static const char *const fine[] = {"a", "10.0.0.0/8", "[::1]:80", "www-data", "a_b", "0"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        template_set(values = template_new(&arena), "name", bad[i]);
        assert_refused(ERR_INVALID, "a {{name}};", "letters, digits");
        assert_refused(ERR_INVALID, "a \"b\" {{name}};", "letters, digits");
        assert_refused(ERR_INVALID, "# \"{{name}}\n", "letters, digits");
    }
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        template_set(values = template_new(&arena), "name", fine[i]);
        assert_rendered("{{name}}", fine[i]);
    }
}

static void a_variable_in_a_value_is_refused(void **state)
{
    (void)state;
    template_set(values, "path", "/srv/$host");
    assert_refused(ERR_INVALID, "root \"{{path}}\";", "\"/srv/$host\" as path");
    assert_refused(ERR_INVALID, "root {{path}};", "letters, digits");
}

static void mistakes_in_a_template_are_found_whatever_the_values_are(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"a\n\n{{unknown}}", "Line 3 of nginx.conf.in: {{unknown}} names no value."},
        {"{{#if no}}\n{{unknown}}\n{{/if}}", "Line 2"},
        {"{{#if yes}}{{else}}{{unknown}}{{/if}}", "{{unknown}} names no value"},
        {"{{#if unknown}}{{/if}}", "{{#if unknown}} names no value"},
        {"{{#each unknown}}{{/each}}", "names no value"},
        {"a\n{{#if no}}\nb\n", "Line 2 of nginx.conf.in: {{#if no}} has no end."},
        {"{{#each list}}", "{{#each list}} has no end"},
        {"{{#part a}}", "{{#part a}} has no end"},
        {"{{#if no}}{{#each list}}{{/if}}{{/each}}", "{{/if}} ends nothing"},
        {"{{/if}}", "{{/if}} ends nothing"},
        {"{{else}}", "{{else}} ends nothing"},
        {"{{#each list}}{{else}}{{/each}}", "{{else}} ends nothing"},
        {"{{#if no}}{{else}}{{else}}{{/if}}", "two {{else}}"},
        {"{{> nowhere}}", "{{> nowhere}} names no part"},
        {"{{#part a}}{{> a}}{{/part}}{{> a}}", "nested too deep"},
        {"{{list}}", "the other kind"},
        {"{{#each no}}{{/each}}", "the other kind"},
        {"{{#unless no}}", "is not a tag"},
        {"{{ no }}", "is not a tag"},
        {"{{}}", "is not a tag"},
        {"{{no", "has no end"},
        {"a \"b;\n", "leaves a \" open"},
    };
    template_add_row(template_add_list(values, "list"));
    template_set_flag(values, "no", false);
    template_set_flag(values, "yes", true);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_refused(ERR_INTERNAL, cases[i].text, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_take_the_place_of_their_names, setup, teardown),
        cmocka_unit_test_setup_teardown(one_branch_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tag_alone_on_a_line_takes_the_line, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_are_written_row_by_row, setup, teardown),
        cmocka_unit_test_setup_teardown(a_part_is_written_wherever_it_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(quoted_values_cannot_leave_their_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(values_outside_quotes_are_one_plain_word, setup, teardown),
        cmocka_unit_test_setup_teardown(a_variable_in_a_value_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(mistakes_in_a_template_are_found_whatever_the_values_are,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
