/*
 * What somebody types to find an object in a list: a part of its name or address, whatever the case
 * of its ASCII letters, or its whole id.
 */
#ifndef INLAY_MODEL_SEARCH_H
#define INLAY_MODEL_SEARCH_H

#include "model/work.h"

struct search {
    struct str text; /* in lower case; STR_NONE: everything is found */
    struct uuid id;  /* UUID_NONE unless the text is one */
};

/* Blank text finds everything. */
struct search search_make(struct work *work, struct str text);

#endif
