
#include "gate/door/limit.h"
#include "gate/note.h"
#include "gate/zone.h"
#include "base/clock.h"

#include <signal.h>


static bool inlay_process_is_alive(int32_t process);


static void
inlay_limit_cleanup(void *data)
{
    inlay_ctx_t  *ctx = data;

    if (ctx->session.admission.holds_session || ctx->session.admission.holds_link) {
        inlay_zone_leave(&ctx->session.admission);
    }
}


enum err
inlay_limit_check(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault)
{
    enum err                  err;
    struct settings          *settings;
    ngx_pool_cleanup_t       *cln;
    enum admission_limit      limit;
    struct admission_request  request;

    settings = &inlay_conf(r)->settings;

    if (!admission_is_limited(settings)) {
        return ERR_OK;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return fault_busy(fault, "unavailable",
                          "The server cannot answer this request. Try again later.");
    }

    cln->handler = inlay_limit_cleanup;
    cln->data = ctx;

    request = (struct admission_request) {
        .settings = settings,
        .session_id = ctx->session.id,
        .link_id = ctx->session.link_id,
        .stays = !ctx->forward.is_asked, /* else it is the other proxy's connection */
        .now_ms = clock_now_ms(),
        .process = ngx_pid,
        .is_alive = inlay_process_is_alive
    };

    limit = inlay_zone_enter(&request, &ctx->session.admission);
    err = admission_say(limit, settings, fault);

    if (err != ERR_OK) {
        inlay_count(INLAY_COUNT_LIMITED, 1);

        if (inlay_zone_is_news(&ctx->session.id, request.now_ms)) {
            inlay_note_denial(r, fault->code, ctx);
        }
    }

    return err;
}


static bool
inlay_process_is_alive(int32_t process)
{
    return kill(process, 0) == 0 || ngx_errno != ESRCH;
}
