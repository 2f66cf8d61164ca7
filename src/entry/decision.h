/*
 * The access decision: may this user open this app with these claims, now?
 *
 * One function decides, at mint, at redeem, and whenever a session is decided again. It knows facts
 * and nothing else, starts from "undecided", which is a denial, and every path to DECISION_ALLOWED
 * goes through all checks.
 */
#ifndef INLAY_ENTRY_DECISION_H
#define INLAY_ENTRY_DECISION_H

#include "entry/facts.h"

enum decision {
    DECISION_UNDECIDED, /* a denial, like every value but DECISION_ALLOWED */
    DECISION_ALLOWED,
    DENIED_APP_UNKNOWN,
    DENIED_APP_MOVED,
    DENIED_USER_UNKNOWN,
    DENIED_WORKSPACE_ARCHIVED,
    DENIED_USER_ARCHIVED,
    DENIED_ENVIRONMENT_UNKNOWN,
    DENIED_RELEASE_UNKNOWN,
    DENIED_BRANCH_UNKNOWN,
    DENIED_NO_ACCESS,
    DENIED_NOT_RELEASED,
    DENIED_LINK_REVOKED,
    DENIED_LINK_REPLACED,
    DENIED_LINK_EXPIRED,
    DENIED_LINK_USED,
    DECISION_COUNT
};

struct decision_info {
    const char *reason;  /* a stable word for events and sessions' endReason */
    enum err err;        /* how a mint answers */
    const char *message; /* a sentence for a portal's developer */
};

const struct decision_info *decision_info(enum decision decision);

enum decision decision_make(const struct facts *facts);

/* What a mint, a link or a session asks. Borrowed. */
struct question {
    const struct uuid *workspace_id; /* the one that the token or link belongs to */
    const struct uuid *app_id;
    const struct uuid *user_id;
    struct str claims; /* as claims_format() writes them */
    struct str portal; /* of the link; STR_NONE: the app's portals */
    bool user_is_new;  /* the call that asks is going to make the user */
    struct link_facts link;
};

struct verdict {
    enum decision decision;
    bool has_own_portals; /* that are not the app's: those of a preview, or of a link that names one
                           */
    enum app_kind kind;
    struct app_content content;
    struct str portals; /* of the app with these claims, also if it is denied; or STR_NONE */
    struct str service_workers; /* this and the next: see model/app.h */
    struct str top_level;
    int64_t idle_ms; /* see facts.h */
};

/* Reads the claims, loads the facts, and decides. A denial is a verdict and no error. */
MUST_CHECK enum err decision_find(struct work *work, const struct question *question,
                                  struct verdict *out_verdict);

#endif
