/*
 * A world for tests of access/ and api/: an instance with its default workspace, in a database and
 * a folder of its own, at a moment that stands still.
 *
 *     struct world world;
 *     world_make(&world);
 *     … user_create(&world.access, …) …
 *     world_end(&world);
 *
 * Nothing is inside of a transaction unless the test begins one: each statement commits by itself.
 */
#ifndef INLAY_UNIT_WORLD_H
#define INLAY_UNIT_WORLD_H

#include "unit.h"

#include "model/app.h"
#include "model/branch.h"
#include "model/group.h"
#include "apps/bundle/upload.h"
#include "model/user.h"
#include "model/workspace.h"
#include "api/call.h"

enum { WORLD_SECOND_MS = 1000 };

#define WORLD_START_MS INT64_C(1767322800000) /* 2026-01-02T03:00:00.000Z */

struct world {
    char folder[UNIT_FOLDER_SIZE]; /* the data folder: inlay.db, admin-token */
    struct settings settings;      /* the defaults, on that folder */
    struct instance instance;
    struct arena arena;
    struct store *store; /* STORE_WRITE */
    struct fault fault;
    struct work work; /* the system, in the default workspace, now */
    struct str token; /* of scope admin, in the default workspace; world_call() uses it */
    json_t *replies;  /* owned: what world_call() returned */
};

void world_make(struct world *world);
void world_end(struct world *world);

/* Lets time go by, for the clock and for world->access. */
void world_wait(struct world *world, int64_t ms);

/* Objects of the default workspace. */
struct user world_user(struct world *world, const char *email);
struct group world_group(struct world *world, const char *name);
struct app world_app(struct world *world, const char *slug);
struct workspace world_workspace(struct world *world, const char *name);
/* An archive (tar.gz) in the world's folder: index.html with this text, and app.js. */
const char *world_bundle(struct world *world, const char *text);
/* A release or a branch of such a bundle. */
struct release world_release(struct world *world, const struct app *app, const char *version,
                             const char *text);
struct branch world_branch(struct world *world, const struct app *app, const char *name,
                           const char *text);
/* A token's secret, with these scopes, in this workspace. */
struct str world_token(struct world *world, const struct uuid *workspace_id, const char *scopes);

/* One call of the API, as the server does it: in a transaction that the outcome commits or rolls
 * back. target may have a query. What it returns lives as long as the world. */
struct world_reply {
    int status;
    const char *type; /* NULL without a body */
    struct str body;
    json_t *json; /* NULL without a body */
    struct str etag;
    bool raised_epoch;
    size_t ended; /* sessions */
};

struct world_reply world_call(struct world *world, enum api_method method, const char *target,
                              const char *body);
/* A call with these headers. */
struct world_headers {
    const char *if_match;
    const char *idempotency_key;
};
struct world_reply world_call_with(struct world *world, enum api_method method, const char *target,
                                   const char *body, struct world_headers headers);
/* A call with a file as its body. */
struct world_reply world_upload(struct world *world, const char *target, const char *content_type,
                                const char *path);

/* Calls that have to succeed: 200, 201, or 204. */
json_t *world_get(struct world *world, const char *target);
json_t *world_post(struct world *world, const char *target, const char *body);
json_t *world_patch(struct world *world, const char *target, const char *body);
void world_delete(struct world *world, const char *target);

/* A member of a reply, by its dotted path: "items.0.name". "" if it is absent, "null" for null. */
const char *world_text(struct world *world, const json_t *json, const char *path);

#define assert_member(world, json, path, expected)                                                 \
    assert_string_equal(world_text((world), (json), (path)), (expected))
#define assert_refused(reply, expected_status, expected_code)                                      \
    world_assert_refused((reply), (expected_status), (expected_code), __FILE__, __LINE__)

void world_assert_refused(struct world_reply reply, int status, const char *code, const char *file,
                          int line);

/* How many events of this type are there, and the detail of the newest ("" without one). */
int world_events(struct world *world, const char *type);
struct str world_event_detail(struct world *world, const char *type);

#define assert_fault(world, expected_code) assert_string_equal((world)->fault.code, (expected_code))

#endif
