#include "model/token.h"

#include "model/row.h"
#include "model/event.h"
#include "base/encode.h"
#include "base/limits.h"
#include "crypto/random.h"

static const char *const scope_nouns[] = {
    "workspaces",   "users",      "groups", "apps",     "releases",
    "environments", "api-tokens", "links",  "sessions", "events",
};

bool token_scope_is_known(struct str scope)
{
    if (str_equal(scope, STR("embed")) || str_equal(scope, STR("admin"))) {
        return true;
    }
    struct str noun = str_cut(&scope, ':');
    if (!str_equal(scope, STR("read")) && !str_equal(scope, STR("write"))) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(scope_nouns); i++) {
        if (str_equal(noun, str_from(scope_nouns[i]))) {
            return true;
        }
    }
    return false;
}

bool token_scopes_allow(struct str scopes, struct str scope)
{
    struct str wanted_verb = scope;
    struct str wanted_noun = str_cut(&wanted_verb, ':');
    while (scopes.len > 0) {
        struct str one = str_cut(&scopes, ' ');
        if (str_equal(one, STR("admin")) || str_equal(one, scope)) {
            return true;
        }
        struct str verb = one;
        struct str noun = str_cut(&verb, ':');
        if (str_equal(verb, STR("write")) && str_equal(wanted_verb, STR("read")) &&
            str_equal(noun, wanted_noun)) {
            return true;
        }
    }
    return false;
}

static json_t *token_detail(const struct work *work, const struct token *token)
{
    struct str id = work_uuid_text(work, &token->id);
    json_t *detail =
        json_pack("{s:s%, s:s%, s:s%}", "tokenId", id.ptr, id.len, "name", token->name.ptr,
                  token->name.len, "scopes", token->scopes.ptr, token->scopes.len);
    if (token->expires_at_ms != 0) {
        struct str at = work_time_text(work, token->expires_at_ms);
        REQUIRE(json_object_set_new(detail, "expiresAt", json_stringn(at.ptr, at.len)) == 0);
    }
    if (token->portals.len > 0) {
        json_t *portals = json_stringn(token->portals.ptr, token->portals.len);
        REQUIRE(json_object_set_new(detail, "portals", portals) == 0);
    }
    return detail;
}

/* With an event that tells of it, or of the one that it replaces. */
static enum err token_make(struct work *work, const struct token_new *new_token,
                           const struct token *replaced, struct token *out_token,
                           struct secret *out_secret)
{
    struct secret secret = secret_make(SECRET_API_TOKEN);
    struct digest digest = secret_digest(secret_str(&secret));
    struct token token = {
        .id = random_uuid(),
        .workspace_id = new_token->workspace_id,
        .name = new_token->name,
        .description = new_token->description,
        .scopes = new_token->scopes,
        .portals = new_token->portals.ptr == NULL ? STR("") : new_token->portals,
        .apps = new_token->apps.ptr == NULL ? STR("") : new_token->apps,
        .expires_at_ms = new_token->expires_at_ms,
        .last4 = arena_str(work->arena, str_skip(secret_str(&secret), secret.len - 4)),
        .created_by = work->actor.name,
        .created_at_ms = work->now_ms,
    };
    enum err err = store_run(
        work->store, SQL_TOKEN_INSERT,
        SQL_ARGS(sql_uuid(&token.id), sql_uuid(&token.workspace_id), sql_text(token.name),
                 sql_text(token.description), sql_text(token.scopes), sql_digest(&digest),
                 sql_text(token.last4), sql_int(work->now_ms), sql_text(token.created_by),
                 sql_text(token.portals), sql_text(token.apps), sql_int(token.expires_at_ms)),
        NULL);
    if (!err) {
        struct event event = {
            .type = replaced == NULL ? "api-token.create" : "api-token.rotate",
            .workspace_id = token.workspace_id,
        };
        json_t *detail = token_detail(work, &token);
        if (replaced != NULL) {
            struct str old = work_uuid_text(work, &replaced->id);
            REQUIRE(json_object_set_new(detail, "replaces", json_stringn(old.ptr, old.len)) == 0);
        }
        err = event_add_detail(work, &event, detail);
    }
    if (err) {
        secret_done(&secret);
        return work_store_fault(work, err);
    }
    *out_token = token;
    *out_secret = secret;
    return ERR_OK;
}

enum err token_create(struct work *work, const struct token_new *new_token, struct token *out_token,
                      struct secret *out_secret)
{
    return token_make(work, new_token, NULL, out_token, out_secret);
}

enum err token_rotate(struct work *work, const struct token *old, int64_t old_until_ms,
                      int64_t expires_at_ms, struct token *out_token, struct secret *out_secret)
{
    const struct token_new next = {
        .workspace_id = old->workspace_id,
        .name = old->name,
        .description = old->description,
        .scopes = old->scopes,
        .portals = old->portals,
        .apps = old->apps,
        .expires_at_ms = expires_at_ms,
    };
    enum err err =
        work_run_one(work, SQL_TOKEN_EXPIRE,
                     SQL_ARGS(sql_uuid(&old->id), sql_int(old_until_ms), sql_int(work->now_ms)));
    return err ? err : token_make(work, &next, old, out_token, out_secret);
}

/* ---- the apps that it is limited to ---- */

void token_app_word(const struct uuid *app_id, char out_word[TOKEN_APP_SIZE])
{
    hex_encode(app_id->bytes, UUID_BYTES, out_word);
    for (char *c = out_word; *c != '\0'; c++) {
        *c = *c >= 'a' ? (char)(*c - 'a' + 'A') : *c;
    }
}

struct uuid token_app_id(struct str word)
{
    char text[UUID_TEXT_SIZE];
    struct uuid id = UUID_NONE;
    REQUIRE(word.len == TOKEN_APP_SIZE - 1);
    snprintf(text, sizeof(text), "%.8s-%.4s-%.4s-%.4s-%.12s", word.ptr, word.ptr + 8, word.ptr + 12,
             word.ptr + 16, word.ptr + 20);
    REQUIRE(uuid_parse(str_from(text), &id));
    return id;
}

bool token_reaches_app(const struct token *token, const struct uuid *app_id)
{
    char word[TOKEN_APP_SIZE];
    struct str rest = token->apps;
    token_app_word(app_id, word);
    bool is_reached = rest.len == 0;
    while (rest.len > 0 && !is_reached) {
        is_reached = str_equal(str_cut(&rest, ' '), str_from(word));
    }
    return is_reached;
}

bool token_scope_is_of_apps(struct str scope)
{
    static const char *const scopes[] = {"embed", "apps:read", "releases:read", "releases:write"};
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        if (str_equal(scope, str_from(scopes[i]))) {
            return true;
        }
    }
    return false;
}

static enum err token_refuse(const struct work *work)
{
    return fault_set(work->fault, ERR_UNAUTHENTICATED, "api_token_invalid",
                     "The API token is unknown or has been revoked.");
}

static bool token_is_environment(const struct work *work, const struct digest *digest)
{
    return work->instance->has_environment_token &&
           digest_equal(digest, &work->instance->environment_token);
}

bool token_use_is_news(const struct work *work, const struct token *token)
{
    return !uuid_is_none(&token->id) && work->now_ms - token->last_used_at_ms >= MINUTE_MS;
}

enum err token_touch(struct work *work, const struct token *token)
{
    enum err err = store_run_one(
        work->store, SQL_TOKEN_TOUCH,
        SQL_ARGS(sql_uuid(&token->id), sql_int(work->now_ms), sql_text(work->address)));
    return err == ERR_NOT_FOUND ? token_refuse(work) : work_store_fault(work, err);
}

static ROW_READER(token_from_row, token, TOKEN_ROW);
static ROW_ONE(token_one, token, token_from_row);
static ROW_ALL(token_all, token, token_from_row);

/* ERR_NOT_FOUND if the text is no token. */
static enum err token_find_by_secret(struct work *work, struct str text, bool may_write,
                                     struct token *out_token)
{
    struct digest digest = secret_digest(text);
    if (token_is_environment(work, &digest)) {
        *out_token = (struct token){
            .workspace_id = work->instance->workspace_id,
            .name = STR("INLAY_API_TOKEN"),
            .scopes = STR("admin"),
        };
        return ERR_OK;
    }
    if (!secret_has_form(SECRET_API_TOKEN, text)) {
        return ERR_NOT_FOUND;
    }
    bool workspace_active = false;
    struct rows rows = store_query(work->store, SQL_TOKEN_BY_DIGEST, SQL_ARGS(sql_digest(&digest)));
    enum err err = rows_one(&rows);
    if (!err) {
        token_from_row(work, &rows, out_token);
        workspace_active = rows_int(&rows, COLUMN_COUNT(TOKEN_ROW)) != 0;
    }
    enum err end = rows_end(&rows);
    err = end ? end : err;
    if (!err && !workspace_active && !token_scopes_allow(out_token->scopes, STR("admin"))) {
        return fault_set(work->fault, ERR_DENIED, "workspace_archived",
                         "The workspace of this API token is archived.");
    }
    if (!err && out_token->expires_at_ms != 0 && out_token->expires_at_ms <= work->now_ms) {
        struct str at = work_time_text(work, out_token->expires_at_ms);
        return fault_set(work->fault, ERR_UNAUTHENTICATED, "api_token_expired",
                         "The API token expired at " STR_FMT ". Create another one.", STR_ARG(at));
    }
    if (!err && may_write && token_use_is_news(work, out_token)) {
        err = token_touch(work, out_token);
    }
    return work_store_fault(work, err);
}

/* "Basic base64(name:token)": the text after the colon, or STR_NONE. */
static struct str token_from_basic(struct work *work, struct str credentials)
{
    char *decoded = arena_alloc(work->arena, LIMIT_AUTHORIZATION_BYTES);
    size_t len = 0;
    if (!base64_decode(credentials, decoded, LIMIT_AUTHORIZATION_BYTES, &len)) {
        return STR_NONE;
    }
    struct str token = {decoded, len};
    str_cut(&token, ':');
    return token.len == 0 ? STR_NONE : token;
}

enum err token_authenticate(struct work *work, struct str authorization, bool may_write,
                            struct token *out_token)
{
    if (authorization.len == 0) {
        return fault_set(work->fault, ERR_UNAUTHENTICATED, "api_token_missing",
                         "An API token is required: send \"Authorization: Bearer <token>\".");
    }
    if (authorization.len > LIMIT_AUTHORIZATION_BYTES) {
        return token_refuse(work);
    }
    struct str text = authorization;
    struct str scheme = str_cut(&text, ' ');
    bool is_basic = str_equal_nocase(scheme, STR("Basic"));
    text = str_trim(text);
    if ((!is_basic && !str_equal_nocase(scheme, STR("Bearer"))) || text.len == 0) {
        return token_refuse(work);
    }
    enum err err = token_find_by_secret(work, text, may_write, out_token);
    if (err == ERR_NOT_FOUND && is_basic) {
        text = token_from_basic(work, text);
        err =
            text.len == 0 ? ERR_NOT_FOUND : token_find_by_secret(work, text, may_write, out_token);
    }
    return err == ERR_NOT_FOUND ? token_refuse(work) : err;
}

struct str token_from_environment(void)
{
    struct str token = str_from(getenv("INLAY_API_TOKEN"));
    bool usable = token.len >= LIMIT_API_TOKEN_MIN_BYTES && token.len <= LIMIT_API_TOKEN_BYTES;
    return usable ? token : STR_NONE;
}

/* ---- management ---- */

enum err token_find(struct work *work, const struct uuid *id, struct token *out_token)
{
    return token_one(work, store_query(work->store, SQL_TOKEN_BY_ID, SQL_ARGS(sql_uuid(id))),
                     out_token);
}

enum err token_update(struct work *work, const struct token *before, const struct token *after)
{
    if (str_equal(before->name, after->name) &&
        str_equal(before->description, after->description) &&
        str_equal(before->portals, after->portals)) {
        return ERR_OK;
    }
    struct event event = {.type = "api-token.update", .workspace_id = after->workspace_id};
    enum err err = work_run_one(work, SQL_TOKEN_UPDATE,
                                SQL_ARGS(sql_uuid(&after->id), sql_text(after->name),
                                         sql_text(after->description), sql_text(after->portals)));
    if (!err) {
        err = event_add_detail(work, &event, token_detail(work, after));
    }
    return work_store_fault(work, err);
}

enum err token_delete(struct work *work, const struct token *token)
{
    struct event event = {.type = "api-token.delete", .workspace_id = token->workspace_id};
    enum err err = work_run_one(work, SQL_TOKEN_DELETE, SQL_ARGS(sql_uuid(&token->id)));
    if (!err) {
        err = event_add_detail(work, &event, token_detail(work, token));
    }
    return work_store_fault(work, err);
}

enum err token_list(struct work *work, const struct search *search, const struct uuid *after,
                    int64_t limit, struct token *out_tokens, size_t *out_count)
{
    return token_all(
        work,
        store_query(work->store, SQL_TOKEN_LIST,
                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_uuid(after), sql_int(limit),
                             sql_text(search->text), sql_uuid(&search->id))),
        out_tokens, out_count);
}

enum err token_announce(struct work *work, int64_t limit)
{
    struct token *tokens = arena_alloc(work->arena, (size_t)limit * sizeof(*tokens));
    int64_t until_ms = work->now_ms + TOKEN_ANNOUNCE_DAYS * DAY_MS;
    size_t count = 0;
    enum err err =
        token_all(work,
                  store_query(work->store, SQL_TOKENS_TO_ANNOUNCE,
                              SQL_ARGS(sql_int(work->now_ms), sql_int(until_ms), sql_int(limit))),
                  tokens, &count);
    for (size_t i = 0; i < count && !err; i++) {
        struct event event = {.type = "api-token.expiring", .workspace_id = tokens[i].workspace_id};
        err = work_run_one(work, SQL_TOKEN_ANNOUNCED,
                           SQL_ARGS(sql_uuid(&tokens[i].id), sql_int(work->now_ms)));
        if (!err) {
            err = event_add_detail(work, &event, token_detail(work, &tokens[i]));
        }
    }
    return work_store_fault(work, err);
}
