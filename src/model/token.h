/*
 * API tokens: what a portal's backend or an admin's program calls the API with.
 *
 * A token belongs to one workspace and has a set of scopes. Only the digest of its secret is
 * stored. The token in the environment variable INLAY_API_TOKEN has every scope in the default
 * workspace and is stored nowhere.
 */
#ifndef INLAY_MODEL_TOKEN_H
#define INLAY_MODEL_TOKEN_H

#include "model/search.h"
#include "crypto/secret.h"

struct token {
    struct uuid id; /* UUID_NONE for the one of the environment */
    struct uuid workspace_id;
    struct str name;
    struct str description;
    struct str scopes; /* separated by spaces */
    struct str last4;
    struct str created_by;
    int64_t created_at_ms;
    int64_t last_used_at_ms;      /* 0: never */
    struct str last_used_address; /* STR_NONE: never */
    int64_t expires_at_ms;        /* 0: never */
    struct str apps;              /* that it is limited to, see token_app_word(); "" for all */
    struct str portals; /* that its links may name, beside those of the app; like an app's */
};

struct token_new {
    struct uuid workspace_id;
    struct str name;
    struct str description;
    struct str scopes; /* each of them passed token_scope_is_known() */
    struct str portals;
    struct str apps;
    int64_t expires_at_ms;
};

/* "embed", "<noun>:read", "<noun>:write", "admin". */
bool token_scope_is_known(struct str scope);

/* Does the set include the scope? "admin" includes all, "<noun>:write" also "<noun>:read". */
bool token_scopes_allow(struct str scopes, struct str scope);

MUST_CHECK enum err token_create(struct work *work, const struct token_new *new_token,
                                 struct token *out_token, struct secret *out_secret);

/* A new token in the place of another, with its name, scopes, apps and portals. The old one goes on
 * until then, or until it would have expired. */
MUST_CHECK enum err token_rotate(struct work *work, const struct token *old, int64_t old_until_ms,
                                 int64_t expires_at_ms, struct token *out_token,
                                 struct secret *out_secret);

/* Writes an event for tokens that expire within TOKEN_ANNOUNCE_DAYS, once for each. */
enum { TOKEN_ANNOUNCE_DAYS = 7 };
MUST_CHECK enum err token_announce(struct work *work, int64_t limit);

/* An app as struct token.apps names it. */
enum { TOKEN_APP_SIZE = 2 * UUID_BYTES + 1 };
void token_app_word(const struct uuid *app_id, char out_word[TOKEN_APP_SIZE]);
struct uuid token_app_id(struct str word);

/* Is the app one of those that the token is limited to, if it is? */
bool token_reaches_app(const struct token *token, const struct uuid *app_id);

/* May a token that is limited to apps have this scope? Those that reach beyond an app it may not.
 */
bool token_scope_is_of_apps(struct str scope);

/* By id in any workspace: the caller checks token.workspace_id. ERR_NOT_FOUND without words. */
MUST_CHECK enum err token_find(struct work *work, const struct uuid *id, struct token *out_token);

/* Writes what differs: name, description, portals. */
MUST_CHECK enum err token_update(struct work *work, const struct token *before,
                                 const struct token *after);

/* It is refused from now on. What it has minted stays. */
MUST_CHECK enum err token_delete(struct work *work, const struct token *token);

/* Of the workspace that the caller acts in, the oldest first; out_tokens has room for limit. */
MUST_CHECK enum err token_list(struct work *work, const struct search *search,
                               const struct uuid *after, int64_t limit, struct token *out_tokens,
                               size_t *out_count);

/* Takes the value of an Authorization header apart: "Bearer <token>", "Basic <token>" as ToolJet's
 * documents have it, or "Basic base64(name:token)" (RFC 7617). ERR_UNAUTHENTICATED with code
 * api_token_missing, api_token_invalid or api_token_expired. Notes time and address of use, at most
 * once a minute, if the unit of work may write. */
MUST_CHECK enum err token_authenticate(struct work *work, struct str authorization, bool may_write,
                                       struct token *out_token);

/* Is the time of its last use, as far as it is stored, more than a minute ago? Then token_touch(),
 * in a write transaction, stores the present one. */
bool token_use_is_news(const struct work *work, const struct token *token);
MUST_CHECK enum err token_touch(struct work *work, const struct token *token);

/* STR_NONE if INLAY_API_TOKEN is not set or too short to be one. */
struct str token_from_environment(void);

#endif
