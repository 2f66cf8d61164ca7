/*
 * Handlers of the management API, one file per noun, and what they share.
 *
 * Most nouns are a row of functions, a struct noun, that noun_list() and the other handlers of
 * noun.c work on. What behaves in a way of its own is a handler of its own.
 */
#ifndef INLAY_API_V1_NOUN_H
#define INLAY_API_V1_NOUN_H

#include "model/app.h"
#include "model/group.h"
#include "entry/listing.h"
#include "model/audit.h"
#include "model/user.h"
#include "model/workspace.h"
#include "api/call.h"

/* ---- noun.c ----------------------------------------------------------------------------------
 * Members of a request. present is the value that stays when the member is absent, STR_NONE for a
 * new object. */

/* 1 to LIMIT_NAME_BYTES, without blanks at the ends. Required for a new object. */
struct str noun_read_name(struct fields *in, struct str present);
/* Optional: null and blank are STR_NONE. */
struct str noun_read_text(struct fields *in, const char *name, size_t max_bytes,
                          struct str present);
/* One of words, which ends with NULL. Optional, never null. */
struct str noun_read_word(struct fields *in, const char *name, const char *const *words,
                          struct str present);
/* Optional, never null. */
struct uuid noun_read_uuid(struct fields *in, const char *name, const struct uuid *present);

/* "portals": each in its one spelling, without repetitions, separated by spaces. Optional. */
struct str noun_read_portals(struct fields *in, struct work *work, struct str present);

extern const char *const noun_status_words[]; /* active, archived */

/* ---- nouns ----
 * Rows are structs of model/ or entry/, as struct user is. */

struct noun {
    const char *name;    /* "user", as in "There is no such user." */
    size_t size;         /* of a row */
    const char *use[2];  /* members that tell of its last use, which is no change; or NULL */
    size_t workspace_at; /* offset of the row's workspace_id; or NOUN_IN_SIGHT */

    /* Lists: reads its filter and the end of the query, then lists noun_page_rows(page) rows. */
    enum err (*list)(struct api_query *query, const struct api_page *page, void *out_rows,
                     size_t *out_count);
    struct api_page (*page)(struct api_query *query);
    struct str (*cursor)(struct work *work, const void *row); /* NULL: the member "id" */

    /* What the path's parameter names, in any workspace. ERR_NOT_FOUND without words. */
    enum err (*find)(struct api_call *call, int index, void *out_row);

    json_t *(*json)(struct api_call *call, const void *row); /* NULL: call->fault says why */

    /* The rest of the members, as "in" reads them, up to fields_end(); then what they ask for. row
     * begins with zeros, after as a copy of before. */
    enum err (*create)(struct api_call *call, struct fields *in, void *row);
    enum err (*patch)(struct api_call *call, struct fields *in, const void *before, void *after);
    enum err (*remove)(struct api_call *call, const void *row);
};

/* Everybody with the scope may see all of them, or find() has looked. Zero, which is what a row of
 * the table has that says nothing, compares the id: nothing is in sight. */
#define NOUN_IN_SIGHT SIZE_MAX

/* Handlers for the noun of the route. */
enum err noun_list(struct api_call *call);
enum err noun_create(struct api_call *call);
enum err noun_get(struct api_call *call);
enum err noun_patch(struct api_call *call);
enum err noun_delete(struct api_call *call);

/* Finds what a parameter names: 404 unless the caller may see it. From then on the call acts in the
 * object's workspace. */
MUST_CHECK enum err noun_find(struct api_call *call, const struct noun *noun, int index,
                              void *out_row);

/* Is it the one that If-Match names, if it names one? Else ERR_CONFLICT, changed. */
MUST_CHECK enum err noun_check_version(struct api_call *call, const struct noun *noun,
                                       const void *row);

/* The object, with its ETag; more (moved, may be NULL) are members that this reply alone has. */
enum err noun_reply(struct api_call *call, const struct noun *noun, int status, const void *row,
                    json_t *more);

extern const struct noun workspaces_noun;
extern const struct noun brands_noun; /* of a workspace, by its id */
extern const struct noun users_noun;
extern const struct noun groups_noun;
extern const struct noun group_members_noun; /* the users of a group, the apps that it may use */
extern const struct noun group_apps_noun;
extern const struct noun apps_noun; /* by id, or by slug in the workspace that the call acts in */
extern const struct noun releases_noun;
extern const struct noun branches_noun;
extern const struct noun environments_noun; /* by id or name, as apps are */
extern const struct noun tokens_noun;
extern const struct noun links_noun;
extern const struct noun sessions_noun;
extern const struct noun admins_noun;
extern const struct noun admin_sessions_noun;
extern const struct noun my_sessions_noun; /* of the admin who has signed in */

json_t *users_json(struct api_call *call, const void *row);
json_t *apps_json(struct api_call *call, const void *row);
json_t *admins_json(struct api_call *call, const void *row);

/* ---- what handlers share ---- */

/* Rows to ask for: one more than the page has. */
int64_t noun_page_rows(const struct api_page *page);

/* item is moved. */
void noun_append_item(json_t *items, json_t *item);

/* Words separated by spaces, as scopes and portals are kept: as an array, and with one more unless
 * it is among them. */
json_t *noun_words_json(struct str words);
struct str noun_words_add(struct arena *arena, struct str words, struct str word);

/* ---- handlers of their own ---- */

enum err groups_add_member(struct api_call *call);
enum err groups_add_members(struct api_call *call);
enum err groups_remove_member(struct api_call *call);
enum err groups_allow_app(struct api_call *call);
enum err groups_disallow_app(struct api_call *call);

enum err upstream_checks_create(struct api_call *call);

enum err releases_upload(struct api_call *call); /* in the bulk lane: see apps/bundle/upload.h */
enum err releases_rollback(struct api_call *call);

enum err tokens_create(struct api_call *call);
enum err tokens_rotate(struct api_call *call);

/* "app" and "user" of a link or session, and its "claims" with all members. */
void links_set_party(json_t *json, const struct uuid *app_id, const struct uuid *user_id,
                     const struct party *party);
json_t *links_claims_json(struct str claims);

enum err sessions_end(struct api_call *call);
enum err sessions_end_one(struct api_call *call);
enum err storage_clear(struct api_call *call);

enum err events_list(struct api_call *call);
enum err events_export(struct api_call *call);
enum err events_stream(struct api_call *call);

enum err previews_check(struct api_call *call);
enum err previews_create(struct api_call *call);

enum err usage_get(struct api_call *call);
enum err usage_list_apps(struct api_call *call);
enum err usage_list_users(struct api_call *call);
enum err usage_list_origins(struct api_call *call);
enum err getting_started_get(struct api_call *call);

enum err admins_create(struct api_call *call);
enum err admins_link(struct api_call *call);
enum err admin_sessions_end(struct api_call *call);

/* Required, and an address. */
struct str admins_read_email(struct fields *in);
/* A session of this admin, or of any with UUID_NONE. */
enum err admin_sessions_delete(struct api_call *call, const struct uuid *admin_id);

enum err signing_keys_list(struct api_call *call);
enum err signing_keys_rotate(struct api_call *call);
enum err signing_keys_revoke(struct api_call *call);

/* ---- signin.c: the admin who signs in or has signed in ---- */

enum err setup_check(struct api_call *call);
enum err setup_use(struct api_call *call);
enum err sign_in_post(struct api_call *call);
enum err sign_out_post(struct api_call *call);
enum err me_get(struct api_call *call);
enum err me_password(struct api_call *call);
enum err me_totp_begin(struct api_call *call);
enum err me_totp_confirm(struct api_call *call);
enum err me_totp_remove(struct api_call *call);
enum err me_end_session(struct api_call *call);

#endif
