
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


static ngx_str_t
inlay_app_text(u_char **p, struct str text)
{
    ngx_str_t  copy;

    copy.data = *p;
    copy.len = text.len;

    if (text.len > 0) {
        *p = ngx_cpymem(*p, text.ptr, text.len);
    }

    return copy;
}


void
inlay_app_know(const struct table_session *session, enum app_kind kind, struct str portals,
    struct str root, const struct look *look, inlay_target_t *target, inlay_workers_e workers)
{
    u_char           *text, *p;
    inlay_app_t      *app;
    inlay_app_key_t   key;

    text = ngx_alloc(portals.len + root.len + look->name.len + look->color.len
                     + look->support.len + look->logo.len + 1, ngx_cycle->log);
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
    app->text = text;

    p = text;
    app->portals = inlay_app_text(&p, portals);
    app->root = inlay_app_text(&p, root);
    app->look.name = inlay_str(inlay_app_text(&p, look->name));
    app->look.color = inlay_str(inlay_app_text(&p, look->color));
    app->look.support = inlay_str(inlay_app_text(&p, look->support));
    app->look.logo = inlay_str(inlay_app_text(&p, look->logo));
}
