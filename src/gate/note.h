
/*
 * What nothing else writes: events of a denial that was decided without the database and of an app's
 * server that did not answer, and that a session was used. Written when there is time; dropped, and counted, when too many wait.
 */

#ifndef INLAY_GATE_NOTE_H
#define INLAY_GATE_NOTE_H

#include "gate/request.h"


void inlay_note_denial(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx);
void inlay_note_failure(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx);

/* The cookies of the app's server are that many bytes now: once a minute and session. */
void inlay_note_cookies(ngx_http_request_t *r, int64_t bytes, const inlay_ctx_t *ctx);

/* The session was used just now: written down once a minute, beside the response. */
void inlay_note_use(ngx_http_request_t *r, const inlay_ctx_t *ctx);

#endif
