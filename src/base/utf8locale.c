#include "base/utf8locale.h"

#include <pthread.h>

static locale_t utf8; /* for the life of the process */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_once(void)
{
    utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    REQUIRE(utf8 != (locale_t)0);
}

locale_t utf8locale_begin(void)
{
    REQUIRE(pthread_once(&once, make_once) == 0);
    return uselocale(utf8);
}

void utf8locale_end(locale_t previous)
{
    uselocale(previous);
}
