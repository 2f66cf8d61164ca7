/*
 * Users: people. Internal ones are made by an admin and known by their email, external ones by an
 * embed request and known by their externalIdentifier. A user belongs to one workspace.
 */
#ifndef INLAY_MODEL_USER_H
#define INLAY_MODEL_USER_H

#include "model/search.h"

struct user {
    struct uuid id;
    struct uuid workspace_id;
    bool is_external;
    bool is_active;
    struct str email; /* the texts may be STR_NONE */
    struct str first_name;
    struct str last_name;
    struct str external_identifier;
    struct str metadata; /* JSON object of the last link; STR_NONE for internal users */
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

/* ERR_NOT_FOUND without words: the caller knows what was asked for. */
MUST_CHECK enum err user_find(struct work *work, const struct uuid *id, struct user *out_user);
MUST_CHECK enum err user_find_by_email(struct work *work, struct str email, struct user *out_user);
MUST_CHECK enum err user_find_external(struct work *work, struct str external_identifier,
                                       struct user *out_user);

/* Makes the external user (id is UUID_NONE), or writes what the link says about it: email, names
 * and metadata, if any of them differs from what is stored. */
MUST_CHECK enum err user_put_external(struct work *work, struct user *user);

/* Makes an internal user of email and names. ERR_CONFLICT, user_exists, if the address is taken. */
MUST_CHECK enum err user_create(struct work *work, struct user *user);

/* Writes what differs: email, names, is_active. Archiving takes away access. */
MUST_CHECK enum err user_update(struct work *work, const struct user *before, struct user *after);

/* Forgets the person: memberships, links and sessions go too. The audit log keeps the id. */
MUST_CHECK enum err user_delete(struct work *work, const struct user *user);

/* Of the workspace that the caller acts in, the oldest first. STR_NONE and UUID_NONE: any. */
struct user_filter {
    struct str email; /* whatever its case */
    struct str external_identifier;
    struct str kind;   /* "internal" or "external" */
    struct str status; /* "active" or "archived" */
    struct search search;
    struct uuid after;
    int64_t limit; /* out_users has room for that many */
};

MUST_CHECK enum err user_list(struct work *work, const struct user_filter *filter,
                              struct user *out_users, size_t *out_count);

/* One "@" with something before it and a name with a dot or "localhost" after it, no spaces. */
bool user_email_is_plausible(struct str email);

/* First and last name, or the one that there is; STR_NONE without any. */
struct str user_full_name(const struct work *work, const struct user *user);

/* All rows of a query of USER_ROW. */
MUST_CHECK enum err user_all(struct work *work, struct rows rows, struct user *out_users,
                             size_t *out_count);

#endif
