#include "model/search.h"

struct search search_make(struct access *access, struct str text)
{
    struct search search = {.text = STR_NONE, .id = UUID_NONE};
    text = str_trim(text);
    if (text.len > 0) {
        search.text = access_lower(access, text);
        (void)uuid_parse(text, &search.id);
    }
    return search;
}
