#include "model/usage.h"

#include "model/row.h"

enum err usage_count(struct work *work, const struct uuid *workspace_id, const struct uuid *app_id,
                     const struct uuid *user_id, struct str reason)
{
    return store_run(work->store, SQL_USAGE_COUNT,
                     SQL_ARGS(sql_uuid(workspace_id), sql_int(work->now_ms / HOUR_MS),
                              sql_uuid(app_id), sql_uuid(user_id),
                              sql_text(reason.ptr == NULL ? STR("") : reason)),
                     NULL);
}

static void sum_add(struct usage_sum *sum, struct str reason, int64_t count, int64_t users)
{
    char name[FAULT_CODE_MAX + 1];
    if (reason.len == 0) {
        sum->views = count;
        sum->users = users;
    } else if (str_to_cstr(reason, name, sizeof(name))) {
        sum->denials = sum->denials == NULL ? json_object() : sum->denials;
        REQUIRE(json_object_set_new(sum->denials, name, json_integer(count)) == 0);
    }
}

static struct rows query(struct work *work, const enum sql by[3], const struct usage_filter *filter,
                         int64_t number)
{
    enum sql sql = !uuid_is_none(&filter->user_id)  ? by[2]
                   : !uuid_is_none(&filter->app_id) ? by[1]
                                                    : by[0];
    return store_query(work->store, sql,
                       SQL_ARGS(sql_uuid(&work->workspace_id), sql_uuid(&filter->app_id),
                                sql_uuid(&filter->user_id), sql_int(filter->from_hour),
                                sql_int(filter->to_hour), sql_int(number)));
}

/* Of a step: its views, or its denials for one reason. */
struct part {
    int64_t step;
    struct str reason; /* "" for views */
    int64_t count;
    int64_t users;
};

static ROW_READER(part_from_row, part, USAGE_SUM_ROW);

static enum err sums(struct work *work, const struct usage_filter *filter, int64_t step_hours,
                     struct usage_sum *out_sums)
{
    static const enum sql by[] = {SQL_USAGE, SQL_USAGE_BY_APP, SQL_USAGE_BY_USER};
    struct rows rows = query(work, by, filter, step_hours);
    int64_t first = filter->from_hour / step_hours;
    while (rows_next(&rows)) {
        struct part part;
        part_from_row(work, &rows, &part);
        sum_add(&out_sums[part.step - first], part.reason, part.count, part.users);
    }
    return work_store_fault(work, rows_end(&rows));
}

enum err usage_series(struct work *work, const struct usage_filter *filter,
                      struct usage_sum *out_sums, struct usage_sum *out_total)
{
    const int64_t ever = INT64_C(1) << 40; /* one step that has all hours in it */
    *out_total = (struct usage_sum){0};
    enum err err = sums(work, filter, filter->step_hours, out_sums);
    return err ? err : sums(work, filter, ever, out_total);
}

void usage_sum_done(struct usage_sum *sum)
{
    json_decref(sum->denials);
    sum->denials = NULL;
}

/* USAGE_USER_ROW has the same members. */
static ROW_READER(share_from_row, usage_share, USAGE_APP_ROW);
static ROW_ALL(shares, usage_share, share_from_row);

enum err usage_apps(struct work *work, const struct usage_filter *filter, int64_t limit,
                    struct usage_share *out_shares, size_t *out_count)
{
    static const enum sql by[] = {SQL_USAGE_APPS, SQL_USAGE_APPS_BY_APP, SQL_USAGE_APPS_BY_USER};
    return shares(work, query(work, by, filter, limit), out_shares, out_count);
}

enum err usage_users(struct work *work, const struct usage_filter *filter, int64_t limit,
                     struct usage_share *out_shares, size_t *out_count)
{
    static const enum sql by[] = {SQL_USAGE_USERS, SQL_USAGE_USERS_BY_APP, SQL_USAGE_USERS_BY_USER};
    return shares(work, query(work, by, filter, limit), out_shares, out_count);
}

static ROW_READER(origins_from_row, usage_origins, USAGE_ORIGINS_ROW);
static ROW_ALL(all_origins, usage_origins, origins_from_row);

enum err usage_origins_most(struct work *work, const struct uuid *app_id,
                            const struct uuid *user_id, int64_t since_ms, int64_t limit,
                            struct usage_origins *out_origins, size_t *out_count)
{
    enum sql sql = !uuid_is_none(user_id)  ? SQL_USAGE_ORIGINS_BY_USER
                   : !uuid_is_none(app_id) ? SQL_USAGE_ORIGINS_BY_APP
                                           : SQL_USAGE_ORIGINS;
    return all_origins(work,
                       store_query(work->store, sql,
                                   SQL_ARGS(sql_uuid(&work->workspace_id), sql_uuid(app_id),
                                            sql_uuid(user_id), sql_int(since_ms), sql_int(limit))),
                       out_origins, out_count);
}
