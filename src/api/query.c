/*
 * The query of a management call: "a=1&b=x%20y" (application/x-www-form-urlencoded, WHATWG
 * URL 5.1).
 */
#include "api/call.h"
#include "http/percent.h"

static enum err query_refuse(struct api_query *query, const char *code, struct str name,
                             const char *why)
{
    char member[41];
    struct str shown = str_head(name, sizeof(member) - 1);
    snprintf(member, sizeof(member), STR_FMT, STR_ARG(shown));
    if (!query->err) {
        query->err = fault_member(&query->call->fault, ERR_INVALID, code, member,
                                  "The parameter \"%s\" %s.", member, why);
    }
    return query->err;
}

struct api_query api_query_start(struct api_call *call)
{
    struct api_query query = {.call = call};
    struct str rest = call->request->query;
    if (rest.len > LIMIT_QUERY_BYTES) {
        query.err = fault_limit(&call->fault, ERR_INVALID, "query_invalid", LIMIT_QUERY_BYTES,
                                "The query is longer than %d bytes.", LIMIT_QUERY_BYTES);
        return query;
    }
    while (rest.len > 0 && !query.err) {
        struct str value = str_cut(&rest, '&');
        struct str name = str_cut(&value, '=');
        if (name.len == 0) {
            continue;
        }
        if (query.count == API_QUERY_MAX) {
            query_refuse(&query, "query_invalid", name, "is one too many");
        } else if (!percent_decode(call->work.arena, name, PERCENT_FORM, &name) ||
                   !percent_decode(call->work.arena, value, PERCENT_FORM, &value) ||
                   !str_is_clean_utf8(name) || !str_is_clean_utf8(value)) {
            query_refuse(&query, "query_invalid", STR("?"), "is not well-formed");
        } else {
            for (size_t i = 0; i < query.count; i++) {
                if (str_equal(query.names[i], name)) {
                    query_refuse(&query, "query_invalid", name, "is there twice");
                }
            }
            query.names[query.count] = name;
            query.values[query.count++] = value;
        }
    }
    return query;
}

struct str api_query_str(struct api_query *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++) {
        if (str_equal(query->names[i], str_from(name))) {
            query->used[i] = true;
            return query->values[i];
        }
    }
    return STR_NONE;
}

void api_query_refuse(struct api_query *query, const char *name, const char *why)
{
    query_refuse(query, "query_invalid", str_from(name), why);
}

struct str api_query_word(struct api_query *query, const char *name, const char *const *words)
{
    struct str text = api_query_str(query, name);
    char list[128] = "";
    size_t len = 0;
    if (text.ptr == NULL) {
        return STR_NONE;
    }
    for (size_t i = 0; words[i] != NULL; i++) {
        if (str_equal(text, str_from(words[i]))) {
            return text;
        }
        len += str_print(list + len, sizeof(list) - len, "%s%s", i == 0 ? "" : ", ", words[i]).len;
    }
    char why[160];
    snprintf(why, sizeof(why), "must be one of %s", list);
    api_query_refuse(query, name, why);
    return STR_NONE;
}

struct search api_query_search(struct api_query *query)
{
    struct str text = api_query_str(query, "search");
    if (text.len > LIMIT_SEARCH_BYTES) {
        char why[64];
        snprintf(why, sizeof(why), "must be at most %d bytes", LIMIT_SEARCH_BYTES);
        api_query_refuse(query, "search", why);
        text = STR_NONE;
    }
    return search_make(&query->call->work, text);
}

int64_t api_query_int(struct api_query *query, const char *name, int64_t fallback, int64_t min,
                      int64_t max)
{
    struct str text = api_query_str(query, name);
    int64_t value = fallback;
    if (text.ptr != NULL && !str_to_int64(text, min, max, &value)) {
        char why[96];
        snprintf(why, sizeof(why), "must be a whole number from %lld to %lld", (long long)min,
                 (long long)max);
        api_query_refuse(query, name, why);
    }
    return value;
}

int64_t api_query_time(struct api_query *query, const char *name)
{
    struct str text = api_query_str(query, name);
    int64_t at_ms = 0;
    if (text.ptr != NULL && !clock_parse(text, &at_ms)) {
        api_query_refuse(query, name,
                         "must be a time as 2026-01-02T03:04:05Z, or a date as 2026-01-02");
    }
    return at_ms;
}

struct uuid api_query_uuid(struct api_query *query, const char *name)
{
    struct str text = api_query_str(query, name);
    struct uuid id = UUID_NONE;
    if (text.ptr != NULL && !uuid_parse(text, &id)) {
        api_query_refuse(query, name, "must be a UUID");
    }
    return id;
}

enum err api_query_end(struct api_query *query)
{
    api_query_str(query, "workspaceId"); /* read by api_run() */
    for (size_t i = 0; i < query->count && !query->err; i++) {
        if (!query->used[i]) {
            query_refuse(query, "query_unknown", query->names[i], "is not known here");
        }
    }
    return query->err;
}

enum err api_query_none(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    return api_query_end(&query);
}

struct api_page api_page_by_id(struct api_query *query)
{
    struct api_page page = {
        .limit = api_query_int(query, "limit", 50, 1, LIMIT_PAGE_ITEMS),
        .after = api_query_str(query, "after"),
        .after_id = api_query_uuid(query, "after"),
    };
    return page;
}

struct api_page api_page_by_number(struct api_query *query)
{
    struct api_page page = {
        .limit = api_query_int(query, "limit", 50, 1, LIMIT_PAGE_ITEMS),
        .after = api_query_str(query, "after"),
        .after_number = api_query_int(query, "after", 0, 1, INT64_MAX),
    };
    return page;
}

struct api_page api_page_by_text(struct api_query *query)
{
    struct api_page page = {
        .limit = api_query_int(query, "limit", 50, 1, LIMIT_PAGE_ITEMS),
        .after = api_query_str(query, "after"),
    };
    return page;
}
