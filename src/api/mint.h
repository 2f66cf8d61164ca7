/*
 * The two mints, as ToolJet's and Retool's documents describe them.
 */
#ifndef INLAY_API_MINT_H
#define INLAY_API_MINT_H

#include "access/grant.h"
#include "api/api.h"

/* POST /api/ext/users/personal-access-token (ToolJet: Personal Access Token). */
enum err tooljet_mint(struct api_call *call);

/* POST /api/embed-url/external-user (Retool: Retool Embed quickstart). */
enum err retool_mint(struct api_call *call);

/* Decides and stores: what both mints end with. facts_user_is_new: the user will be made by this
 * very call. Answers with words that name what is unknown or denied. */
MUST_CHECK enum err mint_decide(struct api_call *call, const struct uuid *app_id,
                                const struct uuid *user_id, bool user_is_new,
                                const struct claims *claims);

/* "http://<label>.localhost:3000": the origin of an audience. */
struct str mint_origin(struct api_call *call, struct str label);

#endif
