#include "unit.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/codes.h"

static void every_code_is_found(void **state)
{
    (void)state;
    assert_true(codes_count > 100);
    for (size_t i = 0; i < codes_count; i++) {
        assert_ptr_equal(codes_find(codes[i].name), &codes[i]);
        assert_true(strlen(codes[i].name) < FAULT_CODE_MAX);
        assert_int_equal(codes[i].title == NULL, codes[i].hint == NULL);
    }
}

static void what_is_no_code_is_not_found(void **state)
{
    (void)state;
    assert_null(codes_find(""));
    assert_null(codes_find("link_use"));
    assert_null(codes_find("link_used_"));
    assert_null(codes_find("zzz"));
}

static int status_of(enum err err, const char *code)
{
    struct fault fault = {.err = err};
    snprintf(fault.code, sizeof(fault.code), "%s", code);
    return codes_status(&fault);
}

static void a_status_is_that_of_the_error_unless_the_code_has_another(void **state)
{
    (void)state;
    assert_int_equal(status_of(ERR_NOT_FOUND, "not_found"), 404);
    assert_int_equal(status_of(ERR_NOT_FOUND, "host_unknown"), 421);
    assert_int_equal(status_of(ERR_UNSUPPORTED, "media_type_unsupported"), 415);
    assert_int_equal(status_of(ERR_UNSUPPORTED, "method_not_allowed"), 405);
    assert_int_equal(status_of(ERR_BUSY, "upstream_unreachable"), 502);
    assert_int_equal(status_of(ERR_BUSY, "upstream_timeout"), 504);
    assert_int_equal(status_of(ERR_UNAUTHENTICATED, "link_expired"), 401);
    assert_int_equal(status_of(ERR_GONE, "link_expired"), 410);
    for (enum err err = ERR_OK + 1; err < ERR_COUNT; err++) {
        assert_in_range(status_of(err, ""), 400, 599);
    }
}

/* What is not an error never becomes a response that looks like one. */
static void an_empty_fault_has_no_status(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        _exit(status_of(ERR_OK, "") == 200 ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void every_fault_has_texts_for_a_page(void **state)
{
    (void)state;
    struct fault fault = {.err = ERR_GONE, .code = "link_used"};
    assert_string_equal(codes_page(&fault)->title, "This link has already been used");
    fault = (struct fault){.err = ERR_CONFLICT, .code = "user_exists"};
    assert_string_equal(codes_page(&fault)->title, "Something went wrong");
    fault = (struct fault){.err = ERR_CONFLICT};
    assert_string_equal(codes_page(&fault)->title, "Something went wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_is_found),
        cmocka_unit_test(what_is_no_code_is_not_found),
        cmocka_unit_test(a_status_is_that_of_the_error_unless_the_code_has_another),
        cmocka_unit_test(an_empty_fault_has_no_status),
        cmocka_unit_test(every_fault_has_texts_for_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
