#include "cli/url.h"

#include <stdarg.h>
#include <string.h>

/* RFC 3986 2.3: everything but the unreserved characters is escaped. */
static void add_escaped(struct buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                        (*c >= '0' && *c <= '9') || strchr("-._~", *c) != NULL;
        if (is_plain) {
            buf_add_char(out, *c);
        } else {
            buf_printf(out, "%%%02X", (unsigned char)*c);
        }
    }
}

struct buf url_path(const char *form, ...)
{
    struct buf path = buf_make(URL_MAX_BYTES);
    va_list segments;
    va_start(segments, form);
    for (const char *rest = form; *rest != '\0';) {
        if (strncmp(rest, "{}", 2) != 0) {
            buf_add_char(&path, *rest);
            rest++;
            continue;
        }
        const char *segment = va_arg(segments, const char *);
        /* These would not name an object but shorten the path. */
        if (strcmp(segment, "") == 0 || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0) {
            path.overflowed = true;
        }
        add_escaped(&path, segment);
        rest += 2;
    }
    va_end(segments);
    return path;
}

void url_add_query(struct buf *path, const char *name, const char *value)
{
    if (value != NULL) {
        bool is_first = str_find(buf_str(path), '?') == path->len;
        buf_printf(path, "%c%s=", is_first ? '?' : '&', name);
        add_escaped(path, value);
    }
}

void url_add_workspace(struct buf *path, const struct client *client)
{
    url_add_query(path, "workspaceId", client_workspace(client));
}
