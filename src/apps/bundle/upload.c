#include "apps/bundle/upload.h"

#include "apps/kind.h"
#include "model/event.h"

enum { BATCH_BYTES = 8 * 1024 * 1024 };

/* A file of the content, as its last transaction names it. */
struct listed_file {
    struct str path;
    struct digest digest;
    struct listed_file *next;
};

/* A file that waits to be stored. */
struct waiting_file {
    struct bundle_file file;
    struct waiting_file *next;
};

struct sink {
    struct work *work;
    struct listed_file *files; /* all so far, in access->arena */
    struct arena arena;        /* owned: the files that wait */
    struct waiting_file *waiting;
    size_t waiting_bytes;
};

/* ---- files ---- */

static enum err blob_put(struct store *store, const struct bundle_file *file, int64_t now_ms)
{
    return store_run(store, SQL_BLOB_PUT,
                     SQL_ARGS(sql_digest(&file->digest), sql_blob(file->bytes),
                              sql_blob(file->gzip), sql_blob(file->brotli), sql_int(now_ms)),
                     NULL);
}

static enum err blobs_put(struct work *work, const struct waiting_file *files)
{
    int64_t now_ms = clock_now_ms();
    struct work_transaction transaction;
    enum err err = work_begin(work, &transaction);
    if (err) {
        return err;
    }
    for (; files != NULL && !err; files = files->next) {
        err = blob_put(work->store, &files->file, now_ms);
    }
    return work_end(work, &transaction, err);
}

static enum err sink_flush(struct sink *sink)
{
    enum err err = sink->waiting == NULL ? ERR_OK : blobs_put(sink->work, sink->waiting);
    arena_done(&sink->arena);
    sink->waiting = NULL;
    sink->waiting_bytes = 0;
    return err;
}

static struct str keep(struct arena *arena, struct str bytes)
{
    return bytes.ptr == NULL ? STR_NONE : arena_str(arena, bytes);
}

static enum err sink_file(void *context, const struct bundle_file *file, struct fault *fault)
{
    struct sink *sink = context;
    struct arena *arena = sink->work->arena;
    size_t bytes = file->bytes.len + file->gzip.len + file->brotli.len;
    (void)fault; /* the same one as access->fault */
    struct listed_file *listed = arena_alloc(arena, sizeof(*listed));
    *listed = (struct listed_file){
        .path = arena_str(arena, file->path), .digest = file->digest, .next = sink->files};
    sink->files = listed;
    if (bytes >= BATCH_BYTES) {
        return blobs_put(sink->work, &(struct waiting_file){.file = *file});
    }
    struct waiting_file *waiting = arena_alloc(&sink->arena, sizeof(*waiting));
    *waiting = (struct waiting_file){.file = {.bytes = keep(&sink->arena, file->bytes),
                                              .digest = file->digest,
                                              .gzip = keep(&sink->arena, file->gzip),
                                              .brotli = keep(&sink->arena, file->brotli)},
                                     .next = sink->waiting};
    sink->waiting = waiting;
    sink->waiting_bytes += bytes;
    return sink->waiting_bytes >= BATCH_BYTES ? sink_flush(sink) : ERR_OK;
}

static struct unpack_limits upload_limits(const struct settings *settings)
{
    return (struct unpack_limits){
        .unpacked_bytes_max = settings->bundle_max_bytes,
        .files_max = settings->bundle_max_files,
        .ratio_max = settings->bundle_max_ratio,
        .file_bytes_max = settings->bundle_file_max_bytes,
    };
}

static enum err store_files(struct work *work, const struct upload *upload,
                            struct unpack_summary *out_summary, struct listed_file **out_files)
{
    struct unpack_limits limits = upload_limits(work->instance->settings);
    struct sink sink = {.work = work};
    struct unpack_sink unpack_sink = {.on_file = sink_file, .context = &sink};
    enum err err =
        unpack_read(upload->path, upload->type, &limits, &unpack_sink, out_summary, work->fault);
    if (!err) {
        err = sink_flush(&sink);
    }
    arena_done(&sink.arena);
    *out_files = sink.files;
    return err;
}

/* ---- the last transaction ---- */

static enum err content_exists(struct work *work, const struct digest *content, bool *out_exists)
{
    struct rows rows = store_query(work->store, SQL_CONTENT_EXISTS, SQL_ARGS(sql_digest(content)));
    bool exists = rows_next(&rows);
    enum err err = rows_end(&rows);
    *out_exists = exists;
    return err;
}

static enum err content_insert(struct work *work, const struct unpack_summary *summary,
                               const struct listed_file *files)
{
    enum err err = store_run(work->store, SQL_CONTENT_INSERT,
                             SQL_ARGS(sql_digest(&summary->digest), sql_int(summary->files),
                                      sql_int(summary->bytes), sql_int(work->now_ms)),
                             NULL);
    for (; files != NULL && !err; files = files->next) {
        err = store_run(work->store, SQL_CONTENT_FILE_INSERT,
                        SQL_ARGS(sql_digest(&summary->digest), sql_text(files->path),
                                 sql_digest(&files->digest)),
                        NULL);
    }
    /* A file is missing if the sweep was faster, after an upload that took an hour. */
    return err == ERR_CONFLICT ? ERR_BUSY : err;
}

static enum err check_version(struct work *work, const struct upload *upload)
{
    struct release release;
    enum err err = upload->version.ptr == NULL
                       ? ERR_NOT_FOUND
                       : release_find(work, &upload->app_id, upload->version, &release);
    if (!err) {
        return fault_member(work->fault, ERR_CONFLICT, "release_exists", "version",
                            "There is a release of that version already. A release never changes: "
                            "choose another version.");
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The app must still be where it was when the call came, and the version still be free. */
static enum err check_again(struct work *work, const struct upload *upload)
{
    struct app app;
    enum err err = app_find(work, &upload->app_id, &app);
    if (err == ERR_NOT_FOUND || (!err && !uuid_equal(&app.workspace_id, &work->workspace_id))) {
        return fault_set(work->fault, ERR_NOT_FOUND, "not_found", "There is no such app.");
    }
    if (!err && !app_kinds[app.kind].takes_releases) {
        return fault_set(work->fault, ERR_CONFLICT, "app_kind",
                         "This app is a server behind Inlay and has no releases.");
    }
    return err ? err : check_version(work, upload);
}

static enum err put_release(struct work *work, const struct upload *upload,
                            const struct unpack_summary *summary)
{
    enum err err = store_run(work->store, SQL_RELEASE_INSERT,
                             SQL_ARGS(sql_uuid(&upload->app_id), sql_text(upload->version),
                                      sql_digest(&summary->digest), sql_int(work->now_ms),
                                      sql_text(work->actor.name)),
                             NULL);
    return err ? err
               : work_run_one(work, SQL_RELEASE_MAKE_CURRENT,
                              SQL_ARGS(sql_uuid(&upload->app_id), sql_text(upload->version),
                                       sql_int(work->now_ms)));
}

static enum err put_branch(struct work *work, const struct upload *upload,
                           const struct unpack_summary *summary)
{
    return store_run(work->store, SQL_BRANCH_PUT,
                     SQL_ARGS(sql_uuid(&upload->app_id), sql_text(upload->branch),
                              sql_digest(&summary->digest), sql_int(work->now_ms)),
                     NULL);
}

static enum err note_upload(struct work *work, const struct upload *upload,
                            const struct unpack_summary *summary)
{
    bool is_release = upload->version.ptr != NULL;
    struct str name = is_release ? upload->version : upload->branch;
    struct str content = release_content_text(work, &summary->digest);
    struct event event = {.type = is_release ? "release.create" : "branch.update",
                          .app_id = upload->app_id};
    return event_add_detail(work, &event,
                            json_pack("{s:s%, s:s%, s:I, s:I}", is_release ? "version" : "name",
                                      name.ptr, name.len, "digest", content.ptr, content.len,
                                      "files", (json_int_t)summary->files, "bytes",
                                      (json_int_t)summary->bytes));
}

/* files is NULL to use a content that is there; *out_missing: it is not. */
static enum err finish_in_transaction(struct work *work, const struct upload *upload,
                                      const struct unpack_summary *summary,
                                      const struct listed_file *files, bool *out_missing)
{
    bool exists = false;
    int64_t epoch = 0;
    enum err err = check_again(work, upload);
    if (!err) {
        err = content_exists(work, &summary->digest, &exists);
    }
    *out_missing = !exists && files == NULL;
    if (err || *out_missing) {
        return err;
    }
    if (!exists) {
        err = content_insert(work, summary, files);
    }
    if (!err) {
        err = upload->version.ptr != NULL ? put_release(work, upload, summary)
                                          : put_branch(work, upload, summary);
    }
    if (!err) {
        err = note_upload(work, upload, summary);
    }
    if (!err) {
        err = instance_raise_epoch(work->store, &epoch);
        work->raise_epoch = true;
    }
    return err || upload->on_made == NULL ? err : upload->on_made(upload->context, upload);
}

static enum err finish(struct work *work, const struct upload *upload,
                       const struct unpack_summary *summary, const struct listed_file *files,
                       bool *out_missing)
{
    struct work_transaction transaction;
    enum err err = work_begin(work, &transaction);
    if (err) {
        return err;
    }
    work->now_ms = clock_now_ms(); /* it may have taken a while to get here */
    err = finish_in_transaction(work, upload, summary, files, out_missing);
    return work_end(work, &transaction, err);
}

enum err upload_run(struct work *work, const struct upload *upload)
{
    struct unpack_limits limits = upload_limits(work->instance->settings);
    struct unpack_summary summary;
    struct listed_file *files = NULL;
    bool is_missing = false;
    REQUIRE((upload->version.ptr == NULL) != (upload->branch.ptr == NULL));
    enum err err = check_version(work, upload);
    if (!err) {
        err = unpack_scan(upload->path, upload->type, &limits, &summary, work->fault);
    }
    if (!err) {
        err = finish(work, upload, &summary, NULL, &is_missing);
    }
    if (err || !is_missing) {
        return err;
    }
    err = store_files(work, upload, &summary, &files);
    return err ? err : finish(work, upload, &summary, files, &is_missing);
}
