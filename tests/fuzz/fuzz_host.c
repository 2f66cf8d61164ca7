/*
 * Origins and Host headers: the first line is an origin, the rest a Host header.
 *
 * What an origin is written as must be read as the same origin, and a label must be exactly what
 * the gate may use as one.
 */
#include "fuzz.h"

#include "base/origin.h"

static void check_origin(const struct origin *origin)
{
    char text[ORIGIN_TEXT_SIZE];
    struct origin again;
    origin_format(origin, text);
    REQUIRE(str_is_clean_utf8(str_from(text)) && strpbrk(text, " \"'<>;,@\\") == NULL);
    REQUIRE(origin_parse(str_from(text), &again, NULL) == ERR_OK);
    REQUIRE(strcmp(again.host, origin->host) == 0 && again.port == origin->port);
    REQUIRE(again.is_https == origin->is_https && again.is_pattern == origin->is_pattern);
    REQUIRE(origin_is_loopback(origin) == origin_is_loopback(&again));
}

static void check_label(const struct origin *app_url, struct str host)
{
    struct str label;
    if (!origin_label(app_url, host, &label)) {
        return;
    }
    REQUIRE(app_url->is_pattern && label.len == ORIGIN_LABEL_LEN && label.ptr == host.ptr);
    for (size_t i = 0; i < label.len; i++) {
        REQUIRE(strchr("abcdefghijklmnopqrstuvwxyz234567", label.ptr[i]) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str host = {(const char *)data, size};
    struct str text = str_cut(&host, '\n');
    struct origin local = {.is_pattern = true, .host = "localhost", .port = 3000};
    struct origin origin;
    struct fault fault;
    check_label(&local, host);
    if (origin_parse(text, &origin, &fault) == ERR_OK) {
        check_origin(&origin);
        check_label(&origin, host);
    } else {
        REQUIRE(fault.err == ERR_INVALID && fault.code[0] != '\0' && fault.message[0] != '\0');
    }
    return 0;
}
