#include "entry/facts.h"

#include "apps/kind.h"
#include "model/row.h"

struct facts_row {
    struct uuid app_workspace_id;
    bool workspace_active;
    struct uuid user_workspace_id; /* UUID_NONE: there is no such user */
    bool user_active;
    bool may_use;
    bool environment_exists;
    struct str content; /* a digest, or STR_NONE */
    struct str portals;
    struct str service_workers;
    int64_t idle_minutes;
    struct str top_level;
    enum app_kind kind;
    struct str upstream;
    struct str upstream_url; /* in the environment; STR_NONE: as in upstream */
};

static ROW_READER(facts_from_row, facts_row, FACTS_ROW);

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
        struct facts_row row;
        facts_from_row(work, &rows, &row);
        facts.app_exists = true;
        facts.app_in_workspace = uuid_equal(&row.app_workspace_id, workspace_id);
        facts.workspace_active = row.workspace_active;
        facts.user_exists = !uuid_is_none(&row.user_workspace_id);
        facts.user_in_workspace = uuid_equal(&row.user_workspace_id, workspace_id);
        facts.user_active = row.user_active;
        facts.may_use = row.may_use;
        facts.environment_exists = row.environment_exists;
        facts.kind = row.kind;
        facts.service_workers = row.service_workers;
        facts.idle_ms = row.idle_minutes * MINUTE_MS;
        facts.top_level = row.top_level;
        facts.portals = claims_portals(work, claims, row.portals);
        struct app_source source = {.files = row.content,
                                    .settings = row.upstream,
                                    .environment_url = row.upstream_url,
                                    .asks_version = facts.asks_branch || facts.asks_release};
        app_kinds[row.kind].find_content(work, &source, &facts.content);
    }
    enum err err = rows_end(&rows);
    if (!err) {
        *out_facts = facts;
    }
    return work_store_fault(work, err);
}
