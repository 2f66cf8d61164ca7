
#include "gate/conf.h"
#include "model/token.h"


inlay_main_conf_t *
inlay_conf(ngx_http_request_t *r)
{
    return ngx_http_get_module_main_conf(r, ngx_http_inlay_module);
}


inlay_loc_conf_t *
inlay_loc_conf(ngx_http_request_t *r)
{
    return ngx_http_get_module_loc_conf(r, ngx_http_inlay_module);
}


ngx_uint_t
inlay_site(ngx_http_request_t *r)
{
    return inlay_loc_conf(r)->site;
}


void *
inlay_conf_create(ngx_conf_t *cf)
{
    inlay_main_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(inlay_main_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    settings_init(&conf->settings);
    conf->instance.settings = &conf->settings;

    return conf;
}


void *
inlay_conf_create_loc(ngx_conf_t *cf)
{
    inlay_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(inlay_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->site = NGX_CONF_UNSET_UINT;
    conf->access = NGX_CONF_UNSET;

    return conf;
}


char *
inlay_conf_merge_loc(ngx_conf_t *cf, void *parent, void *child)
{
    inlay_loc_conf_t  *prev = parent;
    inlay_loc_conf_t  *conf = child;

    (void) cf;

    ngx_conf_merge_uint_value(conf->site, prev->site, INLAY_SITE_NONE);
    ngx_conf_merge_value(conf->access, prev->access, 0);

    return NGX_CONF_OK;
}


char *
inlay_conf_set(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    enum err            err;
    ngx_str_t          *value;
    struct fault        fault;
    inlay_main_conf_t  *conf = data;

    (void) cmd;

    value = cf->args->elts;
    conf->in_use = 1;

    err = settings_set(&conf->settings, inlay_str(value[1]), inlay_str(value[2]), &fault);
    if (err != ERR_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "inlay: %s", fault.message);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* Texts that every request would otherwise make anew. */

static ngx_int_t
inlay_conf_prepare(ngx_conf_t *cf, inlay_main_conf_t *conf)
{
    char           path[SETTINGS_PATH_MAX], text[ORIGIN_TEXT_SIZE];
    struct str     rest;
    struct origin  origin;

    if (!settings_data_path(&conf->settings, "cache", path)) {
        return NGX_ERROR;
    }

    conf->cache.len = ngx_strlen(path);
    conf->cache.data = ngx_pnalloc(cf->pool, conf->cache.len + 1);
    if (conf->cache.data == NULL) {
        return NGX_ERROR;
    }
    ngx_memcpy(conf->cache.data, path, conf->cache.len + 1);

    origin = conf->settings.app_url.origin;
    origin.is_pattern = 0;
    origin_format(&origin, text);

    rest = str_from(text);
    conf->origin_before = inlay_copy(cf->pool, origin.is_https ? STR("https://") : STR("http://"));
    rest = str_skip(rest, conf->origin_before.len - 1);
    conf->origin_after = inlay_copy(cf->pool, rest);
    if (conf->origin_after.data == NULL) {
        return NGX_ERROR;
    }
    conf->origin_after.data[0] = '.';

    return NGX_OK;
}


ngx_int_t
inlay_conf_finish(ngx_conf_t *cf, inlay_main_conf_t *conf)
{
    struct str    token;
    struct fault  fault;

    if (settings_finish(&conf->settings, &fault) != ERR_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "inlay: %s", fault.message);
        return NGX_ERROR;
    }

    token = token_from_environment();
    conf->instance.has_environment_token = token.len > 0;
    conf->instance.environment_token = secret_digest(token.len > 0 ? token : STR(""));

    return inlay_conf_prepare(cf, conf);
}
