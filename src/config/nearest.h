/*
 * "Did you mean …?": the word of a list that a mistyped one is probably meant to be.
 */
#ifndef INLAY_CONFIG_NEAREST_H
#define INLAY_CONFIG_NEAREST_H

#include "base/str.h"

struct nearest {
    struct str typed;
    const char *word; /* borrowed; NULL while nothing is near enough */
    size_t distance;
};

struct nearest nearest_start(struct str typed);
void nearest_offer(struct nearest *nearest, const char *word);

#endif
