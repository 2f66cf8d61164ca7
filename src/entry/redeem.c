#include "entry/redeem.h"

#include "model/app.h"
#include "model/event.h"

static struct digest client_digest(const struct access *access)
{
    const struct str parts[] = {STR("client"), access->address, access->user_agent};
    return digest_hmac(access->instance->key, parts, COUNT_OF(parts));
}

static enum err link_fault(struct access *access, enum decision decision, const struct grant *grant)
{
    switch (decision) {
    case DENIED_GRANT_USED:
        return fault_set(access->fault, ERR_GONE, "link_used",
                         "This link was used already. Reload the page that shows this app.");
    case DENIED_GRANT_EXPIRED:
        return fault_set(access->fault, grant->is_reusable ? ERR_UNAUTHENTICATED : ERR_GONE,
                         "link_expired",
                         "This link has expired. Reload the page that shows this app.");
    case DENIED_GRANT_REPLACED:
        return fault_set(
            access->fault, ERR_UNAUTHENTICATED, "link_replaced",
            "A newer link has replaced this one. Reload the page that shows this app.");
    case DENIED_GRANT_REVOKED:
        return fault_set(access->fault, ERR_UNAUTHENTICATED, "link_revoked",
                         "This link was revoked.");
    case DENIED_NOT_RELEASED:
        return fault_set(access->fault, ERR_DENIED, "app_not_released",
                         "This app has not been released yet.");
    case DENIED_APP_UNKNOWN:
    case DENIED_APP_MOVED:
        return fault_set(access->fault, ERR_UNAUTHENTICATED, "link_invalid",
                         "This link is not valid: its app has moved or is gone.");
    default:
        return fault_set(access->fault, ERR_DENIED, "access_denied", "%s",
                         decision_info(decision)->message);
    }
}

static enum err link_invalid(struct access *access)
{
    return fault_set(access->fault, ERR_UNAUTHENTICATED, "link_invalid",
                     "This link is not valid. Reload the page that shows this app.");
}

/* Nothing is known of the link, but perhaps of the origin that it was opened on: its portals may
 * show the error, and hear of it. */
static enum err link_unknown(struct access *access, struct str label,
                             struct redeem_result *out_result)
{
    enum err err = session_portals(access, label, &out_result->frame_ancestors);
    return err ? err : link_invalid(access);
}

static void note_subject(struct access *access, const struct grant *grant)
{
    access->workspace_id = grant->workspace_id;
    access->subject.user_id = grant->user_id;
    access->subject.app_id = grant->app_id;
    access->subject.grant_id = grant->id;
    access->actor =
        (struct actor){.kind = ACTOR_USER, .id = access_uuid_text(access, &grant->user_id)};
}

/* Does the link name the app of its grant? */
static enum err check_app(struct access *access, const struct grant *grant, struct str asked)
{
    struct app app;
    struct uuid id;
    if (asked.len == 0 || (uuid_parse(asked, &id) && uuid_equal(&id, &grant->app_id))) {
        return ERR_OK;
    }
    enum err err = app_find_here(access, asked, &app);
    if (err == ERR_NOT_FOUND || (!err && !uuid_equal(&app.id, &grant->app_id))) {
        return link_invalid(access);
    }
    return err;
}

static enum err decide(struct access *access, const struct grant *grant, bool in_grace,
                       struct redeem_result *result)
{
    struct claims claims;
    struct facts facts = {0};
    enum err err = claims_parse(access, grant->claims, &claims);
    if (!err) {
        err = facts_load(access, &grant->workspace_id, &grant->app_id, &grant->user_id, &claims,
                         &facts);
    }
    if (err) {
        return err;
    }
    grant_add_facts(grant, access->now_ms, &facts);
    if (in_grace) {
        facts.grant_used = false;
    }
    result->frame_ancestors = facts.frame_ancestors;
    enum decision decision = decision_make(&facts);
    return decision == DECISION_ALLOWED ? ERR_OK : link_fault(access, decision, grant);
}

static enum err note(struct access *access, const char *type, const struct grant *grant,
                     const struct uuid *session_id)
{
    struct claims claims;
    enum err err = claims_parse(access, grant->claims, &claims);
    if (err) {
        return err;
    }
    struct event event = {
        .type = type,
        .user_id = grant->user_id,
        .app_id = grant->app_id,
        .grant_id = grant->id,
        .session_id = *session_id,
        .is_counted = !claims.is_preview && strcmp(type, "renew") != 0,
        .detail = event_preview(claims.is_preview),
    };
    return access_store_fault(access, event_add(access, &event));
}

static enum err spend(struct access *access, const struct grant *grant)
{
    struct digest client = client_digest(access);
    return access_store_fault(
        access,
        store_run(access->store, SQL_GRANT_SPEND,
                  SQL_ARGS(sql_uuid(&grant->id), sql_int(access->now_ms), sql_digest(&client)),
                  NULL));
}

/* Spends the grant and opens the session. */
static enum err open_session(struct access *access, const struct grant *grant,
                             struct redeem_result *result)
{
    struct session session;
    enum err err = spend(access, grant);
    if (!err) {
        err = session_open(access, grant, &session, &result->cookie);
    }
    if (!err) {
        result->step = REDEEM_OPENED;
        result->cookie_seconds = grant->session_ms / 1000;
        err = note(access, "redeem", grant, &session.id);
    }
    return err;
}

/* Spends the grant on a session that is there. */
static enum err renew_session(struct access *access, const struct grant *grant,
                              struct session *session, struct redeem_result *result)
{
    enum err err = spend(access, grant);
    if (!err) {
        err = session_renew(access, grant, session);
    }
    if (!err) {
        result->step = REDEEM_RENEWED;
        result->cookie_seconds = (session->expires_at_ms - access->now_ms) / 1000;
        err = note(access, "renew", grant, &session->id);
    }
    return err;
}

/* May this client open the link once more, shortly after it was spent? Not if its session was ended
 * since: that must not come back. */
static enum err find_grace(struct access *access, const struct grant *grant, bool *out_in_grace)
{
    struct digest client = client_digest(access);
    *out_in_grace = false;
    if (grant->used_at_ms == 0 || access->now_ms - grant->used_at_ms > REDEEM_GRACE_MS ||
        !digest_equal(&client, &grant->used_client)) {
        return ERR_OK;
    }
    struct rows rows =
        store_query(access->store, SQL_SESSIONS_LIVE_OF_GRANT, SQL_ARGS(sql_uuid(&grant->id)));
    bool has_live = rows_next(&rows);
    enum err err = rows_end(&rows);
    *out_in_grace = !err && has_live;
    return access_store_fault(access, err);
}

/* Which live session of this origin does the cookie belong to? ERR_NOT_FOUND if to none. */
static enum err live_session(struct access *access, struct str label, struct str cookie,
                             struct session *out_session)
{
    struct session_view view;
    struct session session;
    struct fault unused;
    struct fault *fault = access->fault;
    enum err err = session_find_by_cookie(access, cookie, &session);
    if (err) {
        return err;
    }
    access->fault = &unused; /* that there is no session is no error here */
    err = session_check(access, label, cookie, &view);
    access->fault = fault;
    if (err == ERR_UNAUTHENTICATED) {
        return ERR_NOT_FOUND;
    }
    if (!err) {
        *out_session = session;
    }
    return access_store_fault(access, err);
}

/* What there is to know of the browser that shows a grant. */
struct visitor {
    bool has_session; /* a live one of this origin */
    struct session session;
    bool in_grace; /* the other of two frames may have been faster */
};

static enum err visitor_find(struct access *access, const struct grant *grant, struct str cookie,
                             struct visitor *out_visitor)
{
    *out_visitor = (struct visitor){0};
    enum err err = live_session(access, grant->label, cookie, &out_visitor->session);
    note_subject(access, grant);
    if (err && err != ERR_NOT_FOUND) {
        return err;
    }
    out_visitor->has_session = err == ERR_OK;
    return find_grace(access, grant, &out_visitor->in_grace);
}

/* A reusable grant may also renew the session that it opened. */
static bool visitor_resumes(const struct visitor *visitor, const struct grant *grant, bool renews)
{
    return visitor->has_session && uuid_equal(&visitor->session.grant_id, &grant->id) &&
           !(renews && grant->is_reusable);
}

static enum err spend_on(struct access *access, const struct grant *grant, struct visitor *visitor,
                         bool renews, struct redeem_result *result)
{
    return renews && visitor->has_session ? renew_session(access, grant, &visitor->session, result)
                                          : open_session(access, grant, result);
}

static enum err open_link(struct access *access, const struct redeem_request *request,
                          const struct grant *grant, struct redeem_result *result)
{
    struct visitor visitor;
    enum err err = visitor_find(access, grant, request->cookie, &visitor);
    if (!err && visitor_resumes(&visitor, grant, request->renews)) {
        result->step = REDEEM_RESUMED;
        return note(access, "resume", grant, &visitor.session.id);
    }
    if (!err) {
        err = decide(access, grant, visitor.in_grace, result);
    }
    if (err) {
        return err;
    }
    if (visitor.has_session) {
        return spend_on(access, grant, &visitor, request->renews, result);
    }
    result->step = REDEEM_PENDING;
    result->proof = grant_proof(request->secret);
    return ERR_OK;
}

static enum err portals_of_app(struct access *access, const struct uuid *app_id,
                               struct str *out_portals)
{
    struct rows rows = store_query(access->store, SQL_APP_PORTALS, SQL_ARGS(sql_uuid(app_id)));
    if (rows_next(&rows)) {
        *out_portals = arena_str(access->arena, rows_text(&rows, 0));
    }
    return access_store_fault(access, rows_end(&rows));
}

static enum err portals_of_grant(struct access *access, const struct grant *grant,
                                 struct str *out_portals)
{
    struct claims claims;
    enum err err = claims_parse(access, grant->claims, &claims);
    if (!err) {
        err = portals_of_app(access, &grant->app_id, out_portals);
    }
    if (!err) {
        *out_portals = claims_portals(access, &claims, *out_portals);
    }
    return err;
}

enum err redeem_link(struct access *access, const struct redeem_request *request,
                     struct redeem_result *out_result)
{
    struct grant grant;
    struct uuid app_id;
    *out_result = (struct redeem_result){.frame_ancestors = STR("")};
    /* A link that is not valid still tells the portal so, if it names an app. */
    if (request->app.len > 0 && uuid_parse(request->app, &app_id)) {
        enum err err = portals_of_app(access, &app_id, &out_result->frame_ancestors);
        if (err) {
            return err;
        }
    }
    if (!secret_has_form(request->kind, request->secret)) {
        return link_unknown(access, request->label, out_result);
    }
    struct secret proof = grant_proof(request->secret);
    enum err err = grant_find_by_proof(access, secret_str(&proof), &grant);
    secret_done(&proof);
    if (err) {
        return err == ERR_NOT_FOUND ? link_unknown(access, request->label, out_result) : err;
    }
    note_subject(access, &grant);
    err = portals_of_grant(access, &grant, &out_result->frame_ancestors);
    if (!err) {
        err = check_app(access, &grant, request->app);
    }
    if (err) {
        return err;
    }
    out_result->label = grant.label;
    if (!str_equal(request->label, grant.label)) {
        if (request->label.len > 0) {
            return link_invalid(access);
        }
        out_result->step = REDEEM_MOVE;
        return ERR_OK;
    }
    err = grant_redeem_limit(access, &grant);
    return err ? err : open_link(access, request, &grant, out_result);
}

enum err redeem_enter(struct access *access, const struct enter_request *request,
                      struct redeem_result *out_result)
{
    struct grant grant;
    struct visitor visitor;
    *out_result = (struct redeem_result){.frame_ancestors = STR("")};
    if (!secret_has_form(SECRET_LINK, request->proof)) { /* a proof looks like a link's secret */
        return link_unknown(access, request->label, out_result);
    }
    enum err err = grant_find_by_proof(access, request->proof, &grant);
    if (err == ERR_NOT_FOUND || (!err && !str_equal(grant.label, request->label))) {
        return link_unknown(access, request->label, out_result);
    }
    if (!err) {
        out_result->label = grant.label;
        note_subject(access, &grant);
        err = portals_of_grant(access, &grant, &out_result->frame_ancestors);
    }
    if (!err) {
        err = visitor_find(access, &grant, request->cookie, &visitor);
    }
    if (err) {
        return err;
    }
    if (visitor_resumes(&visitor, &grant, request->renews)) {
        out_result->step = REDEEM_RESUMED;
        return ERR_OK;
    }
    if (!visitor.has_session && !request->has_pending) {
        return fault_set(access->fault, ERR_DENIED, "cookies_blocked",
                         "This browser did not send back the cookie that the app needs.");
    }
    err = decide(access, &grant, visitor.in_grace, out_result);
    return err ? err : spend_on(access, &grant, &visitor, request->renews, out_result);
}
