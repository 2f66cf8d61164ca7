/*
 * nginx as a program: where it is, whether it likes a configuration, and starting it.
 */
#ifndef INLAY_SERVE_NGINX_H
#define INLAY_SERVE_NGINX_H

#include <sys/types.h>

#include "serve/nginx_conf.h"

/* Finds the program, the module (beside this executable, or in ../lib/inlay) and the console's
 * files (console/ there, or ../share/inlay), and puts run_dir and conf into the data folder, which
 * must be absolute. */
enum err nginx_find(const struct settings *settings, struct nginx_paths *out_paths,
                    struct fault *fault) MUST_CHECK;

/* nginx -t: would a start or reload with this file work? The message is nginx's own. */
enum err nginx_test(const struct nginx_paths *paths, const char *conf,
                    struct fault *fault) MUST_CHECK;

/* Starts it in the foreground, in a process group of its own so that Ctrl-C in a terminal reaches
 * this process only. It ends when this process ends, however that happens, and inherits the file
 * `lock`. */
enum err nginx_start(const struct nginx_paths *paths, int lock, pid_t *out_pid,
                     struct fault *fault) MUST_CHECK;

/* Asks it whether it is ready (GET /readyz). Waits for at most a second. */
bool nginx_is_ready(const struct settings *settings);

#endif
