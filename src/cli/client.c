#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/server.h"
#include "cli/url.h"

enum {
    CONNECT_TIMEOUT_MS = 5000,
    CALL_TIMEOUT_MS = 60000,
    UPLOAD_STALL_S = 60, /* an upload may take as long as it moves */
    PAGE_ITEMS = 200,
};

struct client {
    const struct invocation *invocation;
    CURL *curl;
    struct server server;
    int64_t token_expires_at_ms; /* 0: never, as far as the server has said */
};

/* On standard error, in time. */
static void warn_of_expiry(const struct client *client)
{
    enum { WARN_DAYS = 7 };
    char at[CLOCK_TEXT_SIZE];
    int64_t left_ms = client->token_expires_at_ms - clock_now_ms();
    if (client->token_expires_at_ms != 0 && left_ms < WARN_DAYS * DAY_MS) {
        clock_format(client->token_expires_at_ms, at);
        output_note("Warning: the API token from %s expires at %s. \"inlay token rotate\" makes "
                    "another one.",
                    client->server.token_source, at);
    }
}

enum exit_code client_run(const struct invocation *invocation)
{
    struct client client = {.invocation = invocation};
    enum exit_code code = server_find(invocation, &client.server);
    if (!code) {
        REQUIRE(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
        client.curl = curl_easy_init();
        REQUIRE(client.curl != NULL);
        code = invocation->command->call(invocation, &client);
        warn_of_expiry(&client);
    }
    curl_easy_cleanup(client.curl);
    explicit_bzero(&client.server.token, sizeof(client.server.token));
    return code;
}

bool client_prints_json(const struct client *client)
{
    return option_given(client->invocation, "--json");
}

const char *client_workspace(const struct client *client)
{
    return option_value(client->invocation, "--workspace");
}

/* ---- one call ---- */

static void curl_set(CURL *curl, CURLoption option, const char *value)
{
    REQUIRE(curl_easy_setopt(curl, option, value) == CURLE_OK);
}

static void curl_set_number(CURL *curl, CURLoption option, long value)
{
    REQUIRE(curl_easy_setopt(curl, option, value) == CURLE_OK);
}

struct call {
    struct client *client;
    const char *method;
    struct buf url;
    struct curl_slist *headers;
    struct str body; /* borrowed */
    const struct upload *upload;
    curl_off_t upload_bytes;
    struct buf answer;
    long status;
    int64_t retry_after_s;
    char curl_error[CURL_ERROR_SIZE];
};

static size_t on_answer(char *bytes, size_t one, size_t count, void *arg)
{
    struct call *call = arg;
    REQUIRE(one == 1);
    buf_add(&call->answer, (struct str){bytes, count});
    return buf_is_ok(&call->answer) ? count : 0;
}

static size_t on_header(char *bytes, size_t one, size_t count, void *arg)
{
    struct call *call = arg;
    struct str value = {bytes, one * count};
    struct str name = str_cut(&value, ':');
    while (value.len > 0 &&
           (value.ptr[value.len - 1] == '\n' || value.ptr[value.len - 1] == '\r')) {
        value.len--;
    }
    if (str_equal_nocase(name, STR("inlay-token-expires")) &&
        !clock_parse(str_trim(value), &call->client->token_expires_at_ms)) {
        call->client->token_expires_at_ms = 0;
    }
    if (str_equal_nocase(name, STR("retry-after"))) {
        if (!str_to_int64(str_trim(value), 0, INT32_MAX, &call->retry_after_s)) {
            call->retry_after_s = 0;
        }
    }
    return one * count;
}

static size_t on_upload(char *bytes, size_t one, size_t count, void *arg)
{
    struct call *call = arg;
    ssize_t len = 0;
    do {
        len = read(call->upload->file, bytes, one * count);
    } while (len < 0 && errno == EINTR);
    return len < 0 ? CURL_READFUNC_ABORT : (size_t)len;
}

/* curl rewinds when it has to send a body again on a new connection. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
    struct call *call = arg;
    return lseek(call->upload->file, offset, origin) >= 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    struct call *call = arg;
    (void)down_total;
    (void)down;
    if (call->upload != NULL && up_total > 0) {
        call->upload->on_progress(call->upload->arg, up, up_total);
    }
    return 0;
}

static void add_header(struct call *call, const char *name, const char *value)
{
    struct buf line = buf_make(URL_MAX_BYTES);
    buf_printf(&line, "%s: %s", name, value);
    struct curl_slist *headers = curl_slist_append(call->headers, line.ptr);
    REQUIRE(headers != NULL);
    call->headers = headers;
    explicit_bzero(line.ptr, line.len); /* it may have been the token */
    buf_done(&line);
}

static void set_body(struct call *call)
{
    CURL *curl = call->client->curl;
    if (call->upload != NULL) {
        curl_set_number(curl, CURLOPT_POST, 1);
        REQUIRE(curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_upload) == CURLE_OK);
        REQUIRE(curl_easy_setopt(curl, CURLOPT_READDATA, call) == CURLE_OK);
        REQUIRE(curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek) == CURLE_OK);
        REQUIRE(curl_easy_setopt(curl, CURLOPT_SEEKDATA, call) == CURLE_OK);
        REQUIRE(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, call->upload_bytes) ==
                CURLE_OK);
        curl_set_number(curl, CURLOPT_LOW_SPEED_LIMIT, 1);
        curl_set_number(curl, CURLOPT_LOW_SPEED_TIME, UPLOAD_STALL_S);
        add_header(call, "Content-Type", call->upload->content_type);
        return;
    }
    curl_set_number(curl, CURLOPT_TIMEOUT_MS, CALL_TIMEOUT_MS);
    if (call->body.ptr != NULL) {
        curl_set_number(curl, CURLOPT_POST, 1);
        curl_set(curl, CURLOPT_POSTFIELDS, call->body.ptr);
        REQUIRE(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len) ==
                CURLE_OK);
        add_header(call, "Content-Type", "application/json");
    } else if (strcmp(call->method, "GET") != 0) {
        curl_set_number(curl, CURLOPT_POST, 1);
        curl_set_number(curl, CURLOPT_POSTFIELDSIZE, 0);
        curl_set(curl, CURLOPT_POSTFIELDS, "");
        add_header(call, "Content-Type", "");
    }
}

static CURLcode perform(struct call *call)
{
    CURL *curl = call->client->curl;
    struct buf authorization = buf_make(SERVER_TOKEN_MAX + 16);
    buf_printf(&authorization, "Bearer %s", call->client->server.token);
    add_header(call, "Authorization", authorization.ptr);
    explicit_bzero(authorization.ptr, authorization.len);
    buf_done(&authorization);
    add_header(call, "Accept", "application/json");

    curl_easy_reset(curl);
    set_body(call);
    curl_set(curl, CURLOPT_URL, call->url.ptr);
    curl_set(curl, CURLOPT_CUSTOMREQUEST, call->method);
    curl_set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_set(curl, CURLOPT_USERAGENT, "inlay/" INLAY_VERSION);
    curl_set_number(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_set_number(curl, CURLOPT_NOSIGNAL, 1);
    curl_set_number(curl, CURLOPT_NOPROGRESS, 0);
    if (call->client->server.is_loopback) {
        curl_set(curl, CURLOPT_PROXY, "");
    }
    const char *authorities = server_variable("SSL_CERT_FILE");
    if (authorities != NULL) {
        curl_set(curl, CURLOPT_CAINFO, authorities);
    }
    REQUIRE(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, call->headers) == CURLE_OK);
    REQUIRE(curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, call->curl_error) == CURLE_OK);
    REQUIRE(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK);
    REQUIRE(curl_easy_setopt(curl, CURLOPT_WRITEDATA, call) == CURLE_OK);
    REQUIRE(curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK);
    REQUIRE(curl_easy_setopt(curl, CURLOPT_HEADERDATA, call) == CURLE_OK);
    REQUIRE(curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK);
    REQUIRE(curl_easy_setopt(curl, CURLOPT_XFERINFODATA, call) == CURLE_OK);
    CURLcode result = curl_easy_perform(curl);
    REQUIRE(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &call->status) == CURLE_OK);
    return result;
}

/* ---- what went wrong, in words ---- */

static enum exit_code unreachable(const struct call *call, CURLcode result)
{
    const char *url = call->client->server.url;
    const char *reason = call->curl_error[0] ? call->curl_error : curl_easy_strerror(result);
    switch (result) {
    case CURLE_COULDNT_CONNECT:
        return output_fail(
            EXIT_UNREACHABLE,
            "Nothing answers at %s. Start the server with \"inlay serve\", or name another "
            "one with --url or INLAY_URL.",
            url);
    case CURLE_COULDNT_RESOLVE_HOST:
        return output_fail(EXIT_UNREACHABLE,
                           "There is no host of the name in %s. Check --url or INLAY_URL.", url);
    case CURLE_OPERATION_TIMEDOUT:
        return output_fail(
            EXIT_UNREACHABLE,
            "%s does not answer in time; what was asked for may have happened or not.", url);
    case CURLE_PEER_FAILED_VERIFICATION:
        return output_fail(
            EXIT_UNREACHABLE,
            "The certificate of %s is not trusted: %s. If its authority is a private one, "
            "name its PEM file in SSL_CERT_FILE.",
            url, reason);
    default:
        return output_fail(EXIT_UNREACHABLE, "Talking to %s failed: %s.", url, reason);
    }
}

static enum exit_code code_of(long status)
{
    switch (status) {
    case 401:
    case 403:
        return EXIT_NOT_ALLOWED;
    case 404:
        return EXIT_NOT_FOUND;
    default:
        return EXIT_REFUSED;
    }
}

/* What to do next, as far as the answer tells. */
static void add_advice(const struct call *call, const char *code, struct buf *out)
{
    const struct client *client = call->client;
    if (call->status == 401) {
        buf_printf(out, " The token came from %s.", client->server.token_source);
    } else if (strcmp(code, "scope_missing") == 0) {
        buf_printf(out,
                   " The token came from %s; \"inlay token create --help\" shows how to make one "
                   "with other scopes.",
                   client->server.token_source);
    } else if (strcmp(code, "not_found") == 0) {
        buf_printf(out, " \"inlay %s list\" shows what there is.",
                   client->invocation->family->name);
    } else if (call->retry_after_s > 0) {
        buf_printf(out, " Try again in %" PRId64 " seconds.", call->retry_after_s);
    } else if (call->status == 503) {
        buf_add(out, STR(" The server's log says more."));
    }
}

/* detail is RFC 9457's; the two mints say message. */
static const char *words_of(const json_t *problem)
{
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    return detail != NULL ? detail : json_string_value(json_object_get(problem, "message"));
}

static enum exit_code refused(const struct call *call, const json_t *problem)
{
    const char *words = words_of(problem);
    const char *code_word = json_string_value(json_object_get(problem, "code"));
    if (words == NULL) {
        return output_fail(
            EXIT_REFUSED,
            "%s does not answer like Inlay (HTTP status %ld). Check --url or INLAY_URL.",
            call->client->server.url, call->status);
    }
    struct buf text = buf_make(URL_MAX_BYTES);
    buf_printf(&text, "%s", words);
    if (text.len > 0 && strchr(".!?", text.ptr[text.len - 1]) == NULL) {
        buf_add_char(&text, '.');
    }
    add_advice(call, code_word != NULL ? code_word : "", &text);
    enum exit_code code = output_fail(code_of(call->status), "%s", text.ptr ? text.ptr : "");
    buf_done(&text);
    return code;
}

static enum exit_code finish(struct call *call, CURLcode result, struct answer *out_answer)
{
    if (!buf_is_ok(&call->answer)) {
        return output_fail(EXIT_REFUSED, "The answer of %s is too large.",
                           call->client->server.url);
    }
    /* A server that refuses an upload may hang up before it has read everything. */
    if (result != CURLE_OK && call->status < 400) {
        return unreachable(call, result);
    }
    json_t *json = call->answer.len == 0 ? NULL
                                         : json_loadb(call->answer.ptr, call->answer.len,
                                                      JSON_REJECT_DUPLICATES, NULL);
    bool is_fine = call->status >= 200 && call->status < 300 &&
                   (json != NULL || (call->answer.len == 0 && call->status == 204));
    if (!is_fine) {
        enum exit_code code = refused(call, json);
        json_decref(json);
        return code;
    }
    if (out_answer == NULL) {
        json_decref(json);
    } else {
        *out_answer = (struct answer){.json = json, .text = call->answer};
        call->answer = buf_make(ANSWER_MAX_BYTES);
    }
    return EXIT_DONE;
}

static enum exit_code run_call(struct call *call, const struct buf *path, struct answer *out_answer)
{
    call->url = buf_make(URL_MAX_BYTES);
    call->answer = buf_make(ANSWER_MAX_BYTES);
    buf_printf(&call->url, "%s%s", call->client->server.url, path->ptr);
    enum exit_code code = EXIT_DONE;
    if (!buf_is_ok(path) || !buf_is_ok(&call->url)) {
        code = output_fail(EXIT_USAGE, "A name in the command line is empty or too long.");
    } else {
        CURLcode result = perform(call);
        if (call->upload != NULL) {
            call->upload->on_end(call->upload->arg);
        }
        code = finish(call, result, out_answer);
    }
    curl_slist_free_all(call->headers);
    buf_done(&call->url);
    buf_done(&call->answer);
    return code;
}

enum exit_code client_call(struct client *client, const char *method, const struct buf *path,
                           const json_t *body, struct answer *out_answer)
{
    struct call call = {.client = client, .method = method};
    char *text = NULL;
    if (body != NULL) {
        text = json_dumps(body, JSON_COMPACT);
        REQUIRE(text != NULL);
        call.body = str_from(text);
    }
    enum exit_code code = run_call(&call, path, out_answer);
    free(text);
    return code;
}

enum exit_code client_upload(struct client *client, const struct buf *path,
                             const struct upload *upload, struct answer *out_answer)
{
    struct call call = {.client = client, .method = "POST", .upload = upload};
    struct stat status;
    if (fstat(upload->file, &status) != 0 || lseek(upload->file, 0, SEEK_SET) != 0) {
        return output_fail(EXIT_LOCAL, "%s cannot be read: %s.", upload->name, strerror(errno));
    }
    call.upload_bytes = status.st_size;
    return run_call(&call, path, out_answer);
}

/* Adds the items of one page; *out_next is borrowed from the page, NULL on the last one. */
static enum exit_code add_page(const struct client *client, const json_t *page, size_t max,
                               json_t *items, const char **out_next)
{
    const json_t *page_items = json_object_get(page, "items");
    size_t i = 0;
    json_t *item = NULL;
    if (!json_is_array(page_items)) {
        return output_fail(EXIT_REFUSED, "%s does not answer like Inlay. Check --url or INLAY_URL.",
                           client->server.url);
    }
    json_array_foreach(page_items, i, item)
    {
        if (max == LIST_EVERYTHING || json_array_size(items) < max) {
            REQUIRE(json_array_append(items, item) == 0);
        }
    }
    *out_next = json_string_value(json_object_get(page, "next"));
    return EXIT_DONE;
}

enum exit_code client_list(struct client *client, const struct buf *path, size_t max,
                           json_t **out_items)
{
    enum exit_code code = EXIT_DONE;
    json_t *items = json_array();
    struct answer answer = ANSWER_NONE;
    const char *next = NULL;
    size_t page_items = max > 0 && max < PAGE_ITEMS ? max : PAGE_ITEMS;
    char limit[24];
    REQUIRE(items != NULL);
    snprintf(limit, sizeof(limit), "%zu", page_items);
    do {
        struct buf page = buf_make(URL_MAX_BYTES);
        struct answer last = answer;
        buf_add(&page, buf_str(path));
        url_add_query(&page, "limit", limit);
        url_add_query(&page, "after", next);
        answer = ANSWER_NONE;
        code = client_call(client, "GET", &page, NULL, &answer);
        client_answer_done(&last);
        buf_done(&page);
        if (!code) {
            code = add_page(client, answer.json, max, items, &next);
        }
    } while (!code && next != NULL && (max == LIST_EVERYTHING || json_array_size(items) < max));
    client_answer_done(&answer);
    if (code) {
        json_decref(items);
    } else {
        *out_items = items;
    }
    return code;
}

void client_answer_done(struct answer *answer)
{
    json_decref(answer->json);
    if (answer->text.ptr != NULL) {
        explicit_bzero(answer->text.ptr, answer->text.len); /* tokens and links come this way */
    }
    buf_done(&answer->text);
    *answer = ANSWER_NONE;
}
