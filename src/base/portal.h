/*
 * Portals: the origins whose pages may frame an app, as sources of Content Security Policy
 * (frame-ancestors, CSP Level 3, 2.3.1):
 * - a web origin (base/origin.h): "https://portal.example.com", or with "*." as the first label;
 * - without TLS on this machine only: "http://localhost:5173";
 * - a mobile or desktop app, by scheme and host: "capacitor://localhost".
 *
 * What could never work, or would let strangers frame an app, is refused: addresses of IPv6, for
 * which CSP has no form; a pattern of names that anybody can have ("*.com", see base/suffix.h); a
 * pattern that the app origins match, so that every other app would be a portal; schemes whose
 * pages have no origin of their own ("file", "data").
 */
#ifndef INLAY_BASE_PORTAL_H
#define INLAY_BASE_PORTAL_H

#include "base/origin.h"

/* Writes the portal in its one spelling. app_url is the pattern of the app origins. ERR_INVALID,
 * origin_invalid; the message says what would be right and repeats no input. */
MUST_CHECK enum err portal_parse(struct str text, const struct origin *app_url,
                                 char out_text[ORIGIN_TEXT_SIZE], struct fault *fault);

/* Is the origin, as browsers write it, one of the portals? They are separated by spaces; "*."
 * stands for one or more labels (CSP Level 3, 6.7.2.8). */
bool portal_list_has(struct str portals, struct str origin);

#endif
