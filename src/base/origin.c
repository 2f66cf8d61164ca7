/*
 * Parses, writes and compares web origins. Invariant: a struct origin that origin_parse() filled is
 * in its one normal form, so that two of them are equal exactly if their members are.
 */
#include "base/origin.h"

#include <arpa/inet.h>

enum { LABEL_MAX = 63, HTTP_PORT = 80, HTTPS_PORT = 443 };

static enum err invalid(struct fault *fault, const char *reason)
{
    return fault_set(fault, ERR_INVALID, "origin_invalid", "This is not an origin: %s.", reason);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool has_char(struct str s, char c)
{
    return str_find(s, c) < s.len;
}

static bool skip_scheme(struct str *rest, struct str scheme)
{
    if (rest->len < scheme.len || !str_equal_nocase((struct str){rest->ptr, scheme.len}, scheme)) {
        return false;
    }
    *rest = str_skip(*rest, scheme.len);
    return true;
}

static uint16_t default_port(bool is_https)
{
    return is_https ? HTTPS_PORT : HTTP_PORT;
}

static bool port_parse(struct str text, uint16_t *out_port)
{
    int64_t port = 0;
    if (text.len == 0 || !is_digit(text.ptr[0]) || text.ptr[0] == '0' ||
        !str_to_int64(text, 1, UINT16_MAX, &port)) {
        return false;
    }
    *out_port = (uint16_t)port;
    return true;
}

static bool is_label(struct str label)
{
    if (label.len == 0 || label.len > LABEL_MAX || label.ptr[0] == '-' ||
        label.ptr[label.len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        char c = label.ptr[i];
        if (!((c >= 'a' && c <= 'z') || is_digit(c) || c == '-')) {
            return false;
        }
    }
    return true;
}

/* host is in lower case. out_last_label is borrowed from it. */
static bool is_dns_name(struct str host, struct str *out_last_label)
{
    struct str label = STR_NONE;
    bool ends_in_dot = str_ends_with(host, STR("."));
    while (host.len > 0) {
        label = str_cut(&host, '.');
        if (!is_label(label)) {
            return false;
        }
    }
    *out_last_label = label;
    return label.len > 0 && !ends_in_dot;
}

/* Browsers read such a host as an IPv4 address, in whatever notation ("0x7f.1"): URL Standard,
 * "ends in a number". */
static bool is_number(struct str label)
{
    if (label.len >= 2 && label.ptr[0] == '0' && label.ptr[1] == 'x') {
        return true;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (!is_digit(label.ptr[i])) {
            return false;
        }
    }
    return true;
}

static enum err host_parse_ipv6(struct str text, struct origin *origin, struct fault *fault)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr bytes;
    if (origin->is_pattern || !str_to_cstr(text, address, sizeof(address)) ||
        inet_pton(AF_INET6, address, &bytes) != 1) {
        return invalid(fault, "what is in brackets is no IPv6 address");
    }
    REQUIRE(inet_ntop(AF_INET6, &bytes, address, sizeof(address)) != NULL);
    if (strchr(address, '.') != NULL) {
        return invalid(fault, "an IPv4 address must not be written as an IPv6 address");
    }
    snprintf(origin->host, sizeof(origin->host), "[%s]", address);
    return ERR_OK;
}

static enum err host_parse_name(struct str text, struct origin *origin, struct fault *fault)
{
    struct in_addr address;
    struct str last_label;
    if (!str_to_cstr(text, origin->host, sizeof(origin->host))) {
        return invalid(fault, "the host is longer than 253 characters, or holds a NUL");
    }
    for (char *c = origin->host; *c != '\0'; c++) {
        *c = str_lower_char(*c);
    }
    if (!is_dns_name(str_from(origin->host), &last_label)) {
        return invalid(fault, "the host must be a name of letters, digits and hyphens (other "
                              "alphabets in their xn-- form) or an address");
    }
    if (is_number(last_label) &&
        (origin->is_pattern || inet_pton(AF_INET, origin->host, &address) != 1)) {
        return invalid(fault, "an IPv4 address has four decimal numbers from 0 to 255");
    }
    return ERR_OK;
}

/* Cuts the host, without the brackets of an IPv6 address, off the front of *authority; what is left
 * is empty or starts with the colon of the port. */
static bool cut_host(struct str *authority, struct str *out_host, bool *out_is_ipv6)
{
    bool is_ipv6 = authority->len > 0 && authority->ptr[0] == '[';
    if (is_ipv6) {
        *authority = str_skip(*authority, 1);
    }
    size_t len = str_find(*authority, is_ipv6 ? ']' : ':');
    if (is_ipv6 && len == authority->len) {
        return false;
    }
    *out_host = (struct str){authority->ptr, len};
    *out_is_ipv6 = is_ipv6;
    *authority = str_skip(*authority, is_ipv6 ? len + 1 : len);
    return true;
}

enum err origin_parse(struct str text, struct origin *out_origin, struct fault *fault)
{
    struct origin origin = {.is_https = skip_scheme(&text, STR("https://"))};
    struct str host;
    bool is_ipv6 = false;
    if (!origin.is_https && !skip_scheme(&text, STR("http://"))) {
        return invalid(fault, "it must start with https:// or http://");
    }
    if (str_ends_with(text, STR("/"))) {
        text.len--;
    }
    if (has_char(text, '@')) {
        return invalid(fault, "it must not hold a user name");
    }
    if (has_char(text, '/') || has_char(text, '?') || has_char(text, '#')) {
        return invalid(fault, "nothing may follow the host and port");
    }
    if (str_starts_with(text, STR("*."))) {
        origin.is_pattern = true;
        text = str_skip(text, 2);
    }
    if (!cut_host(&text, &host, &is_ipv6)) {
        return invalid(fault, "what is in brackets is no IPv6 address");
    }
    enum err err =
        is_ipv6 ? host_parse_ipv6(host, &origin, fault) : host_parse_name(host, &origin, fault);
    if (err) {
        return err;
    }
    origin.port = default_port(origin.is_https);
    if (text.len > 0 && (text.ptr[0] != ':' || !port_parse(str_skip(text, 1), &origin.port))) {
        return invalid(fault, "the port must be a number from 1 to 65535");
    }
    *out_origin = origin;
    return ERR_OK;
}

void origin_format(const struct origin *origin, char out_text[ORIGIN_TEXT_SIZE])
{
    char port[8] = "";
    if (origin->port != default_port(origin->is_https)) {
        snprintf(port, sizeof(port), ":%u", (unsigned)origin->port);
    }
    snprintf(out_text, ORIGIN_TEXT_SIZE, "%s://%s%s%s", origin->is_https ? "https" : "http",
             origin->is_pattern ? "*." : "", origin->host, port);
}

bool origin_is_loopback(const struct origin *origin)
{
    struct str host = str_from(origin->host);
    struct in_addr address;
    if (inet_pton(AF_INET, origin->host, &address) == 1) {
        return ntohl(address.s_addr) >> 24 == 127;
    }
    return str_equal(host, STR("localhost")) || str_ends_with(host, STR(".localhost")) ||
           str_equal(host, STR("[::1]"));
}

static bool is_audience_label(struct str label)
{
    for (size_t i = 0; i < label.len; i++) {
        char c = label.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'))) {
            return false;
        }
    }
    return label.len == ORIGIN_LABEL_LEN;
}

bool origin_label(const struct origin *app_url, struct str host_header, struct str *out_label)
{
    uint16_t port = default_port(app_url->is_https);
    bool has_port = has_char(host_header, ':');
    struct str host = str_cut(&host_header, ':');
    struct str label = str_cut(&host, '.');
    if (has_port && !port_parse(host_header, &port)) {
        return false;
    }
    if (!app_url->is_pattern || port != app_url->port ||
        !str_equal_nocase(host, str_from(app_url->host)) || !is_audience_label(label)) {
        return false;
    }
    *out_label = label;
    return true;
}
