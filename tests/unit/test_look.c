#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/look.h"
#include "base/language.h"

static void tags_are_written_with_the_usual_capitals(void **state)
{
    static const struct {
        const char *text;
        const char *locale;
    } tags[] = {
        {"de", "de"},
        {"DE", "de"},
        {"fil", "fil"},
        {"pt-br", "pt-BR"},
        {"ES-419", "es-419"},
        {"ZH-hant-tw", "zh-Hant-TW"},
        {"sl-ROZAJ-biske", "sl-rozaj-biske"},
        {"de-1996", "de-1996"},
        {"de-ch-1901", "de-CH-1901"},
        {"DE-de-U-CO-PHONEBK", "de-DE-u-co-phonebk"},
        {"en-t-jp-u-ca-gregory", "en-t-jp-u-ca-gregory"},
        {"en-x-A-whatever", "en-x-a-whatever"},
        {"en-US-x-u", "en-US-x-u"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        char locale[LOOK_LOCALE_SIZE];
        assert_true(look_locale(str_from(tags[i].text), locale));
        assert_string_equal(locale, tags[i].locale);
        assert_true(look_locale(str_from(locale), locale));
        assert_string_equal(locale, tags[i].locale);
    }
}

static void what_browsers_refuse_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "d",
        "-",
        "de-",
        "-de",
        "de--DE",
        "de_DE",
        "latn",
        "deutschen-",
        "abcdefghi",
        "de-DE-DE",
        "de-Latn-Latn",
        "de-abc",
        "de-u",
        "de-x",
        "x-private",
        "de-1996-1996",
        "de-u-co-u-ca",
        "de-u-a",
        "i-klingon",
        "12",
        "de DE",
        "de;q=1",
        "\xc3\xa9",
        "de-a",
        "de-abcdefghi",
        "*",
        "de-u-co-phonebk-ca-buddhist-nu-latns",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char locale[LOOK_LOCALE_SIZE];
        if (look_locale(str_from(texts[i]), locale)) {
            fail_msg("\"%s\" is no language tag", texts[i]);
        }
    }
}

static void colors_and_themes_have_one_form(void **state)
{
    (void)state;
    assert_true(look_is_color(STR("#0f6B5c")));
    assert_false(look_is_color(STR("0f6b5c")));
    assert_false(look_is_color(STR("#0f6b5")));
    assert_false(look_is_color(STR("#0f6b5cc")));
    assert_false(look_is_color(STR("#0f6b5g")));
    assert_false(look_is_color(STR_NONE));
    assert_true(look_is_theme(STR("light")) && look_is_theme(STR("dark")) &&
                look_is_theme(STR("system")));
    assert_false(look_is_theme(STR("Dark")) || look_is_theme(STR("")));
}

static void the_language_is_what_the_header_likes_best(void **state)
{
    static const struct {
        const char *header;
        enum language language;
    } headers[] = {
        {"", LANGUAGE_EN},
        {"de", LANGUAGE_DE},
        {"DE-at", LANGUAGE_DE},
        {"nl, fr;q=0.5, de;q=0.9", LANGUAGE_DE},
        {"fr;q=0.5,de;q=0.5", LANGUAGE_FR},
        {"nl;q=1, *;q=0.5", LANGUAGE_EN},
        {"de;q=0", LANGUAGE_EN},
        {"de;q=0.000, ja;q=0.001", LANGUAGE_JA},
        {"de;q=1.5, es;q=0.2", LANGUAGE_ES},
        {"de;q=0.1234, es;q=0.2", LANGUAGE_ES},
        {"de;q=.9, es;q=0.2", LANGUAGE_ES},
        {"de ; Q=0.3 , pt ; q=0.4", LANGUAGE_PT},
        {"dem, enough", LANGUAGE_EN},
        {",;,=;q=,;;q=1", LANGUAGE_EN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        assert_int_equal(language_accepted(str_from(headers[i].header)), headers[i].language);
    }
    assert_int_equal(language_accepted(STR_NONE), LANGUAGE_EN);
}

static void a_text_that_a_language_lacks_is_told_apart(void **state)
{
    (void)state;
    assert_string_equal(language_say(LANGUAGE_EN, "anything"), "anything");
    assert_string_equal(language_say(LANGUAGE_DE, "Page not found"), "Seite nicht gefunden");
    assert_null(language_say(LANGUAGE_DE, "anything"));
    assert_int_equal(language_of_locale(STR("nl")), LANGUAGE_NONE);
    assert_int_equal(language_of_locale(STR_NONE), LANGUAGE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_written_with_the_usual_capitals),
        cmocka_unit_test(what_browsers_refuse_is_refused),
        cmocka_unit_test(colors_and_themes_have_one_form),
        cmocka_unit_test(the_language_is_what_the_header_likes_best),
        cmocka_unit_test(a_text_that_a_language_lacks_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
