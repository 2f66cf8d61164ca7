/*
 * How much apps are used, and which of the first steps were done.
 */
#include "model/row.h"
#include "model/usage.h"

#include "api/v1/noun.h"

enum { DAY_HOURS = 24, STEPS_MAX = 750 };

static json_t *sum_json(struct usage_sum *sum)
{
    json_t *json = json_object();
    api_json_set(json, "views", json_integer(sum->views));
    api_json_set(json, "users", json_integer(sum->users));
    api_json_set(json, "denials", sum->denials == NULL ? json_object() : json_incref(sum->denials));
    usage_sum_done(sum);
    return json;
}

/* A range of whole hours or days (UTC) that ends now, unless the query says otherwise. */
static struct usage_filter read_filter(struct api_query *query, int64_t step_hours,
                                       int64_t default_hours)
{
    int64_t now_ms = query->call->work.now_ms;
    int64_t from_ms = api_query_time(query, "from");
    int64_t until_ms = api_query_time(query, "until");
    struct usage_filter filter = {
        .app_id = api_query_uuid(query, "appId"),
        .user_id = api_query_uuid(query, "userId"),
        .step_hours = step_hours,
    };
    int64_t last_hour = (until_ms == 0 ? now_ms : until_ms - 1) / HOUR_MS;
    filter.to_hour = (last_hour / step_hours + 1) * step_hours;
    filter.from_hour =
        from_ms == 0 ? filter.to_hour - default_hours : from_ms / HOUR_MS / step_hours * step_hours;
    if (filter.from_hour >= filter.to_hour || filter.from_hour <= 0) {
        api_query_refuse(query, "from", "must be before \"until\", and after 1970-01-01");
    }
    return filter;
}

static void set_range(json_t *json, const struct usage_filter *filter)
{
    api_json_set(json, "from", api_json_time(filter->from_hour * HOUR_MS));
    api_json_set(json, "until", api_json_time(filter->to_hour * HOUR_MS));
}

enum err usage_get(struct api_call *call)
{
    static const char *const intervals[] = {"day", "hour", NULL};
    struct api_query query = api_query_start(call);
    struct str interval = api_query_word(&query, "interval", intervals);
    bool is_hourly = str_equal(interval, STR("hour"));
    struct usage_filter filter = is_hourly ? read_filter(&query, 1, 2 * DAY_HOURS)
                                           : read_filter(&query, DAY_HOURS, 30 * DAY_HOURS);
    int64_t steps = (filter.to_hour - filter.from_hour) / filter.step_hours;
    struct usage_sum total;
    if (steps > STEPS_MAX) {
        char why[96];
        snprintf(why, sizeof(why), "must be at most %d %s before \"until\"", STEPS_MAX,
                 is_hourly ? "hours" : "days");
        api_query_refuse(&query, "from", why);
    }
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct usage_sum *sums = arena_alloc(call->work.arena, (size_t)steps * sizeof(*sums));
    err = usage_series(&call->work, &filter, sums, &total);
    json_t *items = json_array();
    for (int64_t i = 0; i < steps; i++) {
        json_t *item = sum_json(&sums[i]);
        int64_t hour = filter.from_hour + i * filter.step_hours;
        api_json_set(item, "at", api_json_time(hour * HOUR_MS));
        noun_append_item(items, item);
    }
    json_t *json = sum_json(&total);
    set_range(json, &filter);
    api_json_set(json, "interval", json_string(is_hourly ? "hour" : "day"));
    api_json_set(json, "items", items);
    if (err) {
        json_decref(json);
        return err;
    }
    return api_reply_json(call, 200, json);
}

/* ---- who and what most ---- */

static json_t *share_json(const struct usage_share *share, bool is_app)
{
    json_t *json = json_object();
    json_t *who = json_object();
    api_json_set(who, "id", api_json_uuid(&share->id));
    api_json_set(who, is_app ? "slug" : "email", api_json_str(share->name));
    api_json_set(who, is_app ? "name" : "externalIdentifier", api_json_str(share->other_name));
    api_json_set(json, is_app ? "app" : "user", who);
    api_json_set(json, "views", json_integer(share->views));
    api_json_set(json, is_app ? "users" : "apps", json_integer(share->others));
    api_json_set(json, "denials", json_integer(share->denials));
    return json;
}

static enum err reply_shares(struct api_call *call, bool is_app)
{
    struct api_query query = api_query_start(call);
    struct usage_filter filter = read_filter(&query, 1, 30 * DAY_HOURS);
    int64_t limit = api_query_int(&query, "limit", 50, 1, LIMIT_PAGE_ITEMS);
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct usage_share *shares = arena_alloc(call->work.arena, (size_t)limit * sizeof(*shares));
    err = is_app ? usage_apps(&call->work, &filter, limit, shares, &count)
                 : usage_users(&call->work, &filter, limit, shares, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, share_json(&shares[i], is_app));
    }
    json_t *json = json_object();
    set_range(json, &filter);
    api_json_set(json, "items", items);
    return api_reply_json(call, 200, json);
}

enum err usage_list_apps(struct api_call *call)
{
    return reply_shares(call, true);
}

enum err usage_list_users(struct api_call *call)
{
    return reply_shares(call, false);
}

/* ---- who has how many origins ---- */

static json_t *origins_json(const struct usage_origins *row)
{
    const struct party party = {.app_slug = row->app_slug,
                                .user_email = row->user_email,
                                .user_external_identifier = row->user_external_identifier};
    json_t *json = json_object();
    links_set_party(json, &row->app_id, &row->user_id, &party);
    api_json_set(json, "origins", json_integer(row->origins));
    return json;
}

enum err usage_list_origins(struct api_call *call)
{
    enum { DAYS = 7 };
    struct api_query query = api_query_start(call);
    struct uuid app_id = api_query_uuid(&query, "appId");
    struct uuid user_id = api_query_uuid(&query, "userId");
    int64_t limit = api_query_int(&query, "limit", 50, 1, LIMIT_PAGE_ITEMS);
    int64_t since_ms = call->work.now_ms - DAYS * DAY_MS;
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct usage_origins *rows = arena_alloc(call->work.arena, (size_t)limit * sizeof(*rows));
    err = usage_origins_most(&call->work, &app_id, &user_id, since_ms, limit, rows, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, origins_json(&rows[i]));
    }
    json_t *json = json_object();
    api_json_set(json, "since", api_json_time(since_ms));
    api_json_set(json, "items", items);
    return api_reply_json(call, 200, json);
}

/* ---- the first steps ---- */

struct started {
    bool app;
    bool portal;
    bool api_token;
    bool link;
    bool view;
};

static ROW_READER(started_from_row, started, STARTED_ROW);
static ROW_ONE(started_one, started, started_from_row);

enum err getting_started_get(struct api_call *call)
{
    struct work *work = &call->work;
    enum err err = api_query_none(call);
    if (err) {
        return err;
    }
    struct started started;
    err = started_one(
        work, store_query(work->store, SQL_STARTED, SQL_ARGS(sql_uuid(&work->workspace_id))),
        &started);
    if (err) {
        return err;
    }
    json_t *json = json_object();
    api_json_set(json, "app", json_boolean(started.app));
    api_json_set(json, "portal", json_boolean(started.portal));
    api_json_set(json, "apiToken", json_boolean(started.api_token));
    api_json_set(json, "link", json_boolean(started.link));
    api_json_set(json, "view", json_boolean(started.view));
    return api_reply_json(call, 200, json);
}
