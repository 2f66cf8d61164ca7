#include "entry/listing.h"

#include "model/row.h"

static void listed_link_from_row(struct work *work, const struct rows *rows,
                                 struct listed_link *out_row)
{
    link_from_row(work, rows, &out_row->link);
    ROW_READ(LINK_REPORT_ROW, COLUMN_COUNT(LINK_ROW));
}

static ROW_ONE(listed_link_one, listed_link, listed_link_from_row);
static ROW_ALL(listed_link_all, listed_link, listed_link_from_row);

static void listed_session_from_row(struct work *work, const struct rows *rows,
                                    struct listed_session *out_row)
{
    struct session *session = &out_row->session;
    session_from_row(work, rows, session);
    ROW_READ(SESSION_REPORT_ROW, COLUMN_COUNT(SESSION_ROW));
    if (session->ended_at_ms == 0 && session->expires_at_ms <= work->now_ms) {
        session->ended_at_ms = session->expires_at_ms;
        session->end_reason = STR("expired");
    }
}

static ROW_ONE(listed_session_one, listed_session, listed_session_from_row);
static ROW_ALL(listed_session_all, listed_session, listed_session_from_row);

enum err listing_link(struct work *work, const struct uuid *id, struct listed_link *out_link)
{
    return listed_link_one(
        work,
        store_query(work->store, SQL_LINK_REPORT, SQL_ARGS(sql_int(work->now_ms), sql_uuid(id))),
        out_link);
}

enum err listing_session(struct work *work, const struct uuid *id,
                         struct listed_session *out_session)
{
    return listed_session_one(
        work,
        store_query(work->store, SQL_SESSION_REPORT, SQL_ARGS(sql_int(work->now_ms), sql_uuid(id))),
        out_session);
}

static struct rows query_parties(struct work *work, enum sql sql,
                                 const struct listing_filter *filter)
{
    return store_query(work->store, sql,
                       SQL_ARGS(sql_int(work->now_ms), sql_uuid(&work->workspace_id),
                                sql_uuid(&filter->user_id), sql_uuid(&filter->app_id),
                                sql_uuid(&filter->after), sql_text(filter->status),
                                sql_int(filter->limit)));
}

enum err listing_links(struct work *work, const struct listing_filter *filter,
                       struct listed_link *out_links, size_t *out_count)
{
    enum sql sql = !uuid_is_none(&filter->user_id)  ? SQL_LINK_LIST_BY_USER
                   : !uuid_is_none(&filter->app_id) ? SQL_LINK_LIST_BY_APP
                                                    : SQL_LINK_LIST;
    return listed_link_all(work, query_parties(work, sql, filter), out_links, out_count);
}

enum err listing_sessions(struct work *work, const struct listing_filter *filter,
                          struct listed_session *out_sessions, size_t *out_count)
{
    enum sql sql = !uuid_is_none(&filter->user_id)  ? SQL_SESSION_LIST_BY_USER
                   : !uuid_is_none(&filter->app_id) ? SQL_SESSION_LIST_BY_APP
                                                    : SQL_SESSION_LIST;
    return listed_session_all(work, query_parties(work, sql, filter), out_sessions, out_count);
}
