/*
 * The facts that access is decided from: what the store knows about app, user and claims, and what
 * the link adds.
 */
#ifndef INLAY_ENTRY_FACTS_H
#define INLAY_ENTRY_FACTS_H

#include "entry/claims.h"
#include "apps/kind.h"

/* All false for a mint, which has no link yet. */
struct link_facts {
    bool revoked;
    bool replaced;
    bool expired;
    bool used;
};

struct facts {
    bool app_exists;
    bool app_in_workspace; /* in the one that the link or token belongs to */
    bool user_exists;
    bool user_in_workspace;
    bool user_active;
    bool workspace_active;
    bool environment_exists;
    bool asks_branch;
    bool asks_release;
    bool may_use;
    struct link_facts link;
    enum app_kind kind;
    struct app_content content; /* of the asked branch, release and environment */
    struct str portals;         /* who may frame it; origins separated by spaces */
    struct str service_workers; /* this and the next: see model/app.h */
    struct str top_level;
    int64_t idle_ms; /* that a session may stay unused; 0: no limit */
};

/* What the store knows about app, user and claims; those of the link stay false. */
MUST_CHECK enum err facts_load(struct work *work, const struct uuid *workspace_id,
                               const struct uuid *app_id, const struct uuid *user_id,
                               const struct claims *claims, struct facts *out_facts);

#endif
