/*
 * The keys that sign assertions: one at a time, published before it signs and for a while after.
 *
 *     next     published, signs from signs_at on
 *     current  signs, until the next one does
 *     retired  published until its last assertion is over and nobody has it in a cache
 *
 * A key's state follows from the time alone, so that all workers change to the next key at the same
 * moment without being told. Its id (kid) is its thumbprint (RFC 7638).
 */
#ifndef INLAY_MODEL_SIGNINGKEY_H
#define INLAY_MODEL_SIGNINGKEY_H

#include "model/work.h"
#include "crypto/sign.h"

enum {
    ASSERTION_LIFE_S = 60,
    JWKS_CACHE_S = 300, /* how long whoever fetches the keys may keep them */
    SIGNING_KEY_ID_SIZE = 44,
};

/* At the start: makes the first key, which signs at once, since nobody has seen another. */
MUST_CHECK enum err signingkey_ensure(struct work *work);

/* Housekeeping: publishes the next key when the current one is old enough, and forgets what is no
 * longer needed: the private half of a key that has signed its last, and keys that are over. */
MUST_CHECK enum err signingkey_sweep(struct work *work);

struct signingkey {
    char id[SIGNING_KEY_ID_SIZE];
    int64_t created_at_ms;
    int64_t signs_at_ms;
    int64_t retires_at_ms; /* 0: not known yet */
};

enum { SIGNING_KEYS_MAX = 32 };

/* "next", "current" or "retired" */
const char *signingkey_state(const struct work *work, const struct signingkey *key);

/* Those that are published, the newest first; out_keys has room for SIGNING_KEYS_MAX. */
MUST_CHECK enum err signingkey_list(struct work *work, struct signingkey *out_keys,
                                    size_t *out_count);

/* By hand: publishes the next key now, which signs when the overlap is over. ERR_CONFLICT,
 * rotation_pending, if there is one already. */
MUST_CHECK enum err signingkey_rotate(struct work *work, struct signingkey *out_key);

/* By hand, when a key is no longer only ours: it is neither published nor used from now on. If it
 * was the one that signs, the next one does, or a new one. ERR_NOT_FOUND without words. */
MUST_CHECK enum err signingkey_revoke(struct work *work, struct str id);

/* The one that signs now. ERR_INTERNAL if there is none. sign_key_done() it. */
MUST_CHECK enum err signingkey_current(struct work *work, char out_id[SIGNING_KEY_ID_SIZE],
                                       struct sign_key *out_key);

/* All that are published, as a JWK Set (RFC 7517 5). */
MUST_CHECK enum err signingkey_set(struct work *work, struct str *out_json);

#endif
