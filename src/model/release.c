#include "model/release.h"

#include "model/row.h"
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

struct str release_content_text(struct work *work, const struct digest *content)
{
    char hex[HEX_SIZE(DIGEST_BYTES)];
    hex_encode(content->bytes, DIGEST_BYTES, hex);
    return arena_printf(work->arena, "sha256:%s", hex);
}

/* ---- reading ---- */

static ROW_READER(release_from_row, release, RELEASE_ROW);
static ROW_ONE(release_one, release, release_from_row);
static ROW_ALL(release_all, release, release_from_row);

enum err release_find(struct work *work, const struct uuid *app_id, struct str version,
                      struct release *out_release)
{
    return release_one(
        work,
        store_query(work->store, SQL_RELEASE_GET, SQL_ARGS(sql_uuid(app_id), sql_text(version))),
        out_release);
}

enum err release_list(struct work *work, const struct app *app, int64_t before, int64_t limit,
                      struct release *out_releases, size_t *out_count)
{
    int64_t below = before == 0 ? INT64_MAX : before;
    return release_all(work,
                       store_query(work->store, SQL_RELEASE_LIST,
                                   SQL_ARGS(sql_uuid(&app->id), sql_int(below), sql_int(limit))),
                       out_releases, out_count);
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
