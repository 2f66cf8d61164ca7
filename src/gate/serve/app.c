
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


static inlay_app_key_t
inlay_app_key(const struct table_session *session)
{
    inlay_app_key_t  key;

    key.id = session->has_own_portals ? session->link_id : session->app_id;
    key.content = session->content;

    return key;
}


const inlay_app_t *
inlay_app_find(const struct table_session *session, int64_t now_ms)
{
    inlay_app_key_t  key;

    key = inlay_app_key(session);

    return cache_find(inlay_apps, &key, session->epoch, now_ms);
}


/* A copy at *at, which goes on behind it. */

static u_char *
inlay_app_text(u_char **at, struct str text)
{
    u_char  *copy = *at;

    if (text.len > 0) {
        *at = ngx_cpymem(copy, text.ptr, text.len);
    }

    return copy;
}


void
inlay_app_know(const struct table_session *session, const inlay_app_t *known)
{
    u_char           *text, *p;
    inlay_app_t      *app;
    inlay_app_key_t   key;

    text = ngx_alloc(known->portals.len + known->root.len + known->look.name.len
                     + known->look.color.len + known->look.support.len + known->look.logo.len + 1,
                     ngx_cycle->log);
    if (text == NULL) {
        return;
    }

    if (known->target != NULL) {
        inlay_target_hold(known->target);
    }

    key = inlay_app_key(session);

    app = cache_put(inlay_apps, &key, session->epoch, CACHE_FOREVER);
    *app = *known;
    app->text = text;
    app->look.theme = STR_NONE; /* this and the next: a session's own */
    app->look.locale = STR_NONE;

    p = text;
    app->portals.data = inlay_app_text(&p, inlay_str(known->portals));
    app->root.data = inlay_app_text(&p, inlay_str(known->root));
    app->look.name.ptr = (char *) inlay_app_text(&p, known->look.name);
    app->look.color.ptr = (char *) inlay_app_text(&p, known->look.color);
    app->look.support.ptr = (char *) inlay_app_text(&p, known->look.support);
    app->look.logo.ptr = (char *) inlay_app_text(&p, known->look.logo);
}
