/*
 * Reads one cookie from a Cookie header as browsers send it (RFC 6265 5.4).
 */
#ifndef INLAY_HTTP_COOKIE_H
#define INLAY_HTTP_COOKIE_H

#include "base/str.h"

/*
 * Finds the cookie called name in the value of a Cookie header: pairs separated by ";" and at most
 * one space, the name compared byte by byte. On true *out_value is borrowed from header.
 *
 * Other cookies may look like anything, since an app's own scripts set them. The one we want may
 * not: its value is one or more cookie-octets (RFC 6265 4.1.1), without quotes. Two cookies of that
 * name with different values count as none: a sibling host or a network attacker may have planted
 * one of them, and nothing in the header tells which. The same pair twice is harmless.
 */
bool cookie_find(struct str header, struct str name, struct str *out_value);

/* How many bytes of names and values a browser keeps that sends this Cookie header. */
size_t cookie_bytes(struct str header);

/* By how many these bytes change when it is told this Set-Cookie: less what one of the same name
 * has. Attributes don't count, since browsers count none of them. */
int64_t cookie_bytes_change(struct str header, struct str set_cookie);

#endif
