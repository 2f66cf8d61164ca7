/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again with its
 * key gets the response of the first time, for a day, and changes nothing.
 *
 * Kept are responses of calls that went well and changed something; any other call can simply be
 * made again. Changing and keeping share a transaction: the call's own in the write lane, where of
 * two calls with one key the second one waits for the first; the last one of an upload in the bulk
 * lane, whose handler calls idempotency_end() there. What is kept is sealed with a key made from
 * the caller's credential: see docs/decisions/0017.
 */
#ifndef INLAY_API_IDEMPOTENCY_H
#define INLAY_API_IDEMPOTENCY_H

#include "api/call.h"

enum { IDEMPOTENCY_KEY_MAX = 255, IDEMPOTENCY_DAYS = 1 };

struct idempotency {
    bool has_key;
    bool is_answered; /* the call has its response already */
    struct digest key;
    struct digest request;
    struct digest seal;
    int64_t changes; /* of the store, before the call */
};

/* Before the call, once its caller is known. Only calls that may write take a key. ERR_INVALID,
 * idempotency_key_invalid; ERR_CONFLICT, idempotency_key_reused. */
MUST_CHECK enum err idempotency_start(struct api_call *call, struct idempotency *out_idempotency);

/* After a call that went well, in its write transaction: keeps its response. */
MUST_CHECK enum err idempotency_end(struct api_call *call);

#endif
