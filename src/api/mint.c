#include "api/mint.h"

enum err mint_decide(struct api_call *call, const struct uuid *app_id, const struct uuid *user_id,
                     bool user_is_new, const struct claims *claims)
{
    struct access *access = &call->access;
    struct facts facts = {0};
    enum err err = facts_load(access, &access->workspace_id, app_id, user_id, claims, &facts);
    if (err) {
        return err;
    }
    if (user_is_new) {
        facts.user_exists = true;
        facts.user_in_workspace = true;
        facts.user_active = true;
    }
    enum decision decision = decision_make(&facts);
    const struct decision_info *info = decision_info(decision);
    if (decision == DECISION_ALLOWED) {
        return ERR_OK;
    }
    return fault_set(&call->fault, info->err, info->reason, "%s", info->message);
}

struct str mint_origin(struct api_call *call, struct str label)
{
    struct origin origin = call->access.instance->settings->app_url.origin;
    char host[ORIGIN_HOST_SIZE + LABEL_SIZE];
    char text[ORIGIN_TEXT_SIZE];
    int len = snprintf(host, sizeof(host), STR_FMT ".%s", STR_ARG(label), origin.host);
    REQUIRE(len > 0 && (size_t)len < sizeof(origin.host));
    memcpy(origin.host, host, (size_t)len + 1);
    origin.is_pattern = false;
    origin_format(&origin, text);
    return arena_str(call->access.arena, str_from(text));
}
