/*
 * What has to be right on this machine before a server can start, besides the data folder. "inlay
 * serve" stops at the first thing that is wrong, "inlay check" reports them all.
 */
#ifndef INLAY_SERVE_PREFLIGHT_H
#define INLAY_SERVE_PREFLIGHT_H

#include "config/settings.h"

/* INLAY_API_TOKEN is absent, or long enough. */
enum err preflight_token(struct fault *fault) MUST_CHECK;

/* Nobody else listens there, and this user may. */
enum err preflight_listen(const struct listen_address *address, struct fault *fault) MUST_CHECK;

/* The TLS files can be read and belong together. ERR_OK without TLS. */
enum err preflight_tls(const struct settings *settings, struct fault *fault) MUST_CHECK;

/* The certificate is valid now, for public_url and for the names of apps. The files must have
 * passed preflight_tls(). */
void preflight_certificate(const struct settings *settings,
                           void (*on_problem)(void *arg, const struct fault *fault), void *arg);

#endif
