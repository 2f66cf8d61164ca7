#include "entry/link.h"

#include "model/event.h"
#include "base/encode.h"
#include "crypto/random.h"

static struct str uuid_bytes(const struct uuid *uuid)
{
    return (struct str){(const char *)uuid->bytes, UUID_BYTES};
}

void audience_label(const struct instance *instance, const struct uuid *workspace_id,
                    const struct uuid *app_id, const struct uuid *user_id, struct str claims,
                    char out_label[LABEL_SIZE])
{
    const struct str parts[] = {STR("label"), uuid_bytes(workspace_id), uuid_bytes(app_id),
                                uuid_bytes(user_id), claims};
    struct digest mac = digest_hmac(instance->key, parts, COUNT_OF(parts));
    base32_encode(mac.bytes, DIGEST_BYTES, out_label, LABEL_SIZE - 1);
}

static enum err say_limited(struct access *access, int64_t limit, int64_t retry_after_s)
{
    access->fault->retry_after_s = retry_after_s;
    access->fault->limit = limit;
    return ERR_LIMITED;
}

enum err grant_limit(struct access *access, struct str user_key)
{
    int64_t per_minute = access->instance->settings->mint_limit_per_minute;
    int64_t retry_after_s = 0;
    const struct str parts[] = {STR("mint"), uuid_bytes(&access->workspace_id), access->actor.id,
                                user_key};
    if (per_minute == 0 ||
        access_rate_allow(access, parts, COUNT_OF(parts), per_minute, &retry_after_s)) {
        return ERR_OK;
    }
    fault_set(access->fault, ERR_LIMITED, "mint_limit",
              "More than %lld links in a minute for this API token and user. "
              "Try again in %lld s.",
              (long long)per_minute, (long long)retry_after_s);
    return say_limited(access, per_minute, retry_after_s);
}

enum err grant_redeem_limit(struct access *access, const struct grant *grant)
{
    int64_t per_minute = access->instance->settings->redeem_limit_per_minute;
    int64_t retry_after_s = 0;
    const struct str parts[] = {STR("redeem"), uuid_bytes(&grant->id)};
    if (per_minute == 0 ||
        access_rate_allow(access, parts, COUNT_OF(parts), per_minute, &retry_after_s)) {
        return ERR_OK;
    }
    fault_set(access->fault, ERR_LIMITED, "link_limit",
              "This link was opened more than %lld times in a minute. Try again in %lld s.",
              (long long)per_minute, (long long)retry_after_s);
    return say_limited(access, per_minute, retry_after_s);
}

static enum err audience_put(struct access *access, const struct grant_new *new_grant,
                             struct str label, struct str claims)
{
    return store_run(access->store, SQL_AUDIENCE_INSERT,
                     SQL_ARGS(sql_text(label), sql_uuid(&access->workspace_id),
                              sql_uuid(&new_grant->app_id), sql_uuid(&new_grant->user_id),
                              sql_text(claims), sql_int(access->now_ms)),
                     NULL);
}

static enum err grant_insert(struct access *access, const struct grant *grant,
                             const struct digest *digest)
{
    return store_run(access->store, SQL_GRANT_INSERT,
                     SQL_ARGS(sql_uuid(&grant->id),
                              sql_text(grant->is_reusable ? STR("reusable") : STR("single-use")),
                              sql_text(grant->label), sql_digest(digest),
                              sql_int(grant->session_ms), sql_int(grant->created_at_ms),
                              sql_text(grant->created_by), sql_int(grant->expires_at_ms)),
                     NULL);
}

struct secret grant_proof(struct str secret)
{
    struct secret proof = {{0}, 0};
    struct digest digest = digest_of(secret);
    base64url_encode(digest.bytes, DIGEST_BYTES, proof.text);
    proof.len = strlen(proof.text);
    return proof;
}

enum err grant_create(struct access *access, const struct grant_new *new_grant,
                      struct grant *out_grant, struct secret *out_secret)
{
    struct secret secret = secret_make(new_grant->is_reusable ? SECRET_PAT : SECRET_LINK);
    struct secret proof = grant_proof(secret_str(&secret));
    struct digest digest = secret_digest(secret_str(&proof));
    struct str claims = claims_format(access, &new_grant->claims);
    char *label = arena_alloc(access->arena, LABEL_SIZE);
    audience_label(access->instance, &access->workspace_id, &new_grant->app_id, &new_grant->user_id,
                   claims, label);
    struct grant grant = {
        .id = random_uuid(),
        .is_reusable = new_grant->is_reusable,
        .label = {label, LABEL_SIZE - 1},
        .workspace_id = access->workspace_id,
        .app_id = new_grant->app_id,
        .user_id = new_grant->user_id,
        .claims = claims,
        .session_ms = new_grant->session_ms,
        .created_at_ms = access->now_ms,
        .created_by = access->actor.name,
        .expires_at_ms = new_grant->expires_at_ms,
    };
    enum err err = audience_put(access, new_grant, grant.label, claims);
    if (!err && grant.is_reusable) {
        err = store_run(access->store, SQL_GRANT_REPLACE,
                        SQL_ARGS(sql_text(grant.label), sql_int(access->now_ms)), NULL);
    }
    if (!err) {
        err = grant_insert(access, &grant, &digest);
    }
    if (!err) {
        err = event_add(access,
                        &(struct event){.type = "mint",
                                        .user_id = grant.user_id,
                                        .app_id = grant.app_id,
                                        .grant_id = grant.id,
                                        .detail = event_preview(new_grant->claims.is_preview)});
    }
    if (err) {
        secret_done(&secret);
        return access_store_fault(access, err);
    }
    *out_grant = grant;
    *out_secret = secret;
    return ERR_OK;
}

void grant_from_row(struct access *access, const struct rows *rows, struct grant *out_grant)
{
    struct str client = rows_text(rows, 8);
    *out_grant = (struct grant){
        .id = rows_uuid(rows, 0),
        .is_reusable = str_equal(rows_text(rows, 1), STR("reusable")),
        .label = arena_str(access->arena, rows_text(rows, 2)),
        .session_ms = rows_int(rows, 3),
        .created_at_ms = rows_int(rows, 4),
        .created_by = access_column(access, rows, 5),
        .expires_at_ms = rows_int(rows, 6),
        .used_at_ms = rows_int(rows, 7),
        .replaced_at_ms = rows_int(rows, 9),
        .revoked_at_ms = rows_int(rows, 10),
        .workspace_id = rows_uuid(rows, 11),
        .app_id = rows_uuid(rows, 12),
        .user_id = rows_uuid(rows, 13),
        .claims = arena_str(access->arena, rows_text(rows, 14)),
    };
    if (client.len == DIGEST_BYTES) {
        memcpy(out_grant->used_client.bytes, client.ptr, DIGEST_BYTES);
    }
}

static enum err grant_from_query(struct access *access, struct rows rows, struct grant *out_grant)
{
    enum err err = access_one_row(&rows);
    if (!err) {
        grant_from_row(access, &rows, out_grant);
    }
    enum err end = rows_end(&rows);
    return access_store_fault(access, end ? end : err);
}

enum err grant_find_by_proof(struct access *access, struct str proof, struct grant *out_grant)
{
    struct digest digest = secret_digest(proof);
    return grant_from_query(
        access, store_query(access->store, SQL_GRANT_BY_DIGEST, SQL_ARGS(sql_digest(&digest))),
        out_grant);
}

void grant_add_facts(const struct grant *grant, int64_t now_ms, struct facts *facts)
{
    facts->grant_revoked = grant->revoked_at_ms != 0;
    facts->grant_replaced = grant->replaced_at_ms != 0;
    facts->grant_expired = grant->expires_at_ms <= now_ms;
    facts->grant_used = !grant->is_reusable && grant->used_at_ms != 0;
}
