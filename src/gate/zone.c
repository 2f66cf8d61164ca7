
#include "gate/zone.h"
#include "base/clock.h"


#define INLAY_ZONE_RATE_SLOTS  16384
#define INLAY_ZONE_HOLDS       32768
#define INLAY_ZONE_RESERVED    (256 * 1024)


static ngx_int_t inlay_zone_init(ngx_shm_zone_t *shm_zone, void *data);
static bool inlay_zone_rate_allow(void *arg, const struct digest *key, int64_t now_ms,
    int64_t per_minute, int64_t *out_retry_after_s);


static ngx_slab_pool_t  *inlay_pool;
static inlay_zone_t     *inlay_shared;


ngx_shm_zone_t *
inlay_zone_add(ngx_conf_t *cf, inlay_main_conf_t *conf)
{
    size_t           size;
    ngx_str_t        name = ngx_string("inlay");
    ngx_shm_zone_t  *shm_zone;

    /* nginx's allocator needs a few bytes for every page */
    size = (size_t) conf->settings.session_memory_bytes;
    size += size / 64 + INLAY_ZONE_RESERVED
            + 2 * INLAY_ZONE_RATE_SLOTS * sizeof(struct ratelimit_slot)
            + INLAY_ZONE_HOLDS * sizeof(struct admission_hold);

    shm_zone = ngx_shared_memory_add(cf, &name, size, &ngx_http_inlay_module);
    if (shm_zone == NULL) {
        return NULL;
    }

    shm_zone->init = inlay_zone_init;
    shm_zone->data = conf;

    return shm_zone;
}


static ngx_int_t
inlay_zone_rate_init(ngx_slab_pool_t *pool, struct ratelimit *rate, int64_t window_ms)
{
    rate->window_ms = window_ms;
    rate->count = INLAY_ZONE_RATE_SLOTS;
    rate->slots = ngx_slab_calloc(pool, INLAY_ZONE_RATE_SLOTS * sizeof(struct ratelimit_slot));

    return rate->slots != NULL ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
inlay_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    size_t              bytes;
    uint32_t            size;
    ngx_slab_pool_t    *pool;
    inlay_zone_t       *zone;
    inlay_main_conf_t  *conf;

    conf = shm_zone->data;
    pool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (data != NULL || shm_zone->shm.exists) {
        return NGX_OK; /* a reload: everything is in its place */
    }

    pool->log_nomem = 0;

    zone = ngx_slab_calloc(pool, sizeof(inlay_zone_t));
    if (zone == NULL) {
        return NGX_ERROR;
    }

    zone->admissions.hold_count = INLAY_ZONE_HOLDS;
    zone->admissions.holds = ngx_slab_calloc(pool,
                                             INLAY_ZONE_HOLDS * sizeof(struct admission_hold));

    if (inlay_zone_rate_init(pool, &zone->rate, MINUTE_MS) != NGX_OK
        || inlay_zone_rate_init(pool, &zone->admissions.pace, ADMISSION_SECOND_MS) != NGX_OK
        || zone->admissions.holds == NULL)
    {
        return NGX_ERROR;
    }

    bytes = (size_t) conf->settings.session_memory_bytes;
    size = table_size_for(bytes);

    zone->table = ngx_slab_alloc(pool, table_bytes(size));
    if (zone->table == NULL) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "inlay: session_memory is too large for this system");
        return NGX_ERROR;
    }

    table_init(zone->table, size);

    pool->data = zone;

    return NGX_OK;
}


ngx_int_t
inlay_zone_start(inlay_main_conf_t *conf)
{
    inlay_pool = (ngx_slab_pool_t *) conf->zone->shm.addr;
    inlay_shared = inlay_pool->data;

    if (inlay_shared == NULL) {
        return NGX_ERROR;
    }

    conf->instance.rate_allow = inlay_zone_rate_allow;
    conf->instance.rate_arg = NULL;

    if (inlay_shared->ending[ngx_process_slot]) {
        /* the worker before us died while it ended sessions */
        ngx_shmtx_lock(&inlay_pool->mutex);
        table_clear(inlay_shared->table);
        ngx_shmtx_unlock(&inlay_pool->mutex);

        inlay_shared->ending[ngx_process_slot] = 0;
    }

    inlay_shared->spooled[ngx_process_slot] = 0;

    return NGX_OK;
}


inlay_zone_t *
inlay_zone(void)
{
    return inlay_shared;
}


void
inlay_count(ngx_uint_t what, ngx_atomic_int_t by)
{
    (void) ngx_atomic_fetch_add(&inlay_shared->counts[what], by);
}


void
inlay_zone_moment(uint64_t *out_moment, int64_t *out_epoch)
{
    ngx_shmtx_lock(&inlay_pool->mutex);
    *out_moment = table_moment(inlay_shared->table);
    *out_epoch = inlay_shared->table->epoch;
    ngx_shmtx_unlock(&inlay_pool->mutex);
}


bool
inlay_zone_find(const unsigned char *cookie, struct str label, int64_t now_ms,
    struct table_session *out_session)
{
    bool  found;

    ngx_shmtx_lock(&inlay_pool->mutex);
    found = table_find(inlay_shared->table, cookie, label, now_ms, out_session);
    ngx_shmtx_unlock(&inlay_pool->mutex);

    return found;
}


void
inlay_zone_put(const struct table_session *session, uint64_t moment)
{
    ngx_shmtx_lock(&inlay_pool->mutex);
    table_put(inlay_shared->table, session, moment);
    ngx_shmtx_unlock(&inlay_pool->mutex);
}


bool
inlay_zone_use(const struct uuid *id, int64_t now_ms)
{
    bool  is_news;

    ngx_shmtx_lock(&inlay_pool->mutex);
    is_news = table_use(inlay_shared->table, id, now_ms);
    ngx_shmtx_unlock(&inlay_pool->mutex);

    return is_news;
}


void
inlay_zone_drop(const struct uuid *id)
{
    ngx_shmtx_lock(&inlay_pool->mutex);
    table_drop(inlay_shared->table, id);
    ngx_shmtx_unlock(&inlay_pool->mutex);
}


bool
inlay_zone_was_dropped(const struct uuid *id, uint64_t moment)
{
    bool  dropped;

    ngx_shmtx_lock(&inlay_pool->mutex);
    dropped = table_was_dropped(inlay_shared->table, id, moment);
    ngx_shmtx_unlock(&inlay_pool->mutex);

    return dropped;
}


void
inlay_zone_raise(int64_t epoch)
{
    ngx_shmtx_lock(&inlay_pool->mutex);
    table_raise_epoch(inlay_shared->table, epoch);
    ngx_shmtx_unlock(&inlay_pool->mutex);
}


uint32_t
inlay_zone_sessions(uint32_t *out_size)
{
    uint32_t  count;

    ngx_shmtx_lock(&inlay_pool->mutex);
    count = inlay_shared->table->count;
    *out_size = inlay_shared->table->size;
    ngx_shmtx_unlock(&inlay_pool->mutex);

    return count;
}


static void
inlay_zone_unspool(void *data)
{
    off_t  *bytes = data;

    inlay_shared->spooled[ngx_process_slot] -= (ngx_atomic_uint_t) *bytes;
}


ngx_int_t
inlay_zone_spool(ngx_http_request_t *r, off_t bytes, int64_t bytes_max)
{
    off_t               *kept;
    int64_t              sum = bytes;
    ngx_int_t            i;
    ngx_pool_cleanup_t  *cleanup;

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        sum += (int64_t) inlay_shared->spooled[i];
    }

    if (sum > bytes_max) {
        return NGX_BUSY;
    }

    cleanup = ngx_pool_cleanup_add(r->pool, sizeof(off_t));
    if (cleanup == NULL) {
        return NGX_ERROR;
    }

    kept = cleanup->data;
    *kept = bytes;
    cleanup->handler = inlay_zone_unspool;
    inlay_shared->spooled[ngx_process_slot] += (ngx_atomic_uint_t) bytes;

    return NGX_OK;
}


void
inlay_zone_ending(ngx_uint_t is_ending)
{
    (void) ngx_atomic_fetch_add(&inlay_shared->ending[ngx_process_slot], is_ending ? 1 : -1);
}


static bool
inlay_zone_rate_allow(void *arg, const struct digest *key, int64_t now_ms, int64_t per_minute,
    int64_t *out_retry_after_s)
{
    bool  allowed;

    (void) arg;

    ngx_shmtx_lock(&inlay_pool->mutex);
    allowed = ratelimit_allow(&inlay_shared->rate, key, now_ms, per_minute, out_retry_after_s);
    ngx_shmtx_unlock(&inlay_pool->mutex);

    return allowed;
}


enum admission_limit
inlay_zone_enter(const struct admission_request *request, struct admission *out_admission)
{
    enum admission_limit  limit;

    ngx_shmtx_lock(&inlay_pool->mutex);
    limit = admission_enter(&inlay_shared->admissions, request, out_admission);
    ngx_shmtx_unlock(&inlay_pool->mutex);

    return limit;
}


void
inlay_zone_leave(struct admission *admission)
{
    ngx_shmtx_lock(&inlay_pool->mutex);
    admission_leave(&inlay_shared->admissions, admission, ngx_pid);
    ngx_shmtx_unlock(&inlay_pool->mutex);
}


ngx_uint_t
inlay_zone_is_news(const struct uuid *session_id, int64_t now_ms)
{
    int64_t        retry_after_s;
    struct digest  key = {{ 0 }};

    ngx_memcpy(key.bytes, session_id->bytes + 8, 8);

    return inlay_zone_rate_allow(NULL, &key, now_ms, 1, &retry_after_s);
}
