/*
 * The access decision: may this user open this app with these claims, now?
 *
 * One function decides, at mint, at redeem, and whenever a session is decided again. It knows facts
 * and nothing else, starts from "undecided", which is a denial, and every path to DECISION_ALLOWED
 * goes through all checks.
 */
#ifndef INLAY_ENTRY_DECISION_H
#define INLAY_ENTRY_DECISION_H

#include "model/work.h"

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

/* A link's claims. Texts are borrowed. */
struct claims {
    struct str groups;          /* canonical JSON array of ids; STR_NONE: the user's own groups */
    struct str metadata;        /* canonical JSON object, or STR_NONE */
    struct str environment;     /* never STR_NONE */
    struct str branch;          /* STR_NONE unless asked for */
    struct str release_version; /* STR_NONE: follows the app's current release */
    bool is_preview;            /* an admin tries the app in the console */
};

struct facts {
    bool app_exists;
    bool app_in_workspace; /* in the one that the link or token belongs to */
    bool user_exists;
    bool user_in_workspace;
    bool user_active;
    bool workspace_active;
    bool environment_exists;
    bool content_exists; /* of the asked branch or release, or of the current one */
    bool asks_branch;
    bool asks_release;
    bool may_use;
    bool link_revoked;
    bool link_replaced;
    bool link_expired;
    bool link_used;
    struct digest content; /* valid if content_exists */
    struct str portals;    /* who may frame it; origins separated by spaces */
    struct str upstream;   /* of an app of that kind, in the claimed environment; or STR_NONE */
};

enum decision decision_make(const struct facts *facts);

/* What the store knows about app, user and claims; the link_ facts stay false. */
MUST_CHECK enum err facts_load(struct work *work, const struct uuid *workspace_id,
                               const struct uuid *app_id, const struct uuid *user_id,
                               const struct claims *claims, struct facts *out_facts);

/* Who may frame an app with these claims: its portals, and a preview also the console. */
struct str claims_portals(struct work *work, const struct claims *claims, struct str portals);

/* Claims as they are stored, and back. */
struct str claims_format(struct work *work, const struct claims *claims);
MUST_CHECK enum err claims_parse(struct work *work, struct str text, struct claims *out_claims);

#endif
