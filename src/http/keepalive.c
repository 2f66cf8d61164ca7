#include "http/keepalive.h"

int64_t keepalive_ms(struct str header)
{
    int64_t seconds = 0;
    while (header.len > 0) {
        struct str value = str_trim(str_cut(&header, ','));
        struct str name = str_trim(str_cut(&value, '='));
        if (str_equal_nocase(name, STR("timeout")) &&
            str_to_int64(str_trim(value), 0, INT32_MAX, &seconds)) {
            int64_t ms = seconds * 1000 - KEEPALIVE_MARGIN_MS;
            return ms < 0 ? 0 : ms > KEEPALIVE_MAX_MS ? KEEPALIVE_MAX_MS : ms;
        }
    }
    return KEEPALIVE_UNKNOWN_MS;
}
