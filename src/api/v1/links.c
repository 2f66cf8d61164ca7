#include "entry/revoke.h"
#include "api/v1/noun.h"

static const char *const link_status_words[] = {"active",   "used",    "expired",
                                                "replaced", "revoked", NULL};

void links_set_party(json_t *json, const struct uuid *app_id, const struct uuid *user_id,
                     const struct party *party)
{
    json_t *app = json_object();
    json_t *user = json_object();
    api_json_set(app, "id", api_json_uuid(app_id));
    api_json_set(app, "slug", api_json_str(party->app_slug));
    api_json_set(user, "id", api_json_uuid(user_id));
    api_json_set(user, "email", api_json_str(party->user_email));
    api_json_set(user, "externalIdentifier", api_json_str(party->user_external_identifier));
    api_json_set(json, "app", app);
    api_json_set(json, "user", user);
}

json_t *links_claims_json(struct str claims)
{
    static const char *const members[] = {"groups", "metadata", "environment", "branch",
                                          "releaseVersion"};
    json_t *json = api_json_parsed(claims);
    REQUIRE(json_is_object(json));
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (json_object_get(json, members[i]) == NULL) {
            api_json_set(json, members[i], json_null());
        }
    }
    if (json_object_get(json, "preview") == NULL) {
        api_json_set(json, "preview", json_false());
    }
    return json;
}

static json_t *links_json(struct api_call *call, const void *row)
{
    const struct listed_link *report = row;
    (void)call;
    const struct link *link = &report->link;
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&link->id));
    api_json_set(json, "kind", json_string(link->is_reusable ? "reusable" : "single-use"));
    api_json_set(json, "status", api_json_str(report->status));
    links_set_party(json, &link->app_id, &link->user_id, &report->party);
    api_json_set(json, "claims", links_claims_json(link->claims));
    api_json_set(json, "portalOrigin", api_json_str(link->portal));
    api_json_set(json, "sessionMinutes", json_integer(link->session_ms / MINUTE_MS));
    api_json_set(json, "theme", api_json_str(link->theme));
    api_json_set(json, "locale", api_json_str(link->locale));
    api_json_set(json, "createdAt", api_json_time(link->created_at_ms));
    api_json_set(json, "expiresAt", api_json_time(link->expires_at_ms));
    api_json_set(json, "usedAt", api_json_time(link->used_at_ms));
    api_json_set(json, "createdBy", api_json_str(link->created_by));
    return json;
}

static enum err links_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    return uuid_parse(call->params[index], &id) ? listing_link(&call->work, &id, out_row)
                                                : ERR_NOT_FOUND;
}

static enum err links_list(struct api_query *query, const struct api_page *page, void *out_rows,
                           size_t *out_count)
{
    struct listing_filter filter = {
        .user_id = api_query_uuid(query, "userId"),
        .app_id = api_query_uuid(query, "appId"),
        .status = api_query_word(query, "status", link_status_words),
        .after = page->after_id,
        .limit = noun_page_rows(page),
    };
    enum err err = api_query_end(query);
    return err ? err : listing_links(&query->call->work, &filter, out_rows, out_count);
}

static enum err links_revoke(struct api_call *call, const void *row)
{
    const struct listed_link *report = row;
    return revoke_link(&call->work, &report->link);
}

const struct noun links_noun = {
    .name = "link",
    .size = sizeof(struct listed_link),
    .workspace_at = offsetof(struct listed_link, link.workspace_id),
    .list = links_list,
    .page = api_page_by_id,
    .find = links_find,
    .json = links_json,
    .remove = links_revoke,
};
