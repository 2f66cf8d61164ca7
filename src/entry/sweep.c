#include "entry/sweep.h"

#include "model/event.h"
#include "model/row.h"
#include "entry/session.h"
#include "model/signingkey.h"
#include "model/token.h"
#include "apps/bundle/cachefolder.h"

/* Sessions whose time is over: they are refused already, this writes it down. */
static enum err end_expired(struct work *work, size_t *out_count)
{
    struct uuid ids[SWEEP_BATCH];
    size_t count = 0;
    struct rows rows = store_query(work->store, SQL_SWEEP_SESSIONS_EXPIRED,
                                   SQL_ARGS(sql_int(work->now_ms), sql_int(SWEEP_BATCH)));
    while (rows_next(&rows) && count < SWEEP_BATCH) {
        ids[count++] = rows_uuid(&rows, 0);
    }
    enum err err = rows_end(&rows);
    for (size_t i = 0; i < count && !err; i++) {
        err = session_end(work, &ids[i], "expired");
    }
    *out_count = count;
    return err;
}

/* Sessions that nobody used for longer than their app allows. Those that ask are refused in time;
 * a use may be on its way to the store. */
static enum err end_idle(struct work *work, size_t *out_count)
{
    struct uuid ids[SWEEP_BATCH];
    size_t count = 0;
    struct rows rows =
        store_query(work->store, SQL_SWEEP_SESSIONS_IDLE,
                    SQL_ARGS(sql_int(work->now_ms), sql_int(SWEEP_BATCH), sql_int(2 * MINUTE_MS)));
    while (rows_next(&rows) && count < SWEEP_BATCH) {
        ids[count++] = rows_uuid(&rows, 0);
    }
    enum err err = rows_end(&rows);
    for (size_t i = 0; i < count && !err; i++) {
        err = session_end(work, &ids[i], "idle");
    }
    *out_count = count;
    return err;
}

static enum err decide_again(struct work *work, const struct session *session)
{
    struct verdict verdict = {.decision = DECISION_UNDECIDED};
    struct question question = session_question(session);
    enum err err = decision_find(work, &question, &verdict);
    return err || verdict.decision == DECISION_ALLOWED
               ? err
               : session_end(work, &session->id, decision_info(verdict.decision)->reason);
}

/* After the epoch was raised: sessions that nobody uses find out that they have lost access, so
 * that lists of sessions tell the truth. */
static enum err decide_live(struct work *work, struct sweep *sweep, int64_t epoch,
                            size_t *out_count)
{
    struct session sessions[SWEEP_BATCH];
    size_t count = 0;
    *out_count = 0;
    if (sweep->decided_epoch == epoch) {
        return ERR_OK;
    }
    if (sweep->deciding_epoch != epoch) {
        sweep->deciding_epoch = epoch;
        sweep->decided_to = UUID_NONE;
    }
    struct str after = {(const char *)sweep->decided_to.bytes, UUID_BYTES};
    struct rows rows = store_query(work->store, SQL_SWEEP_SESSIONS_LIVE,
                                   SQL_ARGS(sql_blob(after), sql_int(SWEEP_BATCH)));
    while (rows_next(&rows) && count < SWEEP_BATCH) {
        session_from_row(work, &rows, &sessions[count++]);
    }
    enum err err = rows_end(&rows);
    for (size_t i = 0; i < count && !err; i++) {
        err = decide_again(work, &sessions[i]);
    }
    if (!err && count == SWEEP_BATCH) {
        sweep->decided_to = sessions[count - 1].id;
    } else if (!err) {
        sweep->decided_epoch = epoch;
    }
    *out_count = count;
    return err;
}

static enum err delete_old(struct work *work, enum sql sql, int64_t keep_days, int64_t *io_count)
{
    int64_t changes = 0;
    enum err err = store_run(
        work->store, sql,
        SQL_ARGS(sql_int(work->now_ms - keep_days * DAY_MS), sql_int(SWEEP_BATCH)), &changes);
    *io_count += changes;
    return err;
}

/* Admins who are not signed in any more, and failed tries that nobody has to wait for. */
static enum err delete_sign_ins(struct work *work)
{
    int64_t idle_ms = work->instance->settings->admin_idle_minutes * MINUTE_MS;
    enum err err =
        store_run(work->store, SQL_SWEEP_ADMIN_SESSIONS,
                  SQL_ARGS(sql_int(work->now_ms), sql_int(work->now_ms - idle_ms)), NULL);
    return err ? err
               : store_run(work->store, SQL_SWEEP_SIGN_IN_FAILURES,
                           SQL_ARGS(sql_int(work->now_ms - DAY_MS)), NULL);
}

struct swept_link {
    struct uuid id;
    struct str label;
    int64_t expires_at_ms;
    bool in_use;
};

static ROW_READER(swept_link_from_row, swept_link, SWEEP_LINK_ROW);

/* Expired links without a session, and audiences without a link. */
static enum err delete_links(struct work *work, struct sweep *sweep, int64_t *io_count)
{
    struct swept_link links[SWEEP_BATCH];
    size_t count = 0;
    int64_t keep_ms = work->instance->settings->keep_links_days * DAY_MS;
    struct rows rows = store_query(work->store, SQL_SWEEP_LINKS,
                                   SQL_ARGS(sql_int(sweep->links_after_ms),
                                            sql_int(work->now_ms - keep_ms), sql_int(SWEEP_BATCH)));
    while (rows_next(&rows) && count < SWEEP_BATCH) {
        swept_link_from_row(work, &rows, &links[count]);
        sweep->links_after_ms = links[count++].expires_at_ms;
    }
    enum err err = rows_end(&rows);
    for (size_t i = 0; i < count && !err; i++) {
        if (links[i].in_use) {
            continue;
        }
        err = store_run(work->store, SQL_SWEEP_LINK_DELETE, SQL_ARGS(sql_uuid(&links[i].id)), NULL);
        if (!err) {
            err = store_run(work->store, SQL_SWEEP_AUDIENCE_DELETE,
                            SQL_ARGS(sql_text(links[i].label)), NULL);
        }
    }
    if (count < SWEEP_BATCH) {
        sweep->links_after_ms = 0; /* begin again in the next round */
    }
    *io_count += count == SWEEP_BATCH ? SWEEP_BATCH : 0;
    return err;
}

static enum err sweep_rows(struct work *work, struct sweep *sweep, int64_t epoch,
                           int64_t *out_count)
{
    const struct settings *settings = work->instance->settings;
    size_t expired = 0;
    size_t idle = 0;
    size_t decided = 0;
    int64_t deleted = 0;
    enum err err = end_expired(work, &expired);
    if (!err) {
        err = end_idle(work, &idle);
    }
    if (!err) {
        err = decide_live(work, sweep, epoch, &decided);
    }
    if (!err) {
        err = delete_old(work, SQL_SWEEP_SESSIONS_DELETE, settings->keep_sessions_days, &deleted);
    }
    if (!err) {
        err = delete_old(work, SQL_SWEEP_EVENTS_DELETE, settings->keep_events_days, &deleted);
    }
    if (!err) {
        err = delete_old(work, SQL_SWEEP_USAGE_DELETE, settings->keep_usage_days, &deleted);
    }
    if (!err) {
        err = delete_old(work, SQL_SWEEP_IDEMPOTENCY_DELETE, 1, &deleted);
    }
    if (!err) {
        err = delete_sign_ins(work);
    }
    if (!err) {
        err = delete_links(work, sweep, &deleted);
    }
    if (!err) {
        err = signingkey_sweep(work);
    }
    if (!err) {
        err = token_announce(work, SWEEP_BATCH);
    }
    bool is_full = expired == SWEEP_BATCH || idle == SWEEP_BATCH || decided == SWEEP_BATCH;
    *out_count = is_full ? SWEEP_BATCH : deleted;
    return err;
}

static bool content_is_wanted(void *arg, const struct digest *digest)
{
    struct store *store = arg;
    struct rows rows = store_query(store, SQL_CONTENT_EXISTS, SQL_ARGS(sql_digest(digest)));
    bool exists = rows_next(&rows);
    /* When in doubt it stays. */
    return rows_end(&rows) != ERR_OK || exists;
}

/* Contents that no release or branch names any more, their files, and at last the unpacked ones. */
static enum err sweep_contents(struct work *work, const char *cache_root, bool *out_more)
{
    struct sql_args args = SQL_ARGS(sql_int(work->now_ms - HOUR_MS), sql_int(SWEEP_BATCH));
    int64_t contents = 0;
    int64_t blobs = 0;
    struct work_transaction transaction;
    enum err err = work_begin(work, &transaction);
    if (err) {
        return err;
    }
    err = store_run(work->store, SQL_SWEEP_CONTENTS_DELETE, args, &contents);
    if (!err) {
        err = store_run(work->store, SQL_SWEEP_BLOBS_DELETE, args, &blobs);
    }
    err = work_end(work, &transaction, err);
    *out_more = !err && (contents >= SWEEP_BATCH || blobs >= SWEEP_BATCH);
    return err || *out_more
               ? err
               : cachefolder_sweep(cache_root, content_is_wanted, work->store, work->fault);
}

enum err sweep_step(struct work *work, struct sweep *sweep, const char *cache_root, bool *out_more)
{
    struct sweep next = *sweep; /* counts once it is on the disk */
    int64_t epoch = 0;
    int64_t count = 0;
    *out_more = false;
    store_reserve_fill(work->store);
    struct work_transaction transaction;
    enum err err = work_begin(work, &transaction);
    if (err) {
        return err;
    }
    err = instance_epoch(work->store, &epoch);
    if (!err) {
        err = sweep_rows(work, &next, epoch, &count);
    }
    err = work_end(work, &transaction, err);
    if (err) {
        return err;
    }
    *sweep = next;
    *out_more = count >= SWEEP_BATCH;
    if (!*out_more && work->now_ms - sweep->contents_at_ms >= HOUR_MS) {
        err = sweep_contents(work, cache_root, out_more);
        sweep->contents_at_ms = *out_more ? sweep->contents_at_ms : work->now_ms;
    }
    return err;
}
