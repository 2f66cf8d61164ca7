/*
 * Cookie headers. What is found must be a clean value that stands behind the name, and the only
 * one.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "http/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str header = {(const char *)data, size};
    struct str name = STR("__Host-inlay");
    struct str value;
    if (!cookie_find(header, name, &value)) {
        return 0;
    }
    REQUIRE(value.len > 0 && value.ptr >= header.ptr + name.len + 1);
    REQUIRE(value.ptr + value.len <= header.ptr + header.len);
    REQUIRE(value.ptr[-1] == '=');
    REQUIRE(str_equal((struct str){value.ptr - name.len - 1, name.len}, name));
    REQUIRE(str_is_clean_utf8(value) && str_find(value, ';') == value.len);

    struct buf planted = buf_make(size + 64);
    buf_add(&planted, header);
    buf_add(&planted, STR("; __Host-inlay=other"));
    REQUIRE(str_equal(value, STR("other")) || !cookie_find(buf_str(&planted), name, &value));
    buf_done(&planted);
    return 0;
}
