/*
 * Where to listen and which networks are meant, as settings write them. Parsed strictly and kept in
 * one spelling; names are not resolved.
 */
#ifndef INLAY_CONFIG_NETWORK_H
#define INLAY_CONFIG_NETWORK_H

#include "base/str.h"

enum { NETWORK_TEXT_MAX = 64 };

/* "127.0.0.1:3000", "[::1]:3000", "localhost:3000" (127.0.0.1), "*:3000" (every IPv4 address). */
struct listen_address {
    char text[NETWORK_TEXT_MAX]; /* as nginx takes it: "0.0.0.0:3000", "[::1]:3000" */
    char host[NETWORK_TEXT_MAX]; /* without brackets */
    uint16_t port;
    bool is_ipv6;
};

/* A network in CIDR notation (RFC 4632 3.1), or one address: "10.0.0.0/8", "::1". */
struct network {
    char text[NETWORK_TEXT_MAX];
    bool is_ipv6;
    int prefix_bits;
    unsigned char bytes[16];
};

bool listen_address_parse(struct str text, struct listen_address *out_address) MUST_CHECK;

/* Refuses bits after the prefix ("10.1.0.0/8"): one of the two halves is a slip. */
bool network_parse(struct str text, struct network *out_network) MUST_CHECK;

bool network_contains(const struct network *network, const unsigned char *bytes, bool is_ipv6);

#endif
