#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "http/page.h"

static const struct page plain = {
    .code = "link_expired",
    .title = "This link has expired",
    .message = "This link was not opened in time.",
    .hint = "Reload the whole page to get a new one.",
    .language = LANGUAGE_EN,
};

/* Has the page that text in it? */
static bool has(const struct page *page, const char *text)
{
    struct buf out = buf_make(PAGE_MAX_BYTES);
    page_write(page, &out);
    assert_true(buf_is_ok(&out));
    buf_add_char(&out, '\0');
    bool found = strstr(buf_str(&out).ptr, text) != NULL;
    buf_done(&out);
    return found;
}

static void a_page_speaks_its_language(void **state)
{
    (void)state;
    struct page page = plain;
    assert_true(has(&page, "<html lang=\"en\" data-theme=\"\">"));
    assert_true(
        has(&page, "<h1>This link has expired</h1><p>This link was not opened in time.</p>"));
    page.language = LANGUAGE_DE;
    assert_true(has(&page, "<html lang=\"de\""));
    assert_true(has(&page, "<h1>Dieser Link ist abgelaufen</h1><p></p>"));
    assert_true(has(&page, ">Erneut versuchen</a>"));
    assert_false(has(&page, "not opened in time"));
}

static void a_page_whose_title_has_no_translation_is_in_english(void **state)
{
    (void)state;
    assert_int_equal(page_language(STR("de-AT"), STR("fr"), plain.title), LANGUAGE_DE);
    assert_int_equal(page_language(STR("nl"), STR("fr"), plain.title), LANGUAGE_FR);
    assert_int_equal(page_language(STR_NONE, STR_NONE, plain.title), LANGUAGE_EN);
    assert_int_equal(page_language(STR("de"), STR("fr"), "Inlay is running"), LANGUAGE_EN);
}

static void a_brand_is_escaped_and_what_it_lacks_leaves_nothing(void **state)
{
    (void)state;
    struct page page = plain;
    assert_true(has(&page, "<header></header>"));
    assert_true(has(&page, "data-color=\"\""));
    page.look = (struct look){.theme = STR("dark"),
                              .name = STR("\"><b>&"),
                              .color = STR("#0f6b5c"),
                              .support = STR("<script>")};
    assert_true(has(&page, "data-theme=\"dark\""));
    assert_true(has(&page, "<header><b>&quot;&gt;&lt;b&gt;&amp;</b></header>"));
    assert_true(has(&page, "<p>&lt;script&gt;</p>"));
    assert_true(has(&page, "data-color=\"#0f6b5c\""));
    assert_false(has(&page, "<img"));
    page.look.logo = STR("abc");
    page.look.name = STR_NONE;
    assert_true(has(&page, "<header><img src=\"/_inlay/logo/abc\" alt=\"\"></header>"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_speaks_its_language),
        cmocka_unit_test(a_page_whose_title_has_no_translation_is_in_english),
        cmocka_unit_test(a_brand_is_escaped_and_what_it_lacks_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
