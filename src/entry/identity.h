/*
 * Who an app's user is, in the words of headers that go to the app's server: one value for each
 * header, and a signed assertion (a JWT, ES256) that says all of it.
 *
 * Values are visible ASCII and single spaces. In User, Email, Name and Groups every other byte of
 * their UTF-8 is percent-encoded, as is "%" itself (and "," inside of a group's name): what
 * decodeURIComponent() and its like undo in any language; most values look as they are. RFC 8187
 * is made for parameters, and few servers read it. Metadata is JSON with \u escapes.
 *
 * An assertion lives for a minute, or until the session ends if that is sooner. It stands for the
 * session, not for one request: requests may share it, so its jti tells assertions apart and is not
 * for refusing the second request that brings it.
 */
#ifndef INLAY_ENTRY_IDENTITY_H
#define INLAY_ENTRY_IDENTITY_H

#include "model/work.h"

enum identity_header {
    IDENTITY_USER, /* the user's id */
    IDENTITY_EMAIL,
    IDENTITY_NAME,
    IDENTITY_GROUPS, /* their names, separated by "," */
    IDENTITY_METADATA,
    IDENTITY_SESSION,
    IDENTITY_ASSERTION,
    IDENTITY_HEADERS,
};

struct identity {
    struct str values[IDENTITY_HEADERS]; /* in the arena; "" if there is nothing to say */

    /* Until then the same values may be sent with the requests of this session, as long as each of
     * them is checked and the epoch stays the same. Half of the assertion's life is left then. */
    int64_t keep_until_ms;
};

/* Of a session that was checked before. Reads only. ERR_UNAUTHENTICATED, session_ended, if it is
 * gone meanwhile. Groups that need more than LIMIT_IDENTITY_GROUPS_BYTES are left out, and the
 * assertion says "groupsOmitted":true. */
MUST_CHECK enum err identity_of_session(struct work *work, const struct uuid *session_id,
                                        struct identity *out_identity);

/* As the settings call it; "" if it is not to be sent. */
struct str identity_header_name(const struct settings *settings, enum identity_header header);

/* Must a request's header of this name not come from a client? True for the seven names, as they
 * are set and as they are by default, and for anything that begins like "X-Inlay-"; in any case,
 * and with anything in place of a hyphen, since servers hand "-", "_" and "." on as one. */
bool identity_is_header(const struct settings *settings, struct str name);

#endif
