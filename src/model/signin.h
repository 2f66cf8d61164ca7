/*
 * Signing in to the console, and the sessions that this opens.
 *
 * A session ends when it was not used for admin_idle_minutes, after admin_session_hours whatever
 * happens, when it is ended, and when the password changes; ended ones are gone. Whoever fails is
 * slowed down: for each email address, known or not, and for each client address the next try has
 * to wait twice as long as the one before, up to an hour (NIST SP 800-63B-4 3.2.2).
 *
 * signin() and signin_set_up_admin() take long, because of the password, and begin and commit by
 * themselves: they are for a thread that holds up nobody.
 */
#ifndef INLAY_MODEL_SIGNIN_H
#define INLAY_MODEL_SIGNIN_H

#include "model/admin.h"

struct admin_session {
    struct uuid id;
    struct uuid admin_id;
    struct uuid workspace_id; /* UUID_NONE for role admin */
    struct str email;
    struct str role;
    struct str address;
    struct str user_agent;
    int64_t created_at_ms;
    int64_t used_at_ms; /* to the minute */
    int64_t expires_at_ms;
};

struct signin {
    struct str email;
    struct str password;
    struct str code; /* of the authenticator app, or a recovery code; STR_NONE if none was given */
};

/* ERR_LIMITED sign_in_slowed; ERR_UNAUTHENTICATED sign_in_refused, totp_required, totp_wrong. The
 * refusal is in the audit log. */
MUST_CHECK enum err signin(struct work *work, const struct signin *signin, struct admin *out_admin,
                           struct secret *out_cookie);

/* Spends a link: the person chooses a password, and is signed in. email counts only for the first
 * admin. A second factor that was set up before is gone. */
MUST_CHECK enum err signin_set_up_admin(struct work *work, struct str code, struct str email,
                                        struct str password, struct admin *out_admin,
                                        struct secret *out_cookie);

/* Is it the password of this admin? Counts as a try to sign in. */
MUST_CHECK enum err signin_again(struct work *work, const struct admin *admin, struct str password,
                                 const char *member);

/* ERR_UNAUTHENTICATED, sign_in_missing. */
MUST_CHECK enum err admin_session_authenticate(struct work *work, struct str cookie,
                                               struct admin_session *out_session);
bool admin_session_use_is_news(const struct work *work, const struct admin_session *session);
MUST_CHECK enum err admin_session_touch(struct work *work, const struct admin_session *session);

/* Live ones of an admin, or of all with UUID_NONE; the newest first. */
MUST_CHECK enum err admin_session_list(struct work *work, const struct uuid *admin_id,
                                       const struct uuid *after, int64_t limit,
                                       struct admin_session *out_sessions, size_t *out_count);

/* Of this admin, or with UUID_NONE anybody's. ERR_NOT_FOUND without words. */
MUST_CHECK enum err admin_session_end(struct work *work, const struct uuid *id,
                                      const struct uuid *admin_id);

#endif
