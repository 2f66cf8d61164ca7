/*
 * The keys that sign assertions. They are the instance's, so they are for those who may do
 * everything.
 */
#include "model/signingkey.h"
#include "api/v1/noun.h"

static json_t *key_json(const struct work *work, const struct signingkey *key)
{
    json_t *json = json_object();
    api_json_set(json, "id", json_string(key->id));
    api_json_set(json, "state", json_string(signingkey_state(work, key)));
    api_json_set(json, "createdAt", api_json_time(key->created_at_ms));
    api_json_set(json, "signsAt", api_json_time(key->signs_at_ms));
    api_json_set(json, "retiresAt", api_json_time(key->retires_at_ms));
    return json;
}

enum err signing_keys_list(struct api_call *call)
{
    struct signingkey keys[SIGNING_KEYS_MAX];
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_text(&query);
    bool is_after = page.after.ptr == NULL;
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (!err) {
        err = signingkey_list(&call->work, keys, &count);
    }
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count && json_array_size(items) < (size_t)noun_page_rows(&page); i++) {
        if (is_after) {
            noun_append_item(items, key_json(&call->work, &keys[i]));
        }
        is_after = is_after || str_equal(page.after, str_from(keys[i].id));
    }
    return api_reply_list(call, items, &page, "id");
}

enum err signing_keys_rotate(struct api_call *call)
{
    struct signingkey key;
    enum err err = api_query_none(call);
    if (!err) {
        err = signingkey_rotate(&call->work, &key);
    }
    return err ? err : api_reply_json(call, 201, key_json(&call->work, &key));
}

enum err signing_keys_revoke(struct api_call *call)
{
    enum err err = api_query_none(call);
    if (!err) {
        err = signingkey_revoke(&call->work, call->params[0]);
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "signing key")
           : err                ? err
                                : api_reply_empty(call);
}
