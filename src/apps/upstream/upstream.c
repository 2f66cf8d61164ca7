#include "apps/upstream/upstream.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/jsontext.h"
#include "base/limits.h"

static enum err refuse(struct fault *fault, const char *why)
{
    return fault_set(fault, ERR_INVALID, "upstream_url_invalid", "%s", why);
}

/* Plain segments only: what a server may take for a way out of the base path is refused. */
static bool path_is_plain(struct str path)
{
    static const char marks[] = "-._~!$&'()*+,;=:@";
    struct str rest = path;
    while (rest.len > 0) {
        rest = str_skip(rest, 1); /* the slash */
        struct str segment = rest;
        segment.len = str_find(rest, '/');
        rest = str_skip(rest, segment.len);
        if (segment.len == 0 || str_equal(segment, STR(".")) || str_equal(segment, STR(".."))) {
            return false;
        }
        for (size_t i = 0; i < segment.len; i++) {
            char c = segment.ptr[i];
            bool is_alphanumeric =
                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!is_alphanumeric && (c == '\0' || strchr(marks, c) == NULL)) {
                return false;
            }
        }
    }
    return true;
}

/* Of a host that is an address; false if it is a name. */
static bool host_address(const struct origin *origin, unsigned char bytes[16], bool *out_is_ipv6)
{
    char host[ORIGIN_HOST_SIZE];
    size_t len = strlen(origin->host);
    *out_is_ipv6 = origin->host[0] == '[';
    if (!*out_is_ipv6) {
        return inet_pton(AF_INET, origin->host, bytes) == 1;
    }
    memcpy(host, origin->host + 1, len - 2);
    host[len - 2] = '\0';
    return inet_pton(AF_INET6, host, bytes) == 1;
}

enum err upstream_address_parse(struct str text, struct upstream_address *out_address,
                                struct fault *fault)
{
    static const struct network_list no_list = {.count = 0};
    struct upstream_address address;
    unsigned char bytes[16];
    bool is_ipv6;
    size_t scheme = str_starts_with(text, STR("http://"))    ? 7
                    : str_starts_with(text, STR("https://")) ? 8
                                                             : 0;
    if (scheme == 0 || text.len > LIMIT_UPSTREAM_URL_BYTES) {
        return refuse(fault, "It must be an http:// or https:// address of at most 512 bytes.");
    }
    struct str rest = str_skip(text, scheme);
    struct str origin = {text.ptr, scheme + str_find(rest, '/')};
    address.path = str_skip(text, origin.len);
    if (str_ends_with(address.path, STR("/"))) {
        address.path.len--;
    }
    enum err err = origin_parse(origin, &address.origin, fault);
    if (err) {
        return err;
    }
    if (address.origin.is_pattern) {
        return refuse(fault, "The host of an upstream cannot begin with *.");
    }
    if (!path_is_plain(address.path)) {
        return refuse(fault, "The path of an upstream has plain segments only, no query, no "
                             "\"..\" and no escapes.");
    }
    if (host_address(&address.origin, bytes, &is_ipv6) &&
        !upstream_may_reach(&no_list, bytes, is_ipv6)) {
        return refuse(fault, "This address is link-local or stands for no host.");
    }
    *out_address = address;
    return ERR_OK;
}

bool upstream_ca_is_valid(struct str pem)
{
    bool found = false;
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    X509 *certificate = NULL;
    REQUIRE(bio != NULL);
    while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        X509_free(certificate);
        found = true;
    }
    /* Behind the last one nothing begins; any other error is a certificate that is damaged. */
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(bio);
    return found && at_end;
}

struct str upstream_at(struct work *work, struct str settings, struct str url)
{
    if (url.len == 0) {
        return arena_str(work->arena, settings);
    }
    json_t *object = json_loadb(settings.ptr, settings.len, 0, NULL);
    REQUIRE(object != NULL &&
            json_object_set_new(object, "url", json_stringn(url.ptr, url.len)) == 0);
    struct str text = jsontext_canonical(object, work->arena);
    json_decref(object);
    return text;
}

struct digest upstream_digest(struct str settings)
{
    return digest_of(settings);
}

static void parse_trusted(struct arena *arena, const json_t *names, struct upstream *upstream)
{
    size_t i;
    json_t *name;
    json_array_foreach(names, i, name)
    {
        if (i < LIMIT_UPSTREAM_TRUSTED_HEADERS) {
            upstream->trusted_headers[i] = arena_str(arena, str_from(json_string_value(name)));
            upstream->trusted_header_count = i + 1;
        }
    }
}

enum err upstream_parse(struct arena *arena, struct str settings, struct upstream *out_upstream)
{
    struct fault fault;
    struct upstream upstream = {.tls_verify = true};
    json_t *object = json_loadb(settings.ptr, settings.len, 0, NULL);
    if (object == NULL) {
        return ERR_STORAGE;
    }
    const char *ca = json_string_value(json_object_get(object, "tlsCa"));
    struct str url = arena_str(arena, str_from(json_string_value(json_object_get(object, "url"))));
    upstream.host_header =
        arena_str(arena, str_from(json_string_value(json_object_get(object, "hostHeader"))));
    upstream.connect_timeout_ms =
        1000 * json_integer_value(json_object_get(object, "connectTimeoutSeconds"));
    upstream.read_timeout_ms =
        1000 * json_integer_value(json_object_get(object, "readTimeoutSeconds"));
    upstream.body_max_bytes = json_integer_value(json_object_get(object, "bodyMaxBytes"));
    upstream.tls_verify = !json_is_false(json_object_get(object, "tlsVerify"));
    upstream.tls_ca = ca == NULL ? STR_NONE : arena_str(arena, str_from(ca));
    parse_trusted(arena, json_object_get(object, "trustedHeaders"), &upstream);
    json_decref(object);
    if (upstream_address_parse(url, &upstream.address, &fault) != ERR_OK) {
        return ERR_STORAGE;
    }
    *out_upstream = upstream;
    return ERR_OK;
}

static bool is_nowhere_ipv4(const unsigned char *bytes)
{
    return bytes[0] == 0 || bytes[0] >= 224 || (bytes[0] == 169 && bytes[1] == 254);
}

static bool is_nowhere_ipv6(const unsigned char *bytes)
{
    static const unsigned char zeros[16] = {0};
    static const unsigned char metadata[16] = {0xfd, 0x00, 0x0e, 0xc2, [15] = 0x54, [14] = 0x02};
    return memcmp(bytes, zeros, 16) == 0 || bytes[0] == 0xff ||
           (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) || memcmp(bytes, metadata, 16) == 0;
}

bool upstream_may_reach(const struct network_list *allowed, const unsigned char *bytes,
                        bool is_ipv6)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    /* An IPv4 address in IPv6 clothes is that address. */
    if (is_ipv6 && (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, nat64, 12) == 0)) {
        bytes += 12;
        is_ipv6 = false;
    }
    if (allowed->count == 0) {
        return is_ipv6 ? !is_nowhere_ipv6(bytes) : !is_nowhere_ipv4(bytes);
    }
    for (size_t i = 0; i < allowed->count; i++) {
        if (network_contains(&allowed->items[i], bytes, is_ipv6)) {
            return true;
        }
    }
    return false;
}
