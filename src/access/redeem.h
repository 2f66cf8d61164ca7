/*
 * Redeeming: from a link to a session, in two steps.
 *
 * 1. redeem_link(): the frame opens the link. Nothing is spent yet. The browser gets a pending
 *    cookie and is sent to /_inlay/enter?grant=<id>. A browser that holds the live session which
 *    this link opened is let in again (resume). One that holds any other live session of this
 *    origin has shown that its cookies work and keeps a working one until the new one replaces it,
 *    so its grant is spent at once.
 * 2. redeem_enter(): the pending cookie came back. The grant is spent and the session opened.
 *
 * The pending cookie is a HMAC of the grant: it proves that its holder had the link, needs no row,
 * and is the same for two frames that open one link at the same moment. For REDEEM_GRACE_MS after
 * a single-use grant was spent, the same client (address and User-Agent) may open it again:
 * portals mount frames twice, and either frame may be the faster one.
 *
 * Two frames share one jar of cookies. While the second is on its way, its pending cookie may take
 * the place of the first one's session cookie; session_check() knows that (SESSION_OVERLAP_MS).
 */
#ifndef INLAY_ACCESS_REDEEM_H
#define INLAY_ACCESS_REDEEM_H

#include "access/session.h"

enum { REDEEM_GRACE_MS = 5000, REDEEM_PENDING_S = 60 };

enum redeem_step {
    REDEEM_MOVE,    /* the link came to another host than its own: send the browser there */
    REDEEM_PENDING, /* set the cookie if there is one, send the browser to enter */
    REDEEM_RESUMED, /* the browser's cookie is good: send it to the app */
    REDEEM_OPENED,  /* set the cookie, send the browser to the app */
};

struct redeem_request {
    enum secret_kind kind; /* SECRET_PAT or SECRET_LINK */
    struct str secret;
    struct str app;    /* the app that the link names, id or slug; STR_NONE if it names none */
    struct str label;  /* of the origin that was asked; STR_NONE for the public address */
    struct str cookie; /* STR_NONE if there is none */
};

struct redeem_result {
    enum redeem_step step;
    struct str label;           /* of the grant */
    struct uuid grant_id;       /* UUID_NONE while unknown */
    struct secret cookie;       /* to set, for REDEEM_PENDING and REDEEM_OPENED; secret_done() it */
    int64_t cookie_seconds;     /* its Max-Age */
    struct str frame_ancestors; /* of the app, as soon as it is known, also on errors */
};

/* Errors: link_invalid, link_expired, link_used, link_replaced, link_revoked, access_denied,
 * app_not_released … Always fills *out_result. */
MUST_CHECK enum err redeem_link(struct access *access, const struct redeem_request *request,
                                struct redeem_result *out_result);

/* Also cookies_blocked, if the cookie did not come back. */
MUST_CHECK enum err redeem_enter(struct access *access, struct str grant_id, struct str label,
                                 struct str cookie, struct redeem_result *out_result);

#endif
