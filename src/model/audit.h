/*
 * Reading the audit log of the workspace that the caller acts in: backwards from the newest
 * event, or forwards as it grows.
 *
 * No filter makes a call slow: it looks at a bounded number of events and says where to go on.
 */
#ifndef INLAY_MODEL_AUDIT_H
#define INLAY_MODEL_AUDIT_H

#include "model/event.h"

enum { AUDIT_SCAN = 20000 }; /* events that one call looks at */

struct audit_event {
    int64_t id;
    int64_t at_ms;
    struct str type;
    struct str actor_kind;
    struct str actor_id; /* this and the next: STR_NONE if there is none */
    struct str actor_name;
    struct uuid workspace_id; /* the ids: UUID_NONE if there is none */
    struct uuid user_id;
    struct uuid app_id;
    struct uuid link_id;
    struct uuid session_id;
    struct str address; /* STR_NONE if it came from no client */
    struct str detail;  /* a JSON object, or STR_NONE */
};

/* UUID_NONE, STR_NONE and 0: any. */
struct audit_filter {
    struct uuid user_id;
    struct uuid app_id;
    struct uuid session_id;
    struct str type;
    struct str actor;  /* its id or its name */
    struct str reason; /* of a denial or an end */
    int64_t from_ms;
    int64_t until_ms; /* not itself */
    int64_t before;   /* only events with a smaller id */
    int64_t limit;    /* the arrays have room for that many */
};

/* The newest first. *out_rest: if fewer than limit were found, where to go on (as .before); 0 if
 * that was all. */
MUST_CHECK enum err audit_list(struct work *work, const struct audit_filter *filter,
                               struct audit_event *out_events, size_t *out_count,
                               int64_t *out_rest);

/* Events after the id `after`, the oldest first. *out_last: where to go on; at least `after`. */
MUST_CHECK enum err audit_since(struct work *work, const struct audit_filter *filter, int64_t after,
                                struct audit_event *out_events, size_t *out_count,
                                int64_t *out_last);

/* The id of the newest event of all, 0 without any. */
MUST_CHECK enum err audit_newest(struct work *work, int64_t *out_id);

#endif
