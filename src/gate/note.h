
/*
 * Events that nothing else writes: a denial that was decided without the database, an app's server
 * that did not answer. Written when there is time; dropped, and counted, when too many wait.
 */

#ifndef INLAY_GATE_NOTE_H
#define INLAY_GATE_NOTE_H

#include "gate/request.h"


void inlay_note_denial(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx);
void inlay_note_failure(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx);

#endif
