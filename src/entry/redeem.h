/*
 * Redeeming: from a link to a session, in two steps.
 *
 * 1. redeem_link(): the frame opens the link. Nothing is spent yet. The browser gets a pending
 *    cookie and is sent to /_inlay/enter?link=<proof>. A browser that holds the live session which
 *    this link opened is let in again (resume). One that holds any other live session of this
 *    origin has shown that its cookies work, so its link is spent at once.
 * 2. redeem_enter(): a cookie came back. The link is spent and the session opened.
 *
 * A link that is opened to renew is spent on the browser's live session of this origin, if it has
 * one: the session goes on, and with it all that is open, until a new one would have ended. Without
 * one it opens a session as any link does.
 *
 * The link of a strict app is posted, by a form of the portal's page, so that no secret is in a
 * URL: neither the link's nor, on the way to enter, its proof. Only a portal may do that, which
 * Origin tells: otherwise any page could make its visitors somebody else in an app (login CSRF).
 * Other apps' links may be posted, too.
 *
 * The proof says that its holder had the link; the pending cookie says only that this browser keeps
 * cookies. It has a name of its own, so that of several frames of one origin, with one link or with
 * several, none takes a cookie away from another. For REDEEM_GRACE_MS after a single-use link was
 * spent, the same client (address and User-Agent) may open it again: portals mount frames twice,
 * and either frame may be the faster one. More than REDEEM_GRACE_SESSIONS it does not open.
 */
#ifndef INLAY_ENTRY_REDEEM_H
#define INLAY_ENTRY_REDEEM_H

#include "entry/session.h"

enum {
    REDEEM_GRACE_MS = 5000,
    REDEEM_GRACE_SESSIONS = 4, /* of one single-use link */
    REDEEM_PENDING_S = 60,
    REDEEM_ENTERED_S = 10,
};

enum redeem_step {
    REDEEM_MOVE,    /* the link came to another host than its own: send the browser there */
    REDEEM_PENDING, /* set the pending cookie, send the browser to enter with the proof */
    REDEEM_RESUMED, /* the browser's cookie is good: send it to the app */
    REDEEM_OPENED,  /* set the cookie, send the browser to the app */
    REDEEM_RENEWED, /* set the browser's cookie for longer */
};

struct redeem_request {
    enum secret_kind kind; /* SECRET_PAT or SECRET_LINK */
    struct str secret;
    struct str app;    /* the app that the link names, id or slug; STR_NONE if it names none */
    struct str label;  /* of the origin that was asked; STR_NONE for the public address */
    struct str cookie; /* STR_NONE if there is none */
    bool renews;
    bool is_doubled;   /* the request has more than one secret */
    bool is_framed;    /* a browser shows it in a frame */
    struct str portal; /* in a page of this origin; STR_NONE if that is not known */
    struct str poster; /* Origin of a posted link, "" if it is missing; STR_NONE for one in a URL */
};

struct redeem_result {
    enum redeem_step step;
    struct str label;       /* of the link */
    struct secret proof;    /* for REDEEM_PENDING; secret_done() it */
    struct secret cookie;   /* to set, for REDEEM_OPENED; secret_done() it */
    int64_t cookie_seconds; /* its Max-Age */
    bool clears;            /* the browser is to clear what it keeps of the app */
    struct str path;        /* where in the app the link leads, once it is found */
    struct look look;       /* what is known of how an error is to look */
    struct str portals;     /* of the app, as soon as it is known, also on errors */
};

/* Errors: link_missing, link_invalid, link_expired, link_used, link_replaced, link_revoked,
 * link_post_required, portal_not_allowed, portal_origin_hidden, access_denied, app_not_released …
 * Always fills *out_result. */
MUST_CHECK enum err redeem_link(struct work *work, const struct redeem_request *request,
                                struct redeem_result *out_result);

struct enter_request {
    struct str proof;
    struct str label;
    struct str cookie; /* STR_NONE if there is none */
    bool has_pending;  /* the pending cookie came back */
    bool renews;
    struct str poster; /* as above */
};

/* What was posted is no form with a link, as *why says. That is told to portals only. */
MUST_CHECK enum err redeem_refuse_form(struct work *work, struct str label, struct str poster,
                                       const struct fault *why, struct redeem_result *out_result);

/* Also cookies_blocked, if no cookie came back. */
MUST_CHECK enum err redeem_enter(struct work *work, const struct enter_request *request,
                                 struct redeem_result *out_result);

#endif
