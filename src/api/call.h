/*
 * An API call: a function from a request to a response, on a store. No socket, no nginx.
 *
 *     route = api_route_find(method, path, …)      in the event loop: says which lane it runs in
 *     api_run(&call)                               in a thread, inside the caller's transaction
 *     call.response …                              back in the event loop
 *
 * A handler reads its request with the readers below, calls access/, and replies. It returns an
 * enum err and leaves the words in call->fault; api_run() makes the error's response from it.
 */
#ifndef INLAY_API_CALL_H
#define INLAY_API_CALL_H

#include "model/work.h"
#include "http/fetch.h"
#include "model/search.h"
#include "model/signin.h"
#include "model/token.h"
#include "base/fields.h"

enum api_method { API_GET, API_POST, API_PUT, API_PATCH, API_DELETE, API_METHOD_OTHER };

/* Where a call runs: reads beside each other; writes share one commit; bulk takes long, so that
 * nobody's session may wait for it, and has its body in a file; passwords take time and memory, and
 * go one after the other; asking another server takes long, too, and shares the thread of bulk. */
enum api_lane { API_LANE_READ, API_LANE_WRITE, API_LANE_BULK, API_LANE_PASSWORD, API_LANE_ASK };

/* Who may call. A row of the table that says nothing lets nobody in. */
enum api_auth {
    API_AUTH_NOBODY,
    API_AUTH_TOKEN,          /* an API token, by Bearer or Basic */
    API_AUTH_TOKEN_OR_ADMIN, /* that, or an admin who has signed in to the console */
    API_AUTH_ADMIN,          /* an admin who has signed in */
    API_AUTH_CONSOLE,        /* the console's own pages, before anybody has signed in */
};

/* The workspace that the call acts in, until the object that its path names says otherwise. */
enum api_workspace {
    API_WORKSPACE_NONE,
    API_WORKSPACE_OF_CALLER,
    API_WORKSPACE_NAMED, /* the caller's, unless ?workspaceId= names another one */
};

/* How errors look: RFC 9457 problems, or as ToolJet's or Retool's clients expect them. */
enum api_style { API_STYLE_PROBLEM, API_STYLE_TOOLJET, API_STYLE_RETOOL };

/* What a call that went well counts as, in the metrics. */
enum api_counts { API_COUNTS_NOTHING, API_COUNTS_MINT };

struct api_call;
struct noun;

struct api_route {
    enum api_method method;
    const char *pattern; /* "/api/v1/users/{user}": a part in braces becomes a parameter */
    enum api_auth auth;
    const char *scope; /* what the API token, or the admin's role, must have; NULL: nothing more */
    enum api_workspace workspace;
    enum api_style style;
    enum api_lane lane;
    enum err (*handle)(struct api_call *call);
    const struct noun *noun; /* that a handler of v1/noun.h works on */
    enum api_counts counts;
};

enum { API_PARAMS_MAX = 2, API_QUERY_MAX = 16 };

struct api_request { /* all borrowed */
    struct str path;
    struct str query; /* without the "?" */
    struct str authorization;
    struct str content_type;
    struct str if_match; /* this and the next: STR_NONE without the header */
    struct str idempotency_key;
    struct str cookie;     /* of an admin who has signed in; STR_NONE without one */
    struct fetch fetch;    /* where it comes from */
    struct str body;       /* of calls that are not in the bulk lane */
    const char *body_path; /* of a bulk call: the file that holds the body, NULL if it is empty */
};

struct api_response {
    int status;
    const char *content_type;    /* NULL without a body */
    struct str body;             /* in the call's arena */
    int64_t retry_after_s;       /* 0: none */
    struct str set_cookie;       /* of an admin, in the call's arena; "" takes it back */
    struct str file_name;        /* to be saved under; STR_NONE: to be read */
    struct str etag;             /* of the object that the body is; STR_NONE without one */
    struct str allow;            /* of a 405: "GET, HEAD, POST" */
    int64_t token_expires_at_ms; /* of the caller's API token; 0: never */
};

/* A response that comes in pieces: a handler that sets .more is called again, with the rest as it
 * left it, when the client has taken the piece and wait_ms are over. From the second piece on only
 * the body counts; an error cuts the response off. Only calls in the read lane do this. */
struct api_stream {
    bool more;
    int64_t wait_ms;
    int64_t pieces; /* that there were before */
    int64_t next;   /* this and the next: the handler's own */
    int64_t count;
};

struct api_call {
    const struct api_route *route;
    const struct api_request *request;
    struct str params[API_PARAMS_MAX]; /* percent-decoded */
    struct work work;                  /* .actor and .workspace_id are set by api_run() */
    struct fault fault;
    struct token token;         /* of an admin: the scopes of the role, and no id */
    struct admin_session admin; /* .id is UUID_NONE for a token */
    bool may_write;             /* the store is in a write transaction */
    json_t *body;               /* owned; the parsed body once api_body() was called */
    json_t *errors;             /* owned; what is wrong with each of several entries, see below */
    struct api_response response;
    struct api_stream stream;
    struct idempotency *idempotency; /* borrowed, while the handler runs: see api/idempotency.h */

    /* out: nothing can be written where the call ran (the read and bulk lanes), but a denial or the
     * use of a token has to be: somebody calls api_note() in a write transaction. */
    bool is_to_note;
    bool was_denied; /* and the handler has not written it down itself */
    bool is_noted;   /* set by a handler that has */
};

/* ERR_NOT_FOUND, or ERR_UNSUPPORTED if the path exists with other methods. Undecoded parts of path
 * are borrowed into out_params. */
MUST_CHECK enum err api_route_find(enum api_method method, struct str path,
                                   const struct api_route **out_route,
                                   struct str out_params[API_PARAMS_MAX]);
/* The methods that the path has routes for, as the header Allow lists them. */
struct str api_route_methods(struct arena *arena, struct str path);
/* May this call end somebody's access? */
bool api_route_takes_away(const struct api_route *route);
extern const struct api_route api_routes[];
extern const size_t api_route_count;

/* Runs the call and always leaves a response. The return value says what to do with the
 * transaction: ERR_OK commit, anything else roll back (nothing may have been written). */
MUST_CHECK enum err api_run(struct api_call *call);

/* Is this caller allowed to make this call at all? For a call whose body hasn't been read:
 * api_run() asks again. Leaves a response only if not; otherwise like api_run(). */
MUST_CHECK enum err api_admit(struct api_call *call);

/* The response for an error before there was a call (a body that is too large, an unknown path) or
 * after it (the commit failed). */
void api_respond_fault(struct api_call *call, enum api_style style);

/* A problem (RFC 9457) for errors outside of the API. */
struct str api_problem(struct arena *arena, const struct fault *fault);

/* Writes the event of a denial, and when the token was used. access has the actor and subject of
 * the call. */
MUST_CHECK enum err api_note(struct work *work, const struct api_call *call);

void api_call_done(struct api_call *call); /* frees what the call owns, not the arena */

/* ---- for handlers ---- */

/* The body as a JSON object, borrowed from the call. */
MUST_CHECK enum err api_body(struct api_call *call, json_t **out_object);

/* The same for a call that takes no parameters: a reader of its members. The caller ends it. */
MUST_CHECK enum err api_body_reader(struct api_call *call, struct fields *out_in);

/* The query, parameter by parameter; one that was not asked for is refused at the end. */
struct api_query {
    struct api_call *call;
    struct str names[API_QUERY_MAX];
    struct str values[API_QUERY_MAX]; /* percent-decoded */
    bool used[API_QUERY_MAX];
    size_t count;
    enum err err;
};

struct api_query api_query_start(struct api_call *call);
struct str api_query_str(struct api_query *query, const char *name); /* STR_NONE if absent */
int64_t api_query_int(struct api_query *query, const char *name, int64_t fallback, int64_t min,
                      int64_t max);
/* RFC 3339 in UTC, or a date; 0 if absent. */
int64_t api_query_time(struct api_query *query, const char *name);
/* UUID_NONE if absent. */
struct uuid api_query_uuid(struct api_query *query, const char *name);
/* search of a list; finds everything if absent. */
struct search api_query_search(struct api_query *query);
/* One of words, which ends with NULL. */
struct str api_query_word(struct api_query *query, const char *name, const char *const *words);
/* The parameter is wrong: why says what it must be. For checks that are not made here. */
void api_query_refuse(struct api_query *query, const char *name, const char *why);
MUST_CHECK enum err api_query_end(struct api_query *query);

/* For calls that take no parameters. */
MUST_CHECK enum err api_query_none(struct api_call *call);

/* limit and after of a list. after is STR_NONE on the first page. */
struct api_page {
    int64_t limit;
    struct str after;
    struct uuid after_id; /* after as an id; UUID_NONE on the first page */
    int64_t after_number; /* after as a number; 0 on the first page */
};

struct api_page api_page_by_id(struct api_query *query);     /* cursors are UUIDs */
struct api_page api_page_by_number(struct api_query *query); /* cursors are numbers */
struct api_page api_page_by_text(struct api_query *query);   /* cursors are whatever .after says */

/* {"items":items,"next":…}. Lists ask for limit + 1 rows: one more than the page means that there
 * is a next page, which starts after the last item's member `cursor` ("id"). items is moved. */
enum err api_reply_list(struct api_call *call, json_t *items, const struct api_page *page,
                        const char *cursor);
/* The same with the cursor given, for items that do not have it as a member; STR_NONE: last page.
 */
enum err api_reply_page(struct api_call *call, json_t *items, struct str next);
enum err api_reply_json(struct api_call *call, int status, json_t *json); /* json is moved */
enum err api_reply_text(struct api_call *call, int status, struct str json);
enum err api_reply_empty(struct api_call *call); /* 204 */

/* For a list in a body: entry member is wrong, with what the fault says. The problem that the call
 * ends with has them all as its member "errors". */
void api_note_error(struct api_call *call, const char *member);

/* Path parameter as id: ERR_NOT_FOUND with words if it is none. noun as in "user". */
MUST_CHECK enum err api_param_uuid(struct api_call *call, int index, const char *noun,
                                   struct uuid *out_id);
static inline enum err api_not_found(struct api_call *call, const char *noun)
{
    fault_set(&call->fault, ERR_NOT_FOUND, "not_found", "This %s does not exist.", noun);
    return ERR_NOT_FOUND;
}

/* Does the caller's API token reach the app, or is it limited to others? ERR_DENIED, scope_missing.
 */
MUST_CHECK enum err api_check_app(struct api_call *call, const struct uuid *app_id);

/* Is an object of this workspace visible to the caller? Tokens of scope admin see all. */
bool api_sees_workspace(const struct api_call *call, const struct uuid *workspace_id);
bool api_is_admin(const struct api_call *call);

/* JSON values: null for STR_NONE, UUID_NONE and 0. */
json_t *api_json_str(struct str text);
json_t *api_json_uuid(const struct uuid *uuid);
json_t *api_json_time(int64_t at_ms);
json_t *api_json_parsed(struct str json); /* text that is JSON; null for STR_NONE */
void api_json_set(json_t *object, const char *name, json_t *value); /* value is moved */

#endif
