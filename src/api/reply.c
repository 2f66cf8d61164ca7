/*
 * Responses: JSON, lists, and the three forms of an error.
 */
#include "api/call.h"
#include "base/codes.h"

static const char *status_title(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 421:
        return "Misdirected Request";
    case 429:
        return "Too Many Requests";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "Internal Server Error";
    }
}

json_t *api_json_str(struct str text)
{
    json_t *value = text.ptr == NULL ? json_null() : json_stringn(text.ptr, text.len);
    /* Cut or foreign bytes are no reason to lose the whole response. */
    return value == NULL ? json_string("\xef\xbf\xbd") : value;
}

json_t *api_json_uuid(const struct uuid *uuid)
{
    char text[UUID_TEXT_SIZE];
    if (uuid_is_none(uuid)) {
        return json_null();
    }
    uuid_format(uuid, text);
    return json_string(text);
}

json_t *api_json_time(int64_t at_ms)
{
    char text[CLOCK_TEXT_SIZE];
    if (at_ms == 0) {
        return json_null();
    }
    clock_format(at_ms, text);
    return json_string(text);
}

json_t *api_json_parsed(struct str json)
{
    json_t *value =
        json.len == 0 ? json_null() : json_loadb(json.ptr, json.len, JSON_DECODE_ANY, NULL);
    return value == NULL ? json_null() : value;
}

void api_json_set(json_t *object, const char *name, json_t *value)
{
    REQUIRE(value != NULL && json_object_set_new(object, name, value) == 0);
}

enum err api_reply_text(struct api_call *call, int status, struct str json)
{
    call->response = (struct api_response){
        .status = status,
        .content_type = "application/json",
        .body = json,
    };
    return ERR_OK;
}

static struct str json_text(struct arena *arena, json_t *json)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    size_t len = json_dumpb(json, NULL, 0, flags);
    char *text = arena_alloc(arena, len + 1);
    REQUIRE(len > 0 && json_dumpb(json, text, len, flags) == len);
    json_decref(json);
    return (struct str){text, len};
}

enum err api_reply_json(struct api_call *call, int status, json_t *json)
{
    return api_reply_text(call, status, json_text(call->work.arena, json));
}

enum err api_reply_empty(struct api_call *call)
{
    call->response = (struct api_response){.status = 204};
    return ERR_OK;
}

enum err api_reply_list(struct api_call *call, json_t *items, const struct api_page *page,
                        const char *cursor)
{
    struct str next = STR_NONE;
    size_t limit = (size_t)page->limit;
    if (json_array_size(items) > limit) {
        REQUIRE(json_array_remove(items, limit) == 0);
        json_t *id = json_object_get(json_array_get(items, limit - 1), cursor);
        next = json_is_integer(id)
                   ? arena_printf(call->work.arena, "%lld", (long long)json_integer_value(id))
                   : str_from(json_string_value(id));
        REQUIRE(next.ptr != NULL);
    }
    return api_reply_page(call, items, next);
}

enum err api_reply_page(struct api_call *call, json_t *items, struct str next)
{
    json_t *list = json_object();
    api_json_set(list, "items", items);
    api_json_set(list, "next", api_json_str(next));
    return api_reply_json(call, 200, list);
}

static json_t *fault_problem(const struct fault *fault)
{
    int status = codes_status(fault);
    json_t *problem = json_object();
    api_json_set(problem, "type", json_string("about:blank"));
    api_json_set(problem, "title", json_string(status_title(status)));
    api_json_set(problem, "status", json_integer(status));
    api_json_set(problem, "detail", api_json_str(str_from(fault->message)));
    api_json_set(problem, "code", json_string(fault->code));
    if (fault->member[0] != '\0') {
        api_json_set(problem, "member", api_json_str(str_from(fault->member)));
    }
    if (fault->limit != 0) {
        api_json_set(problem, "limit", json_integer(fault->limit));
    }
    return problem;
}

void api_note_error(struct api_call *call, const char *member)
{
    json_t *error = json_pack("{s:s, s:s, s:s}", "member", member, "code", call->fault.code,
                              "detail", call->fault.message);
    call->errors = call->errors == NULL ? json_array() : call->errors;
    REQUIRE(error != NULL && json_array_append_new(call->errors, error) == 0);
}

static json_t *call_problem(const struct api_call *call)
{
    json_t *problem = fault_problem(&call->fault);
    if (call->errors != NULL) {
        api_json_set(problem, "errors", json_incref(call->errors));
    }
    return problem;
}

struct str api_problem(struct arena *arena, const struct fault *fault)
{
    return json_text(arena, fault_problem(fault));
}

/* ToolJet sends what its validation finds as a list, and everything else as a string. */
static json_t *tooljet_message(const struct fault *fault)
{
    json_t *message = api_json_str(str_from(fault->message));
    return strcmp(fault->code, "member_invalid") == 0 ? json_pack("[o]", message) : message;
}

static json_t *fault_tooljet(const struct api_call *call, int status)
{
    json_t *error = json_object();
    api_json_set(error, "statusCode", json_integer(status));
    api_json_set(error, "timestamp", api_json_time(call->work.now_ms));
    api_json_set(error, "path", api_json_str(call->request->path));
    api_json_set(error, "message", tooljet_message(&call->fault));
    return error;
}

static json_t *fault_retool(const struct fault *fault)
{
    json_t *error = json_object();
    api_json_set(error, "success", json_false());
    api_json_set(error, "message", api_json_str(str_from(fault->message)));
    return error;
}

void api_respond_fault(struct api_call *call, enum api_style style)
{
    int status = codes_status(&call->fault);
    json_t *error = style == API_STYLE_TOOLJET  ? fault_tooljet(call, status)
                    : style == API_STYLE_RETOOL ? fault_retool(&call->fault)
                                                : call_problem(call);
    api_reply_json(call, status, error);
    if (style == API_STYLE_PROBLEM) {
        call->response.content_type = "application/problem+json";
    }
    if (strcmp(call->fault.code, "method_not_allowed") == 0) {
        call->response.allow = api_route_methods(call->work.arena, call->request->path);
    }
    call->response.retry_after_s = call->fault.retry_after_s;
}
