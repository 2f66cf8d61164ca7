#include "entry/listing.h"

/* PARTY_COLUMNS, from first on. */
static struct party party_from_row(struct work *work, const struct rows *rows, int first)
{
    return (struct party){
        .app_slug = work_column(work, rows, first),
        .user_email = work_column(work, rows, first + 1),
        .user_external_identifier = work_column(work, rows, first + 2),
    };
}

static void listed_link_from_row(struct work *work, const struct rows *rows,
                                 struct listed_link *out_link)
{
    link_from_row(work, rows, &out_link->link);
    out_link->status = work_column(work, rows, 15);
    out_link->party = party_from_row(work, rows, 16);
}

static void listed_session_from_row(struct work *work, const struct rows *rows,
                                    struct listed_session *out_session)
{
    struct session *session = &out_session->session;
    session_from_row(work, rows, session);
    out_session->status = work_column(work, rows, 14);
    out_session->party = party_from_row(work, rows, 15);
    if (session->ended_at_ms == 0 && session->expires_at_ms <= work->now_ms) {
        session->ended_at_ms = session->expires_at_ms;
        session->end_reason = STR("expired");
    }
}

enum err listing_link(struct work *work, const struct uuid *id, struct listed_link *out_link)
{
    struct rows rows =
        store_query(work->store, SQL_LINK_REPORT, SQL_ARGS(sql_int(work->now_ms), sql_uuid(id)));
    enum err err = rows_one(&rows);
    if (!err) {
        listed_link_from_row(work, &rows, out_link);
    }
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
}

enum err listing_session(struct work *work, const struct uuid *id,
                         struct listed_session *out_session)
{
    struct rows rows =
        store_query(work->store, SQL_SESSION_REPORT, SQL_ARGS(sql_int(work->now_ms), sql_uuid(id)));
    enum err err = rows_one(&rows);
    if (!err) {
        listed_session_from_row(work, &rows, out_session);
    }
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
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
    struct rows rows = query_parties(work, sql, filter);
    size_t count = 0;
    while (rows_next(&rows)) {
        listed_link_from_row(work, &rows, &out_links[count++]);
    }
    *out_count = count;
    return work_store_fault(work, rows_end(&rows));
}

enum err listing_sessions(struct work *work, const struct listing_filter *filter,
                          struct listed_session *out_sessions, size_t *out_count)
{
    enum sql sql = !uuid_is_none(&filter->user_id)  ? SQL_SESSION_LIST_BY_USER
                   : !uuid_is_none(&filter->app_id) ? SQL_SESSION_LIST_BY_APP
                                                    : SQL_SESSION_LIST;
    struct rows rows = query_parties(work, sql, filter);
    size_t count = 0;
    while (rows_next(&rows)) {
        listed_session_from_row(work, &rows, &out_sessions[count++]);
    }
    *out_count = count;
    return work_store_fault(work, rows_end(&rows));
}
