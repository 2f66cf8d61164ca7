#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/file.h"

static struct fault fault;
static struct buf seen;

static int start(void **state)
{
    (void)state;
    fault = (struct fault){.err = ERR_OK};
    seen = buf_make(2 * CONFIG_FILE_MAX_BYTES);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_done(&seen);
    return 0;
}

static void note(void *arg, const struct config_entry *entry)
{
    (void)arg;
    buf_printf(&seen, "%d " STR_FMT "=" STR_FMT "%s|", entry->line, STR_ARG(entry->name),
               STR_ARG(entry->value), entry->is_list ? " list" : "");
}

static enum err parse(const char *text)
{
    return config_file_parse("inlay.yaml", str_from(text), note, NULL, &fault);
}

static void assert_seen(const char *wanted)
{
    assert_string_equal(seen.len > 0 ? seen.ptr : "", wanted);
}

static void assert_refused(const char *text, const char *message)
{
    assert_int_equal(parse(text), ERR_INVALID);
    if (strstr(fault.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fault.message, message);
    }
}

static void scalars_and_lists_are_read_with_their_lines(void **state)
{
    (void)state;
    assert_int_equal(parse("# a comment\n"
                           "data: ./data\n"
                           "\n"
                           "public_url: \"https://inlay.example.com\"  # and one here\n"
                           "listen:\n"
                           "  - 127.0.0.1:3000\n"
                           "  - '[::1]:3000'\n"
                           "workers: 4\n"
                           "metrics_allow: []\n"
                           "tls_key: ~\n"
                           "tls_certificate:\n"),
                     ERR_OK);
    assert_seen("2 data=./data|4 public_url=https://inlay.example.com|"
                "5 listen=127.0.0.1:3000,[::1]:3000 list|8 workers=4|9 metrics_allow= list|"
                "10 tls_key=|11 tls_certificate=|");
}

static void a_quoted_null_is_text(void **state)
{
    (void)state;
    assert_int_equal(parse("data: 'null'\n"), ERR_OK);
    assert_seen("1 data=null|");
}

static void files_without_a_setting_are_fine(void **state)
{
    (void)state;
    assert_int_equal(parse(""), ERR_OK);
    assert_int_equal(parse("# only\n# comments\n"), ERR_OK);
    assert_int_equal(parse("---\n# nothing\n"), ERR_OK);
    assert_int_equal(parse("{}\n"), ERR_OK);
    assert_seen("");
}

static void what_is_no_flat_map_is_refused_with_its_line(void **state)
{
    (void)state;
    assert_refused("- a\n- b\n", "inlay.yaml:1: A setting is one line");
    assert_refused("just words\n", "inlay.yaml:1: A setting is one line");
    assert_refused("data: x\nlisten:\n  a: b\n", "inlay.yaml:3: A setting is one line");
    assert_refused("listen:\n  - [a]\n", "inlay.yaml:2: ");
    assert_refused("? [a]\n: b\n", "inlay.yaml:1: ");
    assert_refused("data: x\n---\ndata: y\n", "inlay.yaml:2: There must be one document only");
    assert_refused("data: &a x\n", "Anchors and tags");
    assert_refused("data: !!str x\n", "Anchors and tags");
    assert_refused("data: *a\n", "inlay.yaml:1: ");
    assert_refused("data: 'x\n", "This is not YAML");
    assert_refused("data: x\n\tworkers: 1\n", "inlay.yaml:2: This is not YAML");
    assert_refused("data: \xff\n", "This is not YAML");
}

static void a_name_that_comes_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("data: x\nworkers: 1\ndata: y\n", "inlay.yaml:3: data is set a second time.");
}

static void more_names_than_settings_are_refused(void **state)
{
    (void)state;
    struct buf text = buf_make(CONFIG_FILE_MAX_BYTES);
    for (int i = 0; i < 1000; i++) {
        buf_printf(&text, "a%d: 1\n", i);
    }
    assert_refused(text.ptr, "inlay.yaml:129: There are more lines than settings.");
    buf_done(&text);
}

static void files_above_64_kib_are_refused(void **state)
{
    (void)state;
    size_t size = CONFIG_FILE_MAX_BYTES + 1;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '#', size);
    assert_int_equal(config_file_parse("big", (struct str){text, size}, note, NULL, &fault),
                     ERR_TOO_LARGE);
    assert_int_equal(config_file_parse("big", (struct str){text, size - 1}, note, NULL, &fault),
                     ERR_OK);

    char path[] = "/tmp/inlay-test-file-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, size), size);
    assert_int_equal(config_file_read(path, note, NULL, &fault), ERR_TOO_LARGE);
    assert_int_equal(ftruncate(file, (off_t)size - 1), 0);
    assert_int_equal(config_file_read(path, note, NULL, &fault), ERR_OK);
    close(file);
    unlink(path);
    free(text);
}

static void files_that_cannot_be_read_say_why(void **state)
{
    (void)state;
    assert_int_equal(config_file_read("/nonexistent/inlay.yaml", note, NULL, &fault),
                     ERR_NOT_FOUND);
    assert_string_equal(fault.message,
                        "There is no file /nonexistent/inlay.yaml; \"inlay init\" writes one.");
    assert_int_equal(config_file_read("/tmp", note, NULL, &fault), ERR_STORAGE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(scalars_and_lists_are_read_with_their_lines),
        TEST(a_quoted_null_is_text),
        TEST(files_without_a_setting_are_fine),
        TEST(what_is_no_flat_map_is_refused_with_its_line),
        TEST(a_name_that_comes_twice_is_refused),
        TEST(more_names_than_settings_are_refused),
        TEST(files_above_64_kib_are_refused),
        TEST(files_that_cannot_be_read_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
