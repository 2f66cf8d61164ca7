/*
 * A posted link: a form of the portal's page, with the link's secret in its field "secret".
 */
#ifndef INLAY_HTTP_LINKFORM_H
#define INLAY_HTTP_LINKFORM_H

#include "base/arena.h"
#include "base/err.h"

struct linkform {
    struct str secret; /* "" if there is none */
    bool is_doubled;   /* there is a second one */
};

/* Other fields are ignored. ERR_INVALID, bad_request: it is no form as browsers send one by default
 * (application/x-www-form-urlencoded; URL Standard, 5.1), or its escapes are broken. */
MUST_CHECK enum err linkform_parse(struct arena *arena, struct str content_type, struct str body,
                                   struct linkform *out_form, struct fault *fault);

#endif
