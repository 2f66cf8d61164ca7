#include "unit.h"

#include "http/keepalive.h"

static void a_connection_is_kept_for_less_than_its_server_says(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        int64_t ms;
    } cases[] = {
        {"timeout=5", 4000},
        {"timeout=5, max=100", 4000},
        {"max=100, Timeout = 30", 29000},
        {"timeout=600", 60000},
        {"timeout=1", 0},
        {"timeout=0", 0},
        {"max=100", 4000},
        {"timeout=soon", 4000},
        {"timeout=-1", 4000},
        {"", 4000},
        {"timeout=99999999999999999999", 4000},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(keepalive_ms(str_from(cases[i].header)), cases[i].ms);
    }
    assert_int_equal(keepalive_ms(STR_NONE), 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_kept_for_less_than_its_server_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
