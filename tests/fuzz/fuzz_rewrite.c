/*
 * What is changed in requests to an app's server and in its answers: the first line is the name of
 * a header, the rest its value, which is also read as the target of a request.
 */
#include "fuzz.h"

#include <ctype.h>
#include <strings.h>

#include "http/rewrite.h"
#include "http/target.h"

static struct rewrite_site this_site(void)
{
    return (struct rewrite_site){
        .own = STR("https://label.apps.example"),
        .server = STR("http://127.0.0.1:8888"),
        .host = STR("intern.example"),
        .base = STR("/base"),
    };
}

static void check_beside(struct str header, struct str value)
{
    struct rewrite_site site = this_site();
    site.mark = STR("m");
    struct buf out = buf_make(rewrite_room(&site, value));
    if (rewrite_cookie_digest(&site, value, &out)) {
        REQUIRE(buf_is_ok(&out) && str_starts_with(buf_str(&out), STR("m.")));
    }
    out.len = 0;
    if (rewrite_cookie_replaced(&site, header, value, &out)) {
        REQUIRE(buf_is_ok(&out) && str_starts_with(buf_str(&out), STR("m-")));
    }
    buf_done(&out);
}

static bool starts_nocase(struct str s, struct str prefix)
{
    return s.len >= prefix.len && strncasecmp(s.ptr, prefix.ptr, prefix.len) == 0;
}

static void check_target(struct str target)
{
    if (!target_is_plain(target)) {
        return;
    }
    struct str path = str_cut(&target, '?');
    while (path.len > 0) {
        struct str segment = str_cut(&path, '/');
        REQUIRE(!str_equal(segment, STR("..")) && !str_equal(segment, STR("%2E%2e")));
        REQUIRE(!str_equal(segment, STR("..;x")) && !str_equal(segment, STR("%252e.")));
        REQUIRE(!str_starts_with(segment, STR("..\\")) && !str_ends_with(segment, STR("%5c..")));
    }
}

static void check_cookies(struct str header, struct str mark)
{
    struct buf out = buf_make(2 * header.len + 2);
    rewrite_cookies(header, mark, &out);
    REQUIRE(buf_is_ok(&out));
    struct str rest = buf_str(&out);
    while (rest.len > 0) {
        struct str name = str_trim(str_cut(&rest, ';'));
        REQUIRE(name.len > 0 && !starts_nocase(name, REWRITE_OWN_COOKIES));
        REQUIRE(!starts_nocase(str_skip(name, 1), REWRITE_OWN_COOKIES) || name.ptr[0] != '=');
    }
    buf_done(&out);
}

static void check_set_cookie(struct str cookie)
{
    REQUIRE(str_ends_with(cookie, STR("; Secure; SameSite=None; Partitioned")));
    REQUIRE(!starts_nocase(cookie, REWRITE_OWN_COOKIES) && cookie.ptr[0] != '=');
    (void)str_cut(&cookie, ';');
    while (cookie.len > 0) {
        struct str attribute = str_trim(str_cut(&cookie, ';'));
        struct str name = str_trim(str_cut(&attribute, '='));
        REQUIRE(!str_equal_nocase(name, STR("Domain")));
        REQUIRE(!str_equal_nocase(name, STR("Path")) || str_starts_with(attribute, STR("/")));
    }
}

static void check_policy(struct str policies)
{
    while (policies.len > 0) {
        struct str policy = str_cut(&policies, ',');
        while (policy.len > 0) {
            REQUIRE(!str_equal_nocase(str_trim(str_cut(&policy, ';')), STR("frame-ancestors")));
        }
    }
}

static void check_header(struct str name, struct str value)
{
    struct rewrite_site site = this_site();
    struct buf out = buf_make(rewrite_room(&site, value));
    enum rewrite what = rewrite_header(&site, name, value, &out);
    REQUIRE(buf_is_ok(&out));
    struct str text = buf_str(&out);
    if (str_equal_nocase(name, STR("X-Frame-Options"))) {
        REQUIRE(what == REWRITE_DROP);
    } else if (what == REWRITE_TO && str_equal_nocase(name, STR("Set-Cookie"))) {
        check_set_cookie(text);
    } else if (what == REWRITE_TO && str_equal_nocase(name, STR("Location"))) {
        REQUIRE(str_starts_with(text, site.own) && str_skip(text, site.own.len).ptr[0] == '/');
    } else if (what == REWRITE_TO && str_equal_nocase(name, STR("Content-Security-Policy"))) {
        check_policy(text);
    }
    buf_done(&out);
}

/* Whatever CGI makes one of ours from never passes. */
static void check_name(struct str name)
{
    static const char *const ours[] = {"X_INLAY_USER", "X_FORWARDED_FOR", "X_REAL_IP", "FORWARDED",
                                       "PROXY"};
    char folded[32];
    if (name.len >= sizeof(folded)) {
        return;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        folded[i] = isalnum(c) ? (char)toupper(c) : '_';
    }
    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        REQUIRE(!str_equal((struct str){folded, name.len}, str_from(ours[i])) ||
                rewrite_is_reserved(name));
    }
    REQUIRE(name.len == 0 || name.ptr[name.len - 1] == '*' || rewrite_is_spelling(name, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str value = {(const char *)data, size};
    struct str name = str_cut(&value, '\n');
    check_name(name);
    check_target(value);
    check_cookies(value, STR(""));
    check_cookies(value, STR("m"));
    check_header(name, value);
    check_beside(name, value);
    return 0;
}
