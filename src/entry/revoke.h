/*
 * Taking back: links and sessions that an admin ends by hand.
 */
#ifndef INLAY_ENTRY_REVOKE_H
#define INLAY_ENTRY_REVOKE_H

#include "entry/session.h"

/* The link no longer opens, and the sessions it opened end. A revoked one stays as it is. */
MUST_CHECK enum err revoke_link(struct work *work, const struct link *link);

/* A session that has ended stays as it is. */
MUST_CHECK enum err revoke_session(struct work *work, const struct session *session);

/* All live sessions of the user, of the app, or of the user in the app, in the workspace that the
 * caller acts in. One of the two may be UUID_NONE. */
MUST_CHECK enum err revoke_sessions(struct work *work, const struct uuid *user_id,
                                    const struct uuid *app_id, int64_t *out_ended);

#endif
