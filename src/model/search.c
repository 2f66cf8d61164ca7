#include "model/search.h"

struct search search_make(struct work *work, struct str text)
{
    struct search search = {.text = STR_NONE, .id = UUID_NONE};
    text = str_trim(text);
    if (text.len > 0) {
        search.text = work_lower(work, text);
        (void)uuid_parse(text, &search.id);
    }
    return search;
}
