/*
 * Groups: who may use which app. A user may use an app through any group that both are in.
 */
#ifndef INLAY_MODEL_GROUP_H
#define INLAY_MODEL_GROUP_H

#include "model/app.h"
#include "model/user.h"

struct group {
    int64_t id;
    struct uuid workspace_id;
    struct str name;
    int64_t created_at_ms;
    int64_t member_count;
    int64_t app_count;
};

/* By id in any workspace: the caller checks group.workspace_id. ERR_NOT_FOUND without words. */
MUST_CHECK enum err group_find(struct work *work, int64_t id, struct group *out_group);

/* ERR_CONFLICT, group_exists, if the name is taken in the workspace; so does group_rename(). */
MUST_CHECK enum err group_create(struct work *work, struct str name, struct group *out_group);
MUST_CHECK enum err group_rename(struct work *work, struct group *group, struct str name);

/* Takes away access, unless another group gives it. */
MUST_CHECK enum err group_delete(struct work *work, const struct group *group);

/* All that follows is of the group's own workspace; the caller has checked that. What is so already
 * stays so, without an event. */
MUST_CHECK enum err group_add_member(struct work *work, const struct group *group,
                                     const struct user *user);
MUST_CHECK enum err group_remove_member(struct work *work, const struct group *group,
                                        const struct user *user);
MUST_CHECK enum err group_allow_app(struct work *work, const struct group *group,
                                    const struct app *app);
MUST_CHECK enum err group_disallow_app(struct work *work, const struct group *group,
                                       const struct app *app);

/* Of the workspace that the caller acts in, the oldest first; name is STR_NONE for any, app_id
 * UUID_NONE or an app that they may use. The arrays have room for limit. */
struct group_filter {
    struct str name;
    struct uuid app_id;
    struct search search;
    int64_t after;
    int64_t limit;
};
MUST_CHECK enum err group_list(struct work *work, const struct group_filter *filter,
                               struct group *out_groups, size_t *out_count);
MUST_CHECK enum err group_members(struct work *work, const struct group *group,
                                  const struct uuid *after, int64_t limit, struct user *out_users,
                                  size_t *out_count);
MUST_CHECK enum err group_apps(struct work *work, const struct group *group,
                               const struct uuid *after, int64_t limit, struct app *out_apps,
                               size_t *out_count);

#endif
