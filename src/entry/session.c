#include "entry/session.h"

#include "model/row.h"
#include "model/event.h"
#include "model/user.h"
#include "crypto/random.h"

ROW_READER(session_from_row, session, SESSION_ROW);
static ROW_ONE(session_one, session, session_from_row);

enum err session_find(struct work *work, const struct uuid *id, struct session *out_session)
{
    return session_one(work, store_query(work->store, SQL_SESSION_BY_ID, SQL_ARGS(sql_uuid(id))),
                       out_session);
}

enum err session_find_by_cookie(struct work *work, struct str cookie, struct session *out_session)
{
    if (!secret_has_form(SECRET_COOKIE, cookie)) {
        return ERR_NOT_FOUND;
    }
    struct digest digest = secret_digest(cookie);
    return session_one(
        work, store_query(work->store, SQL_SESSION_BY_DIGEST, SQL_ARGS(sql_digest(&digest))),
        out_session);
}

enum err session_portals(struct work *work, struct str label, struct str *out_portals)
{
    struct claims claims;
    struct str text = STR_NONE;
    struct rows rows = store_query(work->store, SQL_AUDIENCE_PORTALS, SQL_ARGS(sql_text(label)));
    if (rows_next(&rows)) {
        *out_portals = arena_str(work->arena, rows_text(&rows, 0));
        text = arena_str(work->arena, rows_text(&rows, 1));
    }
    enum err err = work_store_fault(work, rows_end(&rows));
    if (!err && text.ptr != NULL) {
        err = claims_parse(work, text, &claims);
    }
    if (!err && text.ptr != NULL) {
        *out_portals = claims_portals(work, &claims, *out_portals);
    }
    return err;
}

/* The words that the user reads when a session is over. */
static enum err session_over(struct work *work, struct str reason)
{
    static const struct {
        const char *reason;
        const char *message;
    } words[] = {
#define EVENT(type, label)
#define END(reason, label, message) {#reason, message},
#include "base/events.def"
#undef EVENT
#undef END
    };
    const char *message = "Your session has ended.";
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_equal(reason, str_from(words[i].reason))) {
            message = words[i].message;
        }
    }
    return fault_set(work->fault, ERR_UNAUTHENTICATED, "session_ended", "%s", message);
}

struct question session_question(const struct session *session)
{
    return (struct question){
        .workspace_id = &session->workspace_id,
        .app_id = &session->app_id,
        .user_id = &session->user_id,
        .claims = session->claims,
        .link = {.revoked = session->link_revoked},
    };
}

static enum err session_decide(struct work *work, const struct session *session,
                               struct verdict *out_verdict)
{
    struct question question = session_question(session);
    return decision_find(work, &question, out_verdict);
}

enum err session_check(struct work *work, struct str label, struct str cookie,
                       struct session_view *out_view)
{
    struct session session;
    struct session_view view = {.portals = STR("")};
    struct verdict verdict = {.decision = DECISION_UNDECIDED};
    enum err err = session_find_by_cookie(work, cookie, &session);
    if (err == ERR_NOT_FOUND || (!err && !str_equal(session.label, label))) {
        err = session_portals(work, label, &view.portals);
        *out_view = view;
        return err ? err
                   : fault_set(work->fault, ERR_UNAUTHENTICATED, "session_missing",
                               "There is no active session for this app.");
    }
    if (!err) {
        view.id = session.id;
        view.app_id = session.app_id;
        view.link_id = session.link_id;
        view.expires_at_ms = session.expires_at_ms;
        work->workspace_id = session.workspace_id;
        work->subject.session_id = session.id;
        work->subject.app_id = session.app_id;
        work->subject.user_id = session.user_id;
        work->subject.link_id = session.link_id;
        err = session_decide(work, &session, &verdict);
    }
    if (!err) {
        view.portals = verdict.portals;
        view.service_workers = verdict.service_workers;
        view.top_level = verdict.top_level;
        view.is_preview = verdict.is_preview;
        view.kind = verdict.kind;
        view.content = verdict.content.digest;
        view.settings = verdict.content.settings;
    }
    if (!err && session.ended_at_ms != 0) {
        err = session_over(work, session.end_reason);
    } else if (!err && session.expires_at_ms <= work->now_ms) {
        view.must_end = true;
        view.end_reason = "expired";
        err = session_over(work, STR("expired"));
    } else if (!err && verdict.decision != DECISION_ALLOWED) {
        view.must_end = true;
        view.end_reason = decision_info(verdict.decision)->reason;
        err = session_over(work, str_from(view.end_reason));
    }
    *out_view = view;
    return err;
}

enum err session_live_until(struct work *work, const struct uuid *id, int64_t *out_expires_at_ms)
{
    struct session session;
    struct verdict verdict = {.decision = DECISION_UNDECIDED};
    enum err err = session_find(work, id, &session);
    if (!err) {
        err = session_decide(work, &session, &verdict);
    }
    if (!err || err == ERR_NOT_FOUND) {
        bool is_live = !err && verdict.decision == DECISION_ALLOWED && session.ended_at_ms == 0 &&
                       session.expires_at_ms > work->now_ms;
        *out_expires_at_ms = is_live ? session.expires_at_ms : 0;
        err = ERR_OK;
    }
    return err;
}

enum err session_open(struct work *work, const struct link *link, struct session *out_session,
                      struct secret *out_cookie)
{
    struct secret cookie = secret_make(SECRET_COOKIE);
    struct digest digest = secret_digest(secret_str(&cookie));
    struct session session = {
        .id = random_uuid(),
        .link_id = link->id,
        .label = link->label,
        .workspace_id = link->workspace_id,
        .app_id = link->app_id,
        .user_id = link->user_id,
        .claims = link->claims,
        .address = work->address,
        .user_agent = work->user_agent,
        .created_at_ms = work->now_ms,
        .expires_at_ms = work->now_ms + link->session_ms,
    };
    enum err err = store_run(
        work->store, SQL_SESSION_INSERT,
        SQL_ARGS(sql_uuid(&session.id), sql_uuid(&session.link_id), sql_text(session.label),
                 sql_digest(&digest), sql_text(session.address), sql_text(session.user_agent),
                 sql_int(session.created_at_ms), sql_int(session.expires_at_ms)),
        NULL);
    if (err) {
        secret_done(&cookie);
        return work_store_fault(work, err);
    }
    *out_session = session;
    *out_cookie = cookie;
    return ERR_OK;
}

static struct changed_session *changed_session(struct work *work, const struct uuid *id,
                                               struct changed_session *next)
{
    struct changed_session *changed = arena_alloc(work->arena, sizeof(*changed));
    *changed = (struct changed_session){.id = *id, .next = next};
    return changed;
}

enum err session_renew(struct work *work, const struct link *link, struct session *session)
{
    int64_t expires_at_ms = work->now_ms + link->session_ms;
    if (expires_at_ms < session->expires_at_ms) {
        expires_at_ms = session->expires_at_ms;
    }
    enum err err =
        work_run_one(work, SQL_SESSION_RENEW,
                     SQL_ARGS(sql_uuid(&session->id), sql_uuid(&link->id), sql_int(expires_at_ms)));
    if (err) {
        return err;
    }
    session->link_id = link->id;
    session->expires_at_ms = expires_at_ms;
    work->renewed = changed_session(work, &session->id, work->renewed);
    return ERR_OK;
}

enum err session_end(struct work *work, const struct uuid *id, const char *reason)
{
    struct session session;
    int64_t changes = 0;
    enum err err = session_find(work, id, &session);
    if (err == ERR_NOT_FOUND) {
        return ERR_OK; /* went with its user or app */
    }
    if (!err) {
        err = store_run(work->store, SQL_SESSION_END,
                        SQL_ARGS(sql_uuid(id), sql_int(work->now_ms), sql_text(str_from(reason))),
                        &changes);
    }
    if (err || changes == 0) {
        return work_store_fault(work, err);
    }
    work->ended = changed_session(work, id, work->ended);
    struct event event = {
        .type = "end",
        .workspace_id = session.workspace_id,
        .user_id = session.user_id,
        .app_id = session.app_id,
        .link_id = session.link_id,
        .session_id = session.id,
        .detail = event_reason(work, reason),
    };
    return work_store_fault(work, event_add(work, &event));
}

enum err session_logout(struct work *work, const struct uuid *id)
{
    struct session session;
    enum err err = session_find(work, id, &session);
    if (err) {
        return err == ERR_NOT_FOUND ? ERR_OK : err; /* it is gone, which was wanted */
    }
    work->actor = (struct actor){.kind = ACTOR_USER, .id = work_uuid_text(work, &session.user_id)};
    return session_end(work, id, "logout");
}

enum err session_note_failure(struct work *work, const char *reason)
{
    enum { FAILURES_PER_MINUTE = 10 };
    const struct uuid *app_id = &work->subject.app_id;
    const struct uuid *session_id = &work->subject.session_id;
    const struct str parts[] = {STR("upstream"), {(const char *)app_id->bytes, UUID_BYTES}};
    struct session session;
    struct event event = {.type = "upstream.fail", .app_id = *app_id, .session_id = *session_id};
    int64_t retry_after_s = 0;
    if (!work_rate_allow(work, parts, COUNT_OF(parts), FAILURES_PER_MINUTE, &retry_after_s)) {
        return ERR_OK;
    }
    enum err err = session_find(work, session_id, &session);
    if (!err) {
        event.workspace_id = session.workspace_id;
        event.user_id = session.user_id;
        event.link_id = session.link_id;
    } else if (err != ERR_NOT_FOUND) {
        return err;
    }
    event.detail = event_reason(work, reason);
    return event_add(work, &event);
}
