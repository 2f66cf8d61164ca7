#include "unit.h"

#include "apps/bundle/hashed.h"

static void names_that_frameworks_make_from_contents_are_hashed(void **state)
{
    static const char *const hashed[] = {
        "/_next/static/chunks/0cz1d0mv5g_q7.js",
        "/_next/static/css/3f2a.css",
        "/_next/static/media/e4af272ccee01ff0-s.p.woff2",
        "/_app/immutable/chunks/Dk3aX9.js",
        "/_astro/index.B7xY2k.css",
        "/_nuxt/entry.8d1f2c3b.js",
        "/chunk-ABCDEFGH.js",
        "/styles-7QK2MZ4P.css",
        "/assets/js/59362658.47426898.js",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hashed); i++) {
        assert_true(hashed_path(str_from(hashed[i])));
    }
}

static void names_that_only_look_so_are_not(void **state)
{
    static const char *const plain[] = {
        "/",
        "/index.html",
        "/view-Dashboard.js",
        "/assets/index-BkX3d8sV.js",
        "/jquery.dataTables.min.js",
        "/OpenSans-SemiBold.woff2",
        "/apple-touch-icon-180x180.png",
        "/chunk-overview.js",
        "/chunk-ABCDEFG1.js",
        "/chunk-ABCDEFGH.json",
        "/chunk-ABCDEFGH",
        "/x/chunk-ABCDEFGH.js",
        "/main-",
        "/assets/js/59362658.js",
        "/assets/js/59362658.4742689G.js",
        "/assets/js/",
        "/_next/static/my-build/_buildManifest.js",
        "/_nuxt/builds/latest.json",
        "/_app/version.json",
        "/x/_next/static/chunks/a.js",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        assert_false(hashed_path(str_from(plain[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_frameworks_make_from_contents_are_hashed),
        cmocka_unit_test(names_that_only_look_so_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
