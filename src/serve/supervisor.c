#include "serve/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "serve/datafolder.h"
#include "serve/preflight.h"

enum {
    READY_POLL_MS = 25,
    READY_PATIENCE_MS = 15000,
    STOP_GRACE_MS = 1000, /* beyond shutdown_seconds, which nginx itself keeps to */
    TERM_PATIENCE_MS = 5000,
    IDLE_MS = 3600 * 1000,
};

static void tell(const struct supervisor *supervisor, enum supervisor_event event,
                 const struct fault *fault)
{
    supervisor->on_event(supervisor, event, fault);
}

static void warn(void *arg, const struct fault *fault)
{
    tell(arg, SUPERVISOR_WARNING, fault);
}

/* ---- starting ---- */

static enum err check_listen(const struct settings *settings, const struct settings *running,
                             struct fault *fault)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < settings->listen.count; i++) {
        const struct listen_address *address = &settings->listen.items[i];
        bool is_ours = false;
        for (size_t j = 0; running != NULL && j < running->listen.count; j++) {
            is_ours = is_ours || strcmp(running->listen.items[j].text, address->text) == 0;
        }
        err = is_ours ? ERR_OK : preflight_listen(address, fault);
    }
    return err;
}

/* Runs one step with the data folder's owner as the user. */
static enum err as_owner(struct supervisor *supervisor,
                         enum err (*step)(struct supervisor *supervisor, struct fault *fault),
                         struct fault *fault)
{
    struct data_owner owner;
    enum err err = datafolder_owner_become(&supervisor->settings, &owner, fault);
    if (err) {
        return err;
    }
    err = step(supervisor, fault);
    datafolder_owner_leave(&owner);
    return err;
}

static enum err lock_data(struct supervisor *supervisor, struct fault *fault)
{
    return datafolder_lock(&supervisor->asked.settings, &supervisor->lock, fault);
}

static enum err fill_data(struct supervisor *supervisor, struct fault *fault)
{
    const struct nginx_paths *paths = &supervisor->paths;
    enum err err = setup_instance(&supervisor->settings, &supervisor->setup, fault);
    return err ? err : nginx_conf_write(&supervisor->settings, paths, paths->conf, fault);
}

static enum err find_settings(struct supervisor *supervisor, struct fault *fault)
{
    enum err err = settings_load(supervisor->flags, &supervisor->asked, fault);
    if (!err) {
        err = preflight_token(fault);
    }
    if (!err) {
        err = datafolder_make(&supervisor->asked.settings, fault);
    }
    if (!err) {
        supervisor->settings = supervisor->asked.settings;
        err = datafolder_resolve(&supervisor->settings, fault);
    }
    return err;
}

static enum err prepare(struct supervisor *supervisor, struct fault *fault)
{
    enum err err = find_settings(supervisor, fault);
    if (!err) {
        err = preflight_tls(&supervisor->settings, fault);
    }
    if (!err) {
        err = nginx_find(&supervisor->settings, &supervisor->paths, fault);
    }
    if (!err) {
        err = as_owner(supervisor, lock_data, fault);
    }
    if (!err) {
        /* After the lock: a server that is about to end still has the port until then. */
        err = check_listen(&supervisor->settings, NULL, fault);
    }
    return err ? err : as_owner(supervisor, fill_data, fault);
}

static sigset_t our_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD};
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        sigaddset(&signals, numbers[i]);
    }
    return signals;
}

enum err supervisor_start(struct supervisor *supervisor, struct fault *fault)
{
    sigset_t signals = our_signals();
    supervisor->lock = -1;
    enum err err = prepare(supervisor, fault);
    if (err) {
        return err;
    }
    preflight_certificate(&supervisor->settings, warn, supervisor);
    REQUIRE(sigprocmask(SIG_BLOCK, &signals, NULL) == 0);
    return nginx_start(&supervisor->paths, supervisor->lock, &supervisor->nginx, fault);
}

/* ---- time ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void enter(struct supervisor *supervisor, enum supervisor_phase phase, int64_t patience_ms)
{
    supervisor->phase = phase;
    supervisor->deadline_ms = now_ms() + patience_ms;
}

/* ---- stopping ---- */

static void stop(struct supervisor *supervisor)
{
    bool is_first =
        supervisor->phase == SUPERVISOR_STARTING || supervisor->phase == SUPERVISOR_RUNNING;
    if (is_first) {
        kill(supervisor->nginx, SIGQUIT);
        enter(supervisor, SUPERVISOR_STOPPING,
              supervisor->settings.shutdown_seconds * 1000 + STOP_GRACE_MS);
    } else {
        kill(supervisor->nginx, SIGTERM);
        enter(supervisor, SUPERVISOR_TERMINATING, TERM_PATIENCE_MS);
    }
}

static void on_deadline(struct supervisor *supervisor)
{
    switch (supervisor->phase) {
    case SUPERVISOR_STARTING:
        tell(supervisor, SUPERVISOR_NOT_READY, NULL);
        enter(supervisor, SUPERVISOR_RUNNING, IDLE_MS);
        break;
    case SUPERVISOR_RUNNING:
        enter(supervisor, SUPERVISOR_RUNNING, IDLE_MS);
        break;
    case SUPERVISOR_STOPPING:
        kill(supervisor->nginx, SIGTERM);
        enter(supervisor, SUPERVISOR_TERMINATING, TERM_PATIENCE_MS);
        break;
    case SUPERVISOR_TERMINATING:
        kill(-supervisor->nginx, SIGKILL);
        break;
    }
}

static enum err ended(const struct supervisor *supervisor, int status, struct fault *fault)
{
    if (supervisor->phase == SUPERVISOR_STOPPING || supervisor->phase == SUPERVISOR_TERMINATING) {
        return ERR_OK;
    }
    if (supervisor->phase == SUPERVISOR_STARTING) {
        return fault_set(fault, ERR_INVALID, "nginx_not_started",
                         "nginx did not start; it has said why above.");
    }
    return WIFSIGNALED(status)
               ? fault_set(fault, ERR_GONE, "nginx_ended", "nginx was ended by signal %d.",
                           WTERMSIG(status))
               : fault_set(fault, ERR_GONE, "nginx_ended",
                           "nginx ended by itself with status %d; it has said why above.",
                           WEXITSTATUS(status));
}

/* ---- reloading ---- */

static enum err load_anew(struct supervisor *supervisor, struct loaded_settings *asked,
                          struct settings *settings, struct fault *fault)
{
    enum err err = settings_load(supervisor->flags, asked, fault);
    if (err) {
        return err;
    }
    const struct setting *obstacle =
        settings_reload_obstacle(&supervisor->asked.settings, &asked->settings);
    if (obstacle != NULL) {
        return fault_member(fault, ERR_CONFLICT, "setting_fixed", obstacle->name,
                            "%s changes with a restart only.", obstacle->name);
    }
    *settings = asked->settings;
    err = datafolder_resolve(settings, fault);
    if (!err) {
        err = preflight_tls(settings, fault);
    }
    return err ? err : check_listen(settings, &supervisor->settings, fault);
}

/* The candidate is tried beside the file in use, and takes its place only if nginx likes it. */
static enum err replace_conf(const struct supervisor *supervisor, const struct settings *settings,
                             struct fault *fault)
{
    struct data_owner owner;
    char candidate[PATH_MAX];
    snprintf(candidate, sizeof(candidate), "%.*s.new", PATH_MAX - 8, supervisor->paths.conf);
    enum err err = datafolder_owner_become(settings, &owner, fault);
    if (err) {
        return err;
    }
    err = nginx_conf_write(settings, &supervisor->paths, candidate, fault);
    datafolder_owner_leave(&owner);
    if (!err) {
        err = nginx_test(&supervisor->paths, candidate, fault);
    }
    if (!err && rename(candidate, supervisor->paths.conf) != 0) {
        err = fault_set(fault, ERR_STORAGE, "conf_write", "%s cannot be replaced: %s.",
                        supervisor->paths.conf, strerror(errno));
    }
    if (err) {
        unlink(candidate);
    }
    return err;
}

static void reload(struct supervisor *supervisor)
{
    struct loaded_settings asked;
    struct settings settings;
    struct fault fault;
    enum err err = load_anew(supervisor, &asked, &settings, &fault);
    if (!err) {
        err = replace_conf(supervisor, &settings, &fault);
    }
    if (err) {
        tell(supervisor, SUPERVISOR_NOT_RELOADED, &fault);
        return;
    }
    supervisor->asked = asked;
    supervisor->settings = settings;
    preflight_certificate(&settings, warn, supervisor);
    kill(supervisor->nginx, SIGHUP);
    tell(supervisor, SUPERVISOR_RELOADED, NULL);
}

/* ---- the loop ---- */

/* 0 when the time was up. */
static int wait_for_signal(const struct supervisor *supervisor, const sigset_t *signals)
{
    int64_t left = supervisor->deadline_ms - now_ms();
    if (supervisor->phase == SUPERVISOR_STARTING && left > READY_POLL_MS) {
        left = READY_POLL_MS;
    }
    left = left < 0 ? 0 : left;
    struct timespec timeout = {.tv_sec = left / 1000, .tv_nsec = (left % 1000) * 1000000};
    int number = sigtimedwait(signals, NULL, &timeout);
    return number < 0 ? 0 : number;
}

static void on_signal(struct supervisor *supervisor, int number)
{
    switch (number) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
        stop(supervisor);
        break;
    case SIGHUP:
        supervisor->wants_reload = true; /* as soon as it runs */
        break;
    case SIGUSR1:
        kill(supervisor->nginx, SIGUSR1);
        break;
    default:
        break;
    }
}

enum err supervisor_watch(struct supervisor *supervisor, struct fault *fault)
{
    const sigset_t signals = our_signals();
    enter(supervisor, SUPERVISOR_STARTING, READY_PATIENCE_MS);
    for (;;) {
        int status = 0;
        on_signal(supervisor, wait_for_signal(supervisor, &signals));
        if (waitpid(supervisor->nginx, &status, WNOHANG) == supervisor->nginx) {
            kill(-supervisor->nginx, SIGKILL); /* workers that outlived it */
            return ended(supervisor, status, fault);
        }
        if (supervisor->phase == SUPERVISOR_STARTING && nginx_is_ready(&supervisor->settings)) {
            enter(supervisor, SUPERVISOR_RUNNING, IDLE_MS);
            tell(supervisor, SUPERVISOR_READY, NULL);
        }
        if (supervisor->phase == SUPERVISOR_RUNNING && supervisor->wants_reload) {
            supervisor->wants_reload = false;
            reload(supervisor);
        }
        if (now_ms() >= supervisor->deadline_ms) {
            on_deadline(supervisor);
        }
    }
}
