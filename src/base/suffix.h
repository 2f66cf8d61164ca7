/*
 * Public suffixes: names below which anybody can have one of their own ("com", "co.uk",
 * "github.io"), as Mozilla's Public Suffix List has them (https://publicsuffix.org), by libpsl.
 * Browsers keep cookies within what is one label longer, the registrable domain.
 *
 * Hosts are those of struct origin: lower case, international names in their xn-- form.
 */
#ifndef INLAY_BASE_SUFFIX_H
#define INLAY_BASE_SUFFIX_H

#include "base/str.h"

/* Is the host on the list? A name of one label that isn't ("intranet") is not. */
bool suffix_is_public(const char *host);

/* Do cookies with "Domain=" of one of the hosts reach the other? Never for addresses and
 * "localhost". */
bool suffix_share_domain(const char *a, const char *b);

enum { SUFFIX_DOMAINS = 8 };

/* For which domains may a host set cookies? Itself and those above it, up to its registrable one;
 * none for addresses and "localhost". At most SUFFIX_DOMAINS of them, the widest ones, borrowed
 * from host. Gives back how many. */
size_t suffix_domains(const char *host, struct str out_domains[SUFFIX_DOMAINS]);

#endif
