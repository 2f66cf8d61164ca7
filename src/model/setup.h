/*
 * The first start: database, instance key, default workspace, admin token. Later starts find them.
 */
#ifndef INLAY_MODEL_SETUP_H
#define INLAY_MODEL_SETUP_H

#include "model/admin.h"

struct setup_result {
    char setup_url[ADMIN_URL_SIZE]; /* "" once there is an admin; a secret */
    bool made_admin_token;
    char admin_token_path[SETTINGS_PATH_MAX]; /* "" if INLAY_API_TOKEN stands in for it */
};

/* Makes the link for the first admin as long as there is none, and forgets the one before.
 * Opens and migrates the database in the data folder, which must exist. Without INLAY_API_TOKEN in
 * the environment, and without DATA/admin-token, makes a token of scope admin and that file. */
MUST_CHECK enum err setup_instance(const struct settings *settings, struct setup_result *out_result,
                                   struct fault *fault);

#endif
