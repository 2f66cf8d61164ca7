/*
 * Where a link has just led a frame. The browser's way there looks like that of a frame which
 * another app leads here (http/fetch.h): it comes from elsewhere, without a Referer. A cookie holds
 * the mark of the one address that is right.
 */
#ifndef INLAY_HTTP_LEAD_H
#define INLAY_HTTP_LEAD_H

#include "base/str.h"

enum { LEAD_MARK_SIZE = 33 };

/* Of path and query, however they are escaped: browsers escape more than they are told. */
struct str lead_mark(struct str target, char out_mark[LEAD_MARK_SIZE]);

/* Of where a Location of this origin leads; LEAD_ANYWHERE if it leads elsewhere, from where it may
 * come back, or is relative. */
#define LEAD_ANYWHERE STR("1")
struct str lead_on(struct str location, struct str own_origin, char out_mark[LEAD_MARK_SIZE]);

/* Is a request for this target the one that the cookie's value tells of? */
bool lead_is_to(struct str mark, struct str target);

#endif
