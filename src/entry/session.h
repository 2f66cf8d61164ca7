/*
 * Sessions: what redeeming a link opens. One audience, an absolute end, revocable at once.
 *
 * A worker keeps what session_check() found in shared memory and asks again when the epoch has
 * changed. Ending happens in the store first, then in memory.
 */
#ifndef INLAY_ENTRY_SESSION_H
#define INLAY_ENTRY_SESSION_H

#include "base/look.h"
#include "entry/decision.h"
#include "entry/link.h"

struct session {
    struct uuid id;
    struct uuid link_id;
    struct str label;
    struct uuid workspace_id;
    struct uuid app_id;
    struct uuid user_id;
    struct str claims;
    struct str volatile_metadata; /* of the newest session of its origin; see claims.h */
    struct str portal;            /* of its link, see link.h */
    struct str address;           /* of the client that opened it */
    struct str user_agent;
    int64_t created_at_ms;
    int64_t used_at_ms; /* as far as it was written down, since then at least: 0 for never */
    int64_t expires_at_ms;
    int64_t ended_at_ms;   /* 0: live */
    struct str end_reason; /* STR_NONE: live */
    struct str theme;      /* this and the next: see base/look.h */
    struct str locale;
    bool link_revoked;
};

/* ERR_NOT_FOUND without words. */
MUST_CHECK enum err session_find(struct work *work, const struct uuid *id,
                                 struct session *out_session);
MUST_CHECK enum err session_find_by_cookie(struct work *work, struct str cookie,
                                           struct session *out_session);

void session_from_row(struct work *work, const struct rows *rows, struct session *out_session);

/* Its claims, with all of its metadata. */
MUST_CHECK enum err session_claims(struct work *work, const struct session *session,
                                   struct claims *out_claims);

/* May it go on? Of its link only the revocation ends it; expiry, use and replacement do not. */
struct question session_question(const struct session *session);

/* What a request needs to know about its session. */
struct session_view {
    struct uuid id;
    struct uuid app_id;
    struct uuid link_id;
    int64_t expires_at_ms;
    enum app_kind kind;
    struct digest content;      /* of the files to serve, or of the settings */
    struct str settings;        /* of a server, see apps/upstream/upstream.h; else STR_NONE */
    struct str portals;         /* also set when the check fails and the app is known */
    struct str service_workers; /* this and the next: see model/app.h */
    struct str top_level;
    struct look look;     /* also when the check fails, as far as it is known */
    int64_t idle_ms;      /* that it may stay unused; 0: no limit */
    int64_t used_at_ms;   /* or opened, if it was never used since */
    bool has_own_portals; /* others than the app's other sessions */

    /* The session is over, but the store does not say so yet: somebody who may write has to call
     * session_end(id, end_reason). */
    bool must_end;
    const char *end_reason;
};

/*
 * Is this the cookie of a live session of the origin label? ERR_UNAUTHENTICATED with code
 * session_missing, session_ended, session_idle or session_displaced, and words for the user. Reads
 * only. Fills *out_view in any case.
 */
MUST_CHECK enum err session_check(struct work *work, struct str label, struct str cookie,
                                  struct session_view *out_view);

/* Who may frame the origin label, whatever is shown there; *out_portals keeps its value if no link
 * was made for it. */
MUST_CHECK enum err session_portals(struct work *work, struct str label, struct str *out_portals);

/* Until when session_check() would let its cookie in; 0 if it is over. Reads only. */
MUST_CHECK enum err session_live_until(struct work *work, const struct uuid *id,
                                       int64_t *out_expires_at_ms);

/* Opens a session of the link; the secret is the cookie's value. If its user then has more of the
 * app than the app allows, the oldest ones end. */
MUST_CHECK enum err session_open(struct work *work, const struct link *link,
                                 struct session *out_session, struct secret *out_cookie);

/*
 * Moves the end of a live session to where a new one of the link would have it, but never back,
 * gives it the link's theme and locale if it has some, and appends it to work->renewed. It is the
 * link's session from then on. The caller has made sure that both are of the same audience.
 * ERR_CONFLICT, changed_meanwhile, if the session has ended.
 */
MUST_CHECK enum err session_renew(struct work *work, const struct link *link,
                                  struct session *session);

/* Ends a live session, writes the event, and appends it to access->ended. An ended one stays as it
 * is. reason: "logout", "revoked", "expired", "idle", "displaced", or the reason of a decision. */
MUST_CHECK enum err session_end(struct work *work, const struct uuid *id, const char *reason);

/* The session was used: what may be lost, if it is not written down. reason is not looked at. */
MUST_CHECK enum err session_note_use(struct work *work, const char *reason);

/* The user signs out of a session that was checked before. */
MUST_CHECK enum err session_logout(struct work *work, const struct uuid *id);

/* The cookies of an app's server have become so many in work->subject's session that browsers will
 * soon throw others away: writes an event, as below. bytes is a number. */
MUST_CHECK enum err session_note_cookies(struct work *work, const char *bytes);

/* The server of an app gave no answer to work->subject's session: writes the event, of which there
 * is a bounded number for each app and minute. */
MUST_CHECK enum err session_note_failure(struct work *work, const char *reason);

#endif
