/*
 * Web origins (RFC 6454) as Inlay's settings and apps name them: portals that may frame an app, the
 * public address, and the pattern that every app origin is made from.
 *
 * Accepted is an absolute http or https URL with nothing after the host and port but one "/":
 * "https://portal.example.com", "http://localhost:5173", "http://[::1]:8080". The host is a name of
 * letters, digits and hyphens (international names in their xn-- form), an IPv4 address in dotted
 * decimals or an IPv6 address in brackets. It may be written "*.example.com", which stands for
 * every name below example.com and not for example.com itself, as in Content Security Policy.
 */
#ifndef INLAY_BASE_ORIGIN_H
#define INLAY_BASE_ORIGIN_H

#include "base/err.h"
#include "base/str.h"

enum {
    ORIGIN_HOST_SIZE = 254, /* RFC 1035 2.3.4: 253 characters, and the NUL */
    ORIGIN_TEXT_SIZE = 272, /* scheme, "*.", host, ":65535" and the NUL */
    ORIGIN_LABEL_LEN = 26,  /* 130 bits of base32: the label of an audience */
};

struct origin {
    bool is_https;
    bool is_pattern;             /* was written "*.host" */
    char host[ORIGIN_HOST_SIZE]; /* lower case; without the "*."; IPv6 in brackets, shortest form */
    uint16_t port;               /* never 0: the scheme's own if none was written */
};

/* ERR_INVALID with code origin_invalid; the message says what is wrong and repeats no input. */
enum err origin_parse(struct str text, struct origin *out_origin, struct fault *fault) MUST_CHECK;

/* As browsers write it: no default port, no final slash. */
void origin_format(const struct origin *origin, char out_text[ORIGIN_TEXT_SIZE]);

/* localhost and what is below it (RFC 6761 6.3), 127.0.0.0/8 and ::1. */
bool origin_is_loopback(const struct origin *origin);

/*
 * The label of an app origin, from a Host header: if app_url is the pattern of all names below
 * "localhost" with port 3000, the header "<label>.LOCALHOST:3000" gives <label>, borrowed from
 * host_header. False if the host or port is another one or ends in a dot, or if the label is not
 * ORIGIN_LABEL_LEN characters of [a-z2-7]; capitals in the label too, since browsers send none.
 */
bool origin_label(const struct origin *app_url, struct str host_header, struct str *out_label);

#endif
