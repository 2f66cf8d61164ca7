/*
 * A posted form. The first line is its Content-Type. What is found is one clean value that the form
 * holds, and one more field makes it doubled.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "http/linkform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_NONE;
    struct fault fault;
    struct linkform form, doubled;
    struct str body = {(const char *)data, size};
    struct str type = str_cut(&body, '\n');
    if (linkform_parse(&arena, type, body, &form, &fault) == ERR_OK) {
        REQUIRE(form.secret.len <= body.len);
        REQUIRE(str_find(form.secret, '\0') == form.secret.len);
        struct buf more = buf_make(size + 64);
        buf_add(&more, body);
        buf_add(&more, STR("&secret=x"));
        REQUIRE(linkform_parse(&arena, type, buf_str(&more), &doubled, &fault) == ERR_OK);
        REQUIRE(str_equal(doubled.secret, STR("x")));
        REQUIRE(doubled.is_doubled || form.secret.len == 0);
        buf_done(&more);
    } else {
        REQUIRE(fault.err == ERR_INVALID && fault.message[0] != '\0');
    }
    arena_done(&arena);
    return 0;
}
