#include "entry/redeem.h"

#include "entry/clearing.h"
#include "model/app.h"
#include "model/brand.h"
#include "model/event.h"
#include "base/portal.h"

/* What there is to know of the browser that shows a link. */
struct visitor {
    bool has_session; /* a live one of this origin */
    struct session session;
    bool in_grace;      /* the other of two frames may have been faster */
    struct fault ended; /* why it has none, if only its user may open another one; else ERR_OK */
};

static struct digest client_digest(const struct work *work)
{
    const struct str parts[] = {STR("client"), work->address, work->user_agent};
    return digest_hmac(work->instance->key, parts, COUNT_OF(parts));
}

static enum err link_fault(struct work *work, enum decision decision, const struct link *link)
{
    switch (decision) {
    case DENIED_LINK_USED:
        return fault_set(work->fault, ERR_GONE, "link_used", "This link has already been opened.");
    case DENIED_LINK_EXPIRED:
        return fault_set(work->fault, link->is_reusable ? ERR_UNAUTHENTICATED : ERR_GONE,
                         "link_expired", "This link was not opened in time.");
    case DENIED_LINK_REPLACED:
        return fault_set(work->fault, ERR_UNAUTHENTICATED, "link_replaced",
                         "A newer link for the same user and app has replaced this one.");
    case DENIED_LINK_REVOKED:
        return fault_set(work->fault, ERR_UNAUTHENTICATED, "link_revoked",
                         "An administrator has revoked this link.");
    case DENIED_NOT_RELEASED:
        return fault_set(work->fault, ERR_DENIED, "app_not_released",
                         "This app has no released version yet.");
    case DENIED_APP_UNKNOWN:
    case DENIED_APP_MOVED:
        return fault_set(work->fault, ERR_UNAUTHENTICATED, "link_invalid",
                         "The app of this link has been moved or deleted.");
    default:
        return fault_set(work->fault, ERR_DENIED, "access_denied", "%s",
                         decision_info(decision)->message);
    }
}

static enum err link_invalid(struct work *work)
{
    return fault_set(work->fault, ERR_UNAUTHENTICATED, "link_invalid",
                     "This link is incomplete, or this server does not know it.");
}

static enum err origin_of_label(struct work *work, struct str label, struct redeem_result *result)
{
    enum err err = session_portals(work, label, &result->portals);
    return err ? err : brand_of_label(work, label, &result->look);
}

/* By none of the portals; origin is what the browser says, which may be anything. */
static enum err refuse_portal(struct work *work, struct str portals, struct str origin)
{
    struct origin known;
    char text[ORIGIN_TEXT_SIZE] = "This page";
    if (portals.len == 0) {
        return fault_set(work->fault, ERR_DENIED, "portal_not_allowed",
                         "No site may show this app yet: it has no portals.");
    }
    if (origin_parse(origin, &known, NULL) == ERR_OK && !known.is_pattern) {
        origin_format(&known, text);
        work->subject.portal = arena_str(work->arena, str_from(text));
    }
    return fault_set(work->fault, ERR_DENIED, "portal_not_allowed",
                     "%s is not one of the portals that may show this app.", text);
}

/* ---- posted links ---- */

static enum err link_post_required(struct work *work)
{
    return fault_set(work->fault, ERR_DENIED, "link_post_required",
                     "Links to this app can't be opened as URLs: the portal's page has to post the "
                     "link's secret.");
}

static enum err check_poster(struct work *work, struct str poster, struct str portals)
{
    if (str_equal(poster, STR("null"))) {
        return fault_set(
            work->fault, ERR_DENIED, "portal_origin_hidden",
            "The portal's page hides its origin (Origin is null). Its Referrer-Policy "
            "must be strict-origin-when-cross-origin, strict-origin or origin, and not "
            "no-referrer or same-origin.");
    }
    return portal_is_listed(portals, poster) ? ERR_OK : refuse_portal(work, portals, poster);
}

/* May the link come this way? Nothing is counted or used up before. */
static enum err check_way(struct work *work, const struct link *link, struct str poster,
                          struct str portals)
{
    bool is_posted = poster.ptr != NULL;
    return is_posted         ? check_poster(work, poster, portals)
           : link->is_strict ? link_post_required(work)
                             : ERR_OK;
}

enum err redeem_refuse_form(struct work *work, struct str label, struct str poster,
                            const struct fault *why, struct redeem_result *out_result)
{
    *out_result = (struct redeem_result){.portals = STR("")};
    enum err err = origin_of_label(work, label, out_result);
    if (!err) {
        err = check_poster(work, poster, out_result->portals);
    }
    if (!err) {
        *work->fault = *why;
        err = why->err;
    }
    return err;
}

/* Does the origin belong to an app whose links are posted? */
static enum err origin_is_strict(struct work *work, struct str label, bool *out_is_strict)
{
    struct rows rows = store_query(work->store, SQL_AUDIENCE_IS_STRICT, SQL_ARGS(sql_text(label)));
    *out_is_strict = rows_next(&rows) && rows_int(&rows, 0) != 0;
    return work_store_fault(work, rows_end(&rows));
}

/* Nothing is known of the link, but perhaps of the origin that it was opened on: its portals may
 * show the error, and hear of it. What is in a URL there may be wrong just for that. */
static enum err link_unknown(struct work *work, struct str label, struct str poster,
                             struct redeem_result *out_result)
{
    bool is_strict = false;
    enum err err = origin_of_label(work, label, out_result);
    if (!err && poster.ptr == NULL) {
        err = origin_is_strict(work, label, &is_strict);
    }
    return err ? err : is_strict ? link_post_required(work) : link_invalid(work);
}

/* What looks like a link, but holds no secret or two. */
static enum err link_incomplete(struct work *work, const struct redeem_request *request,
                                struct redeem_result *out_result)
{
    enum err err = link_unknown(work, request->label, request->poster, out_result);
    if (err != ERR_UNAUTHENTICATED) {
        return err;
    }
    return request->is_doubled ? fault_set(work->fault, ERR_UNAUTHENTICATED, "link_invalid",
                                           "This link has two secrets.")
           : request->poster.ptr != NULL
               ? fault_set(work->fault, ERR_UNAUTHENTICATED, "link_missing",
                           "The form has no link: its field \"secret\" is missing.")
               : fault_set(work->fault, ERR_UNAUTHENTICATED, "link_missing",
                           "This is an app's address, not a link.");
}

static void note_subject(struct work *work, const struct link *link)
{
    work->workspace_id = link->workspace_id;
    work->subject.user_id = link->user_id;
    work->subject.app_id = link->app_id;
    work->subject.link_id = link->id;
    work->actor = (struct actor){.kind = ACTOR_USER, .id = work_uuid_text(work, &link->user_id)};
}

/* Is the app that the address names, if it names one, the link's? */
static enum err check_app(struct work *work, const struct link *link, struct str asked)
{
    struct app app;
    struct uuid id;
    if (asked.len == 0 || (uuid_parse(asked, &id) && uuid_equal(&id, &link->app_id))) {
        return ERR_OK;
    }
    enum err err = app_find_here(work, asked, &app);
    if (err == ERR_NOT_FOUND || (!err && !uuid_equal(&app.id, &link->app_id))) {
        return link_invalid(work);
    }
    return err;
}

static enum err decide(struct work *work, const struct link *link, bool in_grace,
                       struct redeem_result *result)
{
    struct verdict verdict = {.decision = DECISION_UNDECIDED};
    struct question question = link_question(link, work->now_ms);
    question.link.used = question.link.used && !in_grace;
    enum err err = decision_find(work, &question, &verdict);
    if (err) {
        return err;
    }
    result->portals = verdict.portals;
    return verdict.decision == DECISION_ALLOWED ? ERR_OK : link_fault(work, verdict.decision, link);
}

static enum err note(struct work *work, const char *type, const struct link *link,
                     const struct uuid *session_id)
{
    struct claims claims;
    enum err err = claims_parse(work, link->claims, &claims);
    if (err) {
        return err;
    }
    struct event event = {
        .type = type,
        .user_id = link->user_id,
        .app_id = link->app_id,
        .link_id = link->id,
        .session_id = *session_id,
        .is_counted = !claims.is_preview && strcmp(type, "renew") != 0,
        .detail = event_preview(claims.is_preview),
    };
    return work_store_fault(work, event_add(work, &event));
}

/* Who comes second to a single-use link has not opened it, unless it is the same client within its
 * grace. Of a reusable link the first use is noted. */
static enum err spend(struct work *work, const struct link *link, bool in_grace)
{
    struct digest client = client_digest(work);
    if (in_grace) {
        return ERR_OK;
    }
    enum err err =
        store_run_one(work->store, SQL_LINK_SPEND,
                      SQL_ARGS(sql_uuid(&link->id), sql_int(work->now_ms), sql_digest(&client)));
    if (err == ERR_NOT_FOUND) {
        return link->is_reusable ? ERR_OK : link_fault(work, DENIED_LINK_USED, link);
    }
    return work_store_fault(work, err);
}

/* Spends the link and opens the session. */
static enum err open_session(struct work *work, const struct link *link, bool in_grace,
                             struct redeem_result *result)
{
    struct session session;
    enum err err = spend(work, link, in_grace);
    if (!err) {
        err = session_open(work, link, &session, &result->cookie);
    }
    if (!err) {
        result->step = REDEEM_OPENED;
        result->cookie_seconds = link->session_ms / 1000;
        err = note(work, "redeem", link, &session.id);
    }
    if (!err) {
        err = clearing_take(work, link, &result->clears);
    }
    return err;
}

/* Spends the link on a session that is there. */
static enum err renew_session(struct work *work, const struct link *link, struct visitor *visitor,
                              struct redeem_result *result)
{
    struct session *session = &visitor->session;
    enum err err = spend(work, link, visitor->in_grace);
    if (!err) {
        err = session_renew(work, link, session);
    }
    if (!err) {
        result->step = REDEEM_RENEWED;
        result->cookie_seconds = (session->expires_at_ms - work->now_ms) / 1000;
        err = note(work, "renew", link, &session->id);
    }
    return err;
}

/* May this client open the link once more, shortly after it was spent? Not if its session was ended
 * since: that must not come back. Nor more often than a page mounts its frames. */
static enum err find_grace(struct work *work, const struct link *link, bool *out_in_grace)
{
    struct digest client = client_digest(work);
    *out_in_grace = false;
    if (link->used_at_ms == 0 || work->now_ms - link->used_at_ms > REDEEM_GRACE_MS ||
        !digest_equal(&client, &link->used_client)) {
        return ERR_OK;
    }
    struct rows rows =
        store_query(work->store, SQL_SESSIONS_COUNT_OF_LINK, SQL_ARGS(sql_uuid(&link->id)));
    bool may_open =
        rows_next(&rows) && rows_int(&rows, 0) < REDEEM_GRACE_SESSIONS && rows_int(&rows, 1) > 0;
    enum err err = rows_end(&rows);
    *out_in_grace = !err && may_open;
    return work_store_fault(work, err);
}

/* Which live session of this origin does the cookie belong to? ERR_NOT_FOUND if to none. */
static enum err live_session(struct work *work, struct str label, struct str cookie,
                             struct session *out_session, struct fault *out_ended)
{
    struct session_view view;
    struct session session;
    struct fault unused = {.err = ERR_OK};
    struct fault *fault = work->fault;
    enum err err = session_find_by_cookie(work, cookie, &session);
    if (err) {
        return err;
    }
    work->fault = &unused; /* that there is no session is no error here */
    err = session_check(work, label, cookie, &view);
    work->fault = fault;
    if (err == ERR_UNAUTHENTICATED) {
        bool is_for_user = strcmp(unused.code, "session_idle") == 0 ||
                           strcmp(unused.code, "session_displaced") == 0;
        *out_ended = is_for_user ? unused : (struct fault){.err = ERR_OK};
        return ERR_NOT_FOUND;
    }
    if (!err) {
        *out_session = session;
    }
    return work_store_fault(work, err);
}

static enum err visitor_find(struct work *work, const struct link *link, struct str cookie,
                             struct visitor *out_visitor)
{
    *out_visitor = (struct visitor){0};
    enum err err =
        live_session(work, link->label, cookie, &out_visitor->session, &out_visitor->ended);
    note_subject(work, link);
    if (err && err != ERR_NOT_FOUND) {
        return err;
    }
    out_visitor->has_session = err == ERR_OK;
    return find_grace(work, link, &out_visitor->in_grace);
}

/* A reusable link may also renew the session that it opened. */
static bool visitor_resumes(const struct visitor *visitor, const struct link *link, bool renews)
{
    return visitor->has_session && uuid_equal(&visitor->session.link_id, &link->id) &&
           !(renews && link->is_reusable);
}

static enum err spend_on(struct work *work, const struct link *link, struct visitor *visitor,
                         bool renews, struct redeem_result *result)
{
    return renews && visitor->has_session ? renew_session(work, link, visitor, result)
                                          : open_session(work, link, visitor->in_grace, result);
}

/* A renewal that nobody sees must not bring back what ended because nobody used it, or because its
 * user has opened the app elsewhere. */
static enum err check_ended(struct work *work, const struct visitor *visitor, bool renews)
{
    if (!renews || visitor->ended.err == ERR_OK) {
        return ERR_OK;
    }
    *work->fault = visitor->ended;
    return visitor->ended.err;
}

static enum err open_link(struct work *work, const struct redeem_request *request,
                          const struct link *link, struct redeem_result *result)
{
    struct visitor visitor;
    enum err err = visitor_find(work, link, request->cookie, &visitor);
    if (!err) {
        err = check_ended(work, &visitor, request->renews);
    }
    if (!err && visitor_resumes(&visitor, link, request->renews)) {
        result->step = REDEEM_RESUMED;
        err = note(work, "resume", link, &visitor.session.id);
        return err ? err : clearing_take(work, link, &result->clears);
    }
    if (!err) {
        err = decide(work, link, visitor.in_grace, result);
    }
    if (err) {
        return err;
    }
    if (visitor.has_session) {
        return spend_on(work, link, &visitor, request->renews, result);
    }
    result->step = REDEEM_PENDING;
    result->proof = link_proof(request->secret);
    return ERR_OK;
}

static enum err portals_of_app(struct work *work, const struct uuid *app_id,
                               struct str *out_portals)
{
    struct rows rows = store_query(work->store, SQL_APP_PORTALS, SQL_ARGS(sql_uuid(app_id)));
    if (rows_next(&rows)) {
        *out_portals = arena_str(work->arena, rows_text(&rows, 0));
    }
    return work_store_fault(work, rows_end(&rows));
}

/* Whatever becomes of the link: who may show it, and how. */
static enum err frame_of_link(struct work *work, const struct link *link,
                              struct redeem_result *result)
{
    struct claims claims;
    result->look.theme = link->theme;
    result->look.locale = link->locale;
    enum err err = claims_parse(work, link->claims, &claims);
    if (!err && link->portal.len > 0) {
        result->portals = link->portal;
    } else if (!err) {
        err = portals_of_app(work, &link->app_id, &result->portals);
    }
    if (!err) {
        result->portals = claims_portals(work, &claims, result->portals);
        err = brand_of_label(work, link->label, &result->look);
    }
    return err;
}

/* What no page could show is not spent. */
static enum err check_portal(struct work *work, const struct redeem_request *request,
                             struct str portals)
{
    bool is_shown_by_none = request->is_framed && portals.len == 0;
    bool is_elsewhere = request->portal.len > 0 && !portal_is_listed(portals, request->portal);
    return is_shown_by_none || is_elsewhere ? refuse_portal(work, portals, request->portal)
                                            : ERR_OK;
}

enum err redeem_link(struct work *work, const struct redeem_request *request,
                     struct redeem_result *out_result)
{
    struct link link;
    struct uuid app_id;
    *out_result = (struct redeem_result){.portals = STR("")};
    /* A link that is not valid still tells the portal so, if it names an app. */
    if (request->app.len > 0 && uuid_parse(request->app, &app_id)) {
        enum err err = portals_of_app(work, &app_id, &out_result->portals);
        if (!err) {
            err = brand_of_app(work, &app_id, &out_result->look);
        }
        if (err) {
            return err;
        }
    }
    if (request->is_doubled || request->secret.len == 0) {
        return link_incomplete(work, request, out_result);
    }
    if (!secret_has_form(request->kind, request->secret)) {
        return link_unknown(work, request->label, request->poster, out_result);
    }
    struct secret proof = link_proof(request->secret);
    enum err err = link_find_by_proof(work, secret_str(&proof), &link);
    secret_done(&proof);
    if (err) {
        return err == ERR_NOT_FOUND
                   ? link_unknown(work, request->label, request->poster, out_result)
                   : err;
    }
    note_subject(work, &link);
    err = frame_of_link(work, &link, out_result);
    if (!err) {
        err = check_app(work, &link, request->app);
    }
    if (!err) {
        err = check_way(work, &link, request->poster, out_result->portals);
    }
    if (!err) {
        err = check_portal(work, request, out_result->portals);
    }
    if (err) {
        return err;
    }
    out_result->label = link.label;
    out_result->path = link.path;
    if (!str_equal(request->label, link.label)) {
        if (request->label.len > 0 || request->poster.ptr != NULL) {
            return link_invalid(work); /* on the way to another origin, Origin would become null */
        }
        out_result->step = REDEEM_MOVE;
        return ERR_OK;
    }
    err = link_redeem_limit(work, &link, LINK_OPEN);
    return err ? err : open_link(work, request, &link, out_result);
}

enum err redeem_enter(struct work *work, const struct enter_request *request,
                      struct redeem_result *out_result)
{
    struct link link;
    struct visitor visitor;
    *out_result = (struct redeem_result){.portals = STR("")};
    if (!secret_has_form(SECRET_LINK, request->proof)) { /* a proof looks like a link's secret */
        return link_unknown(work, request->label, request->poster, out_result);
    }
    enum err err = link_find_by_proof(work, request->proof, &link);
    if (err == ERR_NOT_FOUND || (!err && !str_equal(link.label, request->label))) {
        return link_unknown(work, request->label, request->poster, out_result);
    }
    if (!err) {
        out_result->label = link.label;
        out_result->path = link.path;
        note_subject(work, &link);
        err = frame_of_link(work, &link, out_result);
    }
    if (!err) {
        err = check_way(work, &link, request->poster, out_result->portals);
    }
    if (!err) {
        err = link_redeem_limit(work, &link, LINK_ENTER);
    }
    if (!err) {
        err = visitor_find(work, &link, request->cookie, &visitor);
    }
    if (!err) {
        err = check_ended(work, &visitor, request->renews);
    }
    if (err) {
        return err;
    }
    if (visitor_resumes(&visitor, &link, request->renews)) {
        out_result->step = REDEEM_RESUMED;
        return clearing_take(work, &link, &out_result->clears);
    }
    if (!visitor.has_session && !request->has_pending) {
        return fault_set(work->fault, ERR_DENIED, "cookies_blocked",
                         "The browser did not send back the cookie that this app needs.");
    }
    err = decide(work, &link, visitor.in_grace, out_result);
    return err ? err : spend_on(work, &link, &visitor, request->renews, out_result);
}
