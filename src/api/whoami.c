#include "api/whoami.h"

#include "base/jsontext.h"
#include "model/app.h"
#include "model/user.h"
#include "api/call.h"

static json_t *groups_json(struct work *work, const struct user *user, const struct claims *claims,
                           enum err *io_err)
{
    json_t *groups = json_array();
    struct rows rows =
        claims->groups.len > 0
            ? store_query(work->store, SQL_GROUPS_BY_IDS, SQL_ARGS(sql_text(claims->groups)))
            : store_query(work->store, SQL_GROUPS_OF_USER, SQL_ARGS(sql_uuid(&user->id)));
    while (rows_next(&rows)) {
        json_t *group = json_object();
        api_json_set(group, "id", json_integer(rows_int(&rows, 0)));
        api_json_set(group, "name", api_json_str(rows_text(&rows, 1)));
        REQUIRE(json_array_append_new(groups, group) == 0);
    }
    enum err err = rows_end(&rows);
    *io_err = *io_err ? *io_err : work_store_fault(work, err);
    return groups;
}

static json_t *user_object(struct work *work, const struct user *user, const struct claims *claims,
                           enum err *io_err)
{
    json_t *object = json_object();
    api_json_set(object, "id", api_json_uuid(&user->id));
    api_json_set(object, "email", api_json_str(user->email));
    api_json_set(object, "firstName", api_json_str(user->first_name));
    api_json_set(object, "lastName", api_json_str(user->last_name));
    api_json_set(object, "fullName", api_json_str(user_full_name(work, user)));
    api_json_set(object, "externalIdentifier", api_json_str(user->external_identifier));
    api_json_set(object, "groups", groups_json(work, user, claims, io_err));
    api_json_set(object, "metadata",
                 claims->metadata.len > 0 ? api_json_parsed(claims->metadata) : json_object());
    return object;
}

static json_t *app_object(const struct app *app, const struct claims *claims)
{
    json_t *object = json_object();
    struct str release =
        claims->release_version.len > 0 ? claims->release_version : app->current_version;
    api_json_set(object, "id", api_json_uuid(&app->id));
    api_json_set(object, "slug", api_json_str(app->slug));
    api_json_set(object, "name", api_json_str(app->name));
    api_json_set(object, "release", api_json_str(claims->branch.len > 0 ? STR_NONE : release));
    api_json_set(object, "branch", api_json_str(claims->branch));
    api_json_set(object, "environment", api_json_str(claims->environment));
    return object;
}

static json_t *session_object(const struct session *session, int64_t now_ms)
{
    json_t *object = json_object();
    int64_t left_ms = session->expires_at_ms - now_ms;
    api_json_set(object, "id", api_json_uuid(&session->id));
    api_json_set(object, "expiresAt", api_json_time(session->expires_at_ms));
    api_json_set(object, "expiresInSeconds", json_integer(left_ms > 0 ? left_ms / 1000 : 0));
    api_json_set(object, "theme", api_json_str(session->theme));
    api_json_set(object, "locale", api_json_str(session->locale));
    return object;
}

static json_t *config_object(struct work *work, const struct session *session,
                             const struct claims *claims, enum err *io_err)
{
    struct rows rows =
        store_query(work->store, SQL_ENVIRONMENT_CONFIG,
                    SQL_ARGS(sql_uuid(&session->workspace_id), sql_text(claims->environment)));
    json_t *config = rows_next(&rows) ? api_json_parsed(rows_text(&rows, 0)) : json_object();
    enum err err = rows_end(&rows);
    *io_err = *io_err ? *io_err : work_store_fault(work, err);
    return config;
}

enum err whoami_json(struct work *work, const struct uuid *session_id, struct str *out_json)
{
    struct session session;
    struct user user;
    struct app app;
    struct claims claims;
    enum err err = session_find(work, session_id, &session);
    if (!err) {
        err = user_find(work, &session.user_id, &user);
    }
    if (!err) {
        err = app_find(work, &session.app_id, &app);
    }
    if (!err) {
        err = session_claims(work, &session, &claims);
    }
    if (err) {
        return err == ERR_NOT_FOUND ? fault_set(work->fault, ERR_UNAUTHENTICATED, "session_ended",
                                                "The session has ended.")
                                    : err;
    }
    json_t *json = json_object();
    api_json_set(json, "currentUser", user_object(work, &user, &claims, &err));
    api_json_set(json, "app", app_object(&app, &claims));
    api_json_set(json, "session", session_object(&session, work->now_ms));
    api_json_set(json, "config", config_object(work, &session, &claims, &err));
    *out_json = jsontext_canonical(json, work->arena);
    json_decref(json);
    return err;
}
