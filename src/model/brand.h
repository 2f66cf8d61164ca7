/*
 * A workspace's brand: what pages of our own show of it in its portals' frames.
 *
 * A logo is a PNG, JPEG or WebP file, told by its first bytes; never SVG, which can hold scripts.
 * It is named after its bytes, so that a name always stands for the same picture, and whoever knows
 * the name may have it.
 */
#ifndef INLAY_MODEL_BRAND_H
#define INLAY_MODEL_BRAND_H

#include "base/look.h"
#include "model/work.h"

enum { BRAND_LOGO_NAME_SIZE = 23 };

struct brand {
    struct uuid workspace_id;
    struct look look;     /* name, color, support and logo */
    struct str logo_file; /* a new one, to be written; STR_NONE otherwise */
};

/* "image/png", "image/jpeg" or "image/webp"; NULL for other bytes. */
const char *brand_logo_type(struct str bytes);

void brand_logo_name(struct str bytes, char out_name[BRAND_LOGO_NAME_SIZE]);

/* Of a workspace: all STR_NONE if it has none. ERR_NOT_FOUND without words. */
MUST_CHECK enum err brand_find(struct work *work, const struct uuid *workspace_id,
                               struct brand *out_brand);

/* Of the workspace that the origin label belongs to, into the brand's members of a look. They stay
 * as they are if no link was made for it. */
MUST_CHECK enum err brand_of_label(struct work *work, struct str label, struct look *look);

/* The same of an app's workspace. */
MUST_CHECK enum err brand_of_app(struct work *work, const struct uuid *app_id, struct look *look);

/* Writes all of it. Sessions are decided again, so that every page has it at once. */
MUST_CHECK enum err brand_update(struct work *work, const struct brand *brand);

/* ERR_NOT_FOUND without words. */
MUST_CHECK enum err brand_logo(struct work *work, struct str name, struct str *out_bytes);

#endif
