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

#endif
