#include "scene.h"

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/encode.h"

int scene_setup(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    world_make(&scene->world);
    scene->work = &scene->world.work;
    scene->group = world_group(&scene->world, "buyers");
    scene->user = world_user(&scene->world, "ann@example.com");
    scene->app = world_app(&scene->world, "orders");
    scene->content = scene_release(scene, &scene->app, "1.0.0");
    assert_int_equal(group_add_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_int_equal(group_allow_app(scene->work, &scene->group, &scene->app), ERR_OK);
    *state = scene;
    return 0;
}

int scene_teardown(void **state)
{
    struct scene *scene = *state;
    scene_disk_has_room();
    world_end(&scene->world);
    free(scene);
    return 0;
}

static bool allow(void *arg, const struct digest *key, int64_t now_ms, int64_t per_minute,
                  int64_t *out_retry_after_s)
{
    return ratelimit_allow(arg, key, now_ms, per_minute, out_retry_after_s);
}

void scene_limit_rate(struct scene *scene)
{
    scene->rate = (struct ratelimit){scene->slots, COUNT_OF(scene->slots), MINUTE_MS};
    scene->world.instance.rate_allow = allow;
    scene->world.instance.rate_arg = &scene->rate;
}

/* ---- contents ---- */

struct digest scene_content(struct scene *scene, const char *text)
{
    struct digest blob = digest_of(str_from(text));
    struct digest content = digest_of(arena_printf(&scene->world.arena, "index.html %s", text));
    const char *blob_hex = scene_hex(scene, blob.bytes, DIGEST_BYTES);
    const char *content_hex = scene_hex(scene, content.bytes, DIGEST_BYTES);
    long long now_ms = (long long)scene->work->now_ms;
    scene_sql(scene, "INSERT INTO blobs (digest, bytes, created_at) VALUES (%s, %s, %lld)",
              blob_hex, scene_hex(scene, text, strlen(text)), now_ms);
    scene_sql(scene,
              "INSERT INTO contents (digest, files, bytes, created_at) VALUES (%s, 1, %zu, %lld)",
              content_hex, strlen(text), now_ms);
    scene_sql(scene,
              "INSERT INTO content_files (content_digest, path, blob_digest)"
              " VALUES (%s, 'index.html', %s)",
              content_hex, blob_hex);
    return content;
}

struct digest scene_release(struct scene *scene, const struct app *app, const char *version)
{
    struct str id = work_uuid_text(scene->work, &app->id);
    struct str text = arena_printf(&scene->world.arena, STR_FMT " %s", STR_ARG(id), version);
    struct digest content = scene_content(scene, text.ptr);
    scene_sql(scene,
              "INSERT INTO releases (app_id, version, content_digest, created_at)"
              " VALUES (%s, '%s', %s, %lld)",
              scene_id(scene, &app->id), version, scene_hex(scene, content.bytes, DIGEST_BYTES),
              (long long)scene->work->now_ms);
    scene_sql(scene, "UPDATE apps SET current_version = '%s' WHERE id = %s", version,
              scene_id(scene, &app->id));
    return content;
}

struct digest scene_branch(struct scene *scene, const struct app *app, const char *name)
{
    struct digest content = scene_content(scene, name);
    scene_sql(scene,
              "INSERT INTO branches (app_id, name, content_digest, updated_at)"
              " VALUES (%s, '%s', %s, %lld)",
              scene_id(scene, &app->id), name, scene_hex(scene, content.bytes, DIGEST_BYTES),
              (long long)scene->work->now_ms);
    return content;
}

/* ---- links and sessions ---- */

static struct scene_link make_link(struct scene *scene, bool is_reusable,
                                   const struct claims *claims)
{
    struct scene_link link;
    struct secret secret;
    struct link_new new_link = {
        .is_reusable = is_reusable,
        .app_id = scene->app.id,
        .user_id = scene->user.id,
        .claims = *claims,
        .session_ms = SCENE_SESSION_MS,
        .expires_at_ms = scene->work->now_ms + SCENE_LINK_MS,
    };
    assert_int_equal(link_create(scene->work, &new_link, &link.link, &secret), ERR_OK);
    link.secret = arena_str(&scene->world.arena, secret_str(&secret));
    secret_done(&secret);
    return link;
}

struct scene_link scene_pat(struct scene *scene)
{
    return make_link(scene, true, &(struct claims){.environment = STR("production")});
}

struct claims scene_claims(struct scene *scene)
{
    return (struct claims){
        .groups = arena_printf(&scene->world.arena, "[%lld]", (long long)scene->group.id),
        .environment = STR("production"),
    };
}

struct scene_link scene_embed_with(struct scene *scene, const struct claims *claims)
{
    return make_link(scene, false, claims);
}

struct scene_link scene_embed(struct scene *scene)
{
    struct claims claims = scene_claims(scene);
    return scene_embed_with(scene, &claims);
}

enum err scene_find_link(struct scene *scene, struct str secret, struct link *found)
{
    struct secret proof = link_proof(secret);
    return link_find_by_proof(scene->work, secret_str(&proof), found);
}

struct link scene_link(struct scene *scene, const struct scene_link *link)
{
    struct link found;
    assert_int_equal(scene_find_link(scene, link->secret, &found), ERR_OK);
    return found;
}

struct scene_session scene_session(struct scene *scene, const struct link *link)
{
    struct scene_session opened;
    struct secret cookie;
    assert_int_equal(session_open(scene->work, link, &opened.session, &cookie), ERR_OK);
    opened.cookie = arena_str(&scene->world.arena, secret_str(&cookie));
    secret_done(&cookie);
    return opened;
}

struct scene_session scene_live_session(struct scene *scene)
{
    struct scene_link link = scene_pat(scene);
    return scene_session(scene, &link.link);
}

/* ---- the database ---- */

static PRINTF_LIKE(2, 0) struct str run_sql(struct scene *scene, const char *format, va_list args)
{
    char path[SETTINGS_PATH_MAX];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    struct str text = STR_NONE;
    char *sql = NULL;
    assert_true(vasprintf(&sql, format, args) > 0);
    assert_true(settings_data_path(&scene->world.settings, "inlay.db", path));
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys=ON", NULL, NULL, NULL), SQLITE_OK);
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    if (code == SQLITE_ROW) {
        text = arena_str(&scene->world.arena,
                         str_from((const char *)sqlite3_column_text(statement, 0)));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    free(sql);
    return text;
}

void scene_sql(struct scene *scene, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    run_sql(scene, format, args);
    va_end(args);
}

struct str scene_text(struct scene *scene, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str text = run_sql(scene, format, args);
    va_end(args);
    return text;
}

int64_t scene_number(struct scene *scene, const char *format, ...)
{
    int64_t number = 0;
    va_list args;
    va_start(args, format);
    struct str text = run_sql(scene, format, args);
    va_end(args);
    assert_true(str_to_int64(text, INT64_MIN, INT64_MAX, &number));
    return number;
}

void scene_others_are_faster(struct scene *scene, const char *verb, const char *table)
{
    scene_sql(scene, "CREATE TRIGGER %s_%s BEFORE %s ON %s BEGIN SELECT RAISE(IGNORE); END", verb,
              table, verb, table);
}

const char *scene_hex(struct scene *scene, const void *bytes, size_t count)
{
    char *hex = arena_alloc(&scene->world.arena, HEX_SIZE(count));
    hex_encode(bytes, count, hex);
    return arena_printf(&scene->world.arena, "x'%s'", hex).ptr;
}

const char *scene_id(struct scene *scene, const struct uuid *id)
{
    return scene_hex(scene, id->bytes, UUID_BYTES);
}

static bool file_holds(const char *path, struct str text)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    size_t size = (size_t)status.st_size;
    char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, size, file), size);
    bool holds = memmem(bytes, size, text.ptr, text.len) != NULL;
    free(bytes);
    fclose(file);
    return holds;
}

bool scene_stores(struct scene *scene, struct str text)
{
    char path[SETTINGS_PATH_MAX];
    bool holds = false;
    DIR *folder = opendir(scene->world.folder);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_type == DT_REG && strcmp(entry->d_name, "admin-token") != 0) {
            assert_true(settings_data_path(&scene->world.settings, entry->d_name, path));
            holds = holds || file_holds(path, text);
        }
    }
    closedir(folder);
    return holds;
}

void scene_disk_takes(size_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The write-ahead log may not grow; what else a new connection writes is smaller. */
void scene_disk_is_full(struct scene *scene)
{
    char path[SETTINGS_PATH_MAX];
    struct stat status;
    const off_t shared_memory_bytes = 32768;
    assert_true(settings_data_path(&scene->world.settings, "inlay.db-wal", path));
    assert_int_equal(stat(path, &status), 0);
    assert_true(status.st_size >= shared_memory_bytes);
    scene_disk_takes((size_t)status.st_size);
}

void scene_disk_has_room(void)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
