#include "api/mint.h"

#include "base/jsontext.h"
#include "base/look.h"
#include "base/portal.h"
#include "http/deeplink.h"

/* ---- claims ---- */

static bool read_group_id(const json_t *value, int64_t *out_id)
{
    if (json_is_integer(value)) {
        *out_id = json_integer_value(value);
        return *out_id > 0;
    }
    struct str text = {json_string_value(value), json_string_length(value)};
    return json_is_string(value) && str_to_int64(text, 1, INT64_MAX, out_id);
}

static int compare_ids(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sorted and without repetitions, so that equal sets are equal claims. */
static struct str read_groups(struct fields *in, struct arena *arena, enum field_presence presence)
{
    json_t *array = fields_array(in, "groupIds", presence, LIMIT_GROUP_IDS);
    int64_t ids[LIMIT_GROUP_IDS];
    size_t count = json_array_size(array);
    if (array == NULL) {
        return STR_NONE;
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_group_id(json_array_get(array, i), &ids[i])) {
            fields_refuse(in, "groupIds", "must hold group ids: whole numbers above 0.");
            return STR_NONE;
        }
    }
    qsort(ids, count, sizeof(ids[0]), compare_ids);
    json_t *sorted = json_array();
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || ids[i] != ids[i - 1]) {
            REQUIRE(json_array_append_new(sorted, json_integer(ids[i])) == 0);
        }
    }
    struct str text = jsontext_canonical(sorted, arena);
    json_decref(sorted);
    return text;
}

static bool metadata_is_plain(const json_t *value)
{
    const char *name;
    json_t *member;
    if (json_is_real(value)) {
        return false; /* its text could change on the way */
    }
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
    {
        if (!metadata_is_plain(member)) {
            return false;
        }
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!metadata_is_plain(json_array_get(value, i))) {
            return false;
        }
    }
    return true;
}

static struct str read_metadata(struct fields *in, struct arena *arena)
{
    json_t *metadata = fields_object(in, "metadata", FIELD_OPTIONAL);
    if (metadata == NULL) {
        return STR_NONE;
    }
    if (!metadata_is_plain(metadata)) {
        fields_refuse(in, "metadata",
                      "may hold strings, whole numbers and booleans; write others as strings.");
        return STR_NONE;
    }
    if (json_object_size(metadata) == 0) {
        return STR_NONE; /* the same as none */
    }
    struct str text = jsontext_canonical(metadata, arena);
    if (text.len > LIMIT_METADATA_BYTES) {
        fields_refuse_above(in, "metadata", LIMIT_METADATA_BYTES, "bytes when serialised");
    }
    return text;
}

struct str mint_read_optional(struct fields *in, const char *name, size_t max_bytes)
{
    struct str text = fields_str(in, name, FIELD_OPTIONAL, max_bytes);
    return text.len == 0 ? STR_NONE : text;
}

struct str mint_read_path(struct fields *in, const char *name, struct arena *arena)
{
    struct fault fault;
    struct str text = mint_read_optional(in, name, LIMIT_START_PATH_BYTES);
    struct buf path = buf_make(LIMIT_START_PATH_BYTES);
    struct str made = STR_NONE;
    if (text.len > 0 && deeplink_parse(text, &path, &fault) != ERR_OK) {
        fields_refuse(in, name, "cannot be used. %s", fault.message);
    } else if (text.len > 0) {
        made = arena_str(arena, buf_str(&path));
    }
    buf_done(&path);
    return made;
}

struct str mint_read_theme(struct fields *in)
{
    struct str theme = mint_read_optional(in, "theme", LIMIT_LOCALE_BYTES);
    if (theme.len > 0 && !look_is_theme(theme)) {
        fields_refuse(in, "theme", "must be \"light\", \"dark\" or \"system\".");
    }
    return theme;
}

struct str mint_read_locale(struct fields *in, struct arena *arena)
{
    char locale[LOOK_LOCALE_SIZE];
    struct str text = mint_read_optional(in, "locale", LIMIT_LOCALE_BYTES);
    if (text.len > 0 && !look_locale(text, locale)) {
        fields_refuse(in, "locale",
                      "must be a language tag (BCP 47), such as \"de\" or \"pt-BR\".");
        return STR_NONE;
    }
    return text.len > 0 ? arena_str(arena, str_from(locale)) : STR_NONE;
}

struct claims mint_read_claims(struct fields *in, struct arena *arena, enum field_presence groups)
{
    struct claims claims = {
        .groups = read_groups(in, arena, groups),
        .metadata = read_metadata(in, arena),
        .environment = mint_read_optional(in, "environment", LIMIT_NAME_BYTES),
        .branch = mint_read_optional(in, "branch", LIMIT_BRANCH_BYTES),
        .release_version = mint_read_optional(in, "releaseVersion", LIMIT_VERSION_BYTES),
    };
    if (claims.branch.len > 0 && claims.release_version.len > 0) {
        fields_refuse(in, "branch", "and releaseVersion exclude each other.");
    }
    if (claims.environment.len == 0) {
        claims.environment = STR("production");
    }
    if (str_equal(claims.release_version, STR("latest"))) {
        claims.release_version = STR_NONE;
    }
    return claims;
}

/* ---- the portal ---- */

struct str mint_read_portal(struct api_call *call, struct fields *in)
{
    static const char name[] = "portalOrigin";
    struct fault fault;
    char portal[ORIGIN_TEXT_SIZE];
    struct str text = mint_read_optional(in, name, ORIGIN_TEXT_SIZE - 1);
    if (text.len == 0) {
        return STR_NONE;
    }
    if (portal_parse(text, &call->work.instance->settings->app_url.origin, portal, &fault)) {
        fields_refuse(in, name, "cannot be used. %s", fault.message);
        return STR_NONE;
    }
    if (str_find(str_from(portal), '*') < strlen(portal)) {
        fields_refuse(in, name, "must be the origin of one page, without \"*\".");
    }
    return arena_str(call->work.arena, str_from(portal));
}

enum err mint_check_portal(struct api_call *call, const struct app *app, struct str portal)
{
    if (portal.len == 0 || portal_is_listed(app->portals, portal) ||
        portal_is_listed(call->token.portals, portal)) {
        return ERR_OK;
    }
    call->work.subject.portal = portal;
    return fault_member(&call->fault, ERR_DENIED, "portal_not_allowed", "portalOrigin",
                        "%.*s is not one of the app's portals, nor of those that the API token may "
                        "name. Add it to one of them.",
                        (int)portal.len, portal.ptr);
}

json_t *mint_warnings(const struct app *app, struct str portal)
{
    json_t *warnings = json_array();
    if (app->portals.len == 0 && portal.len == 0) {
        json_t *warning =
            json_pack("{s:s, s:s}", "code", "portal_not_allowed", "message",
                      "No page may show the app, since it has no portals. Add the origin of the "
                      "page that will, or name it in portalOrigin.");
        REQUIRE(json_array_append_new(warnings, warning) == 0);
    }
    return warnings;
}

struct str mint_warnings_member(struct api_call *call, const struct app *app, struct str portal)
{
    struct str member = STR("");
    json_t *warnings = mint_warnings(app, portal);
    if (json_array_size(warnings) > 0) {
        struct str text = jsontext_canonical(warnings, call->work.arena);
        member = arena_printf(call->work.arena, ",\"warnings\":" STR_FMT, STR_ARG(text));
    }
    json_decref(warnings);
    return member;
}

/* ---- groups ---- */

enum err mint_check_groups(struct api_call *call, struct str groups)
{
    json_t *ids = json_loadb(groups.ptr, groups.len, 0, NULL);
    enum err err = ERR_OK;
    REQUIRE(ids != NULL);
    for (size_t i = 0; i < json_array_size(ids) && !err; i++) {
        int64_t id = json_integer_value(json_array_get(ids, i));
        struct rows rows = store_query(call->work.store, SQL_GROUP_EXISTS,
                                       SQL_ARGS(sql_int(id), sql_uuid(&call->work.workspace_id)));
        bool exists = rows_next(&rows);
        err = work_store_fault(&call->work, rows_end(&rows));
        if (!err && !exists) {
            err = fault_member(&call->fault, ERR_NOT_FOUND, "group_not_found", "groupIds",
                               "There is no group %lld.", (long long)id);
        }
    }
    json_decref(ids);
    return err;
}

/* ---- the decision, and where the link leads ---- */

enum err mint_decide(struct api_call *call, const struct uuid *app_id, const struct uuid *user_id,
                     bool user_is_new, const struct claims *claims)
{
    struct work *work = &call->work;
    struct verdict verdict = {.decision = DECISION_UNDECIDED};
    const struct question question = {
        .workspace_id = &work->workspace_id,
        .app_id = app_id,
        .user_id = user_id,
        .claims = claims_format(work, claims),
        .user_is_new = user_is_new,
    };
    enum err err = decision_find(work, &question, &verdict);
    if (err || verdict.decision == DECISION_ALLOWED) {
        return err;
    }
    const struct decision_info *info = decision_info(verdict.decision);
    return fault_set(&call->fault, info->err, info->reason, "%s", info->message);
}

struct str mint_origin(struct api_call *call, struct str label)
{
    struct origin origin = call->work.instance->settings->app_url.origin;
    char host[ORIGIN_HOST_SIZE];
    char text[ORIGIN_TEXT_SIZE];
    str_print(host, sizeof(host), STR_FMT ".%s", STR_ARG(label), origin.host);
    memcpy(origin.host, host, sizeof(host));
    origin.is_pattern = false;
    origin_format(&origin, text);
    return arena_str(call->work.arena, str_from(text));
}

struct str mint_word(const struct app *app, const struct secret *secret)
{
    return app->is_strict ? STR("post") : secret_str(secret);
}

struct str mint_secret_member(struct api_call *call, const struct app *app,
                              const struct secret *secret)
{
    return app->is_strict ? arena_printf(call->work.arena, ",\"secret\":\"" STR_FMT "\"",
                                         STR_ARG(secret_str(secret)))
                          : STR("");
}
