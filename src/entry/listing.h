/*
 * What an admin sees of links and sessions: with names beside ids, as they stand now, and in
 * pages.
 */
#ifndef INLAY_ENTRY_LISTING_H
#define INLAY_ENTRY_LISTING_H

#include "entry/link.h"
#include "entry/session.h"

struct party {
    struct str app_slug;
    struct str user_email; /* this and the next: STR_NONE if the user has none */
    struct str user_external_identifier;
};

struct listed_link {
    struct link link;
    struct str status; /* "active", "used", "expired", "replaced" or "revoked" */
    struct party party;
};

struct listed_session {
    struct session session; /* past its time it has ended, whether or not that was written down */
    struct str status;      /* "active" or "ended" */
    struct party party;
};

/* By id in any workspace: the caller checks. ERR_NOT_FOUND without words. */
MUST_CHECK enum err listing_link(struct work *work, const struct uuid *id,
                                 struct listed_link *out_link);
MUST_CHECK enum err listing_session(struct work *work, const struct uuid *id,
                                    struct listed_session *out_session);

/* Of the workspace that the caller acts in, the newest first. UUID_NONE and STR_NONE: any. */
struct listing_filter {
    struct uuid user_id;
    struct uuid app_id;
    struct str status;
    struct uuid after;
    int64_t limit; /* the arrays have room for that many */
};

MUST_CHECK enum err listing_links(struct work *work, const struct listing_filter *filter,
                                  struct listed_link *out_links, size_t *out_count);
MUST_CHECK enum err listing_sessions(struct work *work, const struct listing_filter *filter,
                                     struct listed_session *out_sessions, size_t *out_count);

#endif
