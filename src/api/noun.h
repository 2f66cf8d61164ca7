/*
 * Handlers of the management API, one file per noun, and the JSON form of each noun.
 */
#ifndef INLAY_API_NOUN_H
#define INLAY_API_NOUN_H

#include "access/app.h"
#include "access/user.h"
#include "api/api.h"

enum err users_list(struct api_call *call);
enum err users_create(struct api_call *call);
enum err users_get(struct api_call *call);
enum err users_patch(struct api_call *call);
enum err users_delete(struct api_call *call);

json_t *user_json(struct api_call *call, const struct user *user);

#endif
