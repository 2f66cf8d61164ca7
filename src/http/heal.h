/*
 * Cookies that are in the way: an app's own, or those that a sibling set for a domain above both.
 * Once they are larger than a server reads, nothing below that domain opens any more. The only way
 * to get rid of them without touching the cookies of a portal or the console is to expire the
 * largest of them by name: each as a cookie of the host and of every domain above it that may have
 * cookies, partitioned and not, since nothing in a request tells which of these it is.
 */
#ifndef INLAY_HTTP_HEAL_H
#define INLAY_HTTP_HEAL_H

#include "base/str.h"

enum {
    HEAL_PATHS = 10,        /* of one request, at most */
    HEAL_NAMES = 512,       /* that are looked at */
    HEAL_HEADERS = 96,      /* of one response; more than one name can need */
    HEAL_BYTES = 12 * 1024, /* likewise, unless one name alone needs more */
    HEAL_ABOVE = 16 * 1024, /* of all cookies: this much is fine for most servers */
    HEAL_TO = 8 * 1024,     /* how much of them is left when more has to go */
};

struct heal {
    struct str cookies; /* Cookie headers, joined by ";"; the end may be cut off */
    const char *host;   /* that they were sent to */
    struct str path; /* of the request: also cookies of this path and of its folders are expired */
};

/* Gets the value of a Set-Cookie header. */
typedef void (*heal_add)(void *arg, struct str value);

/* Expires the largest cookies, but none of Inlay's, until HEAL_TO bytes are left or a response can
 * hold no more. Gives back how many names; *out_left is how many bytes are left. */
size_t heal_cookies(const struct heal *heal, heal_add add, void *arg, size_t *out_left);

#endif
