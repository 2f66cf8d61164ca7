#include "http/deeplink.h"

#include "base/limits.h"
#include "http/percent.h"

/* ---- escapes ---- */

static void add_escaped(char c, struct buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned byte = (unsigned char)c;
    const char escape[] = {'%', digits[byte >> 4], digits[byte & 15]};
    buf_add(out, (struct str){escape, sizeof(escape)});
}

/* With what URLs never hold plainly, and with these. */
static void add_text(struct str text, const char *also, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c <= ' ' || c >= 0x7f || strchr(also, c) != NULL) {
            add_escaped(c, out);
        } else {
            buf_add_char(out, c);
        }
    }
}

/* ---- the path ---- */

/* "." is 1 and ".." is 2, also escaped ("%2e"); anything else is 0. */
static int dots_of(struct str segment)
{
    int dots = 0;
    size_t len = 0;
    for (size_t i = 0; i < segment.len; i += len) {
        if ((char)percent_byte_at(segment, i, &len) != '.' || ++dots > 2) {
            return 0;
        }
    }
    return dots;
}

/* Back to before the last "/" behind start. */
static void drop_segment(struct buf *out, size_t start)
{
    struct str written = buf_str(out);
    size_t len = written.len;
    while (len > start && written.ptr[len - 1] != '/') {
        len--;
    }
    out->len = len > start ? len - 1 : start;
}

static void add_path(struct str path, struct buf *out)
{
    size_t start = out->len;
    path = str_skip(path, 1);
    for (bool is_last = false; !is_last;) {
        size_t len = 0;
        while (len < path.len && path.ptr[len] != '/' && path.ptr[len] != '\\') {
            len++;
        }
        struct str segment = {path.ptr, len};
        int dots = dots_of(segment);
        is_last = len == path.len;
        path = str_skip(path, is_last ? len : len + 1);
        if (dots == 2) {
            drop_segment(out, start);
        }
        if (dots == 0) {
            buf_add_char(out, '/');
            add_text(segment, "\"#<>?^`{|}", out);
        } else if (is_last) {
            buf_add_char(out, '/');
        }
    }
}

/* Does a server that resolves escapes and merges slashes find one of Inlay's own addresses there?
 */
static bool is_own(struct str path, struct str own)
{
    size_t matched = 0;
    size_t len = 0;
    char before = '\0';
    for (size_t i = 0; i < path.len && matched < own.len; i += len) {
        char c = (char)percent_byte_at(path, i, &len);
        if (c == '/' && before == '/') {
            continue;
        }
        if (c != own.ptr[matched++]) {
            return false;
        }
        before = c;
    }
    return matched == own.len;
}

static enum err refuse(struct fault *fault, const char *reason)
{
    return fault_set(fault, ERR_INVALID, "path_invalid", "This is not a path in an app: %s",
                     reason);
}

static struct str cut_at(struct str *rest, const char *marks)
{
    size_t len = 0;
    while (len < rest->len && strchr(marks, rest->ptr[len]) == NULL) {
        len++;
    }
    struct str head = {rest->ptr, len};
    *rest = str_skip(*rest, len);
    return head;
}

enum err deeplink_parse(struct str text, struct buf *out, struct fault *fault)
{
    size_t start = out->len;
    for (size_t i = 0; i < text.len; i++) {
        if ((text.ptr[i] >= 0 && text.ptr[i] < ' ') || text.ptr[i] == 0x7f) {
            return refuse(fault, "it holds control characters.");
        }
    }
    struct str rest = text;
    struct str path = cut_at(&rest, "?#");
    struct str query = cut_at(&rest, "#");
    if (path.len == 0 || path.ptr[0] != '/') {
        return refuse(fault, "it must begin with \"/\".");
    }
    if (text.len > LIMIT_START_PATH_BYTES) {
        return refuse(fault, "it is longer than 2048 bytes.");
    }
    add_path(path, out);
    struct str made = {buf_str(out).ptr + start, out->len - start};
    if (made.len > 1 && made.ptr[1] == '/') {
        return refuse(fault, "it must begin with one \"/\".");
    }
    if (is_own(made, STR("/_inlay/")) || is_own(made, STR("/embed-apps/"))) {
        return refuse(fault, "/_inlay/ and /embed-apps/ are Inlay's own.");
    }
    add_text(query, "\"#'<>", out);
    add_text(rest, "\"<>`", out);
    return buf_is_ok(out) && out->len - start <= LIMIT_START_PATH_BYTES
               ? ERR_OK
               : refuse(fault, "it is longer than 2048 bytes.");
}

/* ---- what a portal appends ---- */

static bool is_ours(struct str parameter)
{
    static const char *const names[] = {
        "personal-access-token", "appSlug", "renew", "link", "to", "heal"};
    struct str name = {parameter.ptr, str_find(parameter, '=')};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_equal(name, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

static void unescape(struct str text, struct buf *out)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i += len) {
        buf_add_char(out, (char)percent_byte_at(text, i, &len));
    }
}

/* Behind "/_inlay/embed/<secret>" and "/embed-apps/<app>". */
static struct str path_behind(struct str path)
{
    const struct str starts[] = {STR("/_inlay/embed/"), STR("/embed-apps/")};
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        if (str_starts_with(path, starts[i])) {
            struct str rest = str_skip(path, starts[i].len);
            rest = str_skip(rest, str_find(rest, '/'));
            return rest.len > 1 ? rest : STR("");
        }
    }
    return STR("");
}

void deeplink_appended(struct str address, struct buf *out)
{
    struct str path = {address.ptr, str_find(address, '?')};
    struct str query = str_skip(address, path.len);
    size_t start = out->len;
    char separator = '?';
    query = query.len > 0 ? str_skip(query, 1) : query;
    buf_add(out, path_behind(path));
    while (query.len > 0) {
        struct str parameter = str_cut(&query, '&');
        if (str_starts_with(parameter, STR("to="))) {
            out->len = start;
            unescape(str_skip(parameter, 3), out);
            return;
        }
        if (parameter.len > 0 && !is_ours(parameter)) {
            buf_add_char(out, separator);
            buf_add(out, parameter);
            separator = '&';
        }
    }
}

void deeplink_escape(struct str appended, struct buf *out)
{
    add_text(appended, "\"#%&'+<>=?", out);
}

enum err deeplink_join(struct str base, struct str appended, struct buf *out, struct fault *fault)
{
    if (appended.len == 0) {
        buf_add(out, base);
        return ERR_OK;
    }
    if (appended.ptr[0] == '/') {
        return deeplink_parse(appended, out, fault);
    }
    if (appended.ptr[0] != '?') {
        return refuse(fault, "it must begin with \"/\".");
    }
    struct str rest = base;
    struct buf joined = buf_make(2 * LIMIT_START_PATH_BYTES + 2);
    buf_add(&joined, cut_at(&rest, "#"));
    buf_add_char(&joined, str_find(base, '?') < base.len - rest.len ? '&' : '?');
    buf_add(&joined, str_skip(appended, 1));
    buf_add(&joined, rest);
    enum err err = buf_is_ok(&joined) ? deeplink_parse(buf_str(&joined), out, fault)
                                      : refuse(fault, "it is longer than 2048 bytes.");
    buf_done(&joined);
    return err;
}
