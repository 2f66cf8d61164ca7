/*
 * Handlers of the management API, one file per noun, and what they share.
 *
 * <noun>_param() finds the object that a path names and answers 404 unless the caller may see it.
 * From then on the call acts in the object's workspace. <noun>_json() is the JSON form of an
 * object.
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

extern const char *const noun_status_words[]; /* active, archived */

/* May the caller see objects of this workspace? If so, the call acts in it from now on. */
bool noun_enter_workspace(struct api_call *call, const struct uuid *workspace_id);

/* Rows to ask for: one more than the page has. */
int64_t noun_page_rows(const struct api_page *page);

/* item is moved. */
void noun_append_item(json_t *items, json_t *item);

/* Words separated by spaces, as scopes and portals are kept: as an array, and with one more unless
 * it is among them. */
json_t *noun_words_json(struct str words);
struct str noun_words_add(struct arena *arena, struct str words, struct str word);

/* ---- workspaces.c ---- */

enum err workspaces_list(struct api_call *call);
enum err workspaces_create(struct api_call *call);
enum err workspaces_get(struct api_call *call);
enum err workspaces_patch(struct api_call *call);
enum err workspaces_delete(struct api_call *call);

/* ---- users.c ---- */

enum err users_list(struct api_call *call);
enum err users_create(struct api_call *call);
enum err users_get(struct api_call *call);
enum err users_patch(struct api_call *call);
enum err users_delete(struct api_call *call);

MUST_CHECK enum err user_param(struct api_call *call, int index, struct user *out_user);
MUST_CHECK enum err users_reply(struct api_call *call, const struct user *users, size_t count,
                                const struct api_page *page); /* a list */

/* ---- groups.c ---- */

enum err groups_list(struct api_call *call);
enum err groups_create(struct api_call *call);
enum err groups_get(struct api_call *call);
enum err groups_patch(struct api_call *call);
enum err groups_delete(struct api_call *call);
enum err groups_members(struct api_call *call);
enum err groups_add_member(struct api_call *call);
enum err groups_add_members(struct api_call *call);
enum err groups_remove_member(struct api_call *call);
enum err groups_apps(struct api_call *call);
enum err groups_allow_app(struct api_call *call);
enum err groups_disallow_app(struct api_call *call);

/* ---- apps.c ---- */

enum err apps_list(struct api_call *call);
enum err apps_create(struct api_call *call);
enum err apps_get(struct api_call *call);
enum err apps_patch(struct api_call *call);
enum err apps_delete(struct api_call *call);

enum err upstream_checks_create(struct api_call *call);

/* By id, or by slug in the workspace that the call acts in. */
MUST_CHECK enum err app_param(struct api_call *call, int index, struct app *out_app);
json_t *app_json(const struct app *app);

/* ---- releases.c ---- */

enum err releases_list(struct api_call *call);
enum err releases_upload(struct api_call *call); /* in the bulk lane: see apps/bundle/upload.h */
enum err releases_get(struct api_call *call);
enum err releases_delete(struct api_call *call);
enum err releases_rollback(struct api_call *call);
enum err branches_list(struct api_call *call);
enum err branches_get(struct api_call *call);
enum err branches_delete(struct api_call *call);

/* ---- environments.c ---- */

enum err environments_list(struct api_call *call);
enum err environments_create(struct api_call *call);
enum err environments_get(struct api_call *call);
enum err environments_patch(struct api_call *call);
enum err environments_delete(struct api_call *call);

/* ---- tokens.c ---- */

enum err tokens_list(struct api_call *call);
enum err tokens_create(struct api_call *call);
enum err tokens_get(struct api_call *call);
enum err tokens_patch(struct api_call *call);
enum err tokens_delete(struct api_call *call);

/* ---- links.c ---- */

enum err links_list(struct api_call *call);
enum err links_get(struct api_call *call);
enum err links_revoke(struct api_call *call);

/* "app" and "user" of a link or session, and its "claims" with all members. */
void links_set_party(json_t *json, const struct uuid *app_id, const struct uuid *user_id,
                     const struct party *party);
json_t *links_claims_json(struct str claims);

/* ---- sessions.c ---- */

enum err sessions_list(struct api_call *call);
enum err sessions_end(struct api_call *call);
enum err sessions_get(struct api_call *call);
enum err sessions_revoke(struct api_call *call);

/* ---- events.c ---- */

enum err events_list(struct api_call *call);
enum err events_export(struct api_call *call);
enum err events_stream(struct api_call *call);

/* ---- preview.c ---- */

enum err previews_check(struct api_call *call);
enum err previews_create(struct api_call *call);

/* ---- usage.c ---- */

enum err usage_get(struct api_call *call);
enum err usage_list_apps(struct api_call *call);
enum err usage_list_users(struct api_call *call);
enum err getting_started_get(struct api_call *call);

/* ---- admins.c ---- */

enum err admins_list(struct api_call *call);
enum err admins_create(struct api_call *call);
enum err admins_get(struct api_call *call);
enum err admins_patch(struct api_call *call);
enum err admins_delete(struct api_call *call);
enum err admins_link(struct api_call *call);
enum err admin_sessions_list(struct api_call *call);
enum err admin_sessions_end(struct api_call *call);

json_t *admin_json(const struct admin *admin);
/* Required, and an address. */
struct str admins_read_email(struct fields *in);
/* Live sessions of this admin, or of all with UUID_NONE. */
enum err admin_sessions_reply(struct api_call *call, struct api_query *query,
                              const struct uuid *admin_id);
enum err admin_sessions_delete(struct api_call *call, const struct uuid *admin_id);

/* ---- signingkeys.c ---- */

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
enum err me_sessions(struct api_call *call);
enum err me_end_session(struct api_call *call);

#endif
