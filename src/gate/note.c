
#include "gate/note.h"
#include "gate/job.h"
#include "gate/zone.h"
#include "model/event.h"
#include "base/limits.h"
#include "entry/session.h"


#define INLAY_NOTES_WAITING  1000


typedef struct {
    enum err   (*write)(struct work *work, const char *reason);
    char         reason[FAULT_CODE_MAX];
    char         address[LIMIT_ADDRESS_BYTES + 1];
    struct uuid  session_id;
    struct uuid  app_id;
} inlay_note_t;


static enum err
inlay_note_run(inlay_job_t *job)
{
    inlay_note_t  *note = job->data;

    job->work.address = str_from(note->address);
    job->work.subject.app_id = note->app_id;
    job->work.subject.session_id = note->session_id;

    return note->write(&job->work, note->reason);
}


static void
inlay_note_done(inlay_job_t *job)
{
    if (job->batch.result != ERR_OK) {
        inlay_count(INLAY_COUNT_EVENTS_DROPPED, 1);
    }
}


static const inlay_job_type_t  inlay_note_job = {
    .lane = LANE_WRITE,
    .size = sizeof(inlay_note_t),
    .run = inlay_note_run,
    .done = inlay_note_done
};


static void
inlay_note(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx,
    enum err (*write)(struct work *work, const char *reason))
{
    inlay_job_t   *job;
    inlay_note_t  *note;

    if (inlay_lane_waiting(LANE_WRITE) > INLAY_NOTES_WAITING) {
        inlay_count(INLAY_COUNT_EVENTS_DROPPED, 1);
        return;
    }

    job = inlay_job_new(NULL, &inlay_note_job);
    if (job == NULL) {
        return;
    }

    note = job->data;
    note->write = write;
    (void) ngx_cpystrn((u_char *) note->reason, inlay_bytes(reason), sizeof(note->reason));
    (void) ngx_snprintf((u_char *) note->address, sizeof(note->address) - 1, "%V",
                        &r->connection->addr_text);

    if (ctx != NULL) {
        note->session_id = ctx->session.id;
        note->app_id = ctx->app.id;
    }

    inlay_job_post(job);
}


void
inlay_note_denial(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx)
{
    inlay_count(INLAY_COUNT_DENIALS, 1);
    inlay_note(r, reason, ctx, event_deny);
}


void
inlay_note_failure(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx)
{
    inlay_note(r, reason, ctx, session_note_failure);
}


void
inlay_note_use(ngx_http_request_t *r, const inlay_ctx_t *ctx)
{
    if (inlay_zone_use(&ctx->session.id, clock_now_ms())) {
        inlay_note(r, "", ctx, session_note_use);
    }
}


void
inlay_note_cookies(ngx_http_request_t *r, int64_t bytes, const inlay_ctx_t *ctx)
{
    char  number[NGX_INT64_LEN + 1];

    if (inlay_zone_is_news(&ctx->session.id, clock_now_ms())) {
        (void) str_print(number, sizeof(number), "%lld", (long long) bytes);
        inlay_note(r, number, ctx, session_note_cookies);
    }
}
