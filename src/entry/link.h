/*
 * Links: the right to open one app as one user with some claims until some time. A reusable link
 * is what ToolJet calls a personal access token, a single-use one is behind a Retool embed URL.
 *
 * Every (workspace, app, user, claims) is an audience with an origin of its own; its label is a
 * HMAC of these, so that equal claims come back to the same origin and others never do.
 */
#ifndef INLAY_ENTRY_LINK_H
#define INLAY_ENTRY_LINK_H

#include "entry/decision.h"
#include "base/origin.h"
#include "crypto/secret.h"

struct link {
    struct uuid id;
    bool is_reusable;
    struct str label;
    struct uuid workspace_id;
    struct uuid app_id;
    struct uuid user_id;
    struct str claims; /* as claims_format() writes them */
    int64_t session_ms;
    struct str volatile_metadata; /* see claims.h; STR_NONE if there is none */
    struct str portal;            /* who may frame it, STR_NONE: the app's portals */
    struct str path;              /* where in the app it leads */
    struct str theme;             /* this and the next: see base/look.h */
    struct str locale;
    bool is_strict; /* only a form of a portal opens it */
    int64_t created_at_ms;
    struct str created_by;
    int64_t expires_at_ms;
    int64_t used_at_ms; /* this and the next two: 0 if not */
    int64_t replaced_at_ms;
    int64_t revoked_at_ms;
    struct digest used_client; /* who spent it; valid if used_at_ms */
};

struct link_new {
    bool is_reusable;
    struct uuid app_id;
    struct uuid user_id;
    struct claims claims;
    struct str portal; /* in its one form, see base/portal.h; STR_NONE: the app's portals */
    struct str path;   /* in its one form, see http/deeplink.h; STR_NONE: the app's start path */
    struct str theme;  /* this and the next: see base/look.h; STR_NONE if not said */
    struct str locale;
    int64_t session_ms;
    int64_t expires_at_ms;
};

/* Counts one mint for this API token and user; ERR_LIMITED with retry_after_s above the limit. */
MUST_CHECK enum err link_limit(struct work *work, struct str user_key, int64_t per_minute);

/* Counts one try to open this link, or to enter by it, each by itself; the same above the limit,
 * link_limit. */
enum link_step { LINK_OPEN, LINK_ENTER };
MUST_CHECK enum err link_redeem_limit(struct work *work, const struct link *link,
                                      enum link_step step);

/* After the decision was made: stores the link. A reusable one replaces the one before it. */
MUST_CHECK enum err link_create(struct work *work, const struct link_new *new_link,
                                struct link *out_link, struct secret *out_secret);

/* What a browser shows to enter, once it opened the link: the link's secret cannot be told from it,
 * nor it from what the store keeps, which is its digest. */
struct secret link_proof(struct str secret);

/* ERR_NOT_FOUND without words. */
MUST_CHECK enum err link_find_by_proof(struct work *work, struct str proof, struct link *out_link);

void link_from_row(struct work *work, const struct rows *rows, struct link *out_link);

/* May it be opened at that moment? */
struct question link_question(const struct link *link, int64_t now_ms);

void link_label(const struct instance *instance, const struct uuid *workspace_id,
                const struct uuid *app_id, const struct uuid *user_id, struct str claims,
                char out_label[ORIGIN_LABEL_LEN + 1]);

#endif
