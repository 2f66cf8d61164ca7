/*
 * The kinds of apps, and what differs between them: a row of the table each. How an app of a kind
 * is served is a row of the module's own table, src/gate/serve/kind.h.
 */
#ifndef INLAY_APPS_KIND_H
#define INLAY_APPS_KIND_H

#include <jansson.h>

#include "model/app.h"

/* What the store holds of an app for some claims; texts are borrowed. */
struct app_source {
    struct str files; /* digest of the asked release or branch, or of the current one; STR_NONE */
    struct str settings;        /* struct app.upstream */
    struct str environment_url; /* in the claimed environment; STR_NONE: as in settings */
    bool asks_version;          /* the claims name a branch or a release */
};

/* What is shown of it. */
struct app_content {
    bool exists;
    struct digest digest; /* of the files, or of the settings; valid if it exists */
    struct str settings;  /* of a server, in the arena; else STR_NONE */
};

struct app_kind_row {
    /* The member of the API's app object that holds the kind's settings; NULL if it has none. */
    const char *member;

    /* Reads the member into *app, where members that are not given keep their values and those of a
     * new app have defaults. */
    enum err (*read_settings)(struct work *work, json_t *given, struct app *app);
    json_t *(*settings_json)(const struct app *app); /* a new object */

    bool takes_releases;
    bool tells_user; /* each request says who the user is */

    void (*find_content)(struct work *work, const struct app_source *source,
                         struct app_content *out_content);

    /* Can it be served by this machine at once? cache is the folder of the files. */
    bool (*is_at_hand)(const char *cache, const struct digest *content);
};

extern const struct app_kind_row app_kinds[APP_KINDS];

#endif
