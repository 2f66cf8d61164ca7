#include "entry/link.h"

#include "model/row.h"
#include "model/event.h"
#include "base/encode.h"
#include "crypto/random.h"

static struct str uuid_bytes(const struct uuid *uuid)
{
    return (struct str){(const char *)uuid->bytes, UUID_BYTES};
}

void link_label(const struct instance *instance, const struct uuid *workspace_id,
                const struct uuid *app_id, const struct uuid *user_id, struct str claims,
                char out_label[ORIGIN_LABEL_LEN + 1])
{
    const struct str parts[] = {STR("label"), uuid_bytes(workspace_id), uuid_bytes(app_id),
                                uuid_bytes(user_id), claims};
    struct digest mac = digest_hmac(instance->key, parts, COUNT_OF(parts));
    base32_encode(mac.bytes, DIGEST_BYTES, out_label, ORIGIN_LABEL_LEN);
}

static enum err say_limited(struct work *work, int64_t limit, int64_t retry_after_s)
{
    work->fault->retry_after_s = retry_after_s;
    work->fault->limit = limit;
    return ERR_LIMITED;
}

enum err link_limit(struct work *work, struct str user_key, int64_t per_minute)
{
    int64_t retry_after_s = 0;
    const struct str parts[] = {STR("mint"), uuid_bytes(&work->workspace_id), work->actor.id,
                                user_key};
    if (per_minute == 0 ||
        work_rate_allow(work, parts, COUNT_OF(parts), per_minute, &retry_after_s)) {
        return ERR_OK;
    }
    fault_set(work->fault, ERR_LIMITED, "mint_limit",
              "More than %lld links were requested for this API token and user in a minute. "
              "Try again in %lld seconds.",
              (long long)per_minute, (long long)retry_after_s);
    return say_limited(work, per_minute, retry_after_s);
}

enum err link_redeem_limit(struct work *work, const struct link *link, enum link_step step)
{
    int64_t per_minute = work->instance->settings->redeem_limit_per_minute;
    int64_t retry_after_s = 0;
    const struct str parts[] = {step == LINK_OPEN ? STR("redeem") : STR("enter"),
                                uuid_bytes(&link->id)};
    if (per_minute == 0 ||
        work_rate_allow(work, parts, COUNT_OF(parts), per_minute, &retry_after_s)) {
        return ERR_OK;
    }
    fault_set(work->fault, ERR_LIMITED, "link_limit",
              "This link was opened more than %lld times in a minute. Try again in %lld seconds.",
              (long long)per_minute, (long long)retry_after_s);
    return say_limited(work, per_minute, retry_after_s);
}

static enum err audience_put(struct work *work, const struct link_new *new_link, struct str label,
                             struct str claims)
{
    return store_run(work->store, SQL_AUDIENCE_INSERT,
                     SQL_ARGS(sql_text(label), sql_uuid(&work->workspace_id),
                              sql_uuid(&new_link->app_id), sql_uuid(&new_link->user_id),
                              sql_text(claims), sql_int(work->now_ms)),
                     NULL);
}

static enum err link_insert(struct work *work, const struct link *link, struct str path,
                            const struct digest *digest)
{
    return store_run(work->store, SQL_LINK_INSERT,
                     SQL_ARGS(sql_uuid(&link->id),
                              sql_text(link->is_reusable ? STR("reusable") : STR("single-use")),
                              sql_text(link->label), sql_digest(digest), sql_int(link->session_ms),
                              sql_int(link->created_at_ms), sql_text(link->created_by),
                              sql_int(link->expires_at_ms), sql_text(path), sql_text(link->theme),
                              sql_text(link->locale), sql_text(link->volatile_metadata),
                              sql_text(link->portal)),
                     NULL);
}

struct secret link_proof(struct str secret)
{
    struct secret proof = {{0}, 0};
    struct digest digest = digest_of(secret);
    base64url_encode(digest.bytes, DIGEST_BYTES, proof.text);
    proof.len = strlen(proof.text);
    return proof;
}

enum err link_create(struct work *work, const struct link_new *new_link, struct link *out_link,
                     struct secret *out_secret)
{
    struct secret secret = secret_make(new_link->is_reusable ? SECRET_PAT : SECRET_LINK);
    struct secret proof = link_proof(secret_str(&secret));
    struct digest digest = secret_digest(secret_str(&proof));
    struct str claims = claims_format(work, &new_link->claims);
    char *label = arena_alloc(work->arena, ORIGIN_LABEL_LEN + 1);
    link_label(work->instance, &work->workspace_id, &new_link->app_id, &new_link->user_id, claims,
               label);
    struct link link = {
        .id = random_uuid(),
        .is_reusable = new_link->is_reusable,
        .label = {label, ORIGIN_LABEL_LEN},
        .workspace_id = work->workspace_id,
        .app_id = new_link->app_id,
        .user_id = new_link->user_id,
        .claims = claims,
        .theme = new_link->theme,
        .locale = new_link->locale,
        .volatile_metadata = new_link->claims.volatile_metadata,
        .portal = new_link->portal,
        .session_ms = new_link->session_ms,
        .created_at_ms = work->now_ms,
        .created_by = work->actor.name,
        .expires_at_ms = new_link->expires_at_ms,
    };
    enum err err = audience_put(work, new_link, link.label, claims);
    if (!err && link.is_reusable) {
        err = store_run(work->store, SQL_LINK_REPLACE,
                        SQL_ARGS(sql_text(link.label), sql_int(work->now_ms)), NULL);
    }
    if (!err) {
        err = link_insert(work, &link, new_link->path, &digest);
    }
    if (!err) {
        err =
            event_add(work, &(struct event){.type = "mint",
                                            .user_id = link.user_id,
                                            .app_id = link.app_id,
                                            .link_id = link.id,
                                            .detail = event_preview(new_link->claims.is_preview)});
    }
    if (err) {
        secret_done(&secret);
        return work_store_fault(work, err);
    }
    *out_link = link;
    *out_secret = secret;
    return ERR_OK;
}

ROW_READER(link_from_row, link, LINK_ROW);
static ROW_ONE(link_one, link, link_from_row);

enum err link_find_by_proof(struct work *work, struct str proof, struct link *out_link)
{
    struct digest digest = secret_digest(proof);
    return link_one(work,
                    store_query(work->store, SQL_LINK_BY_DIGEST, SQL_ARGS(sql_digest(&digest))),
                    out_link);
}

struct question link_question(const struct link *link, int64_t now_ms)
{
    return (struct question){
        .workspace_id = &link->workspace_id,
        .app_id = &link->app_id,
        .user_id = &link->user_id,
        .claims = link->claims,
        .portal = link->portal,
        .link =
            {
                .revoked = link->revoked_at_ms != 0,
                .replaced = link->replaced_at_ms != 0,
                .expired = link->expires_at_ms <= now_ms,
                .used = !link->is_reusable && link->used_at_ms != 0,
            },
    };
}
