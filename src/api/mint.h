/*
 * The two mints, as ToolJet's and Retool's documents describe them.
 */
#ifndef INLAY_API_MINT_H
#define INLAY_API_MINT_H

#include "entry/link.h"
#include "model/app.h"
#include "api/call.h"
#include "model/app.h"

/* POST /api/ext/users/personal-access-token (ToolJet: Personal Access Token). */
enum err tooljet_mint(struct api_call *call);

/* POST /api/embed-url/external-user (Retool: Retool Embed quickstart). */
enum err retool_mint(struct api_call *call);

/* STR_NONE also for "": forms send it for what was left empty. */
struct str mint_read_optional(struct fields *in, const char *name, size_t max_bytes);

/* The members groupIds, metadata, environment, branch and releaseVersion. */
struct claims mint_read_claims(struct fields *in, struct arena *arena, enum field_presence groups);

/* A member that names a path in an app, in its one form (http/deeplink.h); STR_NONE if it is absent
 * or "". */
struct str mint_read_path(struct fields *in, const char *name, struct arena *arena);

/* The members theme and locale (base/look.h); STR_NONE if they are absent or "". */
struct str mint_read_theme(struct fields *in);
struct str mint_read_locale(struct fields *in, struct arena *arena);
/* The member portalOrigin, in its one form; STR_NONE if it is absent or "". */
struct str mint_read_portal(struct api_call *call, struct fields *in);

/* May a page of this origin show the app's links, as the app's portals or the API token's list say?
 * Else ERR_DENIED, portal_not_allowed. STR_NONE asks for nothing. */
MUST_CHECK enum err mint_check_portal(struct api_call *call, const struct app *app,
                                      struct str portal);

/* What will keep a link of this app from being shown, as an array of {code, message}; and the same
 * as a further member of a response, "" if there is nothing to say. */
json_t *mint_warnings(const struct app *app, struct str portal);
struct str mint_warnings_member(struct api_call *call, const struct app *app, struct str portal);

/* Is every group of the claims one of this workspace? Else ERR_NOT_FOUND, group_not_found. */
MUST_CHECK enum err mint_check_groups(struct api_call *call, struct str groups);

/* May this user open the app with these claims? user_is_new: this very call will make the user. The
 * words name what is unknown or denied. */
MUST_CHECK enum err mint_decide(struct api_call *call, const struct uuid *app_id,
                                const struct uuid *user_id, bool user_is_new,
                                const struct claims *claims);

/* "http://<label>.localhost:3000": the origin of an audience. */
struct str mint_origin(struct api_call *call, struct str label);

/* What stands in a link's URL for its secret, and the member of JSON that has it instead
 * (`,"secret":"…"`, or ""): the link of a strict app is posted. */
struct str mint_word(const struct app *app, const struct secret *secret);
struct str mint_secret_member(struct api_call *call, const struct app *app,
                              const struct secret *secret);

#endif
