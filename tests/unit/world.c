#include "world.h"

#include <archive.h>
#include <archive_entry.h>
#include <sqlite3.h>

#include "base/jsontext.h"
#include "model/setup.h"
#include "model/token.h"
#include "http/percent.h"

static struct str read_token(struct world *world)
{
    char path[SETTINGS_PATH_MAX];
    char text[SECRET_TEXT_MAX + 2];
    assert_true(settings_data_path(&world->settings, "admin-token", path));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
    return arena_str(&world->arena, str_from(text));
}

void world_make(struct world *world)
{
    struct setup_result result;
    char database[SETTINGS_PATH_MAX];
    *world = (struct world){.arena = ARENA_NONE};
    clock_set_ms(WORLD_START_MS);
    unit_folder_make(world->folder);
    settings_init(&world->settings);
    assert_int_equal(
        settings_set(&world->settings, STR("data"), str_from(world->folder), &world->fault),
        ERR_OK);
    assert_int_equal(settings_finish(&world->settings, &world->fault), ERR_OK);
    unsetenv("INLAY_API_TOKEN");
    assert_int_equal(setup_instance(&world->settings, &result, &world->fault), ERR_OK);
    assert_true(settings_data_path(&world->settings, "inlay.db", database));
    assert_int_equal(store_open(database, STORE_WRITE, &world->store, &world->fault), ERR_OK);
    world->instance.settings = &world->settings;
    assert_int_equal(instance_load(&world->instance, world->store), ERR_OK);
    world->token = read_token(world);
    world->replies = json_array();
    world->work = (struct work){
        .store = world->store,
        .arena = &world->arena,
        .instance = &world->instance,
        .fault = &world->fault,
        .now_ms = WORLD_START_MS,
        .actor = {.kind = ACTOR_SYSTEM, .name = STR("test")},
        .workspace_id = world->instance.workspace_id,
        .address = STR("192.0.2.1"),
        .user_agent = STR("test"),
    };
}

void world_end(struct world *world)
{
    json_decref(world->replies);
    store_close(world->store);
    arena_done(&world->arena);
    unit_folder_remove(world->folder);
    clock_set_ms(0);
}

void world_wait(struct world *world, int64_t ms)
{
    world->work.now_ms += ms;
    clock_set_ms(world->work.now_ms);
}

/* ---- objects ---- */

struct user world_user(struct world *world, const char *email)
{
    struct user user = {
        .email = str_from(email), .first_name = STR("Ann"), .last_name = STR("Lee")};
    assert_int_equal(user_create(&world->work, &user), ERR_OK);
    return user;
}

struct group world_group(struct world *world, const char *name)
{
    struct group group;
    assert_int_equal(group_create(&world->work, str_from(name), &group), ERR_OK);
    return group;
}

struct app world_app(struct world *world, const char *slug)
{
    struct app app = {.name = str_from(slug),
                      .slug = str_from(slug),
                      .portals = STR("https://portal.example.com")};
    assert_int_equal(app_create(&world->work, &app), ERR_OK);
    return app;
}

struct workspace world_workspace(struct world *world, const char *name)
{
    struct workspace workspace;
    assert_int_equal(workspace_create(&world->work, str_from(name), &workspace), ERR_OK);
    return workspace;
}

static void add_file(struct archive *archive, const char *path, const char *text)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)strlen(text));
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(archive, text, strlen(text)), (la_ssize_t)strlen(text));
    archive_entry_free(entry);
}

const char *world_bundle(struct world *world, const char *text)
{
    static int number;
    const char *path =
        arena_printf(&world->arena, "%s/bundle-%d.tar.gz", world->folder, ++number).ptr;
    struct archive *archive = archive_write_new();
    archive_write_add_filter_gzip(archive);
    archive_write_set_format_pax_restricted(archive);
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    add_file(archive, "index.html", text);
    add_file(archive, "app.js", "console.log(1);");
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    return path;
}

static void run_upload(struct world *world, const struct upload *upload)
{
    bool raise_epoch = world->work.raise_epoch;
    assert_int_equal(upload_run(&world->work, upload), ERR_OK);
    world->work.raise_epoch = raise_epoch;
}

struct release world_release(struct world *world, const struct app *app, const char *version,
                             const char *text)
{
    struct release release;
    struct upload upload = {.app_id = app->id,
                            .version = str_from(version),
                            .path = world_bundle(world, text),
                            .type = UNPACK_TAR_GZ};
    run_upload(world, &upload);
    assert_int_equal(release_find(&world->work, &app->id, upload.version, &release), ERR_OK);
    return release;
}

struct branch world_branch(struct world *world, const struct app *app, const char *name,
                           const char *text)
{
    struct branch branch;
    struct upload upload = {.app_id = app->id,
                            .branch = str_from(name),
                            .path = world_bundle(world, text),
                            .type = UNPACK_TAR_GZ};
    run_upload(world, &upload);
    assert_int_equal(branch_find(&world->work, &app->id, upload.branch, &branch), ERR_OK);
    return branch;
}

struct str world_token(struct world *world, const struct uuid *workspace_id, const char *scopes)
{
    struct token_new new_token = {
        .workspace_id = *workspace_id, .name = STR("test"), .scopes = str_from(scopes)};
    struct token token;
    struct secret secret;
    assert_int_equal(token_create(&world->work, &new_token, &token, &secret), ERR_OK);
    struct str text = arena_str(&world->arena, secret_str(&secret));
    secret_done(&secret);
    return text;
}

/* ---- calls ---- */

static void keep_reply(struct world *world, const struct api_call *call, struct world_reply *reply)
{
    reply->status = call->response.status;
    reply->type = call->response.content_type;
    reply->body = call->response.body;
    reply->etag = call->response.etag;
    reply->raised_epoch = call->work.raise_epoch;
    for (struct changed_session *ended = call->work.ended; ended != NULL; ended = ended->next) {
        reply->ended++;
    }
    if (reply->type != NULL && strstr(reply->type, "json") != NULL) {
        reply->json = json_loadb(reply->body.ptr, reply->body.len, 0, NULL);
        assert_non_null(reply->json);
        assert_int_equal(json_array_append_new(world->replies, reply->json), 0);
    }
}

/* As the lanes of the server do. */
static void run_in_lane(struct world *world, struct api_call *call)
{
    if (call->route->lane != API_LANE_WRITE) {
        (void)!api_run(call);
        if (call->is_to_note) {
            assert_int_equal(api_note(&call->work, call), ERR_OK);
        }
        return;
    }
    call->may_write = true;
    assert_int_equal(store_begin(world->store), ERR_OK);
    if (api_run(call) != ERR_OK) {
        store_rollback(world->store);
        return;
    }
    if (call->work.raise_epoch) {
        int64_t epoch = 0;
        assert_int_equal(instance_raise_epoch(world->store, &epoch), ERR_OK);
    }
    assert_int_equal(store_commit(world->store), ERR_OK);
}

static struct world_reply run_call(struct world *world, enum api_method method, const char *target,
                                   struct api_request *request)
{
    struct world_reply reply = {0};
    struct str query = str_from(target);
    struct str path = str_cut(&query, '?');
    struct api_call call = {.request = request, .work = world->work};
    request->path = path;
    request->query = query;
    request->authorization = arena_printf(&world->arena, "Bearer " STR_FMT, STR_ARG(world->token));
    enum err err = api_route_find(method, path, &call.route, call.params);
    for (size_t i = 0; i < API_PARAMS_MAX && !err; i++) {
        assert_true(percent_decode(&world->arena, call.params[i], PERCENT_PATH, &call.params[i]));
    }
    if (err) {
        fault_set(&call.fault, err, err == ERR_UNSUPPORTED ? "method_not_allowed" : "not_found",
                  "No such call.");
        api_respond_fault(&call, API_STYLE_PROBLEM);
    } else {
        run_in_lane(world, &call);
    }
    keep_reply(world, &call, &reply);
    api_call_done(&call);
    return reply;
}

struct world_reply world_call(struct world *world, enum api_method method, const char *target,
                              const char *body)
{
    struct api_request request = {.body = str_from(body)};
    return run_call(world, method, target, &request);
}

struct world_reply world_call_with(struct world *world, enum api_method method, const char *target,
                                   const char *body, struct world_headers headers)
{
    struct api_request request = {.body = str_from(body),
                                  .if_match = str_from(headers.if_match),
                                  .idempotency_key = str_from(headers.idempotency_key)};
    return run_call(world, method, target, &request);
}

struct world_reply world_upload(struct world *world, const char *target, const char *content_type,
                                const char *path)
{
    struct api_request request = {.content_type = str_from(content_type), .body_path = path};
    return run_call(world, API_POST, target, &request);
}

static json_t *succeed(const struct world_reply *reply, int status, const char *target)
{
    if (reply->status != status) {
        fail_msg("%s: %d " STR_FMT, target, reply->status, STR_ARG(reply->body));
    }
    return reply->json;
}

json_t *world_get(struct world *world, const char *target)
{
    struct world_reply reply = world_call(world, API_GET, target, NULL);
    return succeed(&reply, 200, target);
}

json_t *world_post(struct world *world, const char *target, const char *body)
{
    struct world_reply reply = world_call(world, API_POST, target, body);
    return succeed(&reply, 201, target);
}

json_t *world_patch(struct world *world, const char *target, const char *body)
{
    struct world_reply reply = world_call(world, API_PATCH, target, body);
    return succeed(&reply, 200, target);
}

void world_delete(struct world *world, const char *target)
{
    struct world_reply reply = world_call(world, API_DELETE, target, NULL);
    succeed(&reply, 204, target);
}

const char *world_text(struct world *world, const json_t *json, const char *path)
{
    struct str rest = str_from(path);
    while (json != NULL && rest.len > 0) {
        const char *word = arena_cstr(&world->arena, str_cut(&rest, '.'));
        int64_t index = 0;
        json = json_is_array(json) && str_to_int64(str_from(word), 0, 1000, &index)
                   ? json_array_get(json, (size_t)index)
                   : json_object_get(json, word);
    }
    return json == NULL           ? ""
           : json_is_string(json) ? json_string_value(json)
                                  : jsontext_canonical(json, &world->arena).ptr;
}

void world_assert_refused(struct world_reply reply, int status, const char *code, const char *file,
                          int line)
{
    const char *found = json_string_value(json_object_get(reply.json, "code"));
    if (reply.status != status || found == NULL || strcmp(found, code) != 0) {
        print_error("not %d %s but %d " STR_FMT "\n", status, code, reply.status,
                    STR_ARG(reply.body));
        _fail(file, line);
    }
}

/* ---- events ---- */

/* A connection of its own, so that reading the audit log does not count among the statements under
 * test. */
static sqlite3_stmt *query_events(struct world *world, const char *sql, const char *type,
                                  sqlite3 **out_db)
{
    char database[SETTINGS_PATH_MAX];
    sqlite3_stmt *statement = NULL;
    assert_true(settings_data_path(&world->settings, "inlay.db", database));
    assert_int_equal(sqlite3_open_v2(database, out_db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(*out_db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_text(statement, 1, type, -1, SQLITE_STATIC), SQLITE_OK);
    return statement;
}

int world_events(struct world *world, const char *type)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement =
        query_events(world, "SELECT count(*) FROM events WHERE type = ?1", type, &db);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

struct str world_event_detail(struct world *world, const char *type)
{
    sqlite3 *db = NULL;
    struct str detail = STR("");
    sqlite3_stmt *statement = query_events(
        world, "SELECT detail FROM events WHERE type = ?1 ORDER BY id DESC LIMIT 1", type, &db);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        detail = arena_str(&world->arena, text == NULL ? STR("") : str_from(text));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return detail;
}
