#include "apps/kind.h"

#include "apps/bundle/cachefolder.h"
#include "apps/upstream/settings.h"
#include "apps/upstream/upstream.h"

static void find_files(struct work *work, const struct app_source *source,
                       struct app_content *out_content)
{
    (void)work;
    *out_content = (struct app_content){.exists = source->files.len == DIGEST_BYTES};
    if (out_content->exists) {
        memcpy(out_content->digest.bytes, source->files.ptr, DIGEST_BYTES);
    }
}

/* A server has neither branches nor releases. */
static void find_server(struct work *work, const struct app_source *source,
                        struct app_content *out_content)
{
    struct str settings = upstream_at(work, source->settings, source->environment_url);
    *out_content = (struct app_content){
        .exists = !source->asks_version,
        .digest = upstream_digest(settings),
        .settings = settings,
    };
}

static bool is_elsewhere(const char *cache, const struct digest *content)
{
    (void)cache;
    (void)content;
    return true;
}

const struct app_kind_row app_kinds[APP_KINDS] = {
    [APP_BUNDLE] = {.takes_releases = true,
                    .find_content = find_files,
                    .is_at_hand = cachefolder_has},
    [APP_UPSTREAM] = {.member = "upstream",
                      .read_settings = upstream_read_settings,
                      .settings_json = upstream_settings_json,
                      .tells_user = true,
                      .find_content = find_server,
                      .is_at_hand = is_elsewhere},
};
