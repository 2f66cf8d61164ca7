#include "base/clock.h"

static int64_t fixed_ms;

int64_t clock_now_ms(void)
{
    struct timespec now;
    if (fixed_ms != 0) {
        return fixed_ms;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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
