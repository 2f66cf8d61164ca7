#include "entry/listing.h"

/* PARTY_COLUMNS, from first on. */
static struct party party_from_row(struct access *access, const struct rows *rows, int first)
{
    return (struct party){
        .app_slug = access_column(access, rows, first),
        .user_email = access_column(access, rows, first + 1),
        .user_external_identifier = access_column(access, rows, first + 2),
    };
}

static void link_report_from_row(struct access *access, const struct rows *rows,
                                  struct link_report *out_link)
{
    link_from_row(access, rows, &out_link->link);
    out_link->status = access_column(access, rows, 15);
    out_link->party = party_from_row(access, rows, 16);
}

static void session_report_from_row(struct access *access, const struct rows *rows,
                                    struct session_report *out_session)
{
    struct session *session = &out_session->session;
    session_from_row(access, rows, session);
    out_session->status = access_column(access, rows, 14);
    out_session->party = party_from_row(access, rows, 15);
    if (session->ended_at_ms == 0 && session->expires_at_ms <= access->now_ms) {
        session->ended_at_ms = session->expires_at_ms;
        session->end_reason = STR("expired");
    }
}

enum err report_link(struct access *access, const struct uuid *id, struct link_report *out_link)
{
    struct rows rows = store_query(access->store, SQL_LINK_REPORT,
                                   SQL_ARGS(sql_int(access->now_ms), sql_uuid(id)));
    enum err err = access_one_row(&rows);
    if (!err) {
        link_report_from_row(access, &rows, out_link);
    }
    enum err end = rows_end(&rows);
    return access_store_fault(access, end ? end : err);
}

enum err report_session(struct access *access, const struct uuid *id,
                        struct session_report *out_session)
{
    struct rows rows = store_query(access->store, SQL_SESSION_REPORT,
                                   SQL_ARGS(sql_int(access->now_ms), sql_uuid(id)));
    enum err err = access_one_row(&rows);
    if (!err) {
        session_report_from_row(access, &rows, out_session);
    }
    enum err end = rows_end(&rows);
    return access_store_fault(access, end ? end : err);
}

static struct rows query_parties(struct access *access, enum sql sql,
                                 const struct report_filter *filter)
{
    return store_query(access->store, sql,
                       SQL_ARGS(sql_int(access->now_ms), sql_uuid(&access->workspace_id),
                                sql_uuid(&filter->user_id), sql_uuid(&filter->app_id),
                                sql_uuid(&filter->after), sql_text(filter->status),
                                sql_int(filter->limit)));
}

enum err report_links(struct access *access, const struct report_filter *filter,
                       struct link_report *out_links, size_t *out_count)
{
    enum sql sql = !uuid_is_none(&filter->user_id)  ? SQL_LINK_LIST_BY_USER
                   : !uuid_is_none(&filter->app_id) ? SQL_LINK_LIST_BY_APP
                                                    : SQL_LINK_LIST;
    struct rows rows = query_parties(access, sql, filter);
    size_t count = 0;
    while (rows_next(&rows)) {
        link_report_from_row(access, &rows, &out_links[count++]);
    }
    *out_count = count;
    return access_store_fault(access, rows_end(&rows));
}

enum err report_sessions(struct access *access, const struct report_filter *filter,
                         struct session_report *out_sessions, size_t *out_count)
{
    enum sql sql = !uuid_is_none(&filter->user_id)  ? SQL_SESSION_LIST_BY_USER
                   : !uuid_is_none(&filter->app_id) ? SQL_SESSION_LIST_BY_APP
                                                    : SQL_SESSION_LIST;
    struct rows rows = query_parties(access, sql, filter);
    size_t count = 0;
    while (rows_next(&rows)) {
        session_report_from_row(access, &rows, &out_sessions[count++]);
    }
    *out_count = count;
    return access_store_fault(access, rows_end(&rows));
}
