/*
 * What most tests of access/ and of the mints start from: a world in which one user may use one
 * released app through one group, and hands that reach into its database.
 *
 *     static void a_link_opens_a_session(void **state)
 *     {
 *         struct scene *scene = *state;
 *         struct scene_link link = scene_pat(scene);
 *         …
 *     }
 *     … scene_test(a_link_opens_a_session) …
 */
#ifndef INLAY_UNIT_SCENE_H
#define INLAY_UNIT_SCENE_H

#include "world.h"

#include "live/ratelimit.h"
#include "entry/session.h"

enum { SCENE_LINK_MS = 5 * MINUTE_MS, SCENE_SESSION_MS = 60 * MINUTE_MS };

struct scene {
    struct world world;
    struct work *work; /* &world.access */
    struct group group;
    struct user user;
    struct app app;
    struct digest content; /* of its current release, 1.0.0 */
    struct ratelimit rate; /* all keys in one set; counts once scene_limit_rate() was called */
    struct ratelimit_slot slots[RATELIMIT_WAYS];
};

#define scene_test(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int scene_setup(void **state);
int scene_teardown(void **state);

/* The instance counts, as that of a server does. */
void scene_limit_rate(struct scene *scene);

/* ---- contents ---- */

/* A content of one file, index.html, with this text. */
struct digest scene_content(struct scene *scene, const char *text);
/* A release of a content of its own, which becomes current. */
struct digest scene_release(struct scene *scene, const struct app *app, const char *version);
struct digest scene_branch(struct scene *scene, const struct app *app, const char *name);

/* ---- links and sessions ---- */

struct scene_link {
    struct link link;
    struct str secret; /* in the world's arena */
};

struct scene_session {
    struct session session;
    struct str cookie; /* in the world's arena */
};

/* Links of the scene's app, for SCENE_LINK_MS: reusable for its user; single-use for its user as
 * one of its group, or with these claims. */
struct scene_link scene_pat(struct scene *scene);
struct scene_link scene_embed(struct scene *scene);
struct scene_link scene_embed_with(struct scene *scene, const struct claims *claims);
struct claims scene_claims(struct scene *scene);

/* As the store has it now: ERR_NOT_FOUND; or a failed test if it is not there. */
enum err scene_find_link(struct scene *scene, struct str secret, struct link *found);
struct link scene_link(struct scene *scene, const struct scene_link *link);

struct scene_session scene_session(struct scene *scene, const struct link *link);

/* The whole way: opens a session of a new PAT. */
struct scene_session scene_live_session(struct scene *scene);

/* ---- the database ---- */

/* On a connection of its own, so outside of the store's transactions. */
void scene_sql(struct scene *scene, const char *format, ...) PRINTF_LIKE(2, 3);
/* The first column of the first row. */
int64_t scene_number(struct scene *scene, const char *format, ...) PRINTF_LIKE(2, 3);
struct str scene_text(struct scene *scene, const char *format, ...) PRINTF_LIKE(2, 3);

/* From now on everybody else is faster: a statement of this verb, UPDATE or DELETE, finds no row of
 * the table, though a look before found it. */
void scene_others_are_faster(struct scene *scene, const char *verb, const char *table);

/* A blob as SQL has it: x'…' */
const char *scene_hex(struct scene *scene, const void *bytes, size_t count);
const char *scene_id(struct scene *scene, const struct uuid *id);

/* Does the text occur in any file of the data folder but admin-token? */
bool scene_stores(struct scene *scene, struct str text);

/* While the disk is full no commit succeeds. */
void scene_disk_is_full(struct scene *scene);
/* No file grows beyond that size. */
void scene_disk_takes(size_t bytes);
void scene_disk_has_room(void);

#endif
