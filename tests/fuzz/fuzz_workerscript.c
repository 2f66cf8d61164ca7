/*
 * Scripts of service workers. Whatever stands before it, a declaration that begins where a
 * statement may begin is found.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "http/workerscript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const declarations[] = {
        "\nimport 'x'",          ";import{a}from'x'",       "}import*as a from'x'",
        ")import a from'x'",     "\n \texport*from'x'",     ";/**/export{a}from'x'",
        "\xe2\x80\xa8import'x'", "\r\nimport/**/a from'x'",
    };
    struct str script = {(const char *)data, size};
    (void)workerscript_is_strict(script);
    (void)workerscript_is_type(script);
    bool may_import = workerscript_may_import(script);
    for (size_t i = 0; i < COUNT_OF(declarations); i++) {
        struct buf longer = buf_make(size + 64);
        buf_add(&longer, script);
        buf_add(&longer, str_from(declarations[i]));
        REQUIRE(workerscript_may_import(buf_str(&longer)));
        buf_done(&longer);
    }
    /* what follows on a new line takes nothing away */
    struct buf longer = buf_make(size + 64);
    buf_add(&longer, script);
    buf_add(&longer, STR("\n"));
    REQUIRE(!may_import || workerscript_may_import(buf_str(&longer)));
    buf_done(&longer);
    return 0;
}
