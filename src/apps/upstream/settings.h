/*
 * The settings of an app's server as the API has them: the member "upstream" of an app, whose
 * members are those of upstream.h and "environments", addresses by the names of environments.
 */
#ifndef INLAY_APPS_UPSTREAM_SETTINGS_H
#define INLAY_APPS_UPSTREAM_SETTINGS_H

#include "model/app.h"
#include "base/fields.h"

/* For struct app_kind_row. */
MUST_CHECK enum err upstream_read_settings(struct work *work, json_t *given, struct app *app);
json_t *upstream_settings_json(const struct app *app);

/* Members that other calls have, too. What is wrong is noted in the fields. */
struct upstream_tls {
    bool verify;
    struct str ca; /* PEM, or STR_NONE */
};
struct str upstream_read_url(struct fields *in);
struct upstream_tls upstream_read_tls(struct fields *in);

#endif
