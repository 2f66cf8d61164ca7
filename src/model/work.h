/*
 * What model, apps and entry work in: one unit of work on the store, by someone, at a moment.
 *
 * A struct work belongs to one thread for one request or job. The caller owns the transaction
 * around it (functions neither begin nor commit, but for those of upload.h, sweep.h and signin.h
 * that say so, and use work_begin() and work_end()), frees the arena when the response was sent,
 * and after a commit tells the other workers what raise_epoch, ended and renewed say.
 *
 * Functions check first and write afterwards. So an error means that nothing was written, but for
 * ERR_CONFLICT, ERR_BUSY, ERR_STORAGE and ERR_INTERNAL, after which the caller rolls back.
 */
#ifndef INLAY_MODEL_WORK_H
#define INLAY_MODEL_WORK_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/uuid.h"
#include "crypto/digest.h"
#include "model/instance.h"
#include "store/store.h"

enum actor_kind {
    ACTOR_SYSTEM,
    ACTOR_API_TOKEN,
    ACTOR_USER,
    ACTOR_ADMIN, /* somebody who has signed in to the console */
    ACTOR_LOCAL, /* who runs the server: the token of INLAY_API_TOKEN */
};

struct actor {
    enum actor_kind kind;
    struct str id;   /* of the token or user, "" if it has none */
    struct str name; /* for people; may be STR_NONE */
};

/* A session that this unit of work has ended or renewed: the caller drops it from memory after the
 * commit. */
struct changed_session {
    struct uuid id;
    struct changed_session *next;
};

struct work {
    struct store *store;             /* borrowed */
    struct arena *arena;             /* borrowed; results live here */
    const struct instance *instance; /* borrowed */
    struct fault *fault;             /* borrowed; words for the caller */
    int64_t now_ms;
    struct actor actor;
    struct uuid workspace_id; /* the one that the caller acts in */
    struct str address;       /* of the client, as text */
    struct str user_agent;

    struct {
        struct uuid user_id;
        struct uuid app_id;
        struct uuid link_id;
        struct uuid session_id;
        struct str portal; /* that is not allowed */
    } subject;             /* out: what it is about, as far as known; a denial's event names them */

    bool raise_epoch;                /* out: something was taken away; sessions are decided again */
    struct changed_session *ended;   /* out */
    struct changed_session *renewed; /* out */
};

/* A transaction of its own. work_end() commits unless err is set, returns what came of it, and
 * takes back what raise_epoch, ended and renewed have gained since work_begin() if nothing was
 * committed. */
struct work_transaction {
    bool raise_epoch;
    struct changed_session *ended;
    struct changed_session *renewed;
};

MUST_CHECK enum err work_begin(struct work *work, struct work_transaction *out_transaction);
MUST_CHECK enum err work_end(struct work *work, const struct work_transaction *transaction,
                             enum err err);

static inline struct sql_value sql_digest(const struct digest *digest)
{
    return sql_blob((struct str){(const char *)digest->bytes, DIGEST_BYTES});
}

/* Puts an err of the store into words that may leave the server; other errs keep their words. */
void work_say_store_fault(const struct work *work, enum err err);

/* The same, and passes err through. */
static inline enum err work_store_fault(const struct work *work, enum err err)
{
    work_say_store_fault(work, err);
    return err;
}

/* store_run_one(), for what a call changes after it looked: ERR_CONFLICT, changed_meanwhile, if the
 * row has changed in between. */
MUST_CHECK enum err work_run_one(struct work *work, enum sql sql, struct sql_args args);

/* The same for callers that have to look at store_run_one()'s err themselves: puts its
 * ERR_NOT_FOUND into these words. */
enum err work_changed_fault(const struct work *work, enum err err);

/* The text, or the bytes, of a column; STR_NONE for NULL. This and what follows is in the arena. */
struct str work_column(const struct work *work, const struct rows *rows, int column);

/* ASCII letters in lower case, as addresses are compared; STR_NONE stays. */
struct str work_lower(const struct work *work, struct str text);

struct str work_uuid_text(const struct work *work, const struct uuid *uuid);
struct str work_time_text(const struct work *work, int64_t at_ms); /* STR_NONE for 0 */

/* May what the parts name happen once more in this minute? Counts it. */
MUST_CHECK bool work_rate_allow(const struct work *work, const struct str *parts, size_t count,
                                int64_t per_minute, int64_t *out_retry_after_s);

#endif
