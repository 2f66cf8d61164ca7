
/*
 * Answers that come in pieces: the next one is made when the client has taken the one before. So a
 * long answer needs no more memory than one piece, and a slow client slows down nobody else.
 */

#ifndef INLAY_GATE_STREAM_H
#define INLAY_GATE_STREAM_H

#include "gate/job.h"


typedef struct inlay_stream_s  inlay_stream_t;


/* After the headers were sent. NULL if there is no memory. The pieces are made by the job, which is
 * posted for each of them. Ends with the request. */
inlay_stream_t *inlay_stream_start(ngx_http_request_t *r, inlay_job_t *job);

/* Sends a piece, which stays where it is until the client has it, and posts the job again after
 * wait_ms; or, if it is the last one, ends the answer. In the job's done(), last. */
void inlay_stream_piece(inlay_stream_t *stream, struct str piece, ngx_uint_t is_last,
    ngx_msec_t wait_ms);

#endif
