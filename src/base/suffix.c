#include "base/suffix.h"

#include <libpsl.h>

bool suffix_is_public(const char *host)
{
    return psl_is_public_suffix2(psl_builtin(), host, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1;
}

static bool has_number_last(const char *host)
{
    const char *last = strrchr(host, '.');
    last = last == NULL ? host : last + 1;
    return *last >= '0' && *last <= '9';
}

/* NULL if it can set cookies for no domain. */
static const char *registrable(const char *host)
{
    if (host[0] == '[' || has_number_last(host) ||
        str_ends_with(str_from(host), STR(".localhost"))) {
        return NULL;
    }
    return psl_registrable_domain(psl_builtin(), host);
}

bool suffix_share_domain(const char *a, const char *b)
{
    const char *domain_a = registrable(a);
    const char *domain_b = registrable(b);
    return domain_a != NULL && domain_b != NULL && strcmp(domain_a, domain_b) == 0;
}

size_t suffix_domains(const char *host, struct str out_domains[SUFFIX_DOMAINS])
{
    const char *widest = registrable(host);
    size_t count = 0;
    if (widest == NULL) {
        return 0;
    }
    /* Backwards over the labels in front of the registrable domain. */
    for (const char *domain = widest; count < SUFFIX_DOMAINS; domain--) {
        if (domain == host || domain[-1] == '.') {
            out_domains[count++] = str_from(domain);
        }
        if (domain == host) {
            break;
        }
    }
    return count;
}
