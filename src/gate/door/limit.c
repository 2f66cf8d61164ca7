
/*
 * How much a session, and a link's sessions together, may ask. Off unless a limit is set; then each
 * request takes the lock of the shared memory once more, and again at its end if it is counted as a
 * connection.
 */

#include "gate/note.h"
#include "gate/zone.h"

#include <signal.h>


static bool inlay_process_is_alive(int32_t process);


/* ERR_LIMITED with words, or ERR_OK: until the request ends it counts. */

enum err
inlay_limit_check(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault)
{
    enum err                  err;
    struct settings          *settings;
    enum admission_limit      limit;
    struct admission_request  request;

    settings = &inlay_conf(r)->settings;

    if (!admission_is_limited(settings)) {
        return ERR_OK;
    }

    request = (struct admission_request) {
        .settings = settings,
        .session_id = ctx->session_id,
        .link_id = ctx->link_id,
        .stays = !ctx->is_forward, /* else it is the other proxy's connection */
        .now_ms = clock_now_ms(),
        .process = ngx_pid,
        .is_alive = inlay_process_is_alive
    };

    limit = inlay_zone_enter(&request, &ctx->admission);
    err = admission_say(limit, settings, fault);

    if (err != ERR_OK) {
        inlay_count(INLAY_COUNT_LIMITED, 1);

        if (inlay_zone_is_news(&ctx->session_id, request.now_ms)) {
            inlay_note_denial(r, fault->code, ctx);
        }
    }

    return err;
}


void
inlay_limit_leave(inlay_ctx_t *ctx)
{
    if (ctx->admission.holds_session || ctx->admission.holds_link) {
        inlay_zone_leave(&ctx->admission);
    }
}


static bool
inlay_process_is_alive(int32_t process)
{
    return kill(process, 0) == 0 || ngx_errno != ESRCH;
}
