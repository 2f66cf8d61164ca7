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
        return "it is not UTF-8, or has control characters";
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

bool path_is_junk(struct str path)
{
    struct str name = path;
    if (str_starts_with(path, STR("__MACOSX/"))) {
        return true;
    }
    while (str_find(name, '/') < name.len) {
        str_cut(&name, '/');
    }
    return str_equal(name, STR(".DS_Store")) || str_starts_with(name, STR("._"));
}

void path_show(struct str path, char out_text[PATH_SHOWN_SIZE])
{
    const size_t room = PATH_SHOWN_SIZE - sizeof("\"...\"");
    if (!str_is_clean_utf8(path)) {
        snprintf(out_text, PATH_SHOWN_SIZE, "(not printable)");
        return;
    }
    const char *dots = path.len > room ? "..." : "";
    path = str_head(path, room);
    snprintf(out_text, PATH_SHOWN_SIZE, "\"" STR_FMT "%s\"", STR_ARG(path), dots);
}
