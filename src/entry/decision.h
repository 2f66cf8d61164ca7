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

#endif
