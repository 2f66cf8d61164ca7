#include "api/idempotency.h"

#include "crypto/seal.h"
#include "model/row.h"

static bool key_is_valid(struct str key)
{
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] <= ' ' || key.ptr[i] > '~') {
            return false;
        }
    }
    return key.len > 0 && key.len <= IDEMPOTENCY_KEY_MAX;
}

static struct digest digest_for(const struct api_call *call, const char *purpose, struct str a,
                                struct str b, struct str c)
{
    const struct str parts[] = {STR("idempotency"), str_from(purpose), a, b, c};
    return digest_hmac(call->work.instance->key, parts, COUNT_OF(parts));
}

/* An upload's body is in a file. */
static bool digest_file(const char *path, struct digest *out_digest)
{
    char bytes[16 * 1024];
    size_t count;
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return false;
    }
    struct digest_stream *stream = digest_stream_new();
    while ((count = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        digest_stream_add(stream, (struct str){bytes, count});
    }
    bool is_whole = ferror(file) == 0;
    (void)fclose(file);
    *out_digest = digest_stream_end(stream);
    return is_whole;
}

static enum err digest_request(struct api_call *call, struct digest *out_digest)
{
    const struct api_request *request = call->request;
    struct digest digest;
    struct str body = request->body;
    if (body.len == 0 && request->body_path != NULL) {
        if (!digest_file(request->body_path, &digest)) {
            return fault_set(&call->fault, ERR_STORAGE, "body_unreadable",
                             "The server cannot read the request body. Try again later.");
        }
        body = (struct str){(const char *)digest.bytes, DIGEST_BYTES};
    }
    *out_digest = digest_for(call, "request", request->path, request->query, body);
    return ERR_OK;
}

/* The token, or the admin: whoever may make the call may read its response. */
static struct digest key_of(struct api_call *call, struct str key)
{
    bool is_admin = !uuid_is_none(&call->admin.id);
    struct str id = work_uuid_text(&call->work, is_admin ? &call->admin.admin_id : &call->token.id);
    return digest_for(call, "key", is_admin ? STR("admin") : STR("token"), id, key);
}

static enum err reuse_refused(struct api_call *call, const char *why)
{
    return fault_set(&call->fault, ERR_CONFLICT, "idempotency_key_reused",
                     "This Idempotency-Key was used %s. Take another key for another request.",
                     why);
}

struct kept {
    struct str request; /* its digest */
    int64_t status;
    struct str sealed;
    struct str etag;
};

static ROW_READER(kept_from_row, kept, IDEMPOTENCY_ROW);
static ROW_ONE(kept_one, kept, kept_from_row);

/* The response of the first time, if there is one. */
static enum err replay(struct api_call *call, struct idempotency *idempotency)
{
    struct work *work = &call->work;
    struct kept kept;
    struct str body = STR_NONE;
    enum err err =
        kept_one(work,
                 store_query(work->store, SQL_IDEMPOTENCY_GET,
                             SQL_ARGS(sql_digest(&idempotency->key),
                                      sql_int(work->now_ms - IDEMPOTENCY_DAYS * DAY_MS))),
                 &kept);
    if (err) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    struct api_response response = {.status = (int)kept.status, .etag = kept.etag};
    struct str own = {(const char *)idempotency->request.bytes, DIGEST_BYTES};
    if (!str_equal(kept.request, own)) {
        return reuse_refused(call, "for another request");
    }
    if (!seal_open(work->arena, &idempotency->seal, kept.sealed, &body)) {
        return reuse_refused(call, "with other credentials, which its response was sealed with");
    }
    if (body.len > 0) {
        response.body = body;
        response.content_type = "application/json";
    }
    call->response = response;
    idempotency->is_answered = true;
    return ERR_OK;
}

enum err idempotency_start(struct api_call *call, struct idempotency *out_idempotency)
{
    const struct api_request *request = call->request;
    struct str key = request->idempotency_key;
    bool is_caller_known = call->route->auth != API_AUTH_CONSOLE;
    *out_idempotency = (struct idempotency){.changes = store_changes(call->work.store)};
    bool can_keep = call->may_write || call->route->lane == API_LANE_BULK;
    if (key.ptr == NULL || call->route->method != API_POST || !can_keep ||
        call->route->style != API_STYLE_PROBLEM || !is_caller_known) {
        return ERR_OK;
    }
    if (!key_is_valid(key)) {
        return fault_limit(
            &call->fault, ERR_INVALID, "idempotency_key_invalid", IDEMPOTENCY_KEY_MAX,
            "Idempotency-Key must be 1 to %d visible ASCII characters.", IDEMPOTENCY_KEY_MAX);
    }
    struct str credential =
        request->authorization.len > 0 ? request->authorization : request->cookie;
    out_idempotency->has_key = true;
    out_idempotency->key = key_of(call, key);
    enum err err = digest_request(call, &out_idempotency->request);
    if (err) {
        return err;
    }
    out_idempotency->seal = digest_for(call, "seal", credential, key, STR(""));
    return replay(call, out_idempotency);
}

enum err idempotency_end(struct api_call *call)
{
    struct work *work = &call->work;
    const struct idempotency *idempotency = call->idempotency;
    const struct api_response *response = &call->response;
    bool has_changed = store_changes(work->store) != idempotency->changes;
    if (!idempotency->has_key || idempotency->is_answered || !has_changed) {
        return ERR_OK;
    }
    struct str sealed = seal_close(work->arena, &idempotency->seal, response->body);
    return work_store_fault(
        work, store_run(work->store, SQL_IDEMPOTENCY_PUT,
                        SQL_ARGS(sql_digest(&idempotency->key), sql_digest(&idempotency->request),
                                 sql_int(response->status), sql_blob(sealed),
                                 sql_text(response->etag), sql_int(work->now_ms)),
                        NULL));
}
