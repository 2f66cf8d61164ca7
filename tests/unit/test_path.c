#include "unit.h"

#include "base/limits.h"
#include "apps/bundle/path.h"
#include "base/leftout.h"

static void ordinary_paths_are_allowed(void **state)
{
    (void)state;
    static const char *const allowed[] = {
        "index.html",   "assets/app-4f2a.js", "a/b/c/d.txt", ".well-known/x", "a b.txt", "...",
        "a..b/..c/d..", "inlay/_inlay",       "_inlay2/x",   "\xc3\xbc.txt",  "ab:c",    "x/c:d",
        "-rf",          "%2e%2e/x",           "a?b#c",
    };
    for (size_t i = 0; i < COUNT_OF(allowed); i++) {
        struct fault fault = {.err = ERR_OK};
        if (path_check(str_from(allowed[i]), &fault) != ERR_OK) {
            fail_msg("%s: %s", allowed[i], fault.message);
        }
    }
}

static void paths_that_could_lead_elsewhere_are_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "/",
        "/etc/passwd",
        "..",
        "..\\x",
        "../x",
        "a/..",
        "a/../b",
        ".",
        "./a",
        "a/./b",
        "a/",
        "a//b",
        "a/.",
        "\\x",
        "a\\b",
        "..\\x",
        "C:x",
        "c:/x",
        "a\nb",
        "a\x7f",
        "a\x01/b",
        "\xff",
        "a/\xc0\xae\xc0\xae/b",
        "\xed\xa0\x80",
        "_inlay",
        "_inlay/x",
    };
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct fault fault = {.err = ERR_OK};
        if (path_check(str_from(refused[i]), &fault) != ERR_INVALID) {
            fail_msg("%s was allowed", refused[i]);
        }
        assert_string_equal(fault.code, "bundle_unsafe_path");
    }
    assert_int_equal(path_check(STR("a\0b"), NULL), ERR_INVALID);
    assert_int_equal(path_check(STR_NONE, NULL), ERR_INVALID);
}

static void paths_are_limited_in_length_and_depth(void **state)
{
    (void)state;
    char path[LIMIT_ARCHIVE_PATH_BYTES + 2];
    memset(path, 'x', sizeof(path));
    assert_int_equal(path_check((struct str){path, PATH_NAME_BYTES_MAX}, NULL), ERR_OK);
    assert_int_equal(path_check((struct str){path, PATH_NAME_BYTES_MAX + 1}, NULL), ERR_INVALID);
    path[200] = path[400] = '/';
    assert_int_equal(path_check((struct str){path, LIMIT_ARCHIVE_PATH_BYTES}, NULL), ERR_OK);
    assert_int_equal(path_check((struct str){path, LIMIT_ARCHIVE_PATH_BYTES + 1}, NULL),
                     ERR_INVALID);
    for (size_t i = 0; i < sizeof(path); i++) {
        path[i] = i % 2 == 0 ? 'x' : '/';
    }
    assert_int_equal(path_check((struct str){path, 2 * LIMIT_ARCHIVE_DEPTH - 1}, NULL), ERR_OK);
    assert_int_equal(path_check((struct str){path, 2 * LIMIT_ARCHIVE_DEPTH + 1}, NULL),
                     ERR_INVALID);
}

static void hidden_files_and_those_of_systems_are_left_out(void **state)
{
    static const char *const left_out[] = {".env",        ".git/config",        "a/.htaccess",
                                           ".DS_Store",   "a/.DS_Store",        "a/._x.js",
                                           "._a/x.js",    "__MACOSX/a/x.js",    "a/Thumbs.db",
                                           "DESKTOP.INI", "node_modules/x/y.js"};
    static const char *const kept[] = {
        "index.html", ".well-known/security.txt", "a/x.DS_Store", "..",
        "..\\x",      "a/node_modules/font.ttf",  "a./b",         "thumbs.db.png"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(left_out); i++) {
        assert_true(leftout_path(str_from(left_out[i])));
    }
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        assert_false(leftout_path(str_from(kept[i])));
    }
}

static void a_path_is_shown_without_harm(void **state)
{
    (void)state;
    char text[PATH_SHOWN_SIZE];
    char path[PATH_SHOWN_SIZE * 2];
    path_show(STR("a/b"), text);
    assert_string_equal(text, "\"a/b\"");
    path_show(STR("\x1b[2J"), text);
    assert_string_equal(text, "\"\\x1b[2J\"");
    path_show(STR("a\xff/b"), text);
    assert_string_equal(text, "\"a\\xff/b\"");
    for (size_t shift = 0; shift < 3; shift++) { /* cut at every place of a character */
        memset(path, 'x', sizeof(path));
        for (size_t i = shift; i + 3 <= sizeof(path); i += 3) {
            memcpy(path + i, "\xe2\x82\xac", 3);
        }
        path_show((struct str){path, sizeof(path) - sizeof(path) % 3}, text);
        assert_true(str_is_clean_utf8(str_from(text)));
    }
    memset(path, 'x', sizeof(path));
    path_show((struct str){path, sizeof(path)}, text);
    assert_int_equal(strlen(text), PATH_SHOWN_SIZE - 1);
    assert_true(str_ends_with(str_from(text), STR("x...\"")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_paths_are_allowed),
        cmocka_unit_test(paths_that_could_lead_elsewhere_are_refused),
        cmocka_unit_test(paths_are_limited_in_length_and_depth),
        cmocka_unit_test(hidden_files_and_those_of_systems_are_left_out),
        cmocka_unit_test(a_path_is_shown_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
