/*
 * Admins: people who sign in to the console. Not users, who open apps in portals.
 *
 * An admin has one of three roles, and a role has scopes as an API token has. Role admin acts in
 * every workspace, the others in one. Nobody is given a password: a one-time link lets the person
 * choose it, at the first start, for an invitation, and when it was forgotten.
 */
#ifndef INLAY_MODEL_ADMIN_H
#define INLAY_MODEL_ADMIN_H

#include "model/search.h"
#include "crypto/secret.h"
#include "crypto/totp.h"

enum { ADMIN_LINK_HOURS = 24, RECOVERY_CODES = 10, RECOVERY_CODE_LEN = 16 };

struct admin {
    struct uuid id;
    struct uuid workspace_id; /* UUID_NONE for role admin: every one */
    struct str email;
    struct str role;         /* "admin", "builder" or "viewer" */
    struct str password;     /* as password_keep() writes it; STR_NONE: invited */
    struct str totp_secret;  /* this and the next: bytes, or STR_NONE */
    struct str totp_pending; /* shown, but not confirmed yet */
    int64_t totp_step;       /* of the last code that was used */
    struct str recovery;     /* digests in hex, separated by spaces; STR_NONE without any */
    int64_t created_at_ms;
    struct str created_by;
    int64_t signed_in_at_ms; /* 0: never */
};

extern const char *const admin_roles[]; /* ends with NULL */

/* What a role may do, as the scopes of an API token; "" for what is no role. */
struct str admin_role_scopes(struct str role);

/* ERR_NOT_FOUND without words. */
MUST_CHECK enum err admin_find(struct work *work, const struct uuid *id, struct admin *out_admin);
MUST_CHECK enum err admin_find_by_email(struct work *work, struct str email,
                                        struct admin *out_admin);

/* The oldest first; out_admins has room for limit. */
MUST_CHECK enum err admin_list(struct work *work, const struct search *search,
                               const struct uuid *after, int64_t limit, struct admin *out_admins,
                               size_t *out_count);

/* Makes an admin of email and role, without a password yet. ERR_CONFLICT, admin_exists. */
MUST_CHECK enum err admin_create(struct work *work, struct admin *admin);

/* Writes another role; the admin's sessions have it at once. The last one of role admin stays what
 * it is: ERR_CONFLICT, admin_required. */
MUST_CHECK enum err admin_set_role(struct work *work, const struct admin *before,
                                   const struct admin *after);
MUST_CHECK enum err admin_delete(struct work *work, const struct admin *admin);

/* Is there nobody of role admin who can sign in? Then the first start is not over. */
MUST_CHECK enum err admin_is_missing(struct work *work, bool *out_missing);

/* ---- links ---- */

/* Makes the link for this admin, or with NULL the one that makes the first admin. The link before
 * it stops working. out_url has room for ADMIN_URL_SIZE; it is a secret. */
enum { ADMIN_URL_SIZE = ORIGIN_TEXT_SIZE + SECRET_TEXT_MAX + 16 };
MUST_CHECK enum err admin_link_make(struct work *work, const struct admin *admin,
                                    char out_url[ADMIN_URL_SIZE]);

/* ERR_GONE, setup_link_invalid, if it is unknown, used, or too old. out_admin->id is UUID_NONE for
 * the link that makes the first admin. */
MUST_CHECK enum err admin_link_find(struct work *work, struct str code, struct admin *out_admin);
/* In the transaction that uses it: ERR_GONE if another one was faster. */
MUST_CHECK enum err admin_link_spend(struct work *work, struct str code);

/* ---- what the person sets ---- */

/* kept is what password_keep() wrote. Ends the admin's sessions but `except`. */
MUST_CHECK enum err admin_set_password(struct work *work, const struct admin *admin,
                                       struct str kept, const struct uuid *except);

/* A new secret, which does not count before admin_totp_confirm(). */
MUST_CHECK enum err admin_totp_begin(struct work *work, const struct admin *admin,
                                     unsigned char out_secret[TOTP_SECRET_BYTES]);
/* ERR_INVALID, totp_wrong, unless code is one of the pending secret. The recovery codes are shown
 * this once. */
MUST_CHECK enum err admin_totp_confirm(struct work *work, const struct admin *admin,
                                       struct str code,
                                       char out_codes[RECOVERY_CODES][RECOVERY_CODE_LEN + 1]);
MUST_CHECK enum err admin_totp_remove(struct work *work, const struct admin *admin);

size_t admin_recovery_left(const struct admin *admin);
/* STR_NONE unless code is one of them; else what is left without it. */
struct str admin_recovery_without(struct work *work, const struct admin *admin, struct str code);

#endif
