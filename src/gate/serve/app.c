
#include "gate/serve/app.h"
#include "gate/cache.h"


typedef struct {
    struct uuid    id;
    struct digest  content;
} inlay_app_key_t;


static void inlay_app_drop(void *value);


static struct cache  *inlay_apps;


void
inlay_apps_start(const struct settings *settings)
{
    struct cache_options  options;

    options = (struct cache_options) {
        .entries = (size_t) settings->app_cache_entries,
        .key_bytes = sizeof(inlay_app_key_t),
        .value_bytes = sizeof(inlay_app_t),
        .drop = inlay_app_drop
    };

    inlay_apps = inlay_cache_new(INLAY_CACHE_APPS, &options);
}


static void
inlay_app_drop(void *value)
{
    inlay_app_t  *app = value;

    ngx_free(app->text);
    inlay_target_release(app->target);
}


const inlay_app_t *
inlay_app_find(const struct table_session *session, int64_t now_ms)
{
    inlay_app_key_t  key;

    key.id = session->app_id;
    key.content = session->content;

    return cache_find(inlay_apps, &key, session->epoch, now_ms);
}


void
inlay_app_know(const struct table_session *session, enum app_kind kind, struct str portals,
    struct str root, inlay_target_t *target, inlay_workers_e workers,
    ngx_uint_t is_for_tabs)
{
    u_char           *text;
    inlay_app_t      *app;
    inlay_app_key_t   key;

    text = ngx_alloc(portals.len + root.len + 1, ngx_cycle->log);
    if (text == NULL) {
        return;
    }

    if (target != NULL) {
        inlay_target_hold(target);
    }

    key.id = session->app_id;
    key.content = session->content;

    app = cache_put(inlay_apps, &key, session->epoch, CACHE_FOREVER);
    app->kind = kind;
    app->target = target;
    app->workers = workers;
    app->is_for_tabs = is_for_tabs;
    app->text = text;
    app->portals.data = text;
    app->portals.len = portals.len;
    app->root.data = ngx_cpymem(text, portals.ptr, portals.len);
    app->root.len = root.len;
    ngx_memcpy(app->root.data, root.ptr, root.len);
}
