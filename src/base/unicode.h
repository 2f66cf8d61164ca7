/* Text that looks the same is the same: Unicode's rules, by libunistring. */
#ifndef INLAY_BASE_UNICODE_H
#define INLAY_BASE_UNICODE_H

#include "base/arena.h"
#include "base/str.h"

/* Normalization Form C (Unicode Standard Annex #15). Text that is in this form already, or isn't
 * UTF-8, comes back as it is. */
struct str unicode_nfc(struct arena *arena, struct str text);

/* The first character of the text that can be seen, as U+003D is for "＝" (Normalization Form KC,
 * which makes one of all that mean the same). Spaces of all kinds and invisible characters before
 * it don't count. 0 if there is none. */
uint32_t unicode_first_visible(struct str text);

#endif
