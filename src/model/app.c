#include "model/app.h"

#include "model/row.h"
#include "model/event.h"
#include "base/limits.h"
#include "crypto/random.h"

const char *const app_kind_names[APP_KINDS + 1] = {
    [APP_BUNDLE] = "bundle",
    [APP_UPSTREAM] = "upstream",
};

enum app_kind app_kind_named(struct str name)
{
    enum app_kind kind = APP_BUNDLE;
    while (kind < APP_KINDS && !str_equal(name, str_from(app_kind_names[kind]))) {
        kind++;
    }
    return kind;
}

enum app_kind app_kind_stored(struct str name)
{
    enum app_kind kind = app_kind_named(name);
    REQUIRE(kind < APP_KINDS);
    return kind;
}

static ROW_READER(app_from_row, app, APP_ROW);
static ROW_ONE(app_one, app, app_from_row);
ROW_ALL(app_all, app, app_from_row);

enum err app_find(struct work *work, const struct uuid *id, struct app *out_app)
{
    return app_one(work, store_query(work->store, SQL_APP_BY_ID, SQL_ARGS(sql_uuid(id))), out_app);
}

enum err app_find_here(struct work *work, struct str id_or_slug, struct app *out_app)
{
    struct uuid id;
    struct app app = {0};
    enum err err = ERR_NOT_FOUND;
    if (uuid_parse(id_or_slug, &id)) {
        err = app_find(work, &id, &app);
        if (!err && !uuid_equal(&app.workspace_id, &work->workspace_id)) {
            err = ERR_NOT_FOUND;
        }
    } else if (id_or_slug.len <= LIMIT_SLUG_BYTES) {
        err = app_one(work,
                      store_query(work->store, SQL_APP_BY_SLUG,
                                  SQL_ARGS(sql_uuid(&work->workspace_id), sql_text(id_or_slug))),
                      &app);
    }
    if (!err) {
        *out_app = app;
    }
    return err;
}

/* ---- slugs ---- */

static bool is_slug_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool app_slug_is_valid(struct str slug)
{
    struct uuid id;
    if (slug.len == 0 || slug.len > LIMIT_SLUG_BYTES || uuid_parse(slug, &id)) {
        return false;
    }
    for (size_t i = 0; i < slug.len; i++) {
        bool is_inner_hyphen =
            slug.ptr[i] == '-' && i > 0 && i + 1 < slug.len && slug.ptr[i - 1] != '-';
        if (!is_slug_char(slug.ptr[i]) && !is_inner_hyphen) {
            return false;
        }
    }
    return true;
}

/* "My First App!" gives "my-first-app"; a name without letters and digits gives "app". */
static struct str slug_from_name(struct work *work, struct str name)
{
    struct uuid id;
    char *slug = arena_alloc(work->arena, name.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < LIMIT_SLUG_BYTES; i++) {
        char c = str_lower_char(name.ptr[i]);
        if (is_slug_char(c)) {
            slug[len++] = c;
        } else if (len > 0 && slug[len - 1] != '-') {
            slug[len++] = '-';
        }
    }
    while (len > 0 && slug[len - 1] == '-') {
        len--;
    }
    struct str made = {slug, len};
    return len == 0                ? STR("app")
           : uuid_parse(made, &id) ? arena_printf(work->arena, "app-" STR_FMT, STR_ARG(made))
                                   : made;
}

/* The slug, or the slug with the first of -2, -3 … that makes it free. */
static enum err slug_make_free(struct work *work, struct str *slug)
{
    struct str base = *slug;
    struct app taken;
    enum err err = app_find_here(work, *slug, &taken);
    for (int number = 2; !err; number++) {
        struct str suffix = arena_printf(work->arena, "-%d", number);
        struct str start = base;
        start.len =
            start.len > LIMIT_SLUG_BYTES - suffix.len ? LIMIT_SLUG_BYTES - suffix.len : start.len;
        while (start.ptr[start.len - 1] == '-') {
            start.len--;
        }
        *slug = arena_printf(work->arena, STR_FMT STR_FMT, STR_ARG(start), STR_ARG(suffix));
        err = app_find_here(work, *slug, &taken);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- management ---- */

static enum err app_exists(struct work *work)
{
    return fault_member(work->fault, ERR_CONFLICT, "app_exists", "slug",
                        "There is an app with this slug already.");
}

/* The caller has seen to it that the environments exist. */
static enum err put_addresses(struct work *work, const struct app *app)
{
    const char *name = NULL;
    json_t *url = NULL;
    json_t *addresses =
        json_loadb(app->upstream_addresses.ptr, app->upstream_addresses.len, 0, NULL);
    enum err err =
        store_run(work->store, SQL_UPSTREAM_ADDRESSES_DELETE, SQL_ARGS(sql_uuid(&app->id)), NULL);
    json_object_foreach(addresses, name, url)
    {
        if (!err) {
            err = work_run_one(work, SQL_UPSTREAM_ADDRESS_PUT,
                               SQL_ARGS(sql_uuid(&app->id), sql_uuid(&app->workspace_id),
                                        sql_text(str_from(name)),
                                        sql_text(str_from(json_string_value(url)))));
        }
    }
    json_decref(addresses);
    return err;
}

enum err app_create(struct work *work, struct app *app)
{
    enum err err = ERR_OK;
    if (app->slug.ptr == NULL) {
        app->slug = slug_from_name(work, app->name);
        err = slug_make_free(work, &app->slug);
    }
    if (err) {
        return err;
    }
    app->id = random_uuid();
    app->workspace_id = work->workspace_id;
    app->portals = app->portals.ptr == NULL ? STR("") : app->portals;
    app->start_path = app->start_path.ptr == NULL ? STR("/") : app->start_path;
    app->top_level = app->top_level.ptr == NULL ? STR("own-pages") : app->top_level;
    app->service_workers = app->service_workers.ptr == NULL ? STR("guarded") : app->service_workers;
    app->volatile_metadata =
        app->volatile_metadata.ptr == NULL ? STR("[]") : app->volatile_metadata;
    app->current_version = STR_NONE;
    app->created_at_ms = work->now_ms;
    app->updated_at_ms = work->now_ms;
    err = store_run(work->store, SQL_APP_INSERT,
                    SQL_ARGS(sql_uuid(&app->id), sql_uuid(&app->workspace_id), sql_text(app->slug),
                             sql_text(app->name), sql_text(str_from(app_kind_names[app->kind])),
                             sql_text(app->portals), sql_int(app->created_at_ms),
                             sql_text(app->upstream), sql_text(app->start_path),
                             sql_text(app->service_workers), sql_text(app->volatile_metadata),
                             sql_int(app->idle_minutes), sql_int(app->sessions_per_user),
                             sql_int(app->is_strict), sql_text(app->top_level)),
                    NULL);
    if (err == ERR_CONFLICT) {
        return app_exists(work);
    }
    if (!err && app->kind == APP_UPSTREAM) {
        err = put_addresses(work, app);
    }
    if (!err) {
        err = event_add_detail(work, &(struct event){.type = "app.create", .app_id = app->id},
                               json_pack("{s:s%, s:s%}", "slug", app->slug.ptr, app->slug.len,
                                         "name", app->name.ptr, app->name.len));
    }
    return work_store_fault(work, err);
}

/* Tells both workspaces. */
static enum err app_note_move(struct work *work, const struct app *before, const struct app *after)
{
    struct str from = work_uuid_text(work, &before->workspace_id);
    struct str to = work_uuid_text(work, &after->workspace_id);
    json_t *detail = json_pack("{s:s%, s:s%}", "from", from.ptr, from.len, "to", to.ptr, to.len);
    struct event event = {
        .type = "app.move", .workspace_id = before->workspace_id, .app_id = after->id};
    enum err err = event_add_detail(work, &event, json_incref(detail));
    if (!err) {
        event.workspace_id = after->workspace_id;
        err = event_add_detail(work, &event, json_incref(detail));
    }
    json_decref(detail);
    return err;
}

static enum err app_move(struct work *work, const struct app *before, const struct app *after)
{
    enum err err =
        store_run(work->store, SQL_APP_LEAVE_GROUPS, SQL_ARGS(sql_uuid(&after->id)), NULL);
    if (!err) {
        err = store_run(work->store, SQL_APP_REVOKE_LINKS,
                        SQL_ARGS(sql_uuid(&after->id), sql_int(work->now_ms)), NULL);
    }
    return err ? err : app_note_move(work, before, after);
}

static enum err app_write(struct work *work, const struct app *app)
{
    enum err err = store_run_one(
        work->store, SQL_APP_UPDATE,
        SQL_ARGS(sql_uuid(&app->id), sql_uuid(&app->workspace_id), sql_text(app->slug),
                 sql_text(app->name), sql_text(app->portals), sql_int(app->updated_at_ms),
                 sql_text(app->upstream), sql_text(app->start_path), sql_text(app->service_workers),
                 sql_text(app->volatile_metadata), sql_int(app->idle_minutes),
                 sql_int(app->sessions_per_user), sql_int(app->is_strict),
                 sql_text(app->top_level)));
    return err == ERR_CONFLICT ? app_exists(work) : work_changed_fault(work, err);
}

static void note_number(json_t *changes, const char *member, int64_t before, int64_t after)
{
    if (before != after) {
        json_t *number = after == 0 ? json_null() : json_integer(after);
        REQUIRE(json_object_set_new(changes, member, number) == 0);
    }
}

/* What differs, for the event. */
static json_t *app_changes(const struct app *before, const struct app *after)
{
    json_t *changes = json_object();
    event_note_change(changes, "name", before->name, after->name);
    event_note_change(changes, "slug", before->slug, after->slug);
    event_note_change(changes, "portals", before->portals, after->portals);
    event_note_change(changes, "startPath", before->start_path, after->start_path);
    event_note_change(changes, "serviceWorkers", before->service_workers, after->service_workers);
    event_note_change(changes, "topLevel", before->top_level, after->top_level);
    if (before->is_strict != after->is_strict) {
        REQUIRE(json_object_set_new(changes, "strict", json_boolean(after->is_strict)) == 0);
    }
    event_note_change(changes, "volatileMetadata", before->volatile_metadata,
                      after->volatile_metadata);
    note_number(changes, "idleTimeoutMinutes", before->idle_minutes, after->idle_minutes);
    note_number(changes, "sessionsPerUser", before->sessions_per_user, after->sessions_per_user);
    return changes;
}

enum err app_update(struct work *work, const struct app *before, struct app *after)
{
    bool is_moved = !uuid_equal(&before->workspace_id, &after->workspace_id);
    bool has_other_portals = !str_equal(before->portals, after->portals);
    enum err err = ERR_OK;
    json_t *changes = app_changes(before, after);
    bool has_other_idle = before->idle_minutes != after->idle_minutes;
    bool has_other_upstream = !str_equal(before->upstream, after->upstream) ||
                              !str_equal(before->upstream_addresses, after->upstream_addresses);
    /* An address may hold what must not get into the audit log. */
    if (has_other_upstream) {
        REQUIRE(json_object_set_new(changes, "upstream", json_true()) == 0);
    }
    bool has_changes = json_object_size(changes) > 0;
    if (!has_changes && !is_moved) {
        goto done;
    }
    after->updated_at_ms = work->now_ms;
    err = app_write(work, after);
    if (err) {
        goto done;
    }
    work->raise_epoch |= is_moved || has_other_portals || has_other_upstream || has_other_idle ||
                         !str_equal(before->service_workers, after->service_workers) ||
                         !str_equal(before->top_level, after->top_level);
    if (is_moved && after->kind == APP_UPSTREAM) {
        after->upstream_addresses = STR("{}"); /* those environments are not there */
        err = put_addresses(work, after);
    } else if (has_other_upstream) {
        err = put_addresses(work, after);
    }
    if (!err && has_other_idle) {
        /* The time counts from now. */
        err = store_run(work->store, SQL_SESSIONS_USE_ALL,
                        SQL_ARGS(sql_uuid(&after->id), sql_int(work->now_ms)), NULL);
    }
    if (!err && has_changes) {
        struct event event = {
            .type = "app.update", .workspace_id = before->workspace_id, .app_id = after->id};
        err = event_add_detail(work, &event, json_incref(changes));
    }
    if (!err && is_moved) {
        err = app_move(work, before, after);
    }
done:
    json_decref(changes);
    return work_store_fault(work, err);
}

enum err app_delete(struct work *work, const struct app *app)
{
    enum err err = work_run_one(work, SQL_APP_DELETE, SQL_ARGS(sql_uuid(&app->id)));
    if (!err) {
        struct event event = {
            .type = "app.delete", .workspace_id = app->workspace_id, .app_id = app->id};
        work->raise_epoch = true;
        err = event_add_detail(work, &event,
                               json_pack("{s:s%, s:s%}", "slug", app->slug.ptr, app->slug.len,
                                         "name", app->name.ptr, app->name.len));
    }
    return work_store_fault(work, err);
}

enum err app_list(struct work *work, const struct app_filter *filter, struct app *out_apps,
                  size_t *out_count)
{
    return app_all(
        work,
        store_query(work->store, SQL_APP_LIST,
                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_uuid(&filter->after),
                             sql_text(filter->slug), sql_int(filter->limit),
                             sql_text(filter->search.text), sql_uuid(&filter->search.id),
                             sql_text(filter->apps.ptr == NULL ? STR("") : filter->apps))),
        out_apps, out_count);
}
