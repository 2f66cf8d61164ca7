/*
 * A path that a mint takes, and on the next line the address of a link with what a portal put
 * behind it. Whatever is accepted begins with one "/", stands in a header as it is, is not changed
 * by being read again, and survives the way in a parameter.
 */
#include "fuzz.h"

#include "base/limits.h"
#include "http/deeplink.h"

static bool leads_into_the_app(struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] <= ' ' || path.ptr[i] >= 0x7f) {
            return false;
        }
    }
    return path.len > 0 && path.ptr[0] == '/' &&
           (path.len == 1 || (path.ptr[1] != '/' && path.ptr[1] != '\\')) &&
           !str_starts_with(path, STR("/_inlay/")) && !str_starts_with(path, STR("/embed-apps/"));
}

static void check_path(struct str text)
{
    struct fault fault;
    struct buf once = buf_make(LIMIT_START_PATH_BYTES);
    struct buf twice = buf_make(LIMIT_START_PATH_BYTES);
    if (deeplink_parse(text, &once, &fault) == ERR_OK) {
        REQUIRE(leads_into_the_app(buf_str(&once)));
        REQUIRE(deeplink_parse(buf_str(&once), &twice, &fault) == ERR_OK);
        REQUIRE(str_equal(buf_str(&once), buf_str(&twice)));
    }
    buf_done(&twice);
    buf_done(&once);
}

static void check_appended(struct str address)
{
    struct fault fault;
    struct buf appended = buf_make(address.len + 1);
    struct buf way = buf_make(3 * address.len + 16);
    struct buf again = buf_make(3 * address.len + 16);
    struct buf path = buf_make(LIMIT_START_PATH_BYTES);
    deeplink_appended(address, &appended);
    REQUIRE(buf_is_ok(&appended));
    if (appended.len > 0) {
        buf_add(&way, STR("/?to="));
        deeplink_escape(buf_str(&appended), &way);
        REQUIRE(buf_is_ok(&way));
        deeplink_appended(buf_str(&way), &again);
        REQUIRE(str_equal(buf_str(&again), buf_str(&appended)));
    }
    if (deeplink_join(STR("/home?a=b#c"), buf_str(&appended), &path, &fault) == ERR_OK) {
        REQUIRE(leads_into_the_app(buf_str(&path)));
    }
    buf_done(&path);
    buf_done(&again);
    buf_done(&way);
    buf_done(&appended);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct str text = str_cut(&rest, '\n');
    check_path(text);
    check_appended(rest);
    return 0;
}
