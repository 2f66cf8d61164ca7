#include "unit.h"

#include <ftw.h>

void unit_assert_str_equal(struct str actual, const char *expected, const char *file, int line)
{
    if (!str_equal(actual, str_from(expected))) {
        print_error("\"" STR_FMT "\" is not \"%s\"\n", STR_ARG(actual), expected);
        _fail(file, line);
    }
}

void unit_folder_make(char out_path[UNIT_FOLDER_SIZE])
{
    snprintf(out_path, UNIT_FOLDER_SIZE, "/tmp/inlay-unit-XXXXXX");
    assert_non_null(mkdtemp(out_path));
}

static int on_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void unit_folder_remove(const char *path)
{
    assert_int_equal(nftw(path, on_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}
