
/*
 * Responses of the API: what src/api has made becomes nginx's, and errors get the form that the
 * clients of a path expect.
 */

#ifndef INLAY_GATE_REPLY_H
#define INLAY_GATE_REPLY_H

#include "gate/request.h"
#include "api/call.h"


enum api_method inlay_reply_method(ngx_http_request_t *r);

/* The headers that the response asks for, before it is sent in pieces; or all of it. */
ngx_int_t inlay_reply_headers(ngx_http_request_t *r, const struct api_response *response);
ngx_int_t inlay_reply(ngx_http_request_t *r, const struct api_response *response);

/* An error before the call ran: call->fault, call->request. The request's body is thrown away. */
ngx_int_t inlay_reply_fault(ngx_http_request_t *r, struct api_call *call);

/* An error of a request that never became a call. */
ngx_int_t inlay_reply_error(ngx_http_request_t *r, const struct fault *fault);

#endif
