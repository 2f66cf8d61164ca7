/*
 * The audit log: in pages, as a file, and as it grows.
 */
#include "api/v1/noun.h"
#include "http/csv.h"

static json_t *event_json(const struct audit_event *event)
{
    json_t *json = json_object();
    json_t *actor = json_object();
    api_json_set(actor, "kind", api_json_str(event->actor_kind));
    api_json_set(actor, "id", api_json_str(event->actor_id));
    api_json_set(actor, "name", api_json_str(event->actor_name));
    api_json_set(json, "id", json_integer(event->id));
    api_json_set(json, "at", api_json_time(event->at_ms));
    api_json_set(json, "type", api_json_str(event->type));
    api_json_set(json, "workspaceId", api_json_uuid(&event->workspace_id));
    api_json_set(json, "actor", actor);
    api_json_set(json, "userId", api_json_uuid(&event->user_id));
    api_json_set(json, "appId", api_json_uuid(&event->app_id));
    api_json_set(json, "linkId", api_json_uuid(&event->link_id));
    api_json_set(json, "sessionId", api_json_uuid(&event->session_id));
    api_json_set(json, "address", api_json_str(event->address));
    api_json_set(json, "detail",
                 event->detail.ptr == NULL ? json_object() : api_json_parsed(event->detail));
    return json;
}

static struct audit_filter read_filter(struct api_query *query)
{
    return (struct audit_filter){
        .user_id = api_query_uuid(query, "userId"),
        .app_id = api_query_uuid(query, "appId"),
        .session_id = api_query_uuid(query, "sessionId"),
        .type = api_query_str(query, "type"),
        .actor = api_query_str(query, "actor"),
        .reason = api_query_str(query, "reason"),
        .from_ms = api_query_time(query, "from"),
        .until_ms = api_query_time(query, "until"),
    };
}

static struct str cursor_text(struct api_call *call, int64_t id)
{
    return id == 0 ? STR_NONE : arena_printf(call->work.arena, "%lld", (long long)id);
}

enum err events_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_number(&query);
    struct audit_filter filter = read_filter(&query);
    size_t count = 0;
    int64_t rest = 0;
    filter.before = page.after_number;
    filter.limit = noun_page_rows(&page);
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct audit_event *events =
        arena_alloc(call->work.arena, (size_t)filter.limit * sizeof(*events));
    err = audit_list(&call->work, &filter, events, &count, &rest);
    if (err) {
        return err;
    }
    if (count > (size_t)page.limit) {
        count = (size_t)page.limit;
        rest = events[count - 1].id;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, event_json(&events[i]));
    }
    return api_reply_page(call, items, cursor_text(call, rest));
}

/* ---- as a file, and as it grows ---- */

static const char csv_header[] = "id,at,type,workspaceId,actorKind,actorId,actorName,userId,appId,"
                                 "linkId,sessionId,address,detail\r\n";

static void add_id(struct buf *out, struct work *work, const struct uuid *id)
{
    buf_add_char(out, ',');
    buf_add(out, work_uuid_text(work, id));
}

static void add_text(struct buf *out, struct str text)
{
    buf_add_char(out, ',');
    csv_add_cell(out, text);
}

static void add_csv(struct buf *out, struct work *work, const struct audit_event *event)
{
    buf_printf(out, "%lld,", (long long)event->id);
    buf_add(out, work_time_text(work, event->at_ms));
    add_text(out, event->type);
    add_id(out, work, &event->workspace_id);
    add_text(out, event->actor_kind);
    add_text(out, event->actor_id);
    add_text(out, event->actor_name);
    add_id(out, work, &event->user_id);
    add_id(out, work, &event->app_id);
    add_id(out, work, &event->link_id);
    add_id(out, work, &event->session_id);
    add_text(out, event->address);
    add_text(out, event->detail);
    buf_add(out, STR("\r\n"));
}

enum { PIECE_EVENTS = 200, PIECE_MAX_BYTES = 16 * 1024 * 1024 };

static void add_json(struct buf *out, const struct audit_event *event)
{
    json_t *json = event_json(event);
    char *text = json_dumps(json, JSON_COMPACT);
    REQUIRE(text != NULL);
    buf_add(out, str_from(text));
    free(text);
    json_decref(json);
}

static enum err reply_piece(struct api_call *call, const char *type, struct buf *text)
{
    bool is_fine = buf_is_ok(text);
    struct str body = arena_str(call->work.arena, buf_str(text));
    buf_done(text);
    call->response = (struct api_response){.status = 200, .content_type = type, .body = body};
    return is_fine ? ERR_OK
                   : fault_set(&call->fault, ERR_INTERNAL, "internal",
                               "The events do not fit into memory.");
}

static void export_events(struct api_call *call, struct buf *text, bool is_csv,
                          const struct audit_event *events, size_t count)
{
    if (call->stream.pieces == 0) {
        buf_add(text, is_csv ? str_from(csv_header) : STR("["));
    }
    for (size_t i = 0; i < count; i++) {
        if (is_csv) {
            add_csv(text, &call->work, &events[i]);
        } else {
            buf_add(text, call->stream.count == 0 && i == 0 ? STR("\n") : STR(",\n"));
            add_json(text, &events[i]);
        }
    }
}

enum err events_export(struct api_call *call)
{
    static const char *const formats[] = {"csv", "json", NULL};
    struct audit_event *events = arena_alloc(call->work.arena, PIECE_EVENTS * sizeof(*events));
    struct api_query query = api_query_start(call);
    struct audit_filter filter = read_filter(&query);
    struct str format = api_query_word(&query, "format", formats);
    bool is_csv = !str_equal(format, STR("json"));
    size_t count = 0;
    int64_t rest = 0;
    filter.limit = PIECE_EVENTS;
    filter.before = call->stream.next;
    enum err err = api_query_end(&query);
    if (!err) {
        err = audit_list(&call->work, &filter, events, &count, &rest);
    }
    if (err) {
        return err;
    }
    struct buf text = buf_make(PIECE_MAX_BYTES);
    export_events(call, &text, is_csv, events, count);
    rest = count == PIECE_EVENTS ? events[count - 1].id : rest;
    call->stream.more = rest != 0;
    call->stream.next = rest;
    call->stream.count += (int64_t)count;
    if (rest == 0 && !is_csv) {
        buf_add(&text, STR("\n]\n"));
    }
    err = reply_piece(call, is_csv ? "text/csv; charset=utf-8" : "application/json", &text);
    call->response.file_name = is_csv ? STR("events.csv") : STR("events.json");
    return err;
}

/* Server-sent events (HTML, 9.2). */
enum err events_stream(struct api_call *call)
{
    enum { WAIT_MS = 1000, SECONDS_MAX = 3600, QUIET_PIECES = 15 };
    struct audit_event *events = arena_alloc(call->work.arena, PIECE_EVENTS * sizeof(*events));
    struct api_query query = api_query_start(call);
    struct audit_filter filter = read_filter(&query);
    int64_t seconds = api_query_int(&query, "seconds", 600, 0, SECONDS_MAX);
    int64_t after = api_query_int(&query, "after", 0, 0, INT64_MAX);
    struct api_stream *stream = &call->stream;
    size_t count = 0;
    filter.limit = PIECE_EVENTS;
    enum err err = api_query_end(&query);
    if (!err && stream->pieces == 0) {
        /* A browser that lost the connection says where it was. */
        bool goes_on = str_to_int64(call->request->fetch.last_event_id, 0, INT64_MAX, &after);
        stream->next = after;
        err = goes_on || after > 0 ? ERR_OK : audit_newest(&call->work, &stream->next);
    }
    if (!err) {
        err = audit_since(&call->work, &filter, stream->next, events, &count, &stream->next);
    }
    if (err) {
        return err;
    }
    struct buf text = buf_make(PIECE_MAX_BYTES);
    if (stream->pieces % QUIET_PIECES == 0) {
        buf_add(&text, STR(": here\n\n"));
    }
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "id: %lld\ndata: ", (long long)events[i].id);
        add_json(&text, &events[i]);
        buf_add(&text, STR("\n\n"));
    }
    stream->more = stream->pieces < seconds;
    stream->wait_ms = WAIT_MS;
    return reply_piece(call, "text/event-stream", &text);
}
