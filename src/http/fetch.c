#include "http/fetch.h"

#include "base/portal.h"

static bool is_one_of(struct str value, const char *const *choices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(value, str_from(choices[i]))) {
            return true;
        }
    }
    return false;
}

static bool contains(struct str text, struct str part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (str_equal((struct str){text.ptr + i, part.len}, part)) {
            return true;
        }
    }
    return false;
}

static bool is_safe_method(struct str method)
{
    static const char *const safe[] = {"GET", "HEAD", "OPTIONS"};
    return is_one_of(method, safe, COUNT_OF(safe));
}

static bool is_frame(struct str destination)
{
    static const char *const frames[] = {"iframe", "frame", "object", "embed"};
    return is_one_of(destination, frames, COUNT_OF(frames));
}

enum err fetch_check_link(const struct fetch *fetch, struct fault *fault)
{
    if (fetch->sec_purpose.len > 0 || fetch->is_navigation_preload) {
        return fault_set(fault, ERR_DENIED, "link_prefetch",
                         "A link cannot be prefetched. This link is still valid.");
    }
    if (!str_equal(fetch->method, STR("GET")) && !str_equal(fetch->method, STR("POST"))) {
        return fault_set(
            fault, ERR_DENIED, "link_not_a_frame",
            "A link must be opened by an iframe's GET request or a form that is posted "
            "into it. This link is still valid.");
    }
    if (fetch->sec_fetch_dest.len == 0 || is_frame(fetch->sec_fetch_dest)) {
        return ERR_OK;
    }
    if (str_equal(fetch->sec_fetch_dest, STR("document"))) {
        return fault_set(fault, ERR_DENIED, "link_top_level",
                         "A link must be opened in an iframe of the portal that created it.");
    }
    return fault_set(fault, ERR_DENIED, "link_not_a_frame",
                     "A link must be opened by an iframe, not by a script or a resource. This link "
                     "is still valid.");
}

/* A form of a page that asks for no Referer comes with "Origin: null" (Fetch, 3.1), and is called
 * same-origin. What is in a sandbox, or sent on by another origin, is called cross-site. */
static bool is_form_without_referrer(const struct fetch *fetch)
{
    return str_equal(fetch->origin, STR("null")) &&
           str_equal(fetch->sec_fetch_site, STR("same-origin")) &&
           str_equal(fetch->sec_fetch_mode, STR("navigate"));
}

enum err fetch_check_sibling(const struct fetch *fetch, struct str own_origin, struct fault *fault)
{
    bool changes = fetch->is_websocket || !is_safe_method(fetch->method);
    if (changes && !str_equal(fetch->origin, own_origin) && !is_form_without_referrer(fetch)) {
        return fault_set(fault, ERR_DENIED, "sibling_refused",
                         "Only the app's own pages can send this request (Origin is %s).",
                         fetch->origin.len == 0 ? "missing" : "another one");
    }
    bool is_foreign = str_equal(fetch->sec_fetch_site, STR("same-site")) ||
                      str_equal(fetch->sec_fetch_site, STR("cross-site"));
    bool is_navigation = str_equal(fetch->sec_fetch_mode, STR("navigate"));
    if (is_foreign && !is_navigation) {
        return fault_set(fault, ERR_DENIED, "sibling_refused",
                         "Only the app's own pages can load this URL.");
    }
    return ERR_OK;
}

bool fetch_is_top_level(const struct fetch *fetch)
{
    return str_equal(fetch->sec_fetch_dest, STR("document"));
}

/* "https://a.example:1" of "https://a.example:1/path"; "" of what is no address. */
static struct str origin_of(struct str url)
{
    static const char *const schemes[] = {"http:", "https:"};
    struct str rest = url;
    struct str scheme = str_cut(&rest, '/');
    if (!is_one_of(scheme, schemes, COUNT_OF(schemes)) || !str_starts_with(rest, STR("/"))) {
        return STR("");
    }
    size_t before = scheme.len + sizeof("//") - 1;
    size_t host = str_find(str_skip(url, before), '/');
    return host > 0 ? (struct str){url.ptr, before + host} : STR("");
}

enum err fetch_check_navigation(const struct fetch *fetch, const struct fetch_way *way,
                                struct fault *fault)
{
    struct str site = fetch->sec_fetch_site;
    if (site.len == 0 || str_equal(site, STR("same-origin"))) {
        return ERR_OK;
    }
    if (fetch_is_top_level(fetch)) {
        return way->is_for_tabs ? ERR_OK
                                : fault_set(fault, ERR_DENIED, "app_top_level",
                                            "This app works only in the site that embeds it.");
    }
    struct str from = origin_of(fetch->referer);
    bool is_right = from.len == 0              ? way->is_led
                    : way->portals.ptr != NULL ? portal_is_listed(way->portals, from)
                                               : !str_ends_with(from, way->siblings);
    if (is_frame(fetch->sec_fetch_dest) && !is_right) {
        return fault_set(fault, ERR_DENIED, "app_sibling",
                         "Only the site that embeds this app can open it in a frame.");
    }
    return ERR_OK;
}

bool fetch_is_frame(const struct fetch *fetch)
{
    return is_frame(fetch->sec_fetch_dest);
}

bool fetch_portal(const struct fetch *fetch, struct str siblings, char out_origin[ORIGIN_TEXT_SIZE])
{
    static const char *const elsewhere[] = {"cross-site", "same-site"};
    struct origin origin;
    struct str from = origin_of(fetch->referer);
    if (!fetch_is_frame(fetch) || from.len == 0 || str_ends_with(from, siblings) ||
        !is_one_of(fetch->sec_fetch_site, elsewhere, COUNT_OF(elsewhere))) {
        return false;
    }
    if (origin_parse(from, &origin, NULL) != ERR_OK || origin.is_pattern) {
        return false;
    }
    origin_format(&origin, out_origin);
    return true;
}

enum err fetch_check_console(const struct fetch *fetch, struct str own_origin, struct fault *fault)
{
    bool is_safe = is_safe_method(fetch->method);
    bool is_own_site = str_equal(fetch->sec_fetch_site, STR("same-origin")) ||
                       (is_safe && str_equal(fetch->sec_fetch_site, STR("none")));
    bool is_own_origin = str_equal(fetch->origin, own_origin);
    bool says_nothing = fetch->sec_fetch_site.len == 0 && fetch->origin.len == 0;
    if ((fetch->sec_fetch_site.len > 0 && !is_own_site) ||
        (fetch->origin.len > 0 && !is_own_origin) || (says_nothing && !is_safe)) {
        return fault_set(fault, ERR_DENIED, "cross_origin",
                         "Only the console's own pages can send this request (%s).",
                         says_nothing ? "it has neither Origin nor Sec-Fetch-Site"
                                      : "it comes from another site");
    }
    return ERR_OK;
}

bool fetch_wants_page(const struct fetch *fetch)
{
    if (fetch->sec_fetch_dest.len > 0) {
        return is_frame(fetch->sec_fetch_dest) || str_equal(fetch->sec_fetch_dest, STR("document"));
    }
    return contains(fetch->accept, STR("text/html"));
}

bool fetch_wants_worker(const struct fetch *fetch)
{
    return fetch->has_service_worker && !str_equal(fetch->sec_fetch_dest, STR("script"));
}

bool fetch_wants_worker_import(const struct fetch *fetch)
{
    return !fetch->has_service_worker && str_equal(fetch->sec_fetch_dest, STR("serviceworker"));
}

bool fetch_wants_index(const struct fetch *fetch, struct str path)
{
    struct str segment = path;
    for (size_t at = str_find(segment, '/'); at < segment.len; at = str_find(segment, '/')) {
        segment = str_skip(segment, at + 1);
    }
    bool is_read = str_equal(fetch->method, STR("GET")) || str_equal(fetch->method, STR("HEAD"));
    /* What a script asks for, or a missing picture, must not become a page of HTML. */
    bool may_be_page = fetch->sec_fetch_dest.len == 0 && str_find(segment, '.') == segment.len;
    return is_read && (may_be_page || fetch_wants_page(fetch));
}
