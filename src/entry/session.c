#include "entry/session.h"

#include "model/row.h"
#include "model/event.h"
#include "model/brand.h"
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
    /* A portal that opens a new link by itself must not do so after the first two. */
    bool is_idle = str_equal(reason, STR("idle"));
    bool is_displaced = str_equal(reason, STR("displaced"));
    const char *code = is_idle        ? "session_idle"
                       : is_displaced ? "session_displaced"
                                      : "session_ended";
    return fault_set(work->fault, ERR_UNAUTHENTICATED, code, "%s", message);
}

struct question session_question(const struct session *session)
{
    return (struct question){
        .workspace_id = &session->workspace_id,
        .app_id = &session->app_id,
        .user_id = &session->user_id,
        .claims = session->claims,
        .portal = session->portal,
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
    enum err err = brand_of_label(work, label, &view.look);
    if (!err) {
        err = session_find_by_cookie(work, cookie, &session);
    }
    if (err == ERR_NOT_FOUND || (!err && !str_equal(session.label, label))) {
        err = session_portals(work, label, &view.portals);
        *out_view = view;
        return err ? err
                   : fault_set(work->fault, ERR_UNAUTHENTICATED, "session_missing",
                               "There is no active session for this app.");
    }
    if (!err) {
        view.id = session.id;
        view.look.theme = session.theme;
        view.look.locale = session.locale;
        view.app_id = session.app_id;
        view.link_id = session.link_id;
        view.expires_at_ms = session.expires_at_ms;
        view.used_at_ms =
            session.used_at_ms > session.created_at_ms ? session.used_at_ms : session.created_at_ms;
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
        view.idle_ms = verdict.idle_ms;
        view.has_own_portals = verdict.has_own_portals;
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
    } else if (!err && view.idle_ms > 0 && work->now_ms - view.used_at_ms >= view.idle_ms) {
        view.must_end = true;
        view.end_reason = "idle";
        err = session_over(work, STR("idle"));
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

enum err session_claims(struct work *work, const struct session *session, struct claims *out_claims)
{
    enum err err = claims_parse(work, session->claims, out_claims);
    if (!err) {
        out_claims->metadata = claims_metadata(work, out_claims, session->volatile_metadata);
    }
    return err;
}

static struct changed_session *changed_session(struct work *work, const struct uuid *id,
                                               struct changed_session *next)
{
    struct changed_session *changed = arena_alloc(work->arena, sizeof(*changed));
    *changed = (struct changed_session){.id = *id, .next = next};
    return changed;
}

/* The newest session of an origin says what takes no part in it. What was told of the others is
 * said anew. */
static enum err take_metadata(struct work *work, const struct link *link)
{
    int64_t changes = 0;
    enum err err =
        store_run(work->store, SQL_AUDIENCE_SET_METADATA,
                  SQL_ARGS(sql_text(link->label), sql_text(link->volatile_metadata)), &changes);
    if (err || changes == 0) {
        return work_store_fault(work, err);
    }
    struct rows rows = store_query(work->store, SQL_SESSIONS_OF_LABEL,
                                   SQL_ARGS(sql_int(work->now_ms), sql_text(link->label)));
    while (rows_next(&rows)) {
        struct uuid id = rows_uuid(&rows, 0);
        work->renewed = changed_session(work, &id, work->renewed);
    }
    return work_store_fault(work, rows_end(&rows));
}

/* The oldest ones give way. Frames that open one single-use link at the same moment count as one.
 */
static enum err make_room(struct work *work, const struct link *link)
{
    enum { ROOM_MAX = 100 }; /* that one opening makes; more are there only after a lower limit */
    struct uuid ids[ROOM_MAX];
    struct claims claims;
    size_t count = 0;
    enum err err = claims_parse(work, link->claims, &claims);
    if (err || claims.is_preview) {
        return err;
    }
    struct uuid own = link->is_reusable ? UUID_NONE : link->id;
    struct rows rows =
        store_query(work->store, SQL_SESSIONS_ABOVE_LIMIT,
                    SQL_ARGS(sql_int(work->now_ms), sql_uuid(&link->user_id),
                             sql_uuid(&link->app_id), sql_uuid(&own), sql_int(ROOM_MAX)));
    while (rows_next(&rows)) {
        ids[count++] = rows_uuid(&rows, 0);
    }
    err = rows_end(&rows);
    for (size_t i = 0; i < count && !err; i++) {
        err = session_end(work, &ids[i], "displaced");
    }
    return work_store_fault(work, err);
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
        .volatile_metadata = link->volatile_metadata,
        .portal = link->portal,
        .address = work->address,
        .user_agent = work->user_agent,
        .created_at_ms = work->now_ms,
        .expires_at_ms = work->now_ms + link->session_ms,
        .theme = link->theme,
        .locale = link->locale,
    };
    enum err err = make_room(work, link);
    if (!err) {
        err = store_run(work->store, SQL_SESSION_INSERT,
                        SQL_ARGS(sql_uuid(&session.id), sql_uuid(&session.link_id),
                                 sql_text(session.label), sql_digest(&digest),
                                 sql_text(session.address), sql_text(session.user_agent),
                                 sql_int(session.created_at_ms), sql_int(session.expires_at_ms),
                                 sql_text(session.theme), sql_text(session.locale)),
                        NULL);
    }
    if (!err) {
        err = take_metadata(work, link);
    }
    if (err) {
        secret_done(&cookie);
        return work_store_fault(work, err);
    }
    *out_session = session;
    *out_cookie = cookie;
    return ERR_OK;
}

enum err session_renew(struct work *work, const struct link *link, struct session *session)
{
    int64_t expires_at_ms = work->now_ms + link->session_ms;
    if (expires_at_ms < session->expires_at_ms) {
        expires_at_ms = session->expires_at_ms;
    }
    enum err err =
        work_run_one(work, SQL_SESSION_RENEW,
                     SQL_ARGS(sql_uuid(&session->id), sql_uuid(&link->id), sql_int(expires_at_ms),
                              sql_text(link->theme), sql_text(link->locale)));
    if (err) {
        return err;
    }
    session->link_id = link->id;
    session->theme = link->theme.len > 0 ? link->theme : session->theme;
    session->locale = link->locale.len > 0 ? link->locale : session->locale;
    session->expires_at_ms = expires_at_ms;
    work->renewed = changed_session(work, &session->id, work->renewed);
    return take_metadata(work, link);
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

enum err session_note_use(struct work *work, const char *reason)
{
    (void)reason;
    return work_store_fault(
        work,
        store_run(work->store, SQL_SESSION_USE,
                  SQL_ARGS(sql_uuid(&work->subject.session_id), sql_int(work->now_ms)), NULL));
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

/* About work->subject's session; a bounded number for each type, app and minute. */
static enum err note_upstream(struct work *work, struct event *event)
{
    enum { EVENTS_PER_MINUTE = 10 };
    const struct uuid *app_id = &work->subject.app_id;
    const struct str parts[] = {str_from(event->type), {(const char *)app_id->bytes, UUID_BYTES}};
    struct session session;
    int64_t retry_after_s = 0;
    if (!work_rate_allow(work, parts, COUNT_OF(parts), EVENTS_PER_MINUTE, &retry_after_s)) {
        return ERR_OK;
    }
    event->app_id = *app_id;
    event->session_id = work->subject.session_id;
    enum err err = session_find(work, &event->session_id, &session);
    if (!err) {
        event->workspace_id = session.workspace_id;
        event->user_id = session.user_id;
        event->link_id = session.link_id;
    } else if (err != ERR_NOT_FOUND) {
        return err;
    }
    return event_add(work, event);
}

enum err session_note_failure(struct work *work, const char *reason)
{
    struct event event = {.type = "upstream.fail", .detail = event_reason(work, reason)};
    return note_upstream(work, &event);
}

enum err session_note_cookies(struct work *work, const char *bytes)
{
    struct event event = {.type = "upstream.cookies",
                          .detail = arena_printf(work->arena, "{\"bytes\":%s}", bytes)};
    return note_upstream(work, &event);
}
