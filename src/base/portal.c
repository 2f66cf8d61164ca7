#include "base/portal.h"

#include "base/suffix.h"

enum { SCHEME_MAX = 32 };

static enum err refuse(struct fault *fault, const char *reason)
{
    return fault_set(fault, ERR_INVALID, "origin_invalid",
                     "This is not an origin that may frame an app: %s", reason);
}

/* ---- mobile and desktop apps ---- */

/* RFC 3986 3.1 */
static bool is_scheme(struct str scheme)
{
    for (size_t i = 0; i < scheme.len; i++) {
        char c = scheme.ptr[i];
        bool is_letter = c >= 'a' && c <= 'z';
        bool is_later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (!is_letter && (i == 0 || !is_later)) {
            return false;
        }
    }
    return scheme.len > 0 && scheme.len <= SCHEME_MAX;
}

/* Their pages have an opaque origin, or none: no source of CSP stands for them. */
static bool has_no_origin(struct str scheme)
{
    static const char *const schemes[] = {"about",      "blob",        "data",  "file",
                                          "filesystem", "javascript",  "ftp",   "ws",
                                          "wss",        "view-source", "mailto"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (str_equal(scheme, str_from(schemes[i]))) {
            return true;
        }
    }
    return false;
}

/* The host is written as that of a web origin is. text has no scheme any more. */
static enum err parse_native(struct str scheme, struct str text, char out_text[ORIGIN_TEXT_SIZE],
                             struct fault *fault)
{
    char as_http[ORIGIN_TEXT_SIZE];
    struct origin origin;
    if (has_no_origin(scheme)) {
        return refuse(fault, "pages of this scheme have no origin that a browser could compare.");
    }
    if (str_find(text, ':') < text.len || str_find(text, '[') < text.len) {
        return refuse(fault, "one of a mobile or desktop app has a scheme and a host, and no port, "
                             "like capacitor://localhost.");
    }
    if (str_starts_with(text, STR("*"))) {
        return refuse(fault, "one of a mobile or desktop app names its host, "
                             "like capacitor://localhost.");
    }
    int len = snprintf(as_http, sizeof(as_http), "http://" STR_FMT, STR_ARG(text));
    if (len < 0 || (size_t)len >= sizeof(as_http)) {
        return refuse(fault, "it is too long.");
    }
    enum err err = origin_parse(str_from(as_http), &origin, fault);
    if (err) {
        return err;
    }
    len = snprintf(out_text, ORIGIN_TEXT_SIZE, STR_FMT "://%s", STR_ARG(scheme), origin.host);
    return len >= 0 && len < ORIGIN_TEXT_SIZE ? ERR_OK : refuse(fault, "it is too long.");
}

/* ---- web pages ---- */

/* A source of http stands for https, too (CSP Level 3, 6.7.2.8). */
static bool covers_apps(const struct origin *portal, const struct origin *app_url)
{
    struct str host = str_from(app_url->host);
    struct str below = str_from(portal->host);
    bool is_below = str_equal(host, below) ||
                    (str_ends_with(host, below) && host.ptr[host.len - below.len - 1] == '.');
    bool has_port = portal->port == app_url->port || (portal->port == 80 && app_url->port == 443);
    return portal->is_pattern && is_below && has_port;
}

static enum err check_web(const struct origin *origin, const struct origin *app_url,
                          struct fault *fault)
{
    if (origin->host[0] == '[') {
        return refuse(fault,
                      "browsers have no form for addresses of IPv6 in a policy. Use a name.");
    }
    if (!origin->is_https && !origin_is_loopback(origin)) {
        return refuse(fault, "http:// is for localhost only, use https://.");
    }
    if (origin->is_pattern && suffix_is_public(origin->host)) {
        return refuse(fault, "anybody can have a name that it stands for. "
                             "Put a domain of your own behind the \"*.\".");
    }
    if (covers_apps(origin, app_url)) {
        return refuse(fault,
                      "every app could frame this one, since origins of apps are among those "
                      "that it stands for. Name the portals one by one.");
    }
    return ERR_OK;
}

enum err portal_parse(struct str text, const struct origin *app_url,
                      char out_text[ORIGIN_TEXT_SIZE], struct fault *fault)
{
    struct origin origin;
    char lower[SCHEME_MAX + 1];
    struct str scheme = {text.ptr, str_find(text, ':')};
    for (size_t i = 0; i < scheme.len && i < SCHEME_MAX; i++) {
        lower[i] = str_lower_char(scheme.ptr[i]);
    }
    struct str rest = str_skip(text, scheme.len);
    if (scheme.len <= SCHEME_MAX && str_starts_with(rest, STR("://"))) {
        scheme.ptr = lower;
        bool is_web = str_equal(scheme, STR("http")) || str_equal(scheme, STR("https"));
        if (!is_web && is_scheme(scheme)) {
            return parse_native(scheme, str_skip(rest, 3), out_text, fault);
        }
    }
    enum err err = origin_parse(text, &origin, fault);
    if (!err) {
        err = check_web(&origin, app_url, fault);
    }
    if (!err) {
        origin_format(&origin, out_text);
    }
    return err;
}

/* ---- lists ---- */

static bool is_like(struct str portal, struct str origin)
{
    struct str rest = portal;
    struct str scheme = str_cut(&rest, '*'); /* "https://", with ".example.com" behind it */
    if (scheme.len == portal.len) {
        return str_equal(portal, origin);
    }
    return rest.len > 1 && origin.len > scheme.len + rest.len && str_starts_with(origin, scheme) &&
           str_ends_with(origin, rest);
}

bool portal_list_has(struct str portals, struct str origin)
{
    while (portals.len > 0) {
        struct str portal = str_cut(&portals, ' ');
        if (portal.len > 0 && is_like(portal, origin)) {
            return true;
        }
    }
    return false;
}
