/*
 * Users: people. Internal ones are made by an admin and known by their email, external ones by an
 * embed request and known by their externalIdentifier. A user belongs to one workspace.
 */
#ifndef INLAY_ACCESS_USER_H
#define INLAY_ACCESS_USER_H

#include "access/access.h"

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
MUST_CHECK enum err user_find(struct access *access, const struct uuid *id, struct user *out_user);
MUST_CHECK enum err user_find_by_email(struct access *access, struct str email,
                                       struct user *out_user);
MUST_CHECK enum err user_find_external(struct access *access, struct str external_identifier,
                                       struct user *out_user);

/* Makes the external user (id is UUID_NONE) or updates what the link says about it. */
MUST_CHECK enum err user_put_external(struct access *access, struct user *user);

/* One "@" with something before it and a name with a dot or "localhost" after it, no spaces. */
bool email_is_plausible(struct str email);
struct str email_key(struct access *access, struct str email); /* lower case; STR_NONE stays */

/* The columns of USER_COLUMNS into *out_user, texts copied into the arena. */
void user_from_row(struct access *access, const struct rows *rows, struct user *out_user);

#endif
