/*
 * The audit trail: one row for every mint, redeem, resume, denial, end and management change.
 *
 * Written in the transaction of what it tells, so that neither is there without the other. Never
 * holds a secret: callers pass ids and reasons, not requests.
 */
#ifndef INLAY_ACCESS_EVENT_H
#define INLAY_ACCESS_EVENT_H

#include "access/access.h"

struct event {
    const char *type;         /* "mint", "deny", "app.create" … */
    struct uuid workspace_id; /* UUID_NONE: that of the unit of work */
    struct uuid user_id;
    struct uuid app_id;
    struct uuid grant_id;
    struct uuid session_id;
    struct str detail; /* a JSON object, STR_NONE if there is nothing to add */
};

MUST_CHECK enum err event_add(struct access *access, const struct event *event);

/* {"reason":"…"}; reason must be a plain word. */
struct str event_reason(struct access *access, const char *reason);

const char *actor_kind_name(enum actor_kind kind);

#endif
