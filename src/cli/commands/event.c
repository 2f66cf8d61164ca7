/*
 * inlay event: the audit log.
 */
#include <inttypes.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

enum { DEFAULT_ITEMS = 50, FOLLOW_ITEMS = 10, FOLLOW_POLL_S = 1 };

static const struct column event_columns[] = {
    {"AT", "at"},     {"TYPE", "type"},       {"ACTOR", "actor.name"}, {"USER", "userId"},
    {"APP", "appId"}, {"ADDRESS", "address"}, {"DETAIL", "detail"},
};

static const struct column event_line[] = {
    {"", "at"},
    {"", "type"},
    {"actor", "actor.name"},
    {"user", "userId"},
    {"app", "appId"},
    {"session", "sessionId"},
    {"address", "address"},
    {"", "detail"},
};

static enum exit_code make_path(const struct invocation *invocation, struct client *client,
                                struct buf *path)
{
    *path = url_path("/api/v1/events");
    url_add_query(path, "sessionId", option_value(invocation, "--session"));
    url_add_query(path, "type", option_value(invocation, "--type"));
    return resolve_filters(invocation, client, path);
}

static void print_event(const struct client *client, const json_t *event)
{
    if (client_prints_json(client)) {
        output_json(event);
    } else {
        output_line(event, event_line, COUNT_OF(event_line));
    }
}

static int64_t id_of(const json_t *event)
{
    return json_integer_value(json_object_get(event, "id"));
}

/* Oldest first; the list is newest first. Those up to *last_id were printed before. */
static void print_new(const struct client *client, const json_t *events, int64_t *last_id)
{
    for (size_t i = json_array_size(events); i-- > 0;) {
        const json_t *event = json_array_get(events, i);
        if (id_of(event) > *last_id) {
            print_event(client, event);
            *last_id = id_of(event);
        }
    }
}

/* The newest events, and of those that came meanwhile as many pages as it takes to reach last_id.
 */
static enum exit_code list_since(struct client *client, const struct buf *path, int64_t last_id,
                                 json_t **out_events)
{
    size_t wanted = DEFAULT_ITEMS;
    for (;;) {
        json_t *events = NULL;
        enum exit_code code = client_list(client, path, wanted, &events);
        size_t count = json_array_size(events);
        bool reaches = count < wanted || id_of(json_array_get(events, count - 1)) <= last_id;
        if (code || reaches) {
            *out_events = events;
            return code;
        }
        json_decref(events);
        wanted *= 4;
    }
}

static enum exit_code follow(struct client *client, const struct buf *path, size_t first_items)
{
    json_t *events = NULL;
    int64_t last_id = 0;
    enum exit_code code = client_list(client, path, first_items, &events);
    while (!code) {
        print_new(client, events, &last_id);
        json_decref(events);
        events = NULL;
        if (fflush(stdout) != 0) {
            break; /* whoever read this has gone */
        }
        sleep(FOLLOW_POLL_S);
        code = list_since(client, path, last_id, &events);
    }
    json_decref(events);
    return code;
}

static enum exit_code event_list(const struct invocation *invocation, struct client *client)
{
    bool follows = option_given(invocation, "--follow");
    int64_t limit = follows ? FOLLOW_ITEMS : DEFAULT_ITEMS;
    struct buf path = buf_make(URL_MAX_BYTES);
    json_t *events = NULL;
    if (!option_int64(invocation, "--limit", 1, 100000, &limit)) {
        return EXIT_USAGE;
    }
    enum exit_code code = make_path(invocation, client, &path);
    if (!code && follows) {
        code = follow(client, &path, (size_t)limit);
    } else if (!code) {
        code = client_list(client, &path, (size_t)limit, &events);
        if (!code && client_prints_json(client)) {
            output_json(events);
        } else if (!code) {
            output_table(events, event_columns, COUNT_OF(event_columns),
                         "There are no such events.");
        }
    }
    json_decref(events);
    buf_done(&path);
    return code;
}

static const struct option options[] = {
    {.name = "--user", .value = "USER", .help = "Only about this user (id or email address)."},
    {.name = "--app", .value = "APP", .help = "Only about this app (slug or id)."},
    {.name = "--session", .value = "ID", .help = "Only about this session."},
    {.name = "--type",
     .value = "TYPE",
     .help =
         "Only of this type: mint, redeem, renew, resume, deny, end, app.create, user.archive …"},
    {.name = "--limit",
     .value = "N",
     .help = "How many of the newest events (default 50; with --follow 10)."},
    {.name = "--follow", .help = "Go on and print new events as they come, oldest first."},
    {.name = NULL},
};

static const struct command commands[] = {
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = event_list,
     .arguments = "",
     .summary = "List the events in the audit log, newest first.",
     .options = options,
     .notes = "With --follow --json every event is one line.",
     .examples = "inlay event list --type deny\n"
                 "inlay event list --user ann@acme.example --limit 10\n"
                 "inlay event list --follow"},
};

const struct family event_family = {"event", "Show the audit log.", commands, COUNT_OF(commands)};
