
/*
 * What this worker knows about apps: who may frame one, and where its content is or which server it
 * has. Of one content each, so that environments of an app are known side by side.
 */

#ifndef INLAY_GATE_SERVE_APP_H
#define INLAY_GATE_SERVE_APP_H

#include "gate/serve/proxy_target.h"
#include "apps/kind.h"
#include "base/look.h"
#include "live/table.h"


typedef struct {
    enum app_kind    kind;
    u_char          *text;    /* malloc; holds the next three */
    struct look      look;    /* its workspace's brand */
    ngx_str_t        portals;
    ngx_str_t        root;    /* folder of the content */
    inlay_workers_e  workers;
    ngx_uint_t       is_for_tabs;
    int64_t          idle_ms; /* see entry/session.h */
    inlay_target_t  *target;  /* instead, of an app that is a server of its own; held */
} inlay_app_t;


void inlay_apps_start(const struct settings *settings); /* in each worker */

/* Of the session's app (or link, if that has portals of its own), content and epoch; NULL if not known. Valid until the event loop goes on. */
const inlay_app_t *inlay_app_find(const struct table_session *session, int64_t now_ms);

/* Texts are copied, the target is held. */
void inlay_app_know(const struct table_session *session, const inlay_app_t *known);

#endif
