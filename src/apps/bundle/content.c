#include "apps/bundle/content.h"

#include "apps/bundle/cachefolder.h"
#include "model/row.h"

static void file_from_row(const struct rows *rows, struct bundle_file *out_row)
{
    ROW_READ(CONTENT_FILE_ROW, 0);
}

static enum err restore_file(const struct rows *rows, struct cachefolder_writer *writer,
                             struct fault *fault)
{
    struct bundle_file file;
    file_from_row(rows, &file);
    struct digest actual = digest_of(file.bytes);
    if (!digest_equal(&actual, &file.digest)) {
        return fault_set(fault, ERR_STORAGE, "content_damaged", "A stored file is damaged.");
    }
    return cachefolder_add(writer, &file, fault);
}

enum err content_restore(struct store *store, const char *cache_root, const struct digest *digest,
                         struct fault *fault)
{
    struct cachefolder_writer *writer = NULL;
    size_t files = 0;
    if (cachefolder_has(cache_root, digest)) {
        return ERR_OK;
    }
    enum err err = cachefolder_open(cache_root, digest, &writer, fault);
    if (err) {
        return err;
    }
    struct rows rows = store_query(store, SQL_CONTENT_FILES, SQL_ARGS(sql_digest(digest)));
    while (!err && rows_next(&rows)) {
        err = restore_file(&rows, writer, fault);
        files++;
    }
    enum err end = rows_end(&rows);
    if (!err && end) {
        err = fault_set(fault, end, end == ERR_BUSY ? "store_busy" : "store_unavailable",
                        "The database cannot be read. Try again later.");
    }
    if (!err && files == 0) {
        err = fault_set(fault, ERR_NOT_FOUND, "content_unknown", "There is no such content.");
    }
    if (err) {
        cachefolder_abort(writer);
        return err;
    }
    return cachefolder_commit(writer, fault);
}
