#include "entry/decision.h"

#include "apps/upstream/upstream.h"
#include "base/jsontext.h"

const struct decision_info *decision_info(enum decision decision)
{
    static const struct decision_info infos[DECISION_COUNT] = {
        [DECISION_UNDECIDED] = {"undecided", ERR_INTERNAL, "Access could not be decided."},
        [DECISION_ALLOWED] = {"allowed", ERR_OK, "Allowed."},
        [DENIED_APP_UNKNOWN] = {"app_deleted", ERR_NOT_FOUND, "The app does not exist."},
        [DENIED_APP_MOVED] = {"app_moved", ERR_NOT_FOUND,
                              "The app does not exist in this workspace."},
        [DENIED_USER_UNKNOWN] = {"user_deleted", ERR_NOT_FOUND, "The user does not exist."},
        [DENIED_WORKSPACE_ARCHIVED] = {"workspace_archived", ERR_DENIED,
                                       "The workspace is archived."},
        [DENIED_USER_ARCHIVED] = {"user_archived", ERR_DENIED, "The user is archived."},
        [DENIED_ENVIRONMENT_UNKNOWN] = {"environment_gone", ERR_NOT_FOUND,
                                        "The environment does not exist."},
        [DENIED_RELEASE_UNKNOWN] = {"release_gone", ERR_NOT_FOUND,
                                    "The app has no release with this version."},
        [DENIED_BRANCH_UNKNOWN] = {"branch_gone", ERR_NOT_FOUND,
                                   "The app has no branch with this name."},
        [DENIED_NO_ACCESS] = {"no_access", ERR_DENIED,
                              "The user is not in a group that has access to this app."},
        [DENIED_NOT_RELEASED] = {"not_released", ERR_DENIED, "The app has no release yet."},
        [DENIED_LINK_REVOKED] = {"link_revoked", ERR_UNAUTHENTICATED, "The link has been revoked."},
        [DENIED_LINK_REPLACED] = {"link_replaced", ERR_UNAUTHENTICATED,
                                  "A newer link has replaced this one."},
        [DENIED_LINK_EXPIRED] = {"link_expired", ERR_UNAUTHENTICATED, "The link has expired."},
        [DENIED_LINK_USED] = {"link_used", ERR_GONE, "The link has already been used."},
    };
    REQUIRE(decision >= 0 && decision < DECISION_COUNT);
    return &infos[decision];
}

enum decision decision_make(const struct facts *facts)
{
    enum decision decision = DECISION_UNDECIDED;
    if (!facts->app_exists) {
        decision = DENIED_APP_UNKNOWN;
    } else if (!facts->app_in_workspace) {
        decision = DENIED_APP_MOVED;
    } else if (!facts->user_exists || !facts->user_in_workspace) {
        decision = DENIED_USER_UNKNOWN;
    } else if (facts->link_revoked) {
        decision = DENIED_LINK_REVOKED;
    } else if (facts->link_replaced) {
        decision = DENIED_LINK_REPLACED;
    } else if (facts->link_used) {
        decision = DENIED_LINK_USED;
    } else if (facts->link_expired) {
        decision = DENIED_LINK_EXPIRED;
    } else if (!facts->workspace_active) {
        decision = DENIED_WORKSPACE_ARCHIVED;
    } else if (!facts->user_active) {
        decision = DENIED_USER_ARCHIVED;
    } else if (!facts->environment_exists) {
        decision = DENIED_ENVIRONMENT_UNKNOWN;
    } else if (!facts->content_exists && facts->asks_branch) {
        decision = DENIED_BRANCH_UNKNOWN;
    } else if (!facts->content_exists && facts->asks_release) {
        decision = DENIED_RELEASE_UNKNOWN;
    } else if (!facts->may_use) {
        decision = DENIED_NO_ACCESS;
    } else if (!facts->content_exists) {
        decision = DENIED_NOT_RELEASED;
    } else {
        decision = DECISION_ALLOWED;
    }
    return decision;
}

enum err facts_load(struct work *work, const struct uuid *workspace_id, const struct uuid *app_id,
                    const struct uuid *user_id, const struct claims *claims,
                    struct facts *out_facts)
{
    struct facts facts = {
        .asks_branch = claims->branch.len > 0,
        .asks_release = claims->release_version.len > 0,
    };
    struct rows rows =
        store_query(work->store, SQL_FACTS,
                    SQL_ARGS(sql_uuid(app_id), sql_uuid(user_id), sql_text(claims->groups),
                             sql_text(claims->environment), sql_text(claims->branch),
                             sql_text(claims->release_version)));
    if (rows_next(&rows)) {
        struct uuid app_workspace = rows_uuid(&rows, 0);
        struct uuid user_workspace = rows_uuid(&rows, 2);
        struct str content = rows_text(&rows, 6);
        facts.app_exists = true;
        facts.app_in_workspace = uuid_equal(&app_workspace, workspace_id);
        facts.workspace_active = str_equal(rows_text(&rows, 1), STR("active"));
        facts.user_exists = !rows_is_null(&rows, 2);
        facts.user_in_workspace = uuid_equal(&user_workspace, workspace_id);
        facts.user_active = str_equal(rows_text(&rows, 3), STR("active"));
        facts.may_use = rows_int(&rows, 4) != 0;
        facts.environment_exists = rows_int(&rows, 5) != 0;
        facts.content_exists = content.len == DIGEST_BYTES;
        if (facts.content_exists) {
            memcpy(facts.content.bytes, content.ptr, DIGEST_BYTES);
        }
        facts.portals = claims_portals(work, claims, arena_str(work->arena, rows_text(&rows, 7)));
        if (str_equal(rows_text(&rows, 8), STR("upstream"))) {
            facts.upstream = upstream_at(work, rows_text(&rows, 9), rows_text(&rows, 10));
            facts.content = upstream_digest(facts.upstream);
            facts.content_exists = !facts.asks_branch && !facts.asks_release;
        }
    }
    enum err err = rows_end(&rows);
    if (!err) {
        *out_facts = facts;
    }
    return work_store_fault(work, err);
}

struct str claims_portals(struct work *work, const struct claims *claims, struct str portals)
{
    const char *console = work->instance->settings->public_url.text;
    return claims->is_preview ? arena_printf(work->arena, STR_FMT "%s%s", STR_ARG(portals),
                                             portals.len == 0 ? "" : " ", console)
                              : portals;
}

static void claims_put(json_t *object, const char *name, struct str text)
{
    if (text.len > 0) {
        REQUIRE(json_object_set_new(object, name, json_stringn(text.ptr, text.len)) == 0);
    }
}

static void claims_put_json(json_t *object, const char *name, struct str text)
{
    if (text.len > 0) {
        json_t *value = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL);
        REQUIRE(value != NULL && json_object_set_new(object, name, value) == 0);
    }
}

struct str claims_format(struct work *work, const struct claims *claims)
{
    /* By far the most common claims, those of a personal access token. */
    if (!claims->is_preview && claims->groups.len == 0 && claims->metadata.len == 0 &&
        claims->branch.len == 0 && claims->release_version.len == 0 &&
        str_equal(claims->environment, STR("production"))) {
        return STR("{\"environment\":\"production\"}");
    }
    json_t *object = json_object();
    claims_put_json(object, "groups", claims->groups);
    claims_put_json(object, "metadata", claims->metadata);
    claims_put(object, "environment", claims->environment);
    claims_put(object, "branch", claims->branch);
    claims_put(object, "releaseVersion", claims->release_version);
    if (claims->is_preview) {
        REQUIRE(json_object_set_new(object, "preview", json_true()) == 0);
    }
    struct str text = jsontext_canonical(object, work->arena);
    json_decref(object);
    return text;
}

static struct str claims_get(const json_t *object, const char *name, struct arena *arena)
{
    const json_t *value = json_object_get(object, name);
    return value == NULL ? STR_NONE
                         : arena_str(arena, (struct str){json_string_value(value),
                                                         json_string_length(value)});
}

static struct str claims_get_json(const json_t *object, const char *name, struct arena *arena)
{
    const json_t *value = json_object_get(object, name);
    return value == NULL ? STR_NONE : jsontext_canonical(value, arena);
}

enum err claims_parse(struct work *work, struct str text, struct claims *out_claims)
{
    json_t *object = json_loadb(text.ptr, text.len, 0, NULL);
    if (object == NULL) {
        return work_store_fault(work, ERR_STORAGE);
    }
    *out_claims = (struct claims){
        .groups = claims_get_json(object, "groups", work->arena),
        .metadata = claims_get_json(object, "metadata", work->arena),
        .environment = claims_get(object, "environment", work->arena),
        .branch = claims_get(object, "branch", work->arena),
        .release_version = claims_get(object, "releaseVersion", work->arena),
        .is_preview = json_is_true(json_object_get(object, "preview")),
    };
    json_decref(object);
    return ERR_OK;
}
