#include "base/leftout.h"

static const char *const made_by_systems[] = {"__MACOSX", "Thumbs.db", "ehthumbs.db",
                                              "desktop.ini"};

bool leftout_name(struct str name, bool is_at_top)
{
    if (str_starts_with(name, STR("."))) {
        /* What leads upwards isn't hidden, but wrong. */
        bool is_upwards = str_equal(name, STR(".")) || str_equal(name, STR("..")) ||
                          str_find(name, '\\') < name.len;
        return !is_upwards && !str_equal(name, STR(".well-known"));
    }
    for (size_t i = 0; i < COUNT_OF(made_by_systems); i++) {
        if (str_equal_nocase(name, str_from(made_by_systems[i]))) {
            return true;
        }
    }
    return is_at_top && str_equal(name, STR("node_modules"));
}

bool leftout_path(struct str path)
{
    for (bool is_at_top = true; path.len > 0; is_at_top = false) {
        if (leftout_name(str_cut(&path, '/'), is_at_top)) {
            return true;
        }
    }
    return false;
}
