/*
 * Retool's contract: POST /api/embed-url/external-user.
 *
 * Numeric strings among groupIds, both spellings of names in userInfo and nested metadata are
 * accepted, since clients in the wild send them. Members that are not known are ignored.
 */
#include "model/app.h"
#include "model/user.h"
#include "api/mint.h"

struct embed_request {
    struct str app_id;
    struct str external_identifier;
    struct str email;
    struct str first_name;
    struct str last_name;
    int64_t session_minutes;
    struct str path; /* this and the next three: Inlay's own members */
    struct str theme;
    struct str locale;
    struct str portal;
    struct claims claims;
};

/* A string, or a whole number, as text. */
static struct str read_identifier(struct fields *in, struct arena *arena)
{
    static const char name[] = "externalIdentifier";
    json_t *value = json_object_get(in->object, name);
    if (value == NULL || json_is_null(value) || json_is_string(value)) {
        return fields_str(in, name, FIELD_REQUIRED, LIMIT_EXTERNAL_IDENTIFIER_BYTES);
    }
    fields_any(in, name, FIELD_REQUIRED);
    if (!json_is_integer(value)) {
        fields_refuse(in, name, "must be a string or a whole number.");
        return STR_NONE;
    }
    return arena_printf(arena, "%lld", (long long)json_integer_value(value));
}

/* first_name, or firstName. */
static struct str read_either(struct fields *in, const char *one, const char *other)
{
    struct str text = mint_read_optional(in, one, LIMIT_PERSON_NAME_BYTES);
    struct str same = mint_read_optional(in, other, LIMIT_PERSON_NAME_BYTES);
    return text.ptr != NULL ? text : same;
}

static enum err read_user_info(struct api_call *call, json_t *info, struct embed_request *request)
{
    struct fields in = fields_start(info, &call->fault);
    in.prefix = "userInfo.";
    request->email = mint_read_optional(&in, "email", LIMIT_EMAIL_BYTES);
    request->first_name = read_either(&in, "first_name", "firstName");
    request->last_name = read_either(&in, "last_name", "lastName");
    return fields_end(&in, FIELDS_IGNORE_UNKNOWN);
}

static enum err embed_read(struct api_call *call, struct embed_request *out_request)
{
    enum { SESSION_MINUTES_DEFAULT = 1440 };
    const struct settings *settings = call->work.instance->settings;
    struct arena *arena = call->work.arena;
    json_t *body = NULL;
    enum err err = api_body(call, &body);
    if (err) {
        return err;
    }
    int64_t max_minutes = settings->session_max_minutes;
    int64_t fallback =
        max_minutes < SESSION_MINUTES_DEFAULT ? max_minutes : SESSION_MINUTES_DEFAULT;
    struct fields in = fields_start(body, &call->fault);
    struct embed_request request = {
        .app_id = fields_str(&in, "landingPageUuid", FIELD_REQUIRED, UUID_TEXT_SIZE - 1),
        .claims = mint_read_claims(&in, arena, FIELD_REQUIRED),
        .external_identifier = read_identifier(&in, arena),
        .path = mint_read_path(&in, "path", arena),
        .theme = mint_read_theme(&in),
        .locale = mint_read_locale(&in, arena),
        .portal = mint_read_portal(call, &in),
        .session_minutes = fields_int(&in, "sessionDurationMinutes", fallback,
                                      LIMIT_SESSION_MINUTES_MIN, max_minutes),
    };
    json_t *info = fields_object(&in, "userInfo", FIELD_OPTIONAL);
    err = fields_end(&in, FIELDS_IGNORE_UNKNOWN);
    if (!err && info != NULL) {
        err = read_user_info(call, info, &request);
    }
    *out_request = request;
    return err;
}

static enum err embed_find_app(struct api_call *call, const struct embed_request *request,
                               struct app *out_app)
{
    struct uuid id;
    if (!uuid_parse(request->app_id, &id)) {
        return fault_member(&call->fault, ERR_INVALID, "member_invalid", "landingPageUuid",
                            "landingPageUuid must be the UUID of an app.");
    }
    enum err err = app_find_here(&call->work, request->app_id, out_app);
    if (!err) {
        err = api_check_app(call, &out_app->id);
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "app") : err;
}

/* What userInfo leaves out stays as it was. */
static struct str told_or(struct str told, struct str before)
{
    return told.ptr != NULL ? told : before;
}

static enum err embed_find_user(struct api_call *call, const struct embed_request *request,
                                struct user *out_user)
{
    struct user user = {.is_external = true, .is_active = true};
    enum err err = user_find_external(&call->work, request->external_identifier, &user);
    if (err && err != ERR_NOT_FOUND) {
        return err;
    }
    user.external_identifier = request->external_identifier;
    user.email = told_or(request->email, user.email);
    user.first_name = told_or(request->first_name, user.first_name);
    user.last_name = told_or(request->last_name, user.last_name);
    user.metadata = request->claims.metadata;
    *out_user = user;
    return ERR_OK;
}

static enum err embed_reply(struct api_call *call, const struct app *app, const struct link *link,
                            const struct secret *secret)
{
    struct str origin = mint_origin(call, link->label);
    struct str word = mint_word(app, secret);
    struct str member = mint_secret_member(call, app, secret);
    struct str warnings = mint_warnings_member(call, app, link->portal);
    return api_reply_text(
        call, 200,
        arena_printf(call->work.arena,
                     "{\"embedUrl\":\"" STR_FMT "/_inlay/embed/" STR_FMT "\"" STR_FMT STR_FMT "}",
                     STR_ARG(origin), STR_ARG(word), STR_ARG(member), STR_ARG(warnings)));
}

/* All that can refuse the request, before anything is written. */
static enum err embed_check(struct api_call *call, struct embed_request *request, struct app *app,
                            struct user *user)
{
    struct work *work = &call->work;
    enum err err = embed_read(call, request);
    if (!err) {
        err = embed_find_app(call, request, app);
    }
    if (!err) {
        work->subject.app_id = app->id;
        err = mint_check_groups(call, request->claims.groups);
    }
    if (!err) {
        err = embed_find_user(call, request, user);
        claims_set_apart(work, &request->claims, app->volatile_metadata);
    }
    if (!err) {
        work->subject.user_id = user->id;
        err = mint_decide(call, &app->id, &user->id, uuid_is_none(&user->id), &request->claims);
    }
    if (!err) {
        err = mint_check_portal(call, app, request->portal);
    }
    if (err == ERR_DENIED && strcmp(call->fault.code, "not_released") == 0) {
        return fault_set(&call->fault, ERR_NOT_FOUND, "not_released",
                         "The app has no release yet.");
    }
    return err ? err
               : link_limit(work, request->external_identifier,
                            work->instance->settings->embed_limit_per_minute);
}

enum err retool_mint(struct api_call *call)
{
    struct work *work = &call->work;
    struct embed_request request = {.session_minutes = 0};
    struct app app = {.id = UUID_NONE};
    struct user user;
    struct link link;
    struct secret secret;
    enum err err = embed_check(call, &request, &app, &user);
    if (!err) {
        err = user_put_external(work, &user);
    }
    if (err) {
        return err;
    }
    work->subject.user_id = user.id;
    struct link_new new_link = {
        .is_reusable = false,
        .app_id = app.id,
        .user_id = user.id,
        .claims = request.claims,
        .portal = request.portal,
        .path = request.path,
        .theme = request.theme,
        .locale = request.locale,
        .session_ms = request.session_minutes * MINUTE_MS,
        .expires_at_ms = work->now_ms + work->instance->settings->embed_link_seconds * 1000,
    };
    err = link_create(work, &new_link, &link, &secret);
    if (!err) {
        err = embed_reply(call, &app, &link, &secret);
        secret_done(&secret);
    }
    return err;
}
