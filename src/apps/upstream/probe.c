#include "apps/upstream/probe.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <unistd.h>

#include "apps/upstream/upstream.h"
#include "config/settings.h"

struct attempt {
    const struct network_list *allowed;
    bool was_refused;
};

/* Decides on the address itself: a name may stand for any. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct attempt *attempt = arg;
    const void *bytes = NULL;
    (void)purpose;
    if (address->family == AF_INET) {
        bytes = &((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr;
    } else if (address->family == AF_INET6) {
        bytes = &((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr;
    }
    if (bytes == NULL ||
        !upstream_may_reach(attempt->allowed, bytes, address->family == AF_INET6)) {
        attempt->was_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The answer has begun; the rest is not needed. */
static size_t on_body(char *bytes, size_t one, size_t count, void *arg)
{
    (void)bytes;
    (void)one;
    (void)count;
    (void)arg;
    return 0;
}

static const char *words(CURLcode code, const struct attempt *attempt)
{
    if (attempt->was_refused) {
        return "This address is not among those that Inlay may connect to.";
    }
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "This name is not known where Inlay runs.";
    case CURLE_COULDNT_CONNECT:
        return "Nothing answers at this address and port.";
    case CURLE_OPERATION_TIMEDOUT:
        return "It did not answer in time.";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "Its certificate is not trusted: it is for another name, has expired, or its "
               "authority is not known.";
    case CURLE_SSL_CONNECT_ERROR:
        return "It does not speak TLS there. Is it http?";
    case CURLE_GOT_NOTHING:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_RECV_ERROR:
        return "Something is there, but it does not speak HTTP. Is it https?";
    default:
        return curl_easy_strerror(code);
    }
}

static struct str answer_words(struct work *work, long status)
{
    const char *advice = status == 401 || status == 403
                             ? " It wants to know who asks: see what Inlay tells it of the user."
                         : status >= 500 ? " Something is wrong with it."
                         : status >= 400 ? " Its first page is elsewhere, perhaps."
                                         : "";
    return arena_printf(work->arena, "It answers, with status %ld.%s", status, advice);
}

#define SET(option, value) REQUIRE(curl_easy_setopt(curl, option, value) == CURLE_OK)

void probe_run(struct work *work, struct str url, bool verify, struct str ca, struct str host,
               struct probe *out_probe)
{
    struct attempt attempt = {.allowed = &work->instance->settings->upstream_networks};
    CURL *curl = curl_easy_init();
    REQUIRE(curl != NULL);
    struct str address = arena_printf(work->arena, STR_FMT "/", STR_ARG(url));
    while (str_ends_with(address, STR("//"))) {
        address.len--;
    }
    SET(CURLOPT_URL, arena_cstr(work->arena, address));
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_USERAGENT, "Inlay");
    SET(CURLOPT_CONNECTTIMEOUT, (long)PROBE_CONNECT_SECONDS);
    SET(CURLOPT_TIMEOUT, (long)PROBE_SECONDS);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
    SET(CURLOPT_OPENSOCKETDATA, &attempt);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    SET(CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (ca.ptr != NULL) {
        struct curl_blob blob = {(void *)(uintptr_t)ca.ptr, ca.len, CURL_BLOB_COPY};
        SET(CURLOPT_CAINFO_BLOB, &blob);
    }
    struct curl_slist *headers = NULL;
    if (host.ptr != NULL) {
        headers = curl_slist_append(
            headers,
            arena_cstr(work->arena, arena_printf(work->arena, "Host: " STR_FMT, STR_ARG(host))));
        REQUIRE(headers != NULL);
        SET(CURLOPT_HTTPHEADER, headers);
    }
    CURLcode code = curl_easy_perform(curl);
    *out_probe = (struct probe){0};
    REQUIRE(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out_probe->status) == CURLE_OK);
    if (code != CURLE_OK && code != CURLE_WRITE_ERROR) {
        out_probe->status = 0;
    }
    out_probe->detail = out_probe->status != 0
                            ? answer_words(work, out_probe->status)
                            : arena_printf(work->arena, "%s", words(code, &attempt));
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
}
