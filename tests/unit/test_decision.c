#include "scene.h"

struct fact {
    size_t offset; /* of a bool in struct facts */
    bool wanted;   /* what access needs it to be */
    enum decision denial;
};

#define FACT(name, wanted, denial)                                                                 \
    {                                                                                              \
        offsetof(struct facts, name), wanted, denial                                               \
    }

static const struct fact facts_that_decide[] = {
    FACT(app_exists, true, DENIED_APP_UNKNOWN),
    FACT(app_in_workspace, true, DENIED_APP_MOVED),
    FACT(user_exists, true, DENIED_USER_UNKNOWN),
    FACT(user_in_workspace, true, DENIED_USER_UNKNOWN),
    FACT(user_active, true, DENIED_USER_ARCHIVED),
    FACT(workspace_active, true, DENIED_WORKSPACE_ARCHIVED),
    FACT(environment_exists, true, DENIED_ENVIRONMENT_UNKNOWN),
    FACT(content.exists, true, DENIED_NOT_RELEASED),
    FACT(may_use, true, DENIED_NO_ACCESS),
    FACT(link.revoked, false, DENIED_LINK_REVOKED),
    FACT(link.replaced, false, DENIED_LINK_REPLACED),
    FACT(link.expired, false, DENIED_LINK_EXPIRED),
    FACT(link.used, false, DENIED_LINK_USED),
};

enum { FACTS = COUNT_OF(facts_that_decide) };

static void set_fact(struct facts *facts, const struct fact *fact, bool is_good)
{
    *(bool *)(void *)((char *)facts + fact->offset) = is_good == fact->wanted;
}

static struct facts good_facts(void)
{
    struct facts facts = {0};
    for (size_t i = 0; i < FACTS; i++) {
        set_fact(&facts, &facts_that_decide[i], true);
    }
    return facts;
}

static void every_single_bad_fact_denies_by_its_own_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        struct facts facts = good_facts();
        set_fact(&facts, &facts_that_decide[i], false);
        assert_int_equal(decision_make(&facts), facts_that_decide[i].denial);
    }
}

static void of_all_combinations_only_the_good_one_is_allowed(void **state)
{
    (void)state;
    const unsigned all_good = (1u << FACTS) - 1;
    for (unsigned bits = 0; bits <= all_good; bits++) {
        for (unsigned asks = 0; asks < 4; asks++) {
            struct facts facts = {.asks_branch = (asks & 1) != 0, .asks_release = (asks & 2) != 0};
            for (size_t i = 0; i < FACTS; i++) {
                set_fact(&facts, &facts_that_decide[i], (bits >> i & 1) != 0);
            }
            bool is_allowed = decision_make(&facts) == DECISION_ALLOWED;
            if (is_allowed != (bits == all_good)) {
                fail_msg("facts %x, asks %u", bits, asks);
            }
        }
    }
}

static void knowing_nothing_denies(void **state)
{
    (void)state;
    struct facts facts = {0};
    assert_int_not_equal(decision_make(&facts), DECISION_ALLOWED);
}

static void a_missing_content_is_named_by_what_was_asked_for(void **state)
{
    (void)state;
    struct facts facts = good_facts();
    facts.content.exists = false;
    facts.asks_branch = true;
    assert_int_equal(decision_make(&facts), DENIED_BRANCH_UNKNOWN);
    facts.asks_branch = false;
    facts.asks_release = true;
    assert_int_equal(decision_make(&facts), DENIED_RELEASE_UNKNOWN);
}

static void who_may_not_use_an_app_does_not_learn_whether_it_is_released(void **state)
{
    (void)state;
    struct facts facts = good_facts();
    facts.content.exists = false;
    facts.may_use = false;
    assert_int_equal(decision_make(&facts), DENIED_NO_ACCESS);
}

static void every_decision_has_a_reason_of_its_own_and_all_but_one_are_errors(void **state)
{
    (void)state;
    for (int i = 0; i < DECISION_COUNT; i++) {
        const struct decision_info *info = decision_info((enum decision)i);
        assert_non_null(info->reason);
        assert_non_null(info->message);
        assert_int_equal(info->err == ERR_OK, i == DECISION_ALLOWED);
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(info->reason, decision_info((enum decision)other)->reason);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_single_bad_fact_denies_by_its_own_reason),
        cmocka_unit_test(of_all_combinations_only_the_good_one_is_allowed),
        cmocka_unit_test(knowing_nothing_denies),
        cmocka_unit_test(a_missing_content_is_named_by_what_was_asked_for),
        cmocka_unit_test(who_may_not_use_an_app_does_not_learn_whether_it_is_released),
        cmocka_unit_test(every_decision_has_a_reason_of_its_own_and_all_but_one_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
