#include "entry/facts.h"

#include "apps/upstream/upstream.h"

enum err facts_load(struct work *work, const struct uuid *workspace_id, const struct uuid *app_id,
                    const struct uuid *user_id, const struct claims *claims,
                    struct facts *out_facts)
{
    struct facts facts = {
        .asks_branch = claims->branch.len > 0,
        .asks_release = claims->release_version.len > 0,
    };
    struct rows rows =
        store_query(work->store, SQL_FACTS,
                    SQL_ARGS(sql_uuid(app_id), sql_uuid(user_id), sql_text(claims->groups),
                             sql_text(claims->environment), sql_text(claims->branch),
                             sql_text(claims->release_version)));
    if (rows_next(&rows)) {
        struct uuid app_workspace = rows_uuid(&rows, 0);
        struct uuid user_workspace = rows_uuid(&rows, 2);
        struct str content = rows_text(&rows, 6);
        facts.app_exists = true;
        facts.app_in_workspace = uuid_equal(&app_workspace, workspace_id);
        facts.workspace_active = str_equal(rows_text(&rows, 1), STR("active"));
        facts.user_exists = !rows_is_null(&rows, 2);
        facts.user_in_workspace = uuid_equal(&user_workspace, workspace_id);
        facts.user_active = str_equal(rows_text(&rows, 3), STR("active"));
        facts.may_use = rows_int(&rows, 4) != 0;
        facts.environment_exists = rows_int(&rows, 5) != 0;
        facts.content_exists = content.len == DIGEST_BYTES;
        if (facts.content_exists) {
            memcpy(facts.content.bytes, content.ptr, DIGEST_BYTES);
        }
        facts.portals = claims_portals(work, claims, arena_str(work->arena, rows_text(&rows, 7)));
        if (str_equal(rows_text(&rows, 8), STR("upstream"))) {
            facts.upstream = upstream_at(work, rows_text(&rows, 9), rows_text(&rows, 10));
            facts.content = upstream_digest(facts.upstream);
            facts.content_exists = !facts.asks_branch && !facts.asks_release;
        }
    }
    enum err err = rows_end(&rows);
    if (!err) {
        *out_facts = facts;
    }
    return work_store_fault(work, err);
}
