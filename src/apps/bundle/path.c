/*
 * Paths inside of bundles. Invariant: what passes path_check() names, under whatever folder, a file
 * inside of that folder.
 */
#include "apps/bundle/path.h"

#include "base/limits.h"

static const char *segment_problem(struct str segment)
{
    if (segment.len == 0) {
        return "it has an empty segment or starts with a slash";
    }
    if (str_equal(segment, STR(".")) || str_equal(segment, STR(".."))) {
        return "\".\" and \"..\" are not allowed";
    }
    if (segment.len > PATH_NAME_BYTES_MAX) {
        return "one of its names is longer than 250 bytes";
    }
    return NULL;
}

static bool has_drive_letter(struct str path)
{
    return path.len >= 2 && path.ptr[1] == ':' &&
           ((path.ptr[0] >= 'A' && path.ptr[0] <= 'Z') ||
            (path.ptr[0] >= 'a' && path.ptr[0] <= 'z'));
}

static const char *path_problem(struct str path)
{
    size_t depth = 0;
    if (path.len == 0) {
        return "it is empty";
    }
    if (path.len > LIMIT_ARCHIVE_PATH_BYTES) {
        return "it is longer than 512 bytes";
    }
    if (!str_is_clean_utf8(path)) {
        return "its name isn't UTF-8, or has control characters; rename it, or pack it with UTF-8 "
               "names";
    }
    if (str_find(path, '\\') < path.len) {
        return "it has a backslash";
    }
    if (has_drive_letter(path)) {
        return "it starts with a drive letter";
    }
    if (str_equal(path, STR("_inlay")) || str_starts_with(path, STR("_inlay/"))) {
        return "\"_inlay\" is reserved";
    }
    if (str_equal(path, STR("embed-apps")) || str_starts_with(path, STR("embed-apps/"))) {
        return "\"embed-apps\" is reserved";
    }
    for (bool is_last = false; !is_last;) {
        is_last = str_find(path, '/') == path.len;
        const char *problem = segment_problem(str_cut(&path, '/'));
        if (problem != NULL) {
            return problem;
        }
        depth++;
    }
    return depth > LIMIT_ARCHIVE_DEPTH ? "it is nested too deep" : NULL;
}

_Static_assert(LIMIT_ARCHIVE_PATH_BYTES == 512 && PATH_NAME_BYTES_MAX == 250,
               "the messages name these limits");

enum err path_check(struct str path, struct fault *fault)
{
    char shown[PATH_SHOWN_SIZE];
    const char *problem = path_problem(path);
    if (problem == NULL) {
        return ERR_OK;
    }
    path_show(path, shown);
    return fault_set(fault, ERR_INVALID, "bundle_unsafe_path",
                     "The bundle holds the path %s, which is not allowed: %s.", shown, problem);
}

void path_show(struct str path, char out_text[PATH_SHOWN_SIZE])
{
    const size_t room = PATH_SHOWN_SIZE - sizeof("\"...\"");
    char shown[PATH_SHOWN_SIZE];
    struct str text = path;
    if (!str_is_clean_utf8(path)) {
        size_t len = 0;
        for (size_t i = 0; i < path.len && len + sizeof("\\xff") < sizeof(shown); i++) {
            unsigned char byte = (unsigned char)path.ptr[i];
            bool is_plain = byte >= 0x20 && byte < 0x7f && byte != '\\';
            len += (size_t)snprintf(shown + len, sizeof(shown) - len, is_plain ? "%c" : "\\x%02x",
                                    byte);
        }
        text = (struct str){shown, len};
    }
    const char *dots = text.len > room || text.len < path.len ? "..." : "";
    text = str_head(text, room);
    str_print(out_text, PATH_SHOWN_SIZE, "\"" STR_FMT "%s\"", STR_ARG(text), dots);
}
