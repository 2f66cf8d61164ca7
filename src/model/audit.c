#include "model/audit.h"

#include "model/row.h"

static ROW_READER(event_from_row, audit_event, EVENT_ROW);
static ROW_ALL(event_all, audit_event, event_from_row);

/* Events with ids in [low, high). */
static enum err list_between(struct work *work, enum sql sql, const struct audit_filter *filter,
                             int64_t low, int64_t high, struct audit_event *out_events,
                             size_t *out_count)
{
    return event_all(
        work,
        store_query(work->store, sql,
                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_uuid(&filter->user_id),
                             sql_uuid(&filter->app_id), sql_uuid(&filter->session_id),
                             sql_text(filter->type), sql_int(low), sql_int(high),
                             sql_int(filter->limit), sql_text(filter->actor),
                             sql_text(filter->reason), sql_int(filter->from_ms),
                             sql_int(filter->until_ms == 0 ? INT64_MAX : filter->until_ms))),
        out_events, out_count);
}

/* ---- from a time to ids -------------------------------------------------------------------------
 * Ids and times grow together, but for what was under way at the same moment, or a clock that was
 * set: TIME_SLACK_MS makes room for that. */

enum { TIME_SLACK_MS = MINUTE_MS };

static enum err id_range(struct work *work, int64_t *out_first, int64_t *out_last)
{
    struct rows rows = store_query(work->store, SQL_EVENT_RANGE, SQL_NO_ARGS);
    enum err err = rows_one(&rows);
    *out_first = err ? 0 : rows_int(&rows, 0);
    *out_last = err ? 0 : rows_int(&rows, 1);
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
}

/* The first id of at_ms or later; above all ids if there is none. */
static enum err id_at(struct work *work, int64_t at_ms, int64_t *out_id)
{
    int64_t low = 0;
    int64_t high = 0;
    enum err err = id_range(work, &low, &high);
    high++;
    while (!err && low < high) {
        int64_t middle = low + (high - low) / 2;
        struct rows rows = store_query(work->store, SQL_EVENT_FROM, SQL_ARGS(sql_int(middle)));
        if (rows_next(&rows) && rows_int(&rows, 1) < at_ms) {
            low = rows_int(&rows, 0) + 1;
        } else {
            high = middle;
        }
        err = work_store_fault(work, rows_end(&rows));
    }
    *out_id = high;
    return err;
}

static enum err id_bounds(struct work *work, const struct audit_filter *filter, int64_t *out_low,
                          int64_t *out_high)
{
    enum err err = ERR_OK;
    *out_low = 0;
    *out_high = filter->before == 0 ? INT64_MAX : filter->before;
    if (filter->from_ms != 0) {
        err = id_at(work, filter->from_ms - TIME_SLACK_MS, out_low);
    }
    if (!err && filter->until_ms != 0) {
        int64_t until = 0;
        err = id_at(work, filter->until_ms + TIME_SLACK_MS, &until);
        *out_high = until < *out_high ? until : *out_high;
    }
    return err;
}

/* ---- lists ---- */

/* The id down to which AUDIT_SCAN events below high are looked at; 0 if there are fewer. */
static enum err scan_floor(struct work *work, enum sql sql, const struct uuid *id, int64_t high,
                           int64_t *out_floor)
{
    struct rows rows = store_query(work->store, sql,
                                   SQL_ARGS(sql_uuid(id), sql_int(high), sql_int(AUDIT_SCAN - 1)));
    *out_floor = rows_next(&rows) ? rows_int(&rows, 0) : 0;
    return work_store_fault(work, rows_end(&rows));
}

enum err audit_list(struct work *work, const struct audit_filter *filter,
                    struct audit_event *out_events, size_t *out_count, int64_t *out_rest)
{
    static const struct {
        enum sql list;
        enum sql floor;
    } ways[] = {
        {SQL_EVENT_LIST_BY_SESSION, SQL_EVENT_FLOOR_BY_SESSION},
        {SQL_EVENT_LIST_BY_USER, SQL_EVENT_FLOOR_BY_USER},
        {SQL_EVENT_LIST_BY_APP, SQL_EVENT_FLOOR_BY_APP},
        {SQL_EVENT_LIST, SQL_EVENT_FLOOR},
    };
    const struct uuid *ids[] = {&filter->session_id, &filter->user_id, &filter->app_id,
                                &work->workspace_id};
    int64_t low = 0;
    int64_t high = 0;
    int64_t floor = 0;
    size_t way = 0;
    while (uuid_is_none(ids[way]) && way + 1 < COUNT_OF(ways)) {
        way++;
    }
    *out_count = 0;
    *out_rest = 0;
    enum err err = id_bounds(work, filter, &low, &high);
    if (!err) {
        err = scan_floor(work, ways[way].floor, ids[way], high, &floor);
    }
    if (!err) {
        err = list_between(work, ways[way].list, filter, floor > low ? floor : low, high,
                           out_events, out_count);
    }
    if (!err && *out_count < (size_t)filter->limit && floor > low) {
        *out_rest = floor;
    }
    return err;
}

enum err audit_since(struct work *work, const struct audit_filter *filter, int64_t after,
                     struct audit_event *out_events, size_t *out_count, int64_t *out_last)
{
    int64_t first = 0;
    int64_t last = 0;
    *out_count = 0;
    enum err err = id_range(work, &first, &last);
    if (err || last <= after) {
        *out_last = after;
        return err;
    }
    last = last - after > AUDIT_SCAN ? after + AUDIT_SCAN : last;
    err = list_between(work, SQL_EVENT_LIST_SINCE, filter, after + 1, last + 1, out_events,
                       out_count);
    if (!err) {
        bool is_full = *out_count == (size_t)filter->limit;
        *out_last = is_full ? out_events[*out_count - 1].id : last;
    }
    return err;
}

enum err audit_newest(struct work *work, int64_t *out_id)
{
    int64_t first = 0;
    return id_range(work, &first, out_id);
}
