#include "api/idempotency.h"

#include "base/jsontext.h"
#include "model/event.h"
#include "model/workspace.h"

/* ---- routing ---- */

static bool pattern_matches(struct str pattern, struct str path,
                            struct str out_params[API_PARAMS_MAX])
{
    int count = 0;
    while (pattern.len > 0 && path.len > 0) {
        struct str want = str_cut(&pattern, '/');
        struct str have = str_cut(&path, '/');
        if (want.len > 0 && want.ptr[0] == '{') {
            if (have.len == 0) {
                return false;
            }
            REQUIRE(count < API_PARAMS_MAX);
            out_params[count++] = have;
        } else if (!str_equal(want, have)) {
            return false;
        }
    }
    return pattern.len == 0 && path.len == 0;
}

enum err api_route_find(enum api_method method, struct str path, const struct api_route **out_route,
                        struct str out_params[API_PARAMS_MAX])
{
    enum err err = ERR_NOT_FOUND;
    if (path.len > 1 && path.ptr[path.len - 1] == '/') {
        return ERR_NOT_FOUND;
    }
    for (size_t i = 0; i < api_route_count; i++) {
        struct str params[API_PARAMS_MAX] = {STR_NONE, STR_NONE};
        if (!pattern_matches(str_from(api_routes[i].pattern), path, params)) {
            continue;
        }
        if (api_routes[i].method == method) {
            *out_route = &api_routes[i];
            memcpy(out_params, params, sizeof(params));
            return ERR_OK;
        }
        err = ERR_UNSUPPORTED;
    }
    return err;
}

struct str api_route_methods(struct arena *arena, struct str path)
{
    static const char *const names[] = {
        [API_GET] = "GET, HEAD", [API_POST] = "POST",     [API_PUT] = "PUT",
        [API_PATCH] = "PATCH",   [API_DELETE] = "DELETE",
    };
    struct str list = STR("");
    for (size_t method = 0; method < COUNT_OF(names); method++) {
        const struct api_route *route = NULL;
        struct str params[API_PARAMS_MAX];
        if (api_route_find((enum api_method)method, path, &route, params) == ERR_OK) {
            list = arena_printf(arena, STR_FMT "%s%s", STR_ARG(list), list.len == 0 ? "" : ", ",
                                names[method]);
        }
    }
    return list;
}

bool api_route_takes_away(const struct api_route *route)
{
    return route->method == API_DELETE || route->method == API_PATCH ||
           str_equal(str_from(route->pattern), STR("/api/v1/sign-out"));
}

/* ---- running ---- */

bool api_is_admin(const struct api_call *call)
{
    return token_scopes_allow(call->token.scopes, STR("admin"));
}

enum err api_check_app(struct api_call *call, const struct uuid *app_id)
{
    return token_reaches_app(&call->token, app_id)
               ? ERR_OK
               : fault_set(&call->fault, ERR_DENIED, "scope_missing",
                           "The API token is limited to other apps.");
}

bool api_sees_workspace(const struct api_call *call, const struct uuid *workspace_id)
{
    return uuid_equal(&call->work.workspace_id, workspace_id) || api_is_admin(call);
}

/* A token of scope admin may act in another workspace: ?workspaceId=. */
static enum err choose_workspace(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct uuid asked = api_query_uuid(&query, "workspaceId");
    if (query.err) {
        return query.err;
    }
    if (uuid_is_none(&asked) || uuid_equal(&asked, &call->work.workspace_id)) {
        return ERR_OK;
    }
    if (!api_is_admin(call)) {
        return fault_member(&call->fault, ERR_DENIED, "scope_missing", "workspaceId",
                            "Only a token of scope admin may act in another workspace.");
    }
    struct workspace workspace;
    enum err err = workspace_find(&call->work, &asked, &workspace);
    if (!err) {
        call->work.workspace_id = asked;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "workspace") : err;
}

static enum err authenticate_token(struct api_call *call)
{
    enum err err = token_authenticate(&call->work, call->request->authorization, call->may_write,
                                      &call->token);
    if (err) {
        return err;
    }
    call->work.workspace_id = call->token.workspace_id;
    call->work.actor = (struct actor){
        .kind = uuid_is_none(&call->token.id) ? ACTOR_LOCAL : ACTOR_API_TOKEN,
        .id = work_uuid_text(&call->work, &call->token.id),
        .name = call->token.name,
    };
    return ERR_OK;
}

static enum err check_console(struct api_call *call)
{
    struct str own = str_from(call->work.instance->settings->public_url.text);
    return fetch_check_console(&call->request->fetch, own, &call->fault);
}

/* An admin is like a token with the scopes of their role. */
static enum err authenticate_admin(struct api_call *call)
{
    struct work *work = &call->work;
    struct admin_session session;
    enum err err = check_console(call);
    if (!err) {
        err = admin_session_authenticate(work, call->request->cookie, &session);
    }
    if (err) {
        return err;
    }
    if (!uuid_is_none(&session.workspace_id)) {
        work->workspace_id = session.workspace_id;
    }
    call->admin = session;
    call->token = (struct token){.workspace_id = work->workspace_id,
                                 .name = session.email,
                                 .scopes = admin_role_scopes(session.role)};
    work->actor = (struct actor){
        .kind = ACTOR_ADMIN, .id = work_uuid_text(work, &session.admin_id), .name = session.email};
    return call->may_write && admin_session_use_is_news(work, &session)
               ? admin_session_touch(work, &session)
               : ERR_OK;
}

static enum err check_scope(struct api_call *call)
{
    const struct api_route *route = call->route;
    bool is_admin = !uuid_is_none(&call->admin.id);
    if (route->auth == API_AUTH_ADMIN && !is_admin) {
        return fault_set(&call->fault, ERR_DENIED, "scope_missing",
                         "Only an admin who has signed in to the console has this (\"self%s%s\"); "
                         "an API token has not.",
                         route->scope == NULL ? "" : ":", route->scope == NULL ? "" : route->scope);
    }
    if (route->scope == NULL) {
        REQUIRE(is_admin); /* a token is never without a scope to have */
        return ERR_OK;
    }
    if (!token_scopes_allow(call->token.scopes, str_from(route->scope))) {
        return fault_set(&call->fault, ERR_DENIED, "scope_missing",
                         is_admin ? "Your role lacks the scope \"%s\"."
                                  : "The API token lacks the scope \"%s\".",
                         route->scope);
    }
    return ERR_OK;
}

static enum err authenticate_caller(struct api_call *call)
{
    const struct api_request *request = call->request;
    bool has_cookie_alone = request->authorization.len == 0 && request->cookie.len > 0;
    switch (call->route->auth) {
    case API_AUTH_TOKEN:
        return authenticate_token(call);
    case API_AUTH_TOKEN_OR_ADMIN:
    case API_AUTH_ADMIN:
        return has_cookie_alone ? authenticate_admin(call) : authenticate_token(call);
    case API_AUTH_CONSOLE:
    case API_AUTH_NOBODY:
        break;
    }
    REQUIRE(call->route->auth != API_AUTH_NOBODY);
    return check_console(call);
}

static enum err authenticate(struct api_call *call)
{
    enum err err = authenticate_caller(call);
    if (!err && call->route->auth != API_AUTH_CONSOLE) {
        err = check_scope(call);
    }
    return !err && call->route->workspace == API_WORKSPACE_NAMED ? choose_workspace(call) : err;
}

static bool is_denial(enum err err)
{
    return err == ERR_UNAUTHENTICATED || err == ERR_DENIED || err == ERR_LIMITED;
}

static bool needs_rollback(enum err err)
{
    return err == ERR_CONFLICT || err == ERR_BUSY || err == ERR_STORAGE || err == ERR_INTERNAL;
}

enum err api_note(struct work *work, const struct api_call *call)
{
    enum err err = ERR_OK;
    if (call->was_denied) {
        err = event_deny(work, call->fault.code);
    }
    if (!err && !call->may_write && token_use_is_news(work, &call->token)) {
        err = token_touch(work, &call->token);
    }
    if (!err && !call->may_write && admin_session_use_is_news(work, &call->admin)) {
        err = admin_session_touch(work, &call->admin);
    }
    return err == ERR_UNAUTHENTICATED ? ERR_OK : err; /* it was revoked since */
}

/* Unless it was handled before, with the same Idempotency-Key. */
static enum err handle_once(struct api_call *call)
{
    struct idempotency idempotency;
    enum err err = idempotency_start(call, &idempotency);
    if (err || idempotency.is_answered) {
        return err;
    }
    call->idempotency = &idempotency;
    err = call->route->handle(call);
    if (!err && call->may_write) {
        err = idempotency_end(call);
    }
    call->idempotency = NULL;
    return err;
}

/* A handler has left the words of its error, unless it is one of the store. */
static enum err call_explain(struct api_call *call, enum err err)
{
    if (call->fault.err == err) {
        return err;
    }
    if (err == ERR_NOT_FOUND) {
        return api_not_found(call, "object");
    }
    err = err == ERR_BUSY || err == ERR_STORAGE ? err : ERR_INTERNAL;
    return work_store_fault(&call->work, err);
}

static enum err run(struct api_call *call, enum err (*handle)(struct api_call *call))
{
    call->work.fault = &call->fault;
    call->stream.more = false;
    enum err err = authenticate(call);
    if (!err && handle != NULL) {
        err = handle(call);
    }
    if (err) {
        err = call_explain(call, err);
        api_respond_fault(call, call->route->style);
    }
    call->response.token_expires_at_ms = call->token.expires_at_ms;
    call->was_denied = is_denial(err) && !call->is_noted;
    /* That a stream goes on is no use that keeps anybody signed in. */
    bool is_news =
        call->stream.pieces == 0 && (token_use_is_news(&call->work, &call->token) ||
                                     admin_session_use_is_news(&call->work, &call->admin));
    call->is_to_note = !call->may_write && (call->was_denied || is_news);
    enum err note_err = call->may_write ? api_note(&call->work, call) : ERR_OK;
    return note_err ? note_err : needs_rollback(err) ? err : ERR_OK;
}

enum err api_run(struct api_call *call)
{
    return run(call, handle_once);
}

enum err api_admit(struct api_call *call)
{
    return run(call, NULL);
}

void api_call_done(struct api_call *call)
{
    json_decref(call->body);
    json_decref(call->errors);
    call->body = NULL;
    call->errors = NULL;
}

/* ---- reading ---- */

enum err api_body(struct api_call *call, json_t **out_object)
{
    if (call->body == NULL) {
        enum err err = jsontext_parse_object(call->request->body, &call->body, &call->fault);
        if (err) {
            call->body = NULL;
            return err;
        }
    }
    *out_object = call->body;
    return ERR_OK;
}

enum err api_body_reader(struct api_call *call, struct fields *out_in)
{
    json_t *object = NULL;
    enum err err = api_query_none(call);
    if (!err) {
        err = api_body(call, &object);
    }
    if (!err) {
        *out_in = fields_start(object, &call->fault);
    }
    return err;
}

enum err api_param_uuid(struct api_call *call, int index, const char *noun, struct uuid *out_id)
{
    REQUIRE(index < API_PARAMS_MAX);
    return uuid_parse(call->params[index], out_id) ? ERR_OK : api_not_found(call, noun);
}
