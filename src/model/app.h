/*
 * Apps: what is embedded. An app has a UUID and, in its workspace, a slug.
 */
#ifndef INLAY_MODEL_APP_H
#define INLAY_MODEL_APP_H

#include "model/search.h"

enum app_kind {
    APP_BUNDLE,   /* files that Inlay serves */
    APP_UPSTREAM, /* a server of its own, behind Inlay */
    APP_KINDS,
};

/* As the API and the database call them; then NULL. */
extern const char *const app_kind_names[APP_KINDS + 1];

/* APP_KINDS if there is no such kind. */
enum app_kind app_kind_named(struct str name);

/* For ROW_READER. */
#define ROW_KIND(column) app_kind_stored(rows_text(rows, column))
enum app_kind app_kind_stored(struct str name);

struct app {
    struct uuid id;
    struct uuid workspace_id;
    struct str slug;
    struct str name;
    enum app_kind kind;
    struct str portals; /* origins that may frame it, separated by spaces; "" for none */
    /* "guarded": with a guard in front; "unguarded-imports": the modules that a module imports run
     * before the guard, so that no classic script is taken for a module; "off": none. */
    struct str service_workers;
    struct str volatile_metadata; /* JSON: names of metadata that take no part in its origins */
    int64_t idle_minutes;         /* that a session may stay unused; 0: no limit */
    int64_t sessions_per_user;    /* at a time; 0: no limit */
    /* What may lead a tab to the app, where the tab has its session: "own-pages" of the app;
     * "any-page" of any site, or none. */
    struct str top_level;
    bool is_strict;             /* its links are posted; see entry/redeem.h */
    struct str start_path;      /* where links lead that name no path, see http/deeplink.h */
    struct str current_version; /* STR_NONE until something was released */
    int64_t created_at_ms;
    int64_t updated_at_ms;
    struct str upstream; /* settings of its server, see apps/upstream/upstream.h; or STR_NONE */
    struct str upstream_addresses; /* JSON: its address in environments, by their names */
};

/* By id in any workspace: the caller checks app.workspace_id. ERR_NOT_FOUND without words. */
MUST_CHECK enum err app_find(struct work *work, const struct uuid *id, struct app *out_app);

/* By id or slug in the workspace that the caller acts in. */
MUST_CHECK enum err app_find_here(struct work *work, struct str id_or_slug, struct app *out_app);

/* Makes an app of name, slug, kind and portals, and the settings of its kind. With a slug of
 * STR_NONE it gets one made from its name that is free. ERR_CONFLICT, app_exists, if the slug is
 * taken. */
MUST_CHECK enum err app_create(struct work *work, struct app *app);

/* Writes what differs: name, slug, portals, start_path, service_workers, is_strict, top_level,
 * volatile_metadata, idle_minutes, sessions_per_user, upstream, upstream_addresses, workspace_id.
 * In another workspace nobody may use the app until a group there may, and its links of before are
 * void. ERR_CONFLICT, app_exists, if the slug is taken there. */
MUST_CHECK enum err app_update(struct work *work, const struct app *before, struct app *after);

/* With its releases, branches, links and sessions. */
MUST_CHECK enum err app_delete(struct work *work, const struct app *app);

/* Of the workspace that the caller acts in, the oldest first. slug is STR_NONE for any; out_apps
 * has room for limit. */
struct app_filter {
    struct str slug;
    struct search search;
    struct str apps; /* of a token, see token.h */
    struct uuid after;
    int64_t limit;
};
MUST_CHECK enum err app_list(struct work *work, const struct app_filter *filter,
                             struct app *out_apps, size_t *out_count);

/* Lower-case letters and digits with single hyphens between them; not a UUID, which would be taken
 * for an id. */
bool app_slug_is_valid(struct str slug);

/* All rows of a query of APP_ROW. */
MUST_CHECK enum err app_all(struct work *work, struct rows rows, struct app *out_apps,
                            size_t *out_count);

#endif
