/*
 * A link's claims: what a mint says about how the user may open the app. They are stored as one
 * canonical text, so that equal claims are equal texts.
 */
#ifndef INLAY_ENTRY_CLAIMS_H
#define INLAY_ENTRY_CLAIMS_H

#include "model/work.h"

/* Texts are borrowed. */
struct claims {
    struct str groups;          /* canonical JSON array of ids; STR_NONE: the user's own groups */
    struct str metadata;        /* canonical JSON object, or STR_NONE if there is none in it */
    struct str environment;     /* never STR_NONE */
    struct str branch;          /* STR_NONE unless asked for */
    struct str release_version; /* STR_NONE: follows the app's current release */
    bool is_preview;            /* an admin tries the app in the console */

    /* No claim: metadata that takes no part in the origin. Kept beside the claims, as metadata is.
     */
    struct str volatile_metadata;
};

/* Moves the members of metadata that are among these names (a JSON array) to volatile_metadata. */
void claims_set_apart(struct work *work, struct claims *claims, struct str names);

/* All of the metadata: the claims' and this. */
struct str claims_metadata(struct work *work, const struct claims *claims,
                           struct str volatile_metadata);

/* Who may frame an app with these claims: its portals, and a preview also the console. */
struct str claims_portals(struct work *work, const struct claims *claims, struct str portals);

/* Claims as they are stored, and back. */
struct str claims_format(struct work *work, const struct claims *claims);
MUST_CHECK enum err claims_parse(struct work *work, struct str text, struct claims *out_claims);

#endif
