/*
 * A proxy asks whether a request may pass that it has received for an app's origin: nginx with
 * auth_request, Caddy with forward_auth, Traefik with ForwardAuth, Envoy with ext_authz. Each of
 * them describes that request in headers of its own; here they become one description, or none.
 *
 * Whoever asks was found to be a trusted proxy before. But proxies pass on what a browser sent
 * them, so a browser may have added the headers of another proxy to those of this one: whatever is
 * said twice has to be said alike. Nothing in it grants anything: it says which origin and which
 * method, and the session's cookie has to be good for that origin.
 */
#ifndef INLAY_HTTP_FORWARD_H
#define INLAY_HTTP_FORWARD_H

#include "base/origin.h"
#include "base/uuid.h"
#include "config/settings.h"

/* Values as they came; STR_NONE for what did not. */
struct forward_headers {
    struct str host;
    struct str forwarded_host;  /* X-Forwarded-Host */
    struct str forwarded_proto; /* X-Forwarded-Proto */
    struct str forwarded_method;
    struct str original_url; /* X-Original-URL: with scheme and host */
    struct str original_method;
    struct str app;       /* X-Inlay-App: only a session of this app passes, by its id */
    struct str app_param; /* the same, as a parameter of the question */
    struct str repeated;  /* name of one of these that came more than once */

    struct str method; /* of the asking request itself */
    bool is_itself;    /* it repeats the request, with its method; Envoy's way to ask */
};

struct forward {
    struct str label; /* of the origin; both borrowed from the headers */
    struct str method;
    struct uuid app_id; /* UUID_NONE: of any app */
};

/* ERR_DENIED with code forward_auth_unclear; the member is the header that is wrong or missing. */
MUST_CHECK enum err forward_read(const struct forward_headers *headers,
                                 const struct origin *app_url, struct forward *out_forward,
                                 struct fault *fault);

/* Is this the address of a proxy that may ask? ERR_DENIED with code proxy_untrusted. */
MUST_CHECK enum err forward_check_proxy(const struct network_list *trusted, struct str address,
                                        struct fault *fault);

#endif
