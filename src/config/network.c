#include "config/network.h"

#include <arpa/inet.h>

enum { ADDRESS_BYTES_MAX = 16 };

/* Writes the shortest spelling, so that equal addresses are equal texts. */
static bool address_parse(struct str text, bool is_ipv6, unsigned char out_bytes[ADDRESS_BYTES_MAX],
                          char out_text[INET6_ADDRSTRLEN])
{
    char copy[NETWORK_TEXT_MAX];
    int family = is_ipv6 ? AF_INET6 : AF_INET;
    return str_to_cstr(text, copy, sizeof(copy)) && inet_pton(family, copy, out_bytes) == 1 &&
           inet_ntop(family, out_bytes, out_text, INET6_ADDRSTRLEN) != NULL;
}

bool listen_address_parse(struct str text, struct listen_address *out_address)
{
    struct listen_address address = {.is_ipv6 = text.len > 0 && text.ptr[0] == '['};
    struct str rest = text;
    struct str host;
    if (address.is_ipv6) {
        rest = str_skip(rest, 1);
        host = str_cut(&rest, ']');
        if (rest.len == 0 || rest.ptr[0] != ':') {
            return false;
        }
        rest = str_skip(rest, 1);
    } else {
        host = str_cut(&rest, ':');
    }
    if (str_equal(host, STR("*"))) {
        host = STR("0.0.0.0");
    } else if (str_equal_nocase(host, STR("localhost"))) {
        host = STR("127.0.0.1");
    }
    unsigned char bytes[ADDRESS_BYTES_MAX];
    int64_t port = 0;
    if (!address_parse(host, address.is_ipv6, bytes, address.host) ||
        !str_to_int64(rest, 1, UINT16_MAX, &port)) {
        return false;
    }
    address.port = (uint16_t)port;
    snprintf(address.text, sizeof(address.text), address.is_ipv6 ? "[%s]:%d" : "%s:%d",
             address.host, (int)address.port);
    *out_address = address;
    return true;
}

static bool has_bits_after(const unsigned char *bytes, int prefix_bits, int all_bits)
{
    for (int bit = prefix_bits; bit < all_bits; bit++) {
        if (bytes[bit / 8] & (0x80 >> (bit % 8))) {
            return true;
        }
    }
    return false;
}

static size_t address_bytes(const struct network *network)
{
    return network->is_ipv6 ? 16 : 4;
}

bool network_contains(const struct network *network, const unsigned char *bytes, bool is_ipv6)
{
    if (network->is_ipv6 != is_ipv6) {
        return false;
    }
    for (int bit = 0; bit < network->prefix_bits; bit++) {
        if ((network->bytes[bit / 8] ^ bytes[bit / 8]) & (0x80 >> (bit % 8))) {
            return false;
        }
    }
    return true;
}

bool network_parse(struct str text, struct network *out_network)
{
    struct network network = {.is_ipv6 = str_find(text, ':') < text.len};
    bool has_prefix = str_find(text, '/') < text.len;
    struct str rest = text;
    struct str host = str_cut(&rest, '/');
    int all_bits = network.is_ipv6 ? 128 : 32;
    int64_t prefix_bits = all_bits;
    unsigned char bytes[ADDRESS_BYTES_MAX];
    char address[INET6_ADDRSTRLEN];
    if (!address_parse(host, network.is_ipv6, bytes, address) ||
        (has_prefix && !str_to_int64(rest, 0, all_bits, &prefix_bits)) ||
        has_bits_after(bytes, (int)prefix_bits, all_bits)) {
        return false;
    }
    network.prefix_bits = (int)prefix_bits;
    memcpy(network.bytes, bytes, address_bytes(&network));
    if (network.prefix_bits == all_bits) {
        snprintf(network.text, sizeof(network.text), "%s", address);
    } else {
        snprintf(network.text, sizeof(network.text), "%s/%d", address, network.prefix_bits);
    }
    *out_network = network;
    return true;
}
