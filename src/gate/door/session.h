
/*
 * The session check of an app origin.
 *
 * Starts from denied: a request passes only after its cookie was found live in the table of
 * sessions, or in the database, for this very origin.
 */

#ifndef INLAY_GATE_DOOR_SESSION_H
#define INLAY_GATE_DOOR_SESSION_H

#include "gate/nginx.h"


ngx_int_t inlay_access_handler(ngx_http_request_t *r); /* in the access phase */

#endif
