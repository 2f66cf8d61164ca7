#include "model/release.h"

#include "model/event.h"
#include "base/encode.h"
#include "base/limits.h"

/* ---- versions and names ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_number(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_number_without_leading_zero(struct str text)
{
    return is_number(text) && (text.len == 1 || text.ptr[0] != '0');
}

static bool is_identifier(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]) && !is_letter(text.ptr[i]) && text.ptr[i] != '-') {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_prerelease_identifier(struct str text)
{
    return is_identifier(text) && (!is_number(text) || is_number_without_leading_zero(text));
}

/* How many parts between dots; 0 if one of them is not as it has to be. */
static int count_parts(struct str text, bool (*is_part)(struct str part))
{
    int count = 0;
    bool ends_in_dot = str_ends_with(text, STR("."));
    while (text.len > 0) {
        if (!is_part(str_cut(&text, '.'))) {
            return 0;
        }
        count++;
    }
    return ends_in_dot ? 0 : count;
}

bool release_version_is_semantic(struct str version)
{
    if (version.len > LIMIT_VERSION_BYTES) {
        return false;
    }
    bool has_build = str_find(version, '+') < version.len;
    struct str build = version;
    struct str prerelease = str_cut(&build, '+');
    bool has_prerelease = str_find(prerelease, '-') < prerelease.len;
    struct str core = str_cut(&prerelease, '-');
    return count_parts(core, is_number_without_leading_zero) == 3 &&
           (!has_prerelease || count_parts(prerelease, is_prerelease_identifier) > 0) &&
           (!has_build || count_parts(build, is_identifier) > 0);
}

bool branch_name_is_valid(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_mark = c == '.' || c == '_' || c == '/' || c == '-';
        if (!is_digit(c) && !is_letter(c) && !(is_mark && i > 0)) {
            return false;
        }
    }
    return name.len > 0 && name.len <= LIMIT_BRANCH_BYTES;
}

struct str release_content_text(struct work *work, const struct digest *content)
{
    char hex[HEX_SIZE(DIGEST_BYTES)];
    hex_encode(content->bytes, DIGEST_BYTES, hex);
    return arena_printf(work->arena, "sha256:%s", hex);
}

/* ---- reading ---- */

static struct digest digest_column(const struct rows *rows, int column)
{
    struct digest digest = {{0}};
    struct str bytes = rows_text(rows, column);
    if (bytes.len == DIGEST_BYTES) {
        memcpy(digest.bytes, bytes.ptr, DIGEST_BYTES);
    }
    return digest;
}

static void release_from_row(struct work *work, const struct rows *rows,
                             struct release *out_release)
{
    *out_release = (struct release){
        .number = rows_int(rows, 0),
        .app_id = rows_uuid(rows, 1),
        .version = work_column(work, rows, 2),
        .is_current = rows_int(rows, 3) != 0,
        .content = digest_column(rows, 4),
        .files = rows_int(rows, 5),
        .bytes = rows_int(rows, 6),
        .created_at_ms = rows_int(rows, 7),
        .created_by = work_column(work, rows, 8),
    };
}

static void branch_from_row(struct work *work, const struct rows *rows, struct branch *out_branch)
{
    *out_branch = (struct branch){
        .app_id = rows_uuid(rows, 0),
        .name = work_column(work, rows, 1),
        .content = digest_column(rows, 2),
        .files = rows_int(rows, 3),
        .bytes = rows_int(rows, 4),
        .updated_at_ms = rows_int(rows, 5),
    };
}

enum err release_find(struct work *work, const struct uuid *app_id, struct str version,
                      struct release *out_release)
{
    struct rows rows =
        store_query(work->store, SQL_RELEASE_GET, SQL_ARGS(sql_uuid(app_id), sql_text(version)));
    enum err err = rows_one(&rows);
    if (!err) {
        release_from_row(work, &rows, out_release);
    }
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
}

enum err branch_find(struct work *work, const struct uuid *app_id, struct str name,
                     struct branch *out_branch)
{
    struct rows rows =
        store_query(work->store, SQL_BRANCH_GET, SQL_ARGS(sql_uuid(app_id), sql_text(name)));
    enum err err = rows_one(&rows);
    if (!err) {
        branch_from_row(work, &rows, out_branch);
    }
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
}

enum err release_list(struct work *work, const struct app *app, int64_t before, int64_t limit,
                      struct release *out_releases, size_t *out_count)
{
    int64_t below = before == 0 ? INT64_MAX : before;
    struct rows rows = store_query(work->store, SQL_RELEASE_LIST,
                                   SQL_ARGS(sql_uuid(&app->id), sql_int(below), sql_int(limit)));
    size_t count = 0;
    while (rows_next(&rows)) {
        release_from_row(work, &rows, &out_releases[count++]);
    }
    *out_count = count;
    return work_store_fault(work, rows_end(&rows));
}

enum err branch_list(struct work *work, const struct app *app, struct str after, int64_t limit,
                     struct branch *out_branches, size_t *out_count)
{
    struct rows rows = store_query(work->store, SQL_BRANCH_LIST,
                                   SQL_ARGS(sql_uuid(&app->id), sql_text(after), sql_int(limit)));
    size_t count = 0;
    while (rows_next(&rows)) {
        branch_from_row(work, &rows, &out_branches[count++]);
    }
    *out_count = count;
    return work_store_fault(work, rows_end(&rows));
}

/* ---- changing ---- */

enum err release_rollback(struct work *work, const struct app *app, struct release *release)
{
    if (release->is_current) {
        return ERR_OK;
    }
    struct event event = {
        .type = "release.rollback", .workspace_id = app->workspace_id, .app_id = app->id};
    enum err err = work_run_one(
        work, SQL_RELEASE_MAKE_CURRENT,
        SQL_ARGS(sql_uuid(&app->id), sql_text(release->version), sql_int(work->now_ms)));
    if (!err) {
        work->raise_epoch = true;
        release->is_current = true;
        err = event_add_detail(work, &event,
                               json_pack("{s:s%, s:s%}", "version", release->version.ptr,
                                         release->version.len, "from", app->current_version.ptr,
                                         app->current_version.len));
    }
    return work_store_fault(work, err);
}

enum err release_delete(struct work *work, const struct app *app, const struct release *release)
{
    if (release->is_current) {
        return fault_set(work->fault, ERR_CONFLICT, "release_current",
                         "The current release cannot be deleted: make another one current first.");
    }
    struct event event = {
        .type = "release.delete", .workspace_id = app->workspace_id, .app_id = app->id};
    enum err err = work_run_one(work, SQL_RELEASE_DELETE,
                                SQL_ARGS(sql_uuid(&app->id), sql_text(release->version)));
    if (!err) {
        work->raise_epoch = true;
        err = event_add_detail(
            work, &event,
            json_pack("{s:s%}", "version", release->version.ptr, release->version.len));
    }
    return work_store_fault(work, err);
}

enum err branch_delete(struct work *work, const struct app *app, const struct branch *branch)
{
    struct event event = {
        .type = "branch.delete", .workspace_id = app->workspace_id, .app_id = app->id};
    enum err err =
        work_run_one(work, SQL_BRANCH_DELETE, SQL_ARGS(sql_uuid(&app->id), sql_text(branch->name)));
    if (!err) {
        work->raise_epoch = true;
        err = event_add_detail(work, &event,
                               json_pack("{s:s%}", "name", branch->name.ptr, branch->name.len));
    }
    return work_store_fault(work, err);
}
