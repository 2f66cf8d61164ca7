
#include "gate/serve/identity.h"
#include "gate/cache.h"
#include "gate/job.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "model/signingkey.h"


/* What this worker told of a session, to say it again. */
typedef struct {
    u_char      *text;                       /* malloc; the values, one behind the other */
    size_t       len;
    ngx_str_t    values[IDENTITY_HEADERS];
} inlay_identity_t;


static void inlay_identity_drop(void *value);
static enum err inlay_keys_run(inlay_job_t *job);
static void inlay_keys_done(inlay_job_t *job);


static const inlay_job_type_t  inlay_keys_job = {
    .lane = LANE_READ,
    .size = sizeof(struct str),
    .run = inlay_keys_run,
    .done = inlay_keys_done
};


static struct cache  *inlay_identities;


void
inlay_identities_start(const struct settings *settings)
{
    struct cache_options  options;

    options = (struct cache_options) {
        .entries = (size_t) settings->identity_cache_entries,
        .key_bytes = sizeof(struct uuid),
        .value_bytes = sizeof(inlay_identity_t),
        .drop = inlay_identity_drop
    };

    inlay_identities = inlay_cache_new(INLAY_CACHE_IDENTITIES, &options);
}


static void
inlay_identity_drop(void *value)
{
    inlay_identity_t  *known = value;

    ngx_free(known->text);
}


void
inlay_identity_know(const struct uuid *session_id, int64_t epoch, const struct identity *identity)
{
    size_t             len;
    u_char            *p;
    ngx_uint_t         i;
    inlay_identity_t  *known;

    for (len = 0, i = 0; i < IDENTITY_HEADERS; i++) {
        len += identity->values[i].len;
    }

    p = ngx_alloc(len + 1, ngx_cycle->log);
    if (p == NULL) {
        return;
    }

    known = cache_put(inlay_identities, session_id, epoch, identity->keep_until_ms);
    known->text = p;
    known->len = len;

    for (i = 0; i < IDENTITY_HEADERS; i++) {
        known->values[i].data = p;
        known->values[i].len = identity->values[i].len;

        if (identity->values[i].len > 0) {
            p = ngx_cpymem(p, identity->values[i].ptr, identity->values[i].len);
        }
    }
}


ngx_str_t *
inlay_identity_find(ngx_http_request_t *r, const struct uuid *session_id, int64_t epoch,
    int64_t now_ms)
{
    u_char                  *p;
    ngx_uint_t               i;
    ngx_str_t               *values;
    const inlay_identity_t  *known;

    known = cache_find(inlay_identities, session_id, epoch, now_ms);
    if (known == NULL) {
        return NULL;
    }

    values = ngx_palloc(r->pool, IDENTITY_HEADERS * sizeof(ngx_str_t));
    p = ngx_pnalloc(r->pool, known->len + 1);
    if (values == NULL || p == NULL) {
        return NULL;
    }

    ngx_memcpy(p, known->text, known->len);

    for (i = 0; i < IDENTITY_HEADERS; i++) {
        values[i].data = p;
        values[i].len = known->values[i].len;
        p += values[i].len;
    }

    return values;
}


ngx_str_t *
inlay_identity_copy(ngx_http_request_t *r, const struct identity *identity)
{
    ngx_uint_t   i;
    ngx_str_t   *values;

    values = ngx_palloc(r->pool, IDENTITY_HEADERS * sizeof(ngx_str_t));

    for (i = 0; values != NULL && i < IDENTITY_HEADERS; i++) {
        values[i] = inlay_copy(r->pool, identity->values[i]);
    }

    return values;
}


/* The headers' names are made once, as nginx has them in a request. */

ngx_int_t
inlay_identity_prepare(ngx_conf_t *cf, inlay_main_conf_t *conf)
{
    ngx_uint_t        i;
    ngx_table_elt_t  *header;

    conf->identity = ngx_pcalloc(cf->pool, IDENTITY_HEADERS * sizeof(ngx_table_elt_t));
    if (conf->identity == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < IDENTITY_HEADERS; i++) {
        header = &conf->identity[i];
        header->key = inlay_copy(cf->pool, identity_header_name(&conf->settings,
                                                                (enum identity_header) i));
        header->lowcase_key = ngx_pnalloc(cf->pool, header->key.len + 1);
        if (header->lowcase_key == NULL) {
            return NGX_ERROR;
        }

        header->hash = ngx_hash_strlow(header->lowcase_key, header->key.data, header->key.len);
    }

    return NGX_OK;
}


ngx_int_t
inlay_identity_add(ngx_http_request_t *r, const ngx_str_t *values)
{
    ngx_uint_t        i;
    ngx_table_elt_t  *header, *names;

    names = inlay_conf(r)->identity;

    for (i = 0; i < IDENTITY_HEADERS; i++) {
        if (names[i].key.len == 0 || values[i].len == 0) {
            continue;
        }

        header = ngx_list_push(&r->headers_in.headers);
        if (header == NULL) {
            return NGX_ERROR;
        }

        *header = names[i];
        header->value = values[i];
    }

    return NGX_OK;
}


ngx_int_t
inlay_keys_handler(ngx_http_request_t *r)
{
    ngx_int_t     rc;
    inlay_job_t  *job;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    job = inlay_job_new(r, &inlay_keys_job);

    return job != NULL ? inlay_job_content(job) : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static enum err
inlay_keys_run(inlay_job_t *job)
{
    return signingkey_set(&job->work, job->data);
}


static void
inlay_keys_done(inlay_job_t *job)
{
    inlay_ctx_t  *ctx;

    ctx = inlay_ctx(job->r);

    if (job->batch.result != ERR_OK || ctx == NULL) {
        inlay_job_answered(job, inlay_refuse(job->r, &job->fault));
        return;
    }

    ctx->response = INLAY_RESPONSE_KEYS;
    inlay_job_answered(job, inlay_send(job->r, NGX_HTTP_OK, "application/json",
                                       *(struct str *) job->data));
}
