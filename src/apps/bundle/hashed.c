#include "apps/bundle/hashed.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]) && (text.ptr[i] < 'a' || text.ptr[i] > 'f')) {
            return false;
        }
    }
    return true;
}

static bool is_base32(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if ((c < 'A' || c > 'Z') && (c < '2' || c > '7')) {
            return false;
        }
    }
    return true;
}

/* ---- folders that hold nothing else ---- */

static const char *const folders[] = {
    "/_next/static/chunks/", /* Next.js: nextjs.org/docs/app/guides/self-hosting, "Caching" */
    "/_next/static/css/",
    "/_next/static/media/",
    "/_app/immutable/", /* SvelteKit: svelte.dev/docs/kit/adapter-static and its output */
    "/_astro/", /* Astro: docs.astro.build/en/reference/configuration-reference, build.assets */
    "/_nuxt/",  /* Nuxt: nuxt.com/docs/api/nuxt-config, buildAssetsDir; but for builds/ */
};

static bool is_in_folder(struct str path)
{
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        if (str_starts_with(path, str_from(folders[i]))) {
            return !str_starts_with(path, STR("/_nuxt/builds/"));
        }
    }
    return false;
}

/* ---- names ---- */

/* esbuild's, as Angular lays them out at the top: "chunk-7QK2MZ4P.js", "styles-ABCDEFGH.css". */
static bool is_by_angular(struct str path)
{
    static const char *const starts[] = {"/main-", "/polyfills-", "/scripts-", "/styles-",
                                         "/chunk-"};
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        struct str start = str_from(starts[i]);
        if (str_starts_with(path, start) && path.len > start.len + 8) {
            struct str hash = str_skip(path, start.len);
            struct str extension = str_skip(hash, 8);
            return is_base32(str_head(hash, 8)) &&
                   (str_equal(extension, STR(".js")) || str_equal(extension, STR(".css")));
        }
    }
    return false;
}

/* Docusaurus': "/assets/js/59362658.47426898.js" (the chunk, then its content). */
static bool is_by_docusaurus(struct str path)
{
    static const char example[] = "/assets/js/59362658.47426898.js";
    if (!str_starts_with(path, STR("/assets/js/")) || path.len != sizeof(example) - 1) {
        return false;
    }
    struct str name = str_skip(path, sizeof("/assets/js/") - 1);
    return name.ptr[8] == '.' && is_hex(str_head(name, 8)) &&
           is_hex(str_head(str_skip(name, 9), 8)) && str_ends_with(name, STR(".js"));
}

bool hashed_path(struct str path)
{
    return is_in_folder(path) || is_by_angular(path) || is_by_docusaurus(path);
}
