/*
 * inlay serve: prepares everything, starts nginx, and looks after it until both end. Why it stays
 * instead of becoming nginx: docs/decisions/0002-serve-supervises-nginx.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/setup.h"
#include "cli/commands.h"
#include "serve/datafolder.h"
#include "serve/nginx.h"
#include "serve/preflight.h"

enum {
    CONF_MAX_BYTES = 256 * 1024,
    READY_POLL_MS = 25,
    READY_PATIENCE_MS = 15000,
    STOP_GRACE_MS = 1000, /* beyond shutdown_seconds, which nginx itself keeps to */
    TERM_PATIENCE_MS = 5000,
    IDLE_MS = 3600 * 1000,
};

enum phase { STARTING, RUNNING, STOPPING, TERMINATING };

struct server {
    const struct invocation *invocation;
    struct loaded_settings asked; /* what flags, variables and file say */
    struct settings settings;     /* the same with absolute paths */
    struct nginx_paths paths;
    char conf[PATH_MAX];
    int lock;
    bool made_admin_token;
    char setup_url[ADMIN_URL_SIZE];
    pid_t nginx;
    enum phase phase;
    int64_t deadline_ms; /* of the phase */
    bool wants_reload;
};

/* ---- the configuration of nginx ---- */

static enum err cannot_write(const char *path, struct fault *fault)
{
    return fault_set(fault, ERR_STORAGE, "conf_write", "%s cannot be written: %s.", path,
                     strerror(errno));
}

static enum err write_file(const char *path, struct str text, struct fault *fault)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_fine = file >= 0;
    while (is_fine && text.len > 0) {
        ssize_t len = write(file, text.ptr, text.len);
        is_fine = len > 0;
        text = is_fine ? str_skip(text, (size_t)len) : text;
    }
    enum err err = is_fine ? ERR_OK : cannot_write(path, fault);
    if (file >= 0 && close(file) != 0 && !err) {
        err = cannot_write(path, fault);
    }
    return err;
}

static enum err write_conf(const struct server *server, const struct settings *settings,
                           const char *path, struct fault *fault)
{
    struct buf text = buf_make(CONF_MAX_BYTES);
    enum err err = nginx_conf_write(settings, &server->paths, &text, fault);
    if (!err) {
        err = write_file(path, buf_str(&text), fault);
    }
    buf_done(&text);
    return err;
}

/* ---- starting ---- */

static enum err make_run_dir(const struct nginx_paths *paths, struct fault *fault)
{
    return mkdir(paths->run_dir, 0700) == 0 || errno == EEXIST
               ? ERR_OK
               : cannot_write(paths->run_dir, fault);
}

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
static enum err as_owner(struct server *server,
                         enum err (*step)(struct server *server, struct fault *fault),
                         struct fault *fault)
{
    struct data_owner owner;
    enum err err = datafolder_owner_become(&server->settings, &owner, fault);
    if (err) {
        return err;
    }
    err = step(server, fault);
    datafolder_owner_leave(&owner);
    return err;
}

static enum err lock_data(struct server *server, struct fault *fault)
{
    return datafolder_lock(&server->asked.settings, &server->lock, fault);
}

static enum err fill_data(struct server *server, struct fault *fault)
{
    struct setup_result setup;
    enum err err = setup_instance(&server->settings, &setup, fault);
    if (!err) {
        server->made_admin_token = setup.made_admin_token;
        memcpy(server->setup_url, setup.setup_url, sizeof(server->setup_url));
        err = make_run_dir(&server->paths, fault);
    }
    return err ? err : write_conf(server, &server->settings, server->conf, fault);
}

static enum err find_settings(struct server *server, struct fault *fault)
{
    enum err err = settings_load(&server->invocation->settings, &server->asked, fault);
    if (!err) {
        err = preflight_token(fault);
    }
    if (!err) {
        err = datafolder_make(&server->asked.settings, fault);
    }
    if (!err) {
        server->settings = server->asked.settings;
        err = datafolder_resolve(&server->settings, fault);
    }
    return err;
}

static enum err prepare(struct server *server, struct fault *fault)
{
    enum err err = find_settings(server, fault);
    if (!err) {
        err = preflight_tls(&server->settings, fault);
    }
    if (!err) {
        err = nginx_find(&server->settings, &server->paths, fault);
    }
    if (err) {
        return err;
    }
    snprintf(server->conf, sizeof(server->conf), "%.*s/nginx.conf", PATH_MAX - 32,
             server->paths.run_dir);
    err = as_owner(server, lock_data, fault);
    if (!err) {
        /* After the lock: a server that is about to end still has the port until then. */
        err = check_listen(&server->settings, NULL, fault);
    }
    return err ? err : as_owner(server, fill_data, fault);
}

static void warn(void *arg, const struct fault *fault)
{
    (void)arg;
    output_note("inlay: warning: %s", fault->message);
}

static void say_ready(const struct server *server)
{
    const struct settings *settings = &server->asked.settings;
    printf("Inlay is ready: %s  (apps on %s, data in %s)\n", settings->public_url.text,
           settings->app_url.text, settings->data);
    if (server->made_admin_token) {
        printf("The first API token is in %s/admin-token; the inlay commands find it there.\n",
               settings->data);
    }
    if (server->setup_url[0] != '\0' && server->paths.console[0] != '\0') {
        printf("Make the first admin here; the link works once, within %d hours:\n  %s\n",
               (int)ADMIN_LINK_HOURS, server->setup_url);
    } else if (server->setup_url[0] != '\0') {
        const char *code = strchr(server->setup_url, '#');
        printf("There is no console beside this program. The first admin is made by POST "
               "/api/v1/setup with this code, which works once, within %d hours:\n  %s\n",
               (int)ADMIN_LINK_HOURS, code == NULL ? "" : code + 1);
    }
    fflush(stdout);
}

/* ---- time ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void enter(struct server *server, enum phase phase, int64_t patience_ms)
{
    server->phase = phase;
    server->deadline_ms = now_ms() + patience_ms;
}

/* ---- stopping ---- */

static void stop(struct server *server)
{
    bool is_first = server->phase == STARTING || server->phase == RUNNING;
    if (is_first) {
        kill(server->nginx, SIGQUIT);
        enter(server, STOPPING, server->settings.shutdown_seconds * 1000 + STOP_GRACE_MS);
    } else {
        kill(server->nginx, SIGTERM);
        enter(server, TERMINATING, TERM_PATIENCE_MS);
    }
}

static void on_deadline(struct server *server)
{
    switch (server->phase) {
    case STARTING:
        output_note(
            "inlay: warning: the server runs, but says that it is not ready; see the messages "
            "above.");
        enter(server, RUNNING, IDLE_MS);
        break;
    case RUNNING:
        enter(server, RUNNING, IDLE_MS);
        break;
    case STOPPING:
        kill(server->nginx, SIGTERM);
        enter(server, TERMINATING, TERM_PATIENCE_MS);
        break;
    case TERMINATING:
        kill(-server->nginx, SIGKILL);
        break;
    }
}

static enum exit_code ended(const struct server *server, int status)
{
    if (server->phase == STOPPING || server->phase == TERMINATING) {
        return EXIT_DONE;
    }
    if (server->phase == STARTING) {
        return output_fail(EXIT_LOCAL, "nginx did not start; it has said why above.");
    }
    return WIFSIGNALED(status)
               ? output_fail(EXIT_REFUSED, "nginx was ended by signal %d.", WTERMSIG(status))
               : output_fail(EXIT_REFUSED,
                             "nginx ended by itself with status %d; it has said why above.",
                             WEXITSTATUS(status));
}

/* ---- reloading ---- */

static enum err load_anew(struct server *server, struct loaded_settings *asked,
                          struct settings *settings, struct fault *fault)
{
    enum err err = settings_load(&server->invocation->settings, asked, fault);
    if (err) {
        return err;
    }
    const struct setting *obstacle =
        settings_reload_obstacle(&server->asked.settings, &asked->settings);
    if (obstacle != NULL) {
        return fault_member(fault, ERR_CONFLICT, "setting_fixed", obstacle->name,
                            "%s changes with a restart only.", obstacle->name);
    }
    *settings = asked->settings;
    err = datafolder_resolve(settings, fault);
    if (!err) {
        err = preflight_tls(settings, fault);
    }
    return err ? err : check_listen(settings, &server->settings, fault);
}

/* The candidate is tried beside the file in use, and takes its place only if nginx likes it. */
static enum err replace_conf(const struct server *server, const struct settings *settings,
                             struct fault *fault)
{
    struct data_owner owner;
    char candidate[PATH_MAX];
    snprintf(candidate, sizeof(candidate), "%.*s.new", PATH_MAX - 8, server->conf);
    enum err err = datafolder_owner_become(settings, &owner, fault);
    if (err) {
        return err;
    }
    err = write_conf(server, settings, candidate, fault);
    datafolder_owner_leave(&owner);
    if (!err) {
        err = nginx_test(&server->paths, candidate, fault);
    }
    if (!err && rename(candidate, server->conf) != 0) {
        err = cannot_write(server->conf, fault);
    }
    if (err) {
        unlink(candidate);
    }
    return err;
}

static void reload(struct server *server)
{
    struct loaded_settings asked;
    struct settings settings;
    struct fault fault;
    enum err err = load_anew(server, &asked, &settings, &fault);
    if (!err) {
        err = replace_conf(server, &settings, &fault);
    }
    if (err) {
        output_note("inlay: not reloaded, the settings stay as they were: %s", fault.message);
        return;
    }
    server->asked = asked;
    server->settings = settings;
    preflight_certificate(&settings, warn, NULL);
    kill(server->nginx, SIGHUP);
    output_note("inlay: reloaded.");
}

/* ---- the loop ---- */

static void block_signals(sigset_t *out_signals)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD};
    sigemptyset(out_signals);
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        sigaddset(out_signals, signals[i]);
    }
    REQUIRE(sigprocmask(SIG_BLOCK, out_signals, NULL) == 0);
}

/* 0 when the time was up. */
static int wait_for_signal(const struct server *server, const sigset_t *signals)
{
    int64_t left = server->deadline_ms - now_ms();
    if (server->phase == STARTING && left > READY_POLL_MS) {
        left = READY_POLL_MS;
    }
    left = left < 0 ? 0 : left;
    struct timespec timeout = {.tv_sec = left / 1000, .tv_nsec = (left % 1000) * 1000000};
    int number = sigtimedwait(signals, NULL, &timeout);
    return number < 0 ? 0 : number;
}

static void on_signal(struct server *server, int number)
{
    switch (number) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
        stop(server);
        break;
    case SIGHUP:
        server->wants_reload = true; /* as soon as it runs */
        break;
    case SIGUSR1:
        kill(server->nginx, SIGUSR1);
        break;
    default:
        break;
    }
}

static enum exit_code look_after(struct server *server, const sigset_t *signals)
{
    enter(server, STARTING, READY_PATIENCE_MS);
    for (;;) {
        int status = 0;
        on_signal(server, wait_for_signal(server, signals));
        if (waitpid(server->nginx, &status, WNOHANG) == server->nginx) {
            kill(-server->nginx, SIGKILL); /* workers that outlived it */
            return ended(server, status);
        }
        if (server->phase == STARTING && nginx_is_ready(&server->settings)) {
            enter(server, RUNNING, IDLE_MS);
            say_ready(server);
        }
        if (server->phase == RUNNING && server->wants_reload) {
            server->wants_reload = false;
            reload(server);
        }
        if (now_ms() >= server->deadline_ms) {
            on_deadline(server);
        }
    }
}

static enum exit_code serve(const struct invocation *invocation)
{
    static struct server server; /* too large for a stack frame */
    struct fault fault;
    sigset_t signals;
    server = (struct server){.invocation = invocation, .lock = -1};
    if (prepare(&server, &fault)) {
        return output_fail_fault(EXIT_LOCAL, &fault);
    }
    preflight_certificate(&server.settings, warn, NULL);
    block_signals(&signals);
    if (nginx_start(&server.paths, server.conf, server.lock, &server.nginx, &fault)) {
        return output_fail_fault(EXIT_LOCAL, &fault);
    }
    return look_after(&server, &signals);
}

static const struct command commands[] = {
    {.kind = COMMAND_SETTINGS,
     .run = serve,
     .arguments = "",
     .summary = "Start the server.",
     .notes = "Runs in the foreground until Ctrl-C or SIGTERM, which let requests end first; a "
              "second one does not. SIGHUP reads the settings again without dropping a session.",
     .examples = "inlay serve\n"
                 "inlay serve --data ./data --listen 127.0.0.1:3000\n"
                 "inlay serve --config /etc/inlay/inlay.yaml"},
};

const struct family serve_family = {"serve", "Start the server.", commands, COUNT_OF(commands)};
