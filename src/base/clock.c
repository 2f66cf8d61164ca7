#include "base/clock.h"

#include <ctype.h>

#ifdef INLAY_TESTING
#include "base/testing.h"
#endif

static int64_t fixed_ms;

int64_t clock_now_ms(void)
{
    struct timespec now;
    if (fixed_ms != 0) {
        return fixed_ms;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
#ifdef INLAY_TESTING
    now_ms += testing_clock_ahead_ms();
#endif
    return now_ms;
}

void clock_set_ms(int64_t now_ms)
{
    fixed_ms = now_ms;
}

void clock_format(int64_t at_ms, char out_text[CLOCK_TEXT_SIZE])
{
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm utc;
    char text[64];
    REQUIRE(at_ms >= 0 && gmtime_r(&seconds, &utc) != NULL);
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
             utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(at_ms % 1000));
    REQUIRE(strlen(text) < CLOCK_TEXT_SIZE);
    memcpy(out_text, text, strlen(text) + 1);
}

bool clock_parse(struct str text, int64_t *out_at_ms)
{
    enum { LAST_YEAR = 9998 };
    char copy[32];
    struct tm utc = {0};
    int64_t ms = 0;
    if (text.len < 10 || !str_to_cstr(text, copy, sizeof(copy))) {
        return false;
    }
    const char *rest = strptime(copy, "%Y-%m-%d", &utc);
    if (rest != NULL && *rest == 'T') {
        rest = strptime(rest, "T%H:%M:%S", &utc);
        if (rest != NULL && *rest == '.') {
            rest++;
            for (int64_t unit = 100; isdigit((unsigned char)*rest); rest++, unit /= 10) {
                ms += (*rest - '0') * unit;
            }
        }
        rest = rest != NULL && strcmp(rest, "Z") == 0 ? rest + 1 : NULL;
    }
    if (rest == NULL || *rest != '\0' || utc.tm_year + 1900 > LAST_YEAR) {
        return false;
    }
    int day = utc.tm_mday;
    time_t seconds = timegm(&utc);
    if (seconds < 0 || utc.tm_mday != day) { /* timegm() takes February 30th for a day in March */
        return false;
    }
    *out_at_ms = (int64_t)seconds * 1000 + ms;
    return true;
}
