#include "scene.h"

#include "model/brand.h"

static const struct str png = {"\x89PNG\r\n\x1a\nrest", 12};

static void put(struct scene *scene, struct str logo)
{
    static char name[BRAND_LOGO_NAME_SIZE];
    struct brand brand = {.workspace_id = scene->work->workspace_id, .logo_file = logo};
    brand_logo_name(logo, name);
    brand.look = (struct look){.name = STR("Acme"), .color = STR("#123456")};
    brand.look.logo = str_from(name);
    assert_int_equal(brand_update(scene->work, &brand), ERR_OK);
}

static void a_workspace_without_a_brand_has_an_empty_one(void **state)
{
    struct scene *scene = *state;
    struct brand brand;
    assert_int_equal(brand_find(scene->work, &scene->work->workspace_id, &brand), ERR_OK);
    assert_true(uuid_equal(&brand.workspace_id, &scene->work->workspace_id));
    assert_null(brand.look.name.ptr);
    assert_null(brand.look.logo.ptr);
    assert_int_equal(brand_find(scene->work, &scene->app.id, &brand), ERR_NOT_FOUND);
}

static void a_label_has_the_brand_of_its_workspace(void **state)
{
    struct scene *scene = *state;
    struct look look = {.theme = STR("dark")};
    struct scene_link pat = scene_pat(scene);
    put(scene, png);
    assert_true(scene->work->raise_epoch);
    assert_int_equal(brand_of_label(scene->work, pat.link.label, &look), ERR_OK);
    assert_str_equal(look.name, "Acme");
    assert_str_equal(look.theme, "dark");
    look.name = STR_NONE;
    assert_int_equal(brand_of_label(scene->work, STR("nobody"), &look), ERR_OK);
    assert_null(look.name.ptr);
}

static void a_logo_stays_until_another_takes_its_place(void **state)
{
    struct scene *scene = *state;
    struct brand brand;
    struct str bytes;
    put(scene, png);
    assert_int_equal(brand_find(scene->work, &scene->work->workspace_id, &brand), ERR_OK);
    struct str first = brand.look.logo;
    brand.look.name = STR("Other");
    assert_int_equal(brand_update(scene->work, &brand), ERR_OK);
    assert_int_equal(brand_logo(scene->work, first, &bytes), ERR_OK);
    assert_true(str_equal(bytes, png));
    put(scene, STR("\xff\xd8\xff other"));
    assert_int_equal(brand_logo(scene->work, first, &bytes), ERR_NOT_FOUND);
}

static void logos_are_told_by_their_bytes(void **state)
{
    (void)state;
    assert_string_equal(brand_logo_type(png), "image/png");
    assert_string_equal(brand_logo_type(STR("\xff\xd8\xff\xe0")), "image/jpeg");
    assert_string_equal(brand_logo_type(STR("RIFF1234WEBPVP8L")), "image/webp");
    assert_null(brand_logo_type(STR("RIFF1234WAVEfmt ")));
    assert_null(brand_logo_type(STR("RIFF")));
    assert_null(brand_logo_type(STR("<svg/>")));
    assert_null(brand_logo_type(STR("")));
    assert_null(brand_logo_type(STR_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_workspace_without_a_brand_has_an_empty_one),
        scene_test(a_label_has_the_brand_of_its_workspace),
        scene_test(a_logo_stays_until_another_takes_its_place),
        cmocka_unit_test(logos_are_told_by_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
