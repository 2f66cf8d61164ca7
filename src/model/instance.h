/*
 * The instance: what is the same for all requests of a server, and its epoch.
 *
 * The epoch says when access was taken away last: what was decided under an older one is decided
 * again. Every raise makes it greater than it was, and no smaller than the time in milliseconds. So
 * it is also greater than all that were raised after a backup which is restored now, or that a
 * standby has not heard of: nobody who knows one of those takes a later revocation for an old one.
 */
#ifndef INLAY_MODEL_INSTANCE_H
#define INLAY_MODEL_INSTANCE_H

#include "base/uuid.h"
#include "config/settings.h"
#include "crypto/digest.h"
#include "store/store.h"

struct instance {
    unsigned char key[DIGEST_BYTES]; /* makes labels; never leaves the server */
    struct uuid workspace_id;        /* the default workspace: the oldest one */
    const struct settings *settings; /* borrowed */
    bool has_environment_token;      /* INLAY_API_TOKEN was set */
    struct digest environment_token;
    /* May this key be used once more in this minute? Counts it. NULL: always. Any thread. */
    bool (*rate_allow)(void *arg, const struct digest *key, int64_t now_ms, int64_t per_minute,
                       int64_t *out_retry_after_s);
    void *rate_arg;
};

/* Reads the instance's key and default workspace. Fills what is stored, leaves the rest. */
MUST_CHECK enum err instance_load(struct instance *instance, struct store *store);

MUST_CHECK enum err instance_epoch(struct store *store, int64_t *out_epoch);

/* In the transaction that takes access away. */
MUST_CHECK enum err instance_raise_epoch(struct store *store, int64_t *out_epoch);

/* Does the database take writes? Writes something of no meaning: SQLite skips what changes nothing.
 */
MUST_CHECK enum err instance_touch(struct store *store);

#endif
