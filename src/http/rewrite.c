#include "http/rewrite.h"

#include "crypto/digest.h"

static bool starts_nocase(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_equal_nocase((struct str){s.ptr, prefix.len}, prefix);
}

static struct str first_of(struct str s, const char *ends)
{
    size_t len = 0;
    while (len < s.len && (s.ptr[len] == '\0' || strchr(ends, s.ptr[len]) == NULL)) {
        len++;
    }
    return (struct str){s.ptr, len};
}

/* ---- requests ---- */

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool rewrite_is_spelling(struct str name, struct str pattern)
{
    bool is_family = str_ends_with(pattern, STR("*"));
    size_t len = pattern.len - is_family;
    if (is_family ? name.len < len : name.len != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (is_alphanumeric(pattern.ptr[i])
                ? !str_equal_nocase((struct str){name.ptr + i, 1}, (struct str){pattern.ptr + i, 1})
                : is_alphanumeric(name.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* "token" of RFC 9110, 5.6.2 */
static bool is_token(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_alphanumeric(c) && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return name.len > 0;
}

static bool is_plain_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_alphanumeric(name.ptr[i]) && name.ptr[i] != '-') {
            return false;
        }
    }
    return true;
}

static bool is_any_of(struct str name, const char *const *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rewrite_is_spelling(name, str_from(patterns[i]))) {
            return true;
        }
    }
    return false;
}

bool rewrite_is_reserved(struct str name)
{
    /* What Inlay says itself, and "Proxy", which CGI programs read as a setting of their own. */
    static const char *const ours[] = {"Forwarded",   "Inlay-*",       "Proxy",     "Proxy-*",
                                       "X-Forwarded", "X-Forwarded-*", "X-Inlay-*", "X-Real-IP"};
    /* What HTTP, or nobody but the browser, decides: right in its own spelling only. */
    static const char *const exact[] = {"Content-Length", "Keep-Alive", "Sec-*",
                                        "Transfer-Encoding"};
    return !is_token(name) || is_any_of(name, ours, COUNT_OF(ours)) ||
           (!is_plain_name(name) && is_any_of(name, exact, COUNT_OF(exact)));
}

/* ---- cookies in requests ---- */

struct cookie {
    struct str text;
    struct str name;
    struct str value;
    enum { COOKIE_PLAIN, COOKIE_MARKED, COOKIE_DIGEST } kind;
};

enum { COOKIE_DIGEST_HEX = 16 };

static struct str cookie_digest(struct str value, char text[COOKIE_DIGEST_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    struct digest digest = digest_of(value);
    for (size_t i = 0; i < COOKIE_DIGEST_HEX; i++) {
        unsigned char byte = digest.bytes[i / 2];
        text[i] = digits[i % 2 == 0 ? byte >> 4 : byte & 15];
    }
    text[COOKIE_DIGEST_HEX] = '\0';
    return (struct str){text, COOKIE_DIGEST_HEX};
}

/* False for Inlay's. */
static bool cookie_parse(struct str text, struct str mark, struct cookie *out)
{
    struct str name = text;
    /* Some servers leave a "=" before a name away. */
    while (name.len > 0 && (name.ptr[0] == '=' || name.ptr[0] == ' ' || name.ptr[0] == '\t')) {
        name = str_skip(name, 1);
    }
    if (name.len == 0 || starts_nocase(name, REWRITE_OWN_COOKIES)) {
        return false;
    }
    struct str rest = text;
    *out = (struct cookie){.text = text, .kind = COOKIE_PLAIN};
    out->name = str_trim(str_cut(&rest, '='));
    out->value = rest;
    if (mark.len == 0 || !str_starts_with(text, mark) || out->name.len <= mark.len + 1) {
        return true;
    }
    char after = text.ptr[mark.len];
    if (after == '-' || after == '.') {
        out->kind = after == '-' ? COOKIE_MARKED : COOKIE_DIGEST;
        out->text = str_trim(str_skip(text, mark.len + 1));
        out->name = str_trim(str_skip(out->name, mark.len + 1));
        /* Whatever was marked, it is none of Inlay's. */
        return !starts_nocase(out->name, REWRITE_OWN_COOKIES);
    }
    return true;
}

/* Is this the one of its name that the server is to get? */
static bool cookie_passes(const struct cookie *cookies, size_t count, size_t index)
{
    const struct cookie *cookie = &cookies[index];
    char text[COOKIE_DIGEST_HEX + 1];
    bool is_alone = true;
    bool is_known = false;
    bool is_first = true;
    if (cookie->kind != COOKIE_PLAIN) {
        return cookie->kind == COOKIE_MARKED;
    }
    for (size_t i = 0; i < count; i++) {
        const struct cookie *other = &cookies[i];
        if (i == index || !str_equal(other->name, cookie->name)) {
            continue;
        }
        if (other->kind == COOKIE_MARKED) {
            return false;
        }
        if (other->kind == COOKIE_PLAIN) {
            is_alone = false;
            is_first &= i > index || !str_equal(other->value, cookie->value);
        } else {
            is_known |= str_equal(other->value, cookie_digest(cookie->value, text));
        }
    }
    return is_alone || (is_known && is_first);
}

void rewrite_cookies(struct str header, struct str mark, struct buf *out)
{
    struct cookie cookies[REWRITE_COOKIES_MAX];
    size_t count = 0;
    while (header.len > 0 && count < REWRITE_COOKIES_MAX) {
        count += cookie_parse(str_trim(str_cut(&header, ';')), mark, &cookies[count]);
    }
    for (size_t i = 0; i < count; i++) {
        if (mark.len > 0 && !cookie_passes(cookies, count, i)) {
            continue;
        }
        if (out->len > 0) {
            buf_add(out, STR("; "));
        }
        buf_add(out, cookies[i].text);
    }
}

/* ---- answers ---- */

static struct str without_base(struct str path, struct str base)
{
    if (base.len == 0 || !str_starts_with(path, base)) {
        return path;
    }
    struct str rest = str_skip(path, base.len);
    return first_of(rest, "/?#").len == 0 ? rest : path;
}

static void add_path(struct str path, struct buf *out)
{
    if (path.len == 0 || path.ptr[0] != '/') {
        buf_add_char(out, '/');
    }
    buf_add(out, path);
}

/* What a Set-Cookie header says. False for one without a name, which could be sent back as one of
 * ours, and for one that is named like ours. */
struct set_cookie {
    struct str name;
    struct str value;
    struct str attributes;
    bool is_http_only;
};

static bool set_cookie_parse(struct str value, struct set_cookie *out)
{
    struct str rest = value;
    struct str pair = str_trim(str_cut(&rest, ';'));
    struct str after_name = pair;
    out->name = str_trim(str_cut(&after_name, '='));
    out->value = str_trim(after_name);
    out->attributes = rest;
    out->is_http_only = false;
    while (rest.len > 0) {
        struct str attribute = str_trim(str_cut(&rest, ';'));
        out->is_http_only |= str_equal_nocase(str_trim(str_cut(&attribute, '=')), STR("HttpOnly"));
    }
    return out->name.len > 0 && str_find(pair, '=') < pair.len &&
           !starts_nocase(out->name, REWRITE_OWN_COOKIES);
}

/* The cookie belongs to this origin inside of this portal, whatever the server says. */
static void add_attributes(const struct rewrite_site *site, struct str rest, bool is_removed,
                           struct buf *out)
{
    while (rest.len > 0) {
        struct str attribute = str_trim(str_cut(&rest, ';'));
        struct str word = attribute;
        struct str name = str_trim(str_cut(&word, '='));
        bool is_time =
            str_equal_nocase(name, STR("Expires")) || str_equal_nocase(name, STR("Max-Age"));
        word = str_trim(word);
        if (str_equal_nocase(name, STR("Path")) && str_starts_with(word, STR("/"))) {
            buf_add(out, STR("; Path="));
            add_path(without_base(word, site->base), out);
        } else if ((is_time && !is_removed) || str_equal_nocase(name, STR("HttpOnly"))) {
            buf_add(out, STR("; "));
            buf_add(out, attribute);
        }
    }
    buf_add(out, is_removed ? STR("; Max-Age=0") : STR(""));
    buf_add(out, STR("; Secure; SameSite=None; Partitioned"));
}

static void add_marked(struct str mark, char kind, struct str name, struct buf *out)
{
    buf_add(out, mark);
    buf_add_char(out, kind);
    buf_add(out, name);
    buf_add_char(out, '=');
}

static enum rewrite set_cookie(const struct rewrite_site *site, struct str value, struct buf *out)
{
    struct set_cookie cookie;
    if (!set_cookie_parse(value, &cookie)) {
        return REWRITE_DROP;
    }
    if (cookie.is_http_only && site->mark.len > 0) {
        add_marked(site->mark, '-', cookie.name, out);
        buf_add(out, cookie.value);
    } else {
        buf_add(out, str_trim((struct str){value.ptr, str_find(value, ';')}));
    }
    add_attributes(site, cookie.attributes, false, out);
    return REWRITE_TO;
}

bool rewrite_cookie_digest(const struct rewrite_site *site, struct str value, struct buf *out)
{
    struct set_cookie cookie;
    char text[COOKIE_DIGEST_HEX + 1];
    if (site->mark.len == 0 || !set_cookie_parse(value, &cookie) || cookie.is_http_only) {
        return false;
    }
    add_marked(site->mark, '.', cookie.name, out);
    buf_add(out, cookie_digest(cookie.value, text));
    buf_add(out, STR("; HttpOnly"));
    add_attributes(site, cookie.attributes, false, out);
    return true;
}

bool rewrite_cookie_replaced(const struct rewrite_site *site, struct str header, struct str value,
                             struct buf *out)
{
    struct set_cookie cookie;
    struct cookie sent;
    bool is_sent = false;
    if (site->mark.len == 0 || !set_cookie_parse(value, &cookie) || cookie.is_http_only) {
        return false;
    }
    while (header.len > 0 && !is_sent) {
        is_sent = cookie_parse(str_trim(str_cut(&header, ';')), site->mark, &sent) &&
                  sent.kind == COOKIE_MARKED && str_equal(sent.name, cookie.name);
    }
    if (is_sent) {
        add_marked(site->mark, '-', cookie.name, out);
        buf_add(out, STR("; HttpOnly"));
        add_attributes(site, cookie.attributes, true, out);
    }
    return is_sent;
}

static struct str authority_of(struct str origin)
{
    struct str rest = origin;
    (void)str_cut(&rest, '/');
    (void)str_cut(&rest, '/');
    return rest;
}

/* Without the port: "[::1]:80" is "[::1]". */
static struct str host_of(struct str authority)
{
    size_t colon = authority.len;
    while (colon > 0 && authority.ptr[colon - 1] >= '0' && authority.ptr[colon - 1] <= '9') {
        colon--;
    }
    bool has_port = colon > 0 && authority.ptr[colon - 1] == ':';
    return has_port ? (struct str){authority.ptr, colon - 1} : authority;
}

/* The server knows itself by the app's own name and by what it is told in Host, but not always the
 * scheme and port that browsers use: any of them is meant. On its own machine, another port is
 * another server. */
static bool is_this_app(const struct rewrite_site *site, struct str authority, bool is_https)
{
    struct str host = host_of(authority);
    struct str port = is_https ? STR(":443") : STR(":80");
    if (str_equal_nocase(host, host_of(authority_of(site->own))) ||
        (site->host.len > 0 && str_equal_nocase(host, host_of(site->host)))) {
        return true;
    }
    if (str_ends_with(authority, port)) {
        authority.len -= port.len;
    }
    return str_equal_nocase(authority, authority_of(site->server));
}

/* Whichever of its names the server calls itself by. What is changed is written with its origin: of
 * "http://server//evil.example" the path alone would lead to another host. */
static enum rewrite location(const struct rewrite_site *site, struct str value, struct buf *out)
{
    struct str rest = value;
    bool is_https = starts_nocase(rest, STR("https://"));
    if (is_https || starts_nocase(rest, STR("http://"))) {
        rest = str_skip(rest, is_https ? 6 : 5);
    }
    if (str_starts_with(rest, STR("//"))) {
        rest = str_skip(rest, 2);
        struct str authority = first_of(rest, "/?#\\");
        if (!is_this_app(site, authority, is_https)) {
            return REWRITE_KEEP;
        }
        rest = str_skip(rest, authority.len);
    }
    struct str path = without_base(rest, site->base);
    if (path.len == value.len) {
        return REWRITE_KEEP;
    }
    buf_add(out, site->own);
    add_path(path, out);
    return REWRITE_TO;
}

/* "5; url=http://127.0.0.1:8888/x" (HTML, the rules of http-equiv) */
static enum rewrite refresh(const struct rewrite_site *site, struct str value, struct buf *out)
{
    struct str seconds = first_of(value, ";,");
    struct str rest = str_trim(str_skip(value, seconds.len + (seconds.len < value.len ? 1 : 0)));
    if (!starts_nocase(rest, STR("url="))) {
        return REWRITE_KEEP;
    }
    rest = str_trim(str_skip(rest, 4));
    if (rest.len > 0 && (rest.ptr[0] == '"' || rest.ptr[0] == '\'')) {
        char quote = rest.ptr[0];
        rest = str_skip(rest, 1);
        rest.len = str_find(rest, quote);
    }
    buf_add(out, seconds);
    buf_add(out, STR("; url="));
    return location(site, rest, out);
}

/* Takes frame-ancestors out of each policy of the list; the rest stays as it was. */
static enum rewrite policies(const struct rewrite_site *site, struct str value, struct buf *out)
{
    (void)site;
    while (value.len > 0) {
        struct str policy = str_cut(&value, ',');
        bool is_first = true;
        while (policy.len > 0) {
            struct str directive = str_trim(str_cut(&policy, ';'));
            struct str name = first_of(directive, " \t\f");
            if (directive.len == 0 || str_equal_nocase(name, STR("frame-ancestors"))) {
                continue;
            }
            if (out->len > 0) {
                buf_add(out, is_first ? STR(", ") : STR("; "));
            }
            buf_add(out, directive);
            is_first = false;
        }
    }
    return out->len > 0 ? REWRITE_TO : REWRITE_DROP;
}

enum { LINKS_MAX = 100 };

/* Each address between "<" and ">" (RFC 8288 3); what stands in quotes is a parameter's. */
static enum rewrite links(const struct rewrite_site *site, struct str value, struct buf *out)
{
    bool is_changed = false;
    bool in_quotes = false;
    int count = 0;
    while (value.len > 0) {
        char c = value.ptr[0];
        size_t escape = in_quotes && c == '\\' && value.len > 1 ? 1 : 0;
        in_quotes ^= c == '"';
        buf_add(out, (struct str){value.ptr, 1 + escape});
        value = str_skip(value, 1 + escape);
        if (c != '<' || in_quotes) {
            continue;
        }
        struct str address = {value.ptr, str_find(value, '>')};
        size_t before = out->len;
        if (++count > LINKS_MAX) {
            return REWRITE_DROP;
        }
        if (location(site, address, out) == REWRITE_TO) {
            is_changed = true;
        } else {
            out->len = before;
            buf_add(out, address);
        }
        value = str_skip(value, address.len);
    }
    return is_changed ? REWRITE_TO : REWRITE_KEEP;
}

size_t rewrite_room(const struct rewrite_site *site, struct str value)
{
    size_t addresses = 1;
    for (size_t i = 0; i < value.len && addresses <= LINKS_MAX; i++) {
        addresses += value.ptr[i] == '<';
    }
    return 2 * value.len + addresses * (site->own.len + 1) + site->mark.len + 128;
}

/* "X-*" is every name that begins like that. */
static bool is_named(struct str name, struct str row)
{
    if (!str_ends_with(row, STR("*"))) {
        return name.len == row.len && str_equal_nocase(name, row);
    }
    return starts_nocase(name, (struct str){row.ptr, row.len - 1});
}

enum rewrite rewrite_header(const struct rewrite_site *site, struct str name, struct str value,
                            struct buf *out)
{
    const struct {
        struct str name;
        enum rewrite (*rewrite)(const struct rewrite_site *, struct str, struct buf *);
    } headers[] = {
#define REASON(id, text)
#define KEEP(name, reason)
#define DROP(name, reason) {STR(name), NULL},
#define REWRITE(name, function, text) {STR(name), function},
#include "http/response_headers.def"
#undef REASON
#undef KEEP
#undef DROP
#undef REWRITE
    };
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        if (is_named(name, headers[i].name)) {
            return headers[i].rewrite == NULL ? REWRITE_DROP : headers[i].rewrite(site, value, out);
        }
    }
    return REWRITE_KEEP;
}
