/*
 * The audit log: one row for every mint, redeem, renewal, resume, denial, end and management
 * change.
 *
 * Written in the transaction of what it tells, so that neither is there without the other. Never
 * holds a secret: callers pass ids and reasons, not requests.
 */
#ifndef INLAY_MODEL_EVENT_H
#define INLAY_MODEL_EVENT_H

#include "model/work.h"
#include "base/fields.h"

struct event {
    const char *type;         /* "mint", "deny", "app.create" … */
    struct uuid workspace_id; /* UUID_NONE: that of the unit of work */
    struct uuid user_id;
    struct uuid app_id;
    struct uuid link_id;
    struct uuid session_id;
    struct str detail; /* a JSON object, STR_NONE if there is nothing to add */
    bool is_counted;   /* in model/usage.h: as a view, or with a reason as a denial */
    struct str reason;
};

MUST_CHECK enum err event_add(struct work *work, const struct event *event);

/* The same with a detail that is made by json_pack() or the like: moved, never NULL. */
MUST_CHECK enum err event_add_detail(struct work *work, const struct event *event, json_t *detail);

/* A denial, about access->subject. Anybody can cause denials that name nobody, so of these the
 * audit log keeps a bounded number for each address and minute. */
MUST_CHECK enum err event_deny(struct work *work, const char *reason);

/* For details: sets member to the value after, if the two differ. */
void event_note_change(json_t *changes, const char *member, struct str before, struct str after);

/* {"reason":"…"}; reason must be a plain word. */
struct str event_reason(struct work *work, const char *reason);

/* The detail of what concerns a preview. */
static inline struct str event_preview(bool is_preview)
{
    return is_preview ? STR("{\"preview\":true}") : STR_NONE;
}

const char *event_actor_kind_name(enum actor_kind kind);

#endif
