
/*
 * The configuration: the settings ("inlay_set", a line for each in nginx.conf), what is made from
 * them once, and what each location says of itself. Lives as long as nginx's configuration; only a
 * worker that starts changes it.
 */

#ifndef INLAY_GATE_CONF_H
#define INLAY_GATE_CONF_H

#include "gate/nginx.h"
#include "config/settings.h"
#include "model/instance.h"


typedef enum {
    INLAY_SITE_NONE = 0, /* files with headers of their own: the console's */
    INLAY_SITE_PUBLIC, /* the public address: API, health, links that move on */
    INLAY_SITE_APP     /* the origins of apps */
} inlay_site_e;


typedef struct {
    struct settings   settings;
    struct instance   instance;
    ngx_shm_zone_t   *zone;
    ngx_flag_t        in_use;
    ngx_str_t         cache;         /* folder of the unpacked contents; NUL-terminated */
    ngx_str_t         origin_before; /* an app origin, around its label: "http://" … */
    ngx_str_t         origin_after;  /* … ".localhost:3000" */
    ngx_table_elt_t  *identity;      /* for apps' servers: names without values */
} inlay_main_conf_t;


typedef struct {
    ngx_uint_t  site;    /* inlay_site_e */
    ngx_flag_t  access;  /* inlay_access on: only with a session */
    ngx_uint_t  handler; /* one of ours answers; elsewhere nginx's proxy or files do */
} inlay_loc_conf_t;


extern ngx_module_t  ngx_http_inlay_module;


/* Of the request, and of the location that it is in. */
inlay_main_conf_t *inlay_conf(ngx_http_request_t *r);
inlay_loc_conf_t *inlay_loc_conf(ngx_http_request_t *r);
ngx_uint_t inlay_site(ngx_http_request_t *r);

/* For nginx, while it reads its configuration. */
void *inlay_conf_create(ngx_conf_t *cf);
void *inlay_conf_create_loc(ngx_conf_t *cf);
char *inlay_conf_merge_loc(ngx_conf_t *cf, void *parent, void *child);
char *inlay_conf_set(ngx_conf_t *cf, ngx_command_t *cmd, void *data);

/* When all of it was read: checks it, and makes the texts that every request would otherwise make
 * anew. NGX_ERROR after nginx's log has the reason. */
ngx_int_t inlay_conf_finish(ngx_conf_t *cf, inlay_main_conf_t *conf);

#endif
