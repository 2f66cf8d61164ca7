/*
 * Prepares everything that a server needs, starts nginx, and looks after it until both end. Why
 * this process stays instead of becoming nginx: docs/decisions/0002-serve-supervises-nginx.md.
 *
 *     struct supervisor supervisor;                 large: not for the stack
 *     supervisor_start(&supervisor, …)              ERR_OK: nginx is running
 *     supervisor_watch(&supervisor, …)              until it has ended
 *
 * Signals, from supervisor_start() on: SIGTERM, SIGINT and SIGQUIT let requests end first, a second
 * one doesn't; SIGHUP reads the settings again, SIGUSR1 reopens logs.
 */
#ifndef INLAY_SERVE_SUPERVISOR_H
#define INLAY_SERVE_SUPERVISOR_H

#include <sys/types.h>

#include "config/load.h"
#include "model/setup.h"
#include "serve/nginx.h"

enum supervisor_event {
    SUPERVISOR_READY,        /* /readyz has answered 200 for the first time */
    SUPERVISOR_NOT_READY,    /* for so long that it's worth a word */
    SUPERVISOR_RELOADED,     /* with new settings */
    SUPERVISOR_NOT_RELOADED, /* the settings stay as they were; fault says why */
    SUPERVISOR_WARNING,      /* fault says what to look at */
};

enum supervisor_phase {
    SUPERVISOR_STARTING,
    SUPERVISOR_RUNNING,
    SUPERVISOR_STOPPING,    /* requests may end */
    SUPERVISOR_TERMINATING, /* they may not */
};

/* All of it can be read by on_event; only supervisor.c writes. */
struct supervisor {
    const struct setting_flags *flags; /* borrowed */
    void (*on_event)(const struct supervisor *supervisor, enum supervisor_event event,
                     const struct fault *fault); /* fault may be NULL */
    struct loaded_settings asked;                /* what flags, variables and file say */
    struct settings settings;                    /* the same with absolute paths */
    struct nginx_paths paths;
    struct setup_result setup;
    int lock;
    pid_t nginx;
    enum supervisor_phase phase;
    int64_t deadline_ms; /* of the phase */
    bool wants_reload;
};

/* The caller has set flags and on_event. Blocks the signals above, for good. */
enum err supervisor_start(struct supervisor *supervisor, struct fault *fault) MUST_CHECK;

/* ERR_OK after it was asked to stop. ERR_INVALID if nginx ended before it was ready, ERR_GONE if it
 * ended by itself later. */
enum err supervisor_watch(struct supervisor *supervisor, struct fault *fault) MUST_CHECK;

#endif
