#include "entry/decision.h"

const struct decision_info *decision_info(enum decision decision)
{
    static const struct decision_info infos[DECISION_COUNT] = {
        [DECISION_UNDECIDED] = {"undecided", ERR_INTERNAL, "Access could not be decided."},
        [DECISION_ALLOWED] = {"allowed", ERR_OK, "Allowed."},
        [DENIED_APP_UNKNOWN] = {"app_deleted", ERR_NOT_FOUND, "The app does not exist."},
        [DENIED_APP_MOVED] = {"app_moved", ERR_NOT_FOUND,
                              "The app does not exist in this workspace."},
        [DENIED_USER_UNKNOWN] = {"user_deleted", ERR_NOT_FOUND, "The user does not exist."},
        [DENIED_WORKSPACE_ARCHIVED] = {"workspace_archived", ERR_DENIED,
                                       "The workspace is archived."},
        [DENIED_USER_ARCHIVED] = {"user_archived", ERR_DENIED, "The user is archived."},
        [DENIED_ENVIRONMENT_UNKNOWN] = {"environment_gone", ERR_NOT_FOUND,
                                        "The environment does not exist."},
        [DENIED_RELEASE_UNKNOWN] = {"release_gone", ERR_NOT_FOUND,
                                    "The app has no release with this version."},
        [DENIED_BRANCH_UNKNOWN] = {"branch_gone", ERR_NOT_FOUND,
                                   "The app has no branch with this name."},
        [DENIED_NO_ACCESS] = {"no_access", ERR_DENIED,
                              "The user is not in a group that has access to this app."},
        [DENIED_NOT_RELEASED] = {"not_released", ERR_DENIED, "The app has no release yet."},
        [DENIED_LINK_REVOKED] = {"link_revoked", ERR_UNAUTHENTICATED, "The link has been revoked."},
        [DENIED_LINK_REPLACED] = {"link_replaced", ERR_UNAUTHENTICATED,
                                  "A newer link has replaced this one."},
        [DENIED_LINK_EXPIRED] = {"link_expired", ERR_UNAUTHENTICATED, "The link has expired."},
        [DENIED_LINK_USED] = {"link_used", ERR_GONE, "The link has already been used."},
    };
    REQUIRE(decision >= 0 && decision < DECISION_COUNT);
    return &infos[decision];
}

enum decision decision_make(const struct facts *facts)
{
    enum decision decision = DECISION_UNDECIDED;
    if (!facts->app_exists) {
        decision = DENIED_APP_UNKNOWN;
    } else if (!facts->app_in_workspace) {
        decision = DENIED_APP_MOVED;
    } else if (!facts->user_exists || !facts->user_in_workspace) {
        decision = DENIED_USER_UNKNOWN;
    } else if (facts->link.revoked) {
        decision = DENIED_LINK_REVOKED;
    } else if (facts->link.replaced) {
        decision = DENIED_LINK_REPLACED;
    } else if (facts->link.used) {
        decision = DENIED_LINK_USED;
    } else if (facts->link.expired) {
        decision = DENIED_LINK_EXPIRED;
    } else if (!facts->workspace_active) {
        decision = DENIED_WORKSPACE_ARCHIVED;
    } else if (!facts->user_active) {
        decision = DENIED_USER_ARCHIVED;
    } else if (!facts->environment_exists) {
        decision = DENIED_ENVIRONMENT_UNKNOWN;
    } else if (!facts->content.exists && facts->asks_branch) {
        decision = DENIED_BRANCH_UNKNOWN;
    } else if (!facts->content.exists && facts->asks_release) {
        decision = DENIED_RELEASE_UNKNOWN;
    } else if (!facts->may_use) {
        decision = DENIED_NO_ACCESS;
    } else if (!facts->content.exists) {
        decision = DENIED_NOT_RELEASED;
    } else {
        decision = DECISION_ALLOWED;
    }
    return decision;
}

enum err decision_find(struct work *work, const struct question *question,
                       struct verdict *out_verdict)
{
    struct claims claims;
    struct facts facts = {0};
    enum err err = claims_parse(work, question->claims, &claims);
    if (!err) {
        err = facts_load(work, question->workspace_id, question->app_id, question->user_id, &claims,
                         &facts);
    }
    if (err) {
        return err;
    }
    if (question->user_is_new) {
        facts.user_exists = true;
        facts.user_in_workspace = true;
        facts.user_active = true;
    }
    facts.link = question->link;
    *out_verdict = (struct verdict){
        .decision = decision_make(&facts),
        .has_own_portals = claims.is_preview || question->portal.len > 0,
        .kind = facts.kind,
        .content = facts.content,
        .portals = question->portal.len > 0 && facts.app_exists
                       ? claims_portals(work, &claims, question->portal)
                       : facts.portals,
        .service_workers = facts.service_workers,
        .idle_ms = facts.idle_ms,
        .top_level = facts.top_level,
    };
    return ERR_OK;
}
