/*
 * The server behind an app of kind "upstream": where it is, and how it is asked.
 *
 * Kept as a JSON object: url, hostHeader, connectTimeoutSeconds, readTimeoutSeconds, bodyMaxBytes,
 * tlsVerify, tlsCa, and trustedHeaders (which apps of before may lack). upstream_at() puts an
 * environment's address into it; what comes out is all that a request needs, and its digest is what
 * a session shows.
 */
#ifndef INLAY_APPS_UPSTREAM_UPSTREAM_H
#define INLAY_APPS_UPSTREAM_UPSTREAM_H

#include "model/work.h"
#include "base/limits.h"
#include "base/origin.h"

enum { UPSTREAM_CONNECT_SECONDS = 5, UPSTREAM_READ_SECONDS = 90, UPSTREAM_SECONDS_MAX = 3600 };

struct upstream_address {
    struct origin origin;
    struct str path; /* before every path: "" or "/grafana" */
};

struct upstream { /* texts are borrowed from the arena */
    struct upstream_address address;
    struct str host_header; /* "app", "upstream", or a name */
    int64_t connect_timeout_ms;
    int64_t read_timeout_ms;
    int64_t body_max_bytes; /* 0: none */
    bool tls_verify;
    struct str tls_ca; /* PEM; STR_NONE: the system's */

    /* Names of request headers that the server trusts, beside Inlay's: no client's reaches it. */
    struct str trusted_headers[LIMIT_UPSTREAM_TRUSTED_HEADERS];
    size_t trusted_header_count;
};

/* "http://127.0.0.1:8888", "https://grafana.internal/grafana"; a final "/" means nothing.
 * ERR_INVALID with words. path is borrowed from text. */
MUST_CHECK enum err upstream_address_parse(struct str text, struct upstream_address *out_address,
                                           struct fault *fault);

/* Does the text hold certificates, all of them whole? Words between them mean nothing. */
bool upstream_ca_is_valid(struct str pem);

/* settings with the environment's address, STR_NONE for the app's own. In the arena. */
struct str upstream_at(struct work *work, struct str settings, struct str url);
struct digest upstream_digest(struct str settings);

MUST_CHECK enum err upstream_parse(struct arena *arena, struct str settings,
                                   struct upstream *out_upstream);

/*
 * May Inlay connect to this address? To any that an allow-list names; without a list to every one
 * but those that no app lives at: link-local ones, where clouds keep their secrets, and addresses
 * that stand for no host.
 */
bool upstream_may_reach(const struct network_list *allowed, const unsigned char *bytes,
                        bool is_ipv6);

#endif
