/*
 * API tokens. Nobody can give away more than they have: a token's scopes, and with "admin" the
 * choice of the workspace.
 */
#include "api/v1/noun.h"

/* The ids of apps; null for all. */
static json_t *apps_json_of(struct str words)
{
    json_t *ids = words.len == 0 ? json_null() : json_array();
    while (words.len > 0) {
        struct uuid id = token_app_id(str_cut(&words, ' '));
        noun_append_item(ids, api_json_uuid(&id));
    }
    return ids;
}

static json_t *tokens_json(struct api_call *call, const void *row)
{
    const struct token *token = row;
    (void)call;
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&token->id));
    api_json_set(json, "name", api_json_str(token->name));
    api_json_set(json, "description", api_json_str(token->description));
    api_json_set(json, "scopes", noun_words_json(token->scopes));
    api_json_set(json, "portals", noun_words_json(token->portals));
    api_json_set(json, "apps", apps_json_of(token->apps));
    api_json_set(json, "expiresAt", api_json_time(token->expires_at_ms));
    api_json_set(json, "last4", api_json_str(token->last4));
    api_json_set(json, "createdAt", api_json_time(token->created_at_ms));
    api_json_set(json, "createdBy", api_json_str(token->created_by));
    api_json_set(json, "lastUsedAt", api_json_time(token->last_used_at_ms));
    api_json_set(json, "lastUsedAddress", api_json_str(token->last_used_address));
    api_json_set(json, "workspaceId", api_json_uuid(&token->workspace_id));
    return json;
}

static enum err tokens_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    return uuid_parse(call->params[index], &id) ? token_find(&call->work, &id, out_row)
                                                : ERR_NOT_FOUND;
}

static enum err tokens_list(struct api_query *query, const struct api_page *page, void *out_rows,
                            size_t *out_count)
{
    struct search search = api_query_search(query);
    enum err err = api_query_end(query);
    return err ? err
               : token_list(&query->call->work, &search, &page->after_id, noun_page_rows(page),
                            out_rows, out_count);
}

/* Without repetitions, separated by spaces. */
static struct str read_scopes(struct fields *in, struct arena *arena)
{
    json_t *array = fields_array(in, "scopes", FIELD_REQUIRED, LIMIT_SCOPES);
    struct str scopes = STR("");
    if (array != NULL && json_array_size(array) == 0) {
        fields_refuse(in, "scopes", "must hold at least one scope.");
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *entry = json_array_get(array, i);
        struct str scope = {json_string_value(entry), json_string_length(entry)};
        if (!json_is_string(entry) || !token_scope_is_known(scope)) {
            char member[32];
            snprintf(member, sizeof(member), "scopes[%zu]", i);
            fields_refuse(in, member,
                          "must be \"embed\", \"admin\", or a noun with \":read\" or "
                          "\":write\" such as \"users:read\".");
            break;
        }
        scopes = noun_words_add(arena, scopes, scope);
    }
    return scopes;
}

static enum err check_scopes(struct api_call *call, struct str scopes)
{
    while (scopes.len > 0) {
        struct str scope = str_cut(&scopes, ' ');
        if (!token_scopes_allow(call->token.scopes, scope)) {
            return fault_member(&call->fault, ERR_DENIED, "scope_missing", "scopes",
                                "The API token lacks the scope \"" STR_FMT
                                "\" and cannot give it away.",
                                STR_ARG(scope));
        }
    }
    return ERR_OK;
}

/* Who may frame apps is an admin's to say. */
static enum err check_portals(struct api_call *call, struct str before, struct str after)
{
    return str_equal(before, after) || api_is_admin(call)
               ? ERR_OK
               : fault_member(&call->fault, ERR_DENIED, "scope_missing", "portals",
                              "Only the scope \"admin\" may say which portals a token can name.");
}

static enum err check_workspace(struct api_call *call, const struct uuid *workspace_id)
{
    struct workspace workspace;
    if (uuid_equal(workspace_id, &call->work.workspace_id)) {
        return ERR_OK;
    }
    if (!api_is_admin(call)) {
        return fault_member(&call->fault, ERR_DENIED, "scope_missing", "workspaceId",
                            "Only a token of scope admin may make tokens for another workspace.");
    }
    enum err err = workspace_find(&call->work, workspace_id, &workspace);
    return err == ERR_NOT_FOUND ? api_not_found(call, "workspace") : err;
}

/* Ids of apps of the workspace. Null is for all, and none would be nothing. */
static struct str read_apps(struct fields *in, struct arena *arena)
{
    json_t *array = fields_array(in, "apps", FIELD_OPTIONAL, LIMIT_TOKEN_APPS);
    struct str words = STR("");
    if (array != NULL && json_array_size(array) == 0) {
        fields_refuse(in, "apps", "must name at least one app; leave it out for all.");
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *entry = json_array_get(array, i);
        struct str text = {json_string_value(entry), json_string_length(entry)};
        struct uuid id;
        char word[TOKEN_APP_SIZE];
        if (!json_is_string(entry) || !uuid_parse(text, &id)) {
            fields_refuse(in, "apps", "must hold the UUIDs of apps.");
            break;
        }
        token_app_word(&id, word);
        words = noun_words_add(arena, words, arena_str(arena, str_from(word)));
    }
    return words;
}

static enum err check_apps(struct api_call *call, const struct token_new *token)
{
    enum err err = ERR_OK;
    for (struct str rest = token->apps; rest.len > 0 && !err;) {
        struct app app;
        struct uuid id = token_app_id(str_cut(&rest, ' '));
        err = app_find(&call->work, &id, &app);
        if (err == ERR_NOT_FOUND ||
            (!err && !uuid_equal(&app.workspace_id, &token->workspace_id))) {
            err = fault_member(&call->fault, ERR_INVALID, "member_invalid", "apps",
                               "apps names one that is not in the token's workspace.");
        }
    }
    for (struct str rest = token->scopes; token->apps.len > 0 && rest.len > 0 && !err;) {
        struct str scope = str_cut(&rest, ' ');
        if (!token_scope_is_of_apps(scope)) {
            err = fault_member(&call->fault, ERR_INVALID, "member_invalid", "scopes",
                               "scopes: a token that is limited to apps cannot have \"" STR_FMT
                               "\", but embed, apps:read, releases:read and releases:write.",
                               STR_ARG(scope));
        }
    }
    return err;
}

/* "expiresInDays"; 0 for never. */
static int64_t read_expiry(struct fields *in, int64_t now_ms)
{
    enum { DAYS_MAX = 3650 };
    int64_t days = fields_int(in, "expiresInDays", 0, 1, DAYS_MAX);
    return days == 0 ? 0 : now_ms + days * DAY_MS;
}

/* The token with its secret, this once. */
static enum err reply_new(struct api_call *call, const struct token *token, struct secret *secret)
{
    json_t *more = json_object();
    api_json_set(more, "token", api_json_str(secret_str(secret)));
    secret_done(secret);
    return noun_reply(call, &tokens_noun, 201, token, more);
}

enum err tokens_create(struct api_call *call)
{
    struct fields in;
    struct token token;
    struct secret secret;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct token_new new_token = {
        .workspace_id = noun_read_uuid(&in, "workspaceId", &call->work.workspace_id),
        .name = noun_read_name(&in, STR_NONE),
        .description = noun_read_text(&in, "description", LIMIT_DESCRIPTION_BYTES, STR_NONE),
        .scopes = read_scopes(&in, call->work.arena),
        .portals = noun_read_portals(&in, &call->work, STR("")),
        .apps = read_apps(&in, call->work.arena),
        .expires_at_ms = read_expiry(&in, call->work.now_ms),
    };
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = check_scopes(call, new_token.scopes);
    }
    if (!err) {
        err = check_workspace(call, &new_token.workspace_id);
    }
    if (!err) {
        err = check_portals(call, STR(""), new_token.portals);
    }
    if (!err) {
        err = check_apps(call, &new_token);
    }
    if (!err) {
        err = token_create(&call->work, &new_token, &token, &secret);
    }
    return err ? err : reply_new(call, &token, &secret);
}

/* Who makes a token in the place of another could have made it themselves. */
enum err tokens_rotate(struct api_call *call)
{
    enum { OVERLAP_MINUTES = 1440, OVERLAP_MINUTES_MAX = 43200 };
    struct fields in;
    struct token old;
    struct token token;
    struct secret secret;
    enum err err = noun_find(call, &tokens_noun, 0, &old);
    if (!err) {
        err = api_body_reader(call, &in);
    }
    if (err) {
        return err;
    }
    int64_t now_ms = call->work.now_ms;
    int64_t overlap_ms =
        fields_int(&in, "overlapMinutes", OVERLAP_MINUTES, 0, OVERLAP_MINUTES_MAX) * MINUTE_MS;
    int64_t expires_at_ms = read_expiry(&in, now_ms);
    if (!fields_has(&in, "expiresInDays") && old.expires_at_ms != 0) {
        expires_at_ms = now_ms + old.expires_at_ms - old.created_at_ms;
    }
    err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = check_scopes(call, old.scopes);
    }
    if (!err) {
        err = check_portals(call, STR(""), old.portals);
    }
    if (!err && old.expires_at_ms != 0 && old.expires_at_ms <= now_ms) {
        err = fault_set(&call->fault, ERR_CONFLICT, "api_token_expired",
                        "The API token has expired; create another one.");
    }
    if (!err) {
        err = token_rotate(&call->work, &old, now_ms + overlap_ms, expires_at_ms, &token, &secret);
    }
    return err ? err : reply_new(call, &token, &secret);
}

static enum err tokens_patch(struct api_call *call, struct fields *in, const void *before,
                             void *after)
{
    struct token *token = after;
    token->name = noun_read_name(in, token->name);
    token->description =
        noun_read_text(in, "description", LIMIT_DESCRIPTION_BYTES, token->description);
    token->portals = noun_read_portals(in, &call->work, token->portals);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        err = check_portals(call, ((const struct token *)before)->portals, token->portals);
    }
    return err ? err : token_update(&call->work, before, token);
}

static enum err tokens_delete(struct api_call *call, const void *row)
{
    return token_delete(&call->work, row);
}

const struct noun tokens_noun = {
    .name = "API token",
    .use = {"lastUsedAt", "lastUsedAddress"},
    .size = sizeof(struct token),
    .workspace_at = offsetof(struct token, workspace_id),
    .list = tokens_list,
    .page = api_page_by_id,
    .find = tokens_find,
    .json = tokens_json,
    .patch = tokens_patch,
    .remove = tokens_delete,
};
