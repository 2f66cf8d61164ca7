#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

static void every_error_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (enum err a = ERR_OK; a < ERR_COUNT; a++) {
        assert_non_null(err_name(a));
        for (enum err b = ERR_OK; b < a; b++) {
            assert_string_not_equal(err_name(a), err_name(b));
        }
    }
}

static void a_fault_holds_the_words_and_gives_the_error_back(void **state)
{
    (void)state;
    struct fault fault;
    assert_int_equal(fault_set(&fault, ERR_GONE, "link_used", "Used %d times.", 1), ERR_GONE);
    assert_int_equal(fault.err, ERR_GONE);
    assert_string_equal(fault.code, "link_used");
    assert_string_equal(fault.message, "Used 1 times.");
    assert_string_equal(fault.member, "");
    assert_int_equal(fault.limit, 0);
}

static void a_fault_may_name_a_member_or_a_limit(void **state)
{
    (void)state;
    struct fault fault;
    assert_int_equal(fault_limit(&fault, ERR_TOO_LARGE, "too_large", 10, "More than %d.", 10),
                     ERR_TOO_LARGE);
    assert_int_equal(fault.limit, 10);
    assert_string_equal(fault.message, "More than 10.");
    assert_int_equal(fault_member(&fault, ERR_INVALID, "wrong", "userInfo.email", "No."),
                     ERR_INVALID);
    assert_string_equal(fault.member, "userInfo.email");
    assert_int_equal(fault.limit, 0); /* nothing stays of the fault before */
}

static void nobody_has_to_ask_for_the_words(void **state)
{
    (void)state;
    assert_int_equal(fault_set(NULL, ERR_DENIED, "denied", "No."), ERR_DENIED);
    assert_int_equal(fault_member(NULL, ERR_DENIED, "denied", "a", "No."), ERR_DENIED);
    assert_int_equal(fault_limit(NULL, ERR_DENIED, "denied", 1, "No."), ERR_DENIED);
}

static void long_words_are_cut_and_stay_terminated(void **state)
{
    (void)state;
    struct fault fault;
    char member[FAULT_MEMBER_MAX * 2];
    memset(member, 'm', sizeof(member));
    member[sizeof(member) - 1] = '\0';
    fault_member(&fault, ERR_INVALID, "wrong", member, "%1000d", 1);
    assert_int_equal(strlen(fault.member), FAULT_MEMBER_MAX - 1);
    assert_int_equal(strlen(fault.message), FAULT_MESSAGE_MAX - 1);
}

static void long_words_are_not_cut_inside_of_a_character(void **state)
{
    (void)state;
    static const char euros[] = "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac";
    struct fault fault;
    for (int width = FAULT_MESSAGE_MAX - 12; width < FAULT_MESSAGE_MAX + 2; width++) {
        fault_set(&fault, ERR_INVALID, "wrong", "%*d%s", width, 1, euros);
        assert_true(str_is_clean_utf8(str_from(fault.message)));
        assert_true(strlen(fault.message) >= FAULT_MESSAGE_MAX - 6);
    }
}

static void a_broken_requirement_ends_the_process(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr); /* its complaint is expected */
        REQUIRE(1 + 1 == 3);
        _exit(0);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_name_of_its_own),
        cmocka_unit_test(a_fault_holds_the_words_and_gives_the_error_back),
        cmocka_unit_test(a_fault_may_name_a_member_or_a_limit),
        cmocka_unit_test(nobody_has_to_ask_for_the_words),
        cmocka_unit_test(long_words_are_cut_and_stay_terminated),
        cmocka_unit_test(long_words_are_not_cut_inside_of_a_character),
        cmocka_unit_test(a_broken_requirement_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
