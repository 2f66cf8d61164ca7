/*
 * ToolJet's contract: POST /api/ext/users/personal-access-token.
 *
 * sessionExpiry counts minutes and patExpiry seconds, as ToolJet's documents say (its source has
 * minutes for both). Members that are not known are ignored, as ToolJet does.
 */
#include "model/app.h"
#include "model/user.h"
#include "api/mint.h"

struct pat_request {
    struct str email;
    struct str user_id;
    struct str app_id;
    struct str app_slug;
    int64_t session_minutes;
    int64_t pat_seconds;
    struct str path; /* this and the next three: Inlay's own members */
    struct str theme;
    struct str locale;
    struct str portal;
};

static enum err pat_read(struct api_call *call, struct pat_request *out_request)
{
    const struct settings *settings = call->work.instance->settings;
    json_t *body = NULL;
    enum err err = api_body(call, &body);
    if (err) {
        return err;
    }
    struct fields in = fields_start(body, &call->fault);
    struct pat_request request = {
        .email = fields_str(&in, "email", FIELD_OPTIONAL, LIMIT_EMAIL_BYTES),
        .user_id = fields_str(&in, "userId", FIELD_OPTIONAL, UUID_TEXT_SIZE - 1),
        .app_id = fields_str(&in, "appId", FIELD_OPTIONAL, UUID_TEXT_SIZE - 1),
        .app_slug = fields_str(&in, "appSlug", FIELD_OPTIONAL, LIMIT_SLUG_BYTES),
        .session_minutes = fields_int(&in, "sessionExpiry", settings->session_default_minutes, 1,
                                      settings->session_max_minutes),
        .pat_seconds = fields_int(&in, "patExpiry", settings->pat_default_seconds, 1,
                                  settings->pat_max_seconds),
        .path = mint_read_path(&in, "path", call->work.arena),
        .theme = mint_read_theme(&in),
        .locale = mint_read_locale(&in, call->work.arena),
        .portal = mint_read_portal(call, &in),
    };
    if (request.user_id.len == 0 && request.email.len == 0) {
        fields_refuse(&in, "email", "or userId is required.");
    } else if (request.user_id.len == 0 && !user_email_is_plausible(request.email)) {
        fields_refuse(&in, "email", "must be an email address.");
    }
    if (request.app_id.len == 0 && request.app_slug.len == 0) {
        fields_refuse(&in, "appId", "or appSlug is required.");
    }
    *out_request = request;
    return fields_end(&in, FIELDS_IGNORE_UNKNOWN);
}

static enum err pat_app_unknown(struct api_call *call)
{
    return fault_set(&call->fault, ERR_INVALID, "app_unknown",
                     "Invalid appId or appSlug: there is no such app.");
}

/* ToolJet answers 400 to an app that it doesn't know, and portals take 404 for an unknown user. */
static enum err pat_find_app(struct api_call *call, const struct pat_request *request,
                             struct app *out_app)
{
    struct uuid id;
    bool has_id = request->app_id.len > 0;
    if (has_id && !uuid_parse(request->app_id, &id)) {
        return fault_member(&call->fault, ERR_INVALID, "member_invalid", "appId",
                            "appId must be a UUID.");
    }
    enum err err =
        app_find_here(&call->work, has_id ? request->app_id : request->app_slug, out_app);
    if (err == ERR_NOT_FOUND) {
        return pat_app_unknown(call);
    }
    if (!err && has_id && request->app_slug.len > 0 &&
        !str_equal(request->app_slug, out_app->slug)) {
        return fault_set(&call->fault, ERR_INVALID, "app_unknown",
                         "Invalid appId or appSlug: they name two apps.");
    }
    return err;
}

static enum err pat_find_user(struct api_call *call, const struct pat_request *request,
                              struct user *out_user)
{
    struct uuid id;
    enum err err = ERR_OK;
    if (request->user_id.len == 0) {
        err = user_find_by_email(&call->work, request->email, out_user);
    } else if (!uuid_parse(request->user_id, &id)) {
        return fault_member(&call->fault, ERR_INVALID, "member_invalid", "userId",
                            "userId must be a UUID.");
    } else {
        err = user_find(&call->work, &id, out_user);
        if (!err && !uuid_equal(&out_user->workspace_id, &call->work.workspace_id)) {
            err = ERR_NOT_FOUND;
        }
        if (!err && request->email.len > 0 && !str_equal_nocase(request->email, out_user->email)) {
            return fault_member(&call->fault, ERR_INVALID, "member_invalid", "email",
                                "email is not that of the user that userId names.");
        }
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "user") : err;
}

static enum err pat_reply(struct api_call *call, const struct app *app, const struct link *link,
                          const struct secret *secret)
{
    struct arena *arena = call->work.arena;
    struct str origin = mint_origin(call, link->label);
    struct str app_id = work_uuid_text(&call->work, &app->id);
    struct str token = secret_str(secret);
    struct str member = mint_secret_member(call, app, secret);
    struct str warnings = mint_warnings_member(call, app, link->portal);
    struct str query =
        app->is_strict ? STR("")
                       : arena_printf(arena, "personal-access-token=" STR_FMT "&", STR_ARG(token));
    return api_reply_text(
        call, 201,
        arena_printf(arena,
                     "{\"personalAccessToken\":\"" STR_FMT "\",\"redirectUrl\":\"" STR_FMT
                     "/embed-apps/" STR_FMT "?" STR_FMT "appSlug=" STR_FMT "\"" STR_FMT STR_FMT "}",
                     STR_ARG(token), STR_ARG(origin), STR_ARG(app_id), STR_ARG(query),
                     STR_ARG(app->slug), STR_ARG(member), STR_ARG(warnings)));
}

enum err tooljet_mint(struct api_call *call)
{
    struct work *work = &call->work;
    struct pat_request request;
    struct app app = {0};
    struct user user = {0};
    struct link link;
    struct secret secret;
    const struct claims claims = {.environment = STR("production")};
    enum err err = pat_read(call, &request);
    if (!err) {
        err = pat_find_user(call, &request, &user);
    }
    if (!err) {
        work->subject.user_id = user.id;
        err = pat_find_app(call, &request, &app);
    }
    if (!err) {
        work->subject.app_id = app.id;
        err = api_check_app(call, &app.id);
    }
    if (!err) {
        err = mint_decide(call, &app.id, &user.id, false, &claims);
    }
    if (!err) {
        err = mint_check_portal(call, &app, request.portal);
    }
    if (!err) {
        struct str user_key = {(const char *)user.id.bytes, UUID_BYTES};
        err = link_limit(work, user_key, work->instance->settings->mint_limit_per_minute);
    }
    if (err) {
        return err;
    }
    struct link_new new_link = {
        .is_reusable = true,
        .app_id = app.id,
        .user_id = user.id,
        .claims = claims,
        .portal = request.portal,
        .path = request.path,
        .theme = request.theme,
        .locale = request.locale,
        .session_ms = request.session_minutes * MINUTE_MS,
        .expires_at_ms = work->now_ms + request.pat_seconds * 1000,
    };
    err = link_create(work, &new_link, &link, &secret);
    if (!err) {
        err = pat_reply(call, &app, &link, &secret);
        secret_done(&secret);
    }
    return err;
}
