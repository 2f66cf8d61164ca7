/*
 * What is changed between a browser and the server of an app: pure text. A request loses what
 * could lie to the server; an answer becomes one of the app's own origin.
 */
#ifndef INLAY_HTTP_REWRITE_H
#define INLAY_HTTP_REWRITE_H

#include "base/buf.h"

/* Each of Inlay's cookies begins like this. */
#define REWRITE_OWN_COOKIES STR("__Host-inlay")

/* How the origin of the app and its server are called. */
struct rewrite_site {
    struct str own;    /* "https://<label>.apps.example.net" */
    struct str server; /* "http://127.0.0.1:8888" */
    struct str host;   /* what the server is told in Host */
    struct str base;   /* before every path of the server: "" or "/grafana" */
    struct str mark;   /* of this origin's cookies, which no other origin can know; "": none */
};

/* ---- requests ---- */

/* Is a header's name this one, in any case, and with anything in place of a hyphen? Servers hand
 * "-",
 * "_" and "." on as one. "X-Hasura-*" stands for every name that begins like that. */
bool rewrite_is_spelling(struct str name, struct str pattern);

/* May a header of this name not come from a client? Those that Inlay sets, beside the names of its
 * settings; "Proxy", which CGI turns into HTTP_PROXY; and what a server could take for a header
 * that says where the request ends. docs/upstream.md has the list. */
bool rewrite_is_reserved(struct str name);

/*
 * Cookies of a server's own, which a sibling must not replace by one of the domain above both:
 *
 * - HttpOnly ones are called "MARK-NAME" in the browser, by a mark that no sibling knows.
 * - The others keep their names, since scripts read them. Beside each is a cookie "MARK.NAME" with
 *   a digest of its value. Of several with one name, that one is passed on.
 */

enum { REWRITE_COOKIES_MAX = 400 }; /* of one request; browsers keep about 180 for a site */

/* Appends what the server gets of Cookie headers, joined by ";": no cookie of Inlay's, and of its
 * own those that it has set. Without a mark all others. Needs at most two bytes for each of the
 * header, and two. */
void rewrite_cookies(struct str header, struct str mark, struct buf *out);

/* The Set-Cookie header that goes beside one of the server's, if any: with the digest. False if
 * there is none. rewrite_room() bytes are enough. */
bool rewrite_cookie_digest(const struct rewrite_site *site, struct str value, struct buf *out);

/* The Set-Cookie header that removes the HttpOnly cookie of the same name, which the request
 * brought and the server has now replaced by, or expires as, one that isn't HttpOnly. */
bool rewrite_cookie_replaced(const struct rewrite_site *site, struct str header, struct str value,
                             struct buf *out);

/* ---- answers ---- */

enum rewrite {
    REWRITE_KEEP,
    REWRITE_DROP,
    REWRITE_TO, /* what is in out */
};

/*
 * A header of an answer, by the rows of response_headers.def, which say why:
 * - Set-Cookie loses its Domain and the base path, is made one of a frame, and, if it is HttpOnly,
 *   gets the mark;
 * - addresses of the server (Location, Refresh, Link ...) lead to the app's origin;
 * - of policies (CSP) only frame-ancestors is taken away;
 * - what Inlay says itself, what speaks for more than this origin, and CORS are dropped.
 * out must be empty; rewrite_room() bytes are enough.
 */
enum rewrite rewrite_header(const struct rewrite_site *site, struct str name, struct str value,
                            struct buf *out);

size_t rewrite_room(const struct rewrite_site *site, struct str value);

#endif
