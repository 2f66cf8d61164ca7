/*
 * nginx's configuration: nginx.conf.in, filled in from the settings and from what this machine has.
 */
#ifndef INLAY_SERVE_NGINX_CONF_H
#define INLAY_SERVE_NGINX_CONF_H

#include <limits.h>

#include "base/buf.h"
#include "config/settings.h"

struct nginx_paths {
    char nginx[PATH_MAX];   /* the program */
    char module[PATH_MAX];  /* ngx_http_inlay_module.so */
    char console[PATH_MAX]; /* the folder with the console's files; "" if there is none */
    char run_dir[PATH_MAX]; /* for what nginx writes while it runs; absolute */
    char conf[PATH_MAX];    /* nginx.conf in it */
};

/* settings were finished and have absolute paths; out has room for NGINX_CONF_MAX_BYTES. */
enum { NGINX_CONF_MAX_BYTES = 256 * 1024 };
MUST_CHECK enum err nginx_conf_render(const struct settings *settings,
                                      const struct nginx_paths *paths, struct buf *out,
                                      struct fault *fault);

/* The same to a file in run_dir, which is made if it isn't there. Only this user can read it. */
MUST_CHECK enum err nginx_conf_write(const struct settings *settings,
                                     const struct nginx_paths *paths, const char *file,
                                     struct fault *fault);

#endif
