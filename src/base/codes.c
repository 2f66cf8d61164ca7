#include "base/codes.h"

#include <stdlib.h>

const struct code codes[] = {
#define PAGE(code, err, status, label, meaning, title, hint) {#code, err, status, title, hint},
#define CODE(code, err, status, label, meaning) {#code, err, status, NULL, NULL},
#define LOCAL(code, err) {#code, err, 0, NULL, NULL},
#define ALSO(code, err)
#include "base/codes.def"
#undef PAGE
#undef CODE
#undef LOCAL
#undef ALSO
};

const size_t codes_count = COUNT_OF(codes);

static int compare(const void *name, const void *code)
{
    return strcmp(name, ((const struct code *)code)->name);
}

const struct code *codes_find(const char *name)
{
    return bsearch(name, codes, codes_count, sizeof(codes[0]), compare);
}

int codes_status(const struct fault *fault)
{
    static const int statuses[ERR_COUNT] = {
        [ERR_INVALID] = 400,   [ERR_UNAUTHENTICATED] = 401, [ERR_DENIED] = 403,
        [ERR_NOT_FOUND] = 404, [ERR_CONFLICT] = 409,        [ERR_GONE] = 410,
        [ERR_TOO_LARGE] = 413, [ERR_UNSUPPORTED] = 415,     [ERR_LIMITED] = 429,
        [ERR_BUSY] = 503,      [ERR_STORAGE] = 503,         [ERR_INTERNAL] = 500,
    };
    const struct code *code = codes_find(fault->code);
    REQUIRE(fault->err > ERR_OK && fault->err < ERR_COUNT);
    return code != NULL && code->status != 0 ? code->status : statuses[fault->err];
}

const struct code *codes_page(const struct fault *fault)
{
    const struct code *code = codes_find(fault->code);
    if (code == NULL || code->title == NULL) {
        code = codes_find("internal");
    }
    REQUIRE(code != NULL && code->title != NULL);
    return code;
}
