/*
 * Events as CSV (RFC 4180), for spreadsheets. A cell that a spreadsheet would take for a formula
 * gets an apostrophe before it (OWASP: CSV injection).
 */
#include "api/v1/noun.h"

const char csv_header[] = "id,at,type,workspaceId,actorKind,actorId,actorName,userId,appId,linkId,"
                          "sessionId,address,detail\r\n";

static const char formula_starts[] = "=+-@\t\r\n";

static void add_cell(struct buf *out, struct str text)
{
    buf_add_char(out, '"');
    if (text.len > 0 && str_find(str_from(formula_starts), text.ptr[0]) < strlen(formula_starts)) {
        buf_add_char(out, '\'');
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') {
            buf_add_char(out, '"');
        }
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '"');
}

static void add_id(struct buf *out, struct work *work, const struct uuid *id)
{
    buf_add_char(out, ',');
    if (!uuid_is_none(id)) {
        buf_add(out, work_uuid_text(work, id));
    }
}

static void add_text(struct buf *out, struct str text)
{
    buf_add_char(out, ',');
    if (text.len > 0) {
        add_cell(out, text);
    }
}

void csv_event(struct buf *out, struct work *work, const struct audit_event *event)
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
