
/*
 * The nginx module: its directives, its handlers, and the start of a process. CONTRIBUTING.md has the
 * order of the files of src/gate, of which this one is the last.
 *
 * Threads run core code only and never touch a request or its pool.
 */

#include "gate/cache.h"
#include "gate/headers.h"
#include "gate/live.h"
#include "gate/job.h"
#include "gate/log.h"
#include "gate/timer.h"
#include "gate/variables.h"
#include "gate/zone.h"
#include "gate/serve/app.h"
#include "gate/serve/bundle.h"
#include "gate/serve/identity.h"
#include "gate/serve/proxy.h"
#include "gate/serve/proxy_balancer.h"
#include "gate/serve/proxy_request.h"
#include "gate/serve/proxy_response.h"
#include "gate/serve/proxy_target.h"
#include "gate/serve/sdk.h"
#include "gate/serve/logo.h"
#include "gate/serve/worker.h"
#include "gate/door/api.h"
#include "gate/door/error.h"
#include "gate/door/forward.h"
#include "gate/door/link.h"
#include "gate/door/own.h"
#include "gate/door/session.h"
#include "gate/door/status.h"

#include <sys/prctl.h>


static char *inlay_init_main_conf(ngx_conf_t *cf, void *data);
static char *inlay_handler_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *data);
static ngx_int_t inlay_preconfiguration(ngx_conf_t *cf);
static ngx_int_t inlay_postconfiguration(ngx_conf_t *cf);
static ngx_int_t inlay_init_process(ngx_cycle_t *cycle);
static void inlay_exit_process(ngx_cycle_t *cycle);


static ngx_conf_enum_t  inlay_sites[] = {
    { ngx_string("none"), INLAY_SITE_NONE },
    { ngx_string("public"), INLAY_SITE_PUBLIC },
    { ngx_string("app"), INLAY_SITE_APP },
    { ngx_null_string, 0 }
};


static const struct {
    ngx_str_t             name;
    ngx_http_handler_pt   handler;
} inlay_handlers[] = {
    { ngx_string("api"), inlay_api_handler },
    { ngx_string("link"), inlay_link_handler },
    { ngx_string("enter"), inlay_enter_handler },
    { ngx_string("session"), inlay_session_handler },
    { ngx_string("logout"), inlay_logout_handler },
    { ngx_string("renewed"), inlay_renewed_handler },
    { ngx_string("sdk"), inlay_sdk_handler },
    { ngx_string("logo"), inlay_logo_handler },
    { ngx_string("worker"), inlay_worker_handler },
    { ngx_string("missing"), inlay_missing_handler },
    { ngx_string("error"), inlay_error_handler },
    { ngx_string("unreadable"), inlay_unreadable_handler },
    { ngx_string("keys"), inlay_keys_handler },
    { ngx_string("forward"), inlay_forward_handler },
    { ngx_string("home"), inlay_home_handler },
    { ngx_string("unknown_host"), inlay_unknown_host_handler },
    { ngx_string("health"), inlay_health_handler },
    { ngx_string("ready"), inlay_ready_handler },
    { ngx_string("metrics"), inlay_metrics_handler }
};


static ngx_command_t  inlay_commands[] = {

    /* inlay_set NAME VALUE; one for each setting of config/settings.c */
    { ngx_string("inlay_set"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      inlay_conf_set,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    /* inlay_site none|public|app; what kind of address this answers for */
    { ngx_string("inlay_site"),
      NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(inlay_loc_conf_t, site),
      &inlay_sites },

    /* inlay_access on; only requests with a live session of this origin pass */
    { ngx_string("inlay_access"),
      NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(inlay_loc_conf_t, access),
      NULL },

    /* inlay_handler NAME; one of inlay_handlers answers */
    { ngx_string("inlay_handler"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      inlay_handler_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    /* inlay_balancer; the servers of this block are those of apps */
    { ngx_string("inlay_balancer"),
      NGX_HTTP_UPS_CONF|NGX_CONF_NOARGS,
      inlay_balancer_directive,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  inlay_module_ctx = {
    inlay_preconfiguration,
    inlay_postconfiguration,

    inlay_conf_create,
    inlay_init_main_conf,

    NULL,
    NULL,

    inlay_conf_create_loc,
    inlay_conf_merge_loc
};


ngx_module_t  ngx_http_inlay_module = {
    NGX_MODULE_V1,
    &inlay_module_ctx,
    inlay_commands,
    NGX_HTTP_MODULE,
    NULL,                   /* init master */
    NULL,                   /* init module */
    inlay_init_process,
    NULL,                   /* init thread */
    NULL,                   /* exit thread */
    inlay_exit_process,
    NULL,                   /* exit master */
    NGX_MODULE_V1_PADDING
};


static char *
inlay_init_main_conf(ngx_conf_t *cf, void *data)
{
    inlay_main_conf_t  *conf = data;

    if (!conf->in_use) {
        return NGX_CONF_OK;
    }

    if (inlay_conf_finish(cf, conf) != NGX_OK || inlay_identity_prepare(cf, conf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    conf->zone = inlay_zone_add(cf, conf);

    return conf->zone == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}


static char *
inlay_handler_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_str_t                 *value;
    ngx_uint_t                 i;
    inlay_loc_conf_t          *conf = data;
    ngx_http_core_loc_conf_t  *clcf;

    (void) cmd;

    value = cf->args->elts;
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    for (i = 0; i < sizeof(inlay_handlers) / sizeof(inlay_handlers[0]); i++) {
        if (value[1].len == inlay_handlers[i].name.len
            && ngx_strncmp(value[1].data, inlay_handlers[i].name.data, value[1].len) == 0)
        {
            clcf->handler = inlay_handlers[i].handler;
            conf->handler = 1;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "inlay: there is no handler \"%V\"", &value[1]);
    return NGX_CONF_ERROR;
}


static ngx_int_t
inlay_preconfiguration(ngx_conf_t *cf)
{
    if (inlay_relay_variables_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return inlay_variables_init(cf);
}


static ngx_int_t
inlay_add_handler(ngx_conf_t *cf, ngx_http_phases phase, ngx_http_handler_pt handler)
{
    ngx_http_handler_pt        *place;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    place = ngx_array_push(&cmcf->phases[phase].handlers);
    if (place == NULL) {
        return NGX_ERROR;
    }

    *place = handler;

    return NGX_OK;
}


/* What is added last is called first. */

static ngx_int_t
inlay_postconfiguration(ngx_conf_t *cf)
{
    if (inlay_add_handler(cf, NGX_HTTP_POST_READ_PHASE, inlay_forward_guard_handler) != NGX_OK
        || inlay_add_handler(cf, NGX_HTTP_POST_READ_PHASE, inlay_quiet_log_handler) != NGX_OK
        || inlay_add_handler(cf, NGX_HTTP_ACCESS_PHASE, inlay_access_handler) != NGX_OK)
    {
        return NGX_ERROR;
    }

    inlay_headers_init();
    inlay_worker_filter_init();
    inlay_answer_filter_init();
    inlay_body_filter_init();

    return NGX_OK;
}


static ngx_int_t
inlay_init_process(ngx_cycle_t *cycle)
{
    inlay_main_conf_t  *conf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) {
        return NGX_OK;
    }

    conf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_inlay_module);
    if (conf == NULL || !conf->in_use) {
        return NGX_OK;
    }

    /* without its master a worker would hold the port and the database for ever */
    if (ngx_process == NGX_PROCESS_WORKER) {
        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
    }

    if (inlay_zone_start(conf) != NGX_OK || inlay_jobs_start(cycle, conf) != NGX_OK) {
        return NGX_ERROR;
    }

    inlay_live_start(cycle);
    inlay_caches_start(cycle);
    inlay_targets_start();
    inlay_apps_start(&conf->settings);
    inlay_identities_start(&conf->settings);

    return inlay_timers_start(cycle, conf);
}


static void
inlay_exit_process(ngx_cycle_t *cycle)
{
    (void) cycle;

    inlay_lanes_stop();
}
