/*
 * inlay serve: starts the server and says how it is doing.
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "serve/supervisor.h"

static void say_ready(const struct supervisor *supervisor)
{
    const struct settings *settings = &supervisor->asked.settings;
    const char *setup_url = supervisor->setup.setup_url;
    printf("Inlay is ready: %s  (apps on %s, data in %s)\n", settings->public_url.text,
           settings->app_url.text, settings->data);
    if (supervisor->setup.made_admin_token) {
        printf("The first API token is in %s/admin-token; the inlay commands find it there.\n",
               settings->data);
    }
    if (setup_url[0] != '\0' && supervisor->paths.console[0] != '\0') {
        printf("Make the first admin here; the link works once, within %d hours:\n  %s\n",
               (int)ADMIN_LINK_HOURS, setup_url);
    } else if (setup_url[0] != '\0') {
        const char *code = strchr(setup_url, '#');
        printf("There is no console beside this program. The first admin is made by POST "
               "/api/v1/setup with this code, which works once, within %d hours:\n  %s\n",
               (int)ADMIN_LINK_HOURS, code == NULL ? "" : code + 1);
    }
    fflush(stdout);
}

static void on_event(const struct supervisor *supervisor, enum supervisor_event event,
                     const struct fault *fault)
{
    switch (event) {
    case SUPERVISOR_READY:
        say_ready(supervisor);
        break;
    case SUPERVISOR_NOT_READY:
        output_note("inlay: warning: the server runs, but says that it is not ready; see the "
                    "messages above.");
        break;
    case SUPERVISOR_RELOADED:
        output_note("inlay: reloaded.");
        break;
    case SUPERVISOR_NOT_RELOADED:
        output_note("inlay: not reloaded, the settings stay as they were: %s", fault->message);
        break;
    case SUPERVISOR_WARNING:
        output_note("inlay: warning: %s", fault->message);
        break;
    }
}

static enum exit_code serve(const struct invocation *invocation)
{
    static struct supervisor supervisor; /* too large for a stack frame */
    struct fault fault;
    supervisor = (struct supervisor){.flags = &invocation->settings, .on_event = on_event};
    if (supervisor_start(&supervisor, &fault)) {
        return output_fail_fault(EXIT_LOCAL, &fault);
    }
    enum err err = supervisor_watch(&supervisor, &fault);
    if (err) {
        return output_fail_fault(err == ERR_INVALID ? EXIT_LOCAL : EXIT_REFUSED, &fault);
    }
    return EXIT_DONE;
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
