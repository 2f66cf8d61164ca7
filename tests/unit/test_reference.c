#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/file.h"
#include "config/load.h"
#include "config/reference.h"

static bool has(struct str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static void every_setting_is_in_help_page_and_file(void **state)
{
    (void)state;
    struct buf flags = buf_make(REFERENCE_MAX_BYTES);
    struct buf page = buf_make(REFERENCE_MAX_BYTES);
    struct buf file = buf_make(REFERENCE_MAX_BYTES);
    reference_write_flags(&flags);
    reference_write_page(&page);
    reference_write_file(&file);
    assert_true(buf_is_ok(&flags) && buf_is_ok(&page) && buf_is_ok(&file));
    for (size_t i = 0; i < settings_count; i++) {
        char name[SETTING_NAME_MAX];
        setting_flag_name(&settings_table[i], name);
        assert_true(has(buf_str(&flags), name));
        assert_true(has(buf_str(&page), name));
        setting_variable_name(&settings_table[i], name);
        assert_true(has(buf_str(&page), name));
        bool is_data = strcmp(settings_table[i].name, "data") == 0;
        snprintf(name, sizeof(name), is_data ? "\n%s: " : "\n#%s: ", settings_table[i].name);
        assert_true(has(buf_str(&file), name));
    }
    buf_done(&flags);
    buf_done(&page);
    buf_done(&file);
}

static void apply(void *arg, const struct config_entry *entry)
{
    struct fault fault;
    if (settings_set(arg, entry->name, entry->value, &fault)) {
        fail_msg("%s", fault.message);
    }
}

static void only_data(void *arg, const struct config_entry *entry)
{
    (void)arg;
    if (!str_equal(entry->name, STR("data"))) {
        fail_msg("line %d of the file is switched on", entry->line);
    }
}

static void the_file_is_valid_with_and_without_its_number_signs(void **state)
{
    (void)state;
    struct settings settings;
    struct fault fault = {.err = ERR_OK};
    struct buf file = buf_make(REFERENCE_MAX_BYTES);
    settings_init(&settings);
    reference_write_file(&file);
    assert_int_equal(config_file_parse("f", buf_str(&file), only_data, NULL, &fault), ERR_OK);
    for (char *line = file.ptr; line != NULL; line = strchr(line + 1, '\n')) {
        char *sign = line == file.ptr ? line : line + 1;
        if (sign[0] == '#' && sign[1] != ' ') {
            sign[0] = ' ';
            memmove(sign, sign + 1, strlen(sign));
        }
    }
    file.len = strlen(file.ptr);
    assert_int_equal(config_file_parse("f", buf_str(&file), apply, &settings, &fault), ERR_OK);
    assert_int_equal(settings_finish(&settings, &fault), ERR_OK);
    assert_string_equal(settings.app_url.text, "https://*.apps.example.net");
    buf_done(&file);
}

static void no_line_of_the_help_is_wider_than_a_terminal(void **state)
{
    (void)state;
    struct buf flags = buf_make(REFERENCE_MAX_BYTES);
    reference_write_flags(&flags);
    struct str rest = buf_str(&flags);
    while (rest.len > 0) {
        assert_true(str_cut(&rest, '\n').len <= 80);
    }
    buf_done(&flags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_is_in_help_page_and_file),
        cmocka_unit_test(the_file_is_valid_with_and_without_its_number_signs),
        cmocka_unit_test(no_line_of_the_help_is_wider_than_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
