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

bool suffix_share_domain(const char *a, const char *b)
{
    if (a[0] == '[' || b[0] == '[' || has_number_last(a) || has_number_last(b)) {
        return false;
    }
    const char *domain_a = psl_registrable_domain(psl_builtin(), a);
    const char *domain_b = psl_registrable_domain(psl_builtin(), b);
    return domain_a != NULL && domain_b != NULL && strcmp(domain_a, domain_b) == 0 &&
           !str_ends_with(str_from(domain_a), STR(".localhost"));
}
