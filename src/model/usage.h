/*
 * How much apps are used: views, the users behind them, and denials by reason, counted hour by hour
 * as their events are written. Kept longer than events are.
 *
 * A view is a link that opened a session or came back to one. What admins open to try is none.
 */
#ifndef INLAY_MODEL_USAGE_H
#define INLAY_MODEL_USAGE_H

#include "model/work.h"
#include "base/fields.h"

/* Counts one: a view, or with a reason a denial. app_id and user_id may be UUID_NONE. */
MUST_CHECK enum err usage_count(struct work *work, const struct uuid *workspace_id,
                                const struct uuid *app_id, const struct uuid *user_id,
                                struct str reason);

struct usage_sum {
    int64_t views;
    int64_t users;   /* different ones who had a view */
    json_t *denials; /* owned: an object of reasons with their numbers */
};

/* Of the workspace that the caller acts in. */
struct usage_filter {
    struct uuid app_id; /* UUID_NONE: all of them */
    struct uuid user_id;
    int64_t from_hour; /* since 1970; not to_hour itself */
    int64_t to_hour;
    int64_t step_hours; /* divides from_hour and to_hour */
};

/* One sum for each step, into zeroed out_sums, and one for the whole time. */
MUST_CHECK enum err usage_series(struct work *work, const struct usage_filter *filter,
                                 struct usage_sum *out_sums, struct usage_sum *out_total);

void usage_sum_done(struct usage_sum *sum);

/* One app, or one user, within that time. */
struct usage_share {
    struct uuid id;
    struct str name; /* of an app: its slug; of a user: the email address. STR_NONE: it is gone */
    struct str other_name; /* of an app: its name; of a user: the external identifier */
    int64_t views;
    int64_t others; /* of an app: its users; of a user: their apps */
    int64_t denials;
};

/* Those with the most views first; out_shares has room for limit. */
MUST_CHECK enum err usage_apps(struct work *work, const struct usage_filter *filter, int64_t limit,
                               struct usage_share *out_shares, size_t *out_count);
MUST_CHECK enum err usage_users(struct work *work, const struct usage_filter *filter, int64_t limit,
                                struct usage_share *out_shares, size_t *out_count);

/* Of a user in an app: how many origins were new to them since a moment. */
struct usage_origins {
    struct uuid app_id;
    struct str app_slug;
    struct uuid user_id;
    struct str user_email;
    struct str user_external_identifier;
    int64_t origins;
};

/* Those with the most first; out_origins has room for limit. UUID_NONE: any. */
MUST_CHECK enum err usage_origins_most(struct work *work, const struct uuid *app_id,
                                       const struct uuid *user_id, int64_t since_ms, int64_t limit,
                                       struct usage_origins *out_origins, size_t *out_count);

#endif
