#include "apps/upstream/settings.h"

#include "apps/upstream/upstream.h"
#include "base/jsontext.h"
#include "base/limits.h"
#include "model/environment.h"

/* What is stored was written by jsontext_canonical(). */
static json_t *stored(struct str json)
{
    json_t *value = json_loadb(json.ptr, json.len, 0, NULL);
    REQUIRE(value != NULL);
    return value;
}

json_t *upstream_settings_json(const struct app *app)
{
    json_t *json = stored(app->upstream);
    if (json_object_get(json, "trustedHeaders") == NULL) { /* kept before there was this member */
        REQUIRE(json_object_set_new(json, "trustedHeaders", json_array()) == 0);
    }
    REQUIRE(json_object_set_new(json, "environments", stored(app->upstream_addresses)) == 0);
    return json;
}

/* ---- members ---- */

static struct str read_address(struct fields *in, const char *member, struct str text)
{
    struct upstream_address address;
    struct fault fault = {.message = "It must be a string."};
    if (text.ptr == NULL || upstream_address_parse(text, &address, &fault) != ERR_OK) {
        fields_refuse(in, member, "cannot be used. %s", fault.message);
    }
    return text;
}

struct str upstream_read_url(struct fields *in)
{
    return read_address(in, "url", fields_str(in, "url", FIELD_REQUIRED, LIMIT_UPSTREAM_URL_BYTES));
}

static struct str read_host_header(struct fields *in)
{
    struct origin origin;
    char url[ORIGIN_TEXT_SIZE];
    struct str host = fields_str(in, "hostHeader", FIELD_OPTIONAL, ORIGIN_HOST_SIZE);
    if (host.ptr == NULL || str_equal(host, STR("app")) || str_equal(host, STR("upstream"))) {
        return host.ptr == NULL ? STR("app") : host;
    }
    snprintf(url, sizeof(url), "http://" STR_FMT, STR_ARG(host));
    if (origin_parse(str_from(url), &origin, NULL) != ERR_OK || origin.is_pattern ||
        str_find(host, '/') < host.len) {
        fields_refuse(in, "hostHeader", "must be \"app\", \"upstream\" or a host.");
    }
    return host;
}

/* What is wrong with the name of a header that a server trusts; NULL if nothing is. */
static const char *trusted_header_fault(struct str name)
{
    static const char *const needed[] = {
        "host",         "cookie",  "connection",        "content-length",
        "content-type", "upgrade", "transfer-encoding", "sec-websocket-key"};
    bool is_family = str_ends_with(name, STR("-*"));
    struct str stem = {name.ptr, name.len - (is_family ? 2 : 0)};
    if (stem.len == 0 || name.len > LIMIT_HEADER_NAME_BYTES) {
        return "must be the name of a header, such as \"Remote-User\" or \"X-Hasura-*\".";
    }
    for (size_t i = 0; i < stem.len; i++) {
        char c = str_lower_char(stem.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
            return "must be letters, digits, \"-\" and \"_\"; \"-*\" at its end stands for all "
                   "that "
                   "begin like that.";
        }
    }
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        struct str header = str_from(needed[i]);
        size_t len = is_family ? name.len - 1 : name.len;
        if ((is_family ? header.len >= len : header.len == len) &&
            str_equal_nocase((struct str){header.ptr, len}, (struct str){name.ptr, len})) {
            return "is a header that requests need, and that no server can trust.";
        }
    }
    return NULL;
}

/* A list of its own, for the caller to keep. */
static json_t *read_trusted_headers(struct fields *in)
{
    size_t i;
    json_t *name;
    json_t *array =
        fields_array(in, "trustedHeaders", FIELD_OPTIONAL, LIMIT_UPSTREAM_TRUSTED_HEADERS);
    json_array_foreach(array, i, name)
    {
        struct str text = {json_string_value(name), json_string_length(name)};
        const char *fault = text.ptr == NULL ? "must be a string." : trusted_header_fault(text);
        if (fault != NULL) {
            char member[48];
            snprintf(member, sizeof(member), "trustedHeaders[%zu]", i);
            fields_refuse(in, member, "%s", fault);
            break;
        }
    }
    return array == NULL ? json_array() : json_incref(array);
}

static struct str read_addresses(struct work *work, struct fields *in)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_t *object = fields_object(in, "environments", FIELD_OPTIONAL);
    if (object == NULL) {
        return STR("{}");
    }
    if (json_object_size(object) > LIMIT_UPSTREAM_ENVIRONMENTS) {
        fields_refuse_above(in, "environments", LIMIT_UPSTREAM_ENVIRONMENTS, "entries");
        return STR("{}");
    }
    json_object_foreach(object, name, value)
    {
        struct environment environment;
        char member[96];
        struct str shown = str_head(str_from(name), LIMIT_ENVIRONMENT_BYTES);
        snprintf(member, sizeof(member), "environments." STR_FMT, STR_ARG(shown));
        enum err err = environment_find_by_name(work, str_from(name), &environment);
        if (err == ERR_NOT_FOUND) {
            fields_refuse(in, member, "is not an environment of this workspace.");
        } else if (err) {
            in->err = err; /* and not the caller's mistake, whatever else is wrong */
            break;
        }
        read_address(in, member, str_from(json_string_value(value)));
    }
    return jsontext_canonical(object, work->arena);
}

struct upstream_tls upstream_read_tls(struct fields *in)
{
    json_t *pem = fields_any(in, "tlsCa", FIELD_OPTIONAL);
    struct str ca = {json_string_value(pem), json_string_length(pem)};
    bool verify = fields_bool(in, "tlsVerify", true);
    if (pem != NULL &&
        (ca.ptr == NULL || ca.len > LIMIT_UPSTREAM_CA_BYTES || !upstream_ca_is_valid(ca))) {
        fields_refuse(in, "tlsCa", "must be certificates in PEM form.");
    }
    return (struct upstream_tls){.verify = verify, .ca = ca};
}

/* ---- all of them ---- */

enum err upstream_read_settings(struct work *work, json_t *given, struct app *app)
{
    json_t *merged = app->upstream.ptr == NULL ? json_object() : upstream_settings_json(app);
    REQUIRE(json_object_update(merged, given) == 0);
    struct fields in = fields_start(merged, work->fault);
    in.prefix = "upstream.";
    struct str url = upstream_read_url(&in);
    struct upstream_tls tls = upstream_read_tls(&in);
    struct str host = read_host_header(&in);
    int64_t connect =
        fields_int(&in, "connectTimeoutSeconds", UPSTREAM_CONNECT_SECONDS, 1, UPSTREAM_SECONDS_MAX);
    int64_t read =
        fields_int(&in, "readTimeoutSeconds", UPSTREAM_READ_SECONDS, 1, UPSTREAM_SECONDS_MAX);
    int64_t body_max = fields_int(&in, "bodyMaxBytes", 0, 0, INT64_C(1) << 40);
    json_t *trusted = read_trusted_headers(&in);
    app->upstream_addresses = read_addresses(work, &in);
    enum err err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
    if (!err) {
        json_t *ca = tls.ca.ptr == NULL ? json_null() : json_stringn(tls.ca.ptr, tls.ca.len);
        json_t *settings = json_pack(
            "{s:s%, s:s%, s:I, s:I, s:I, s:b, s:o, s:O}", "url", url.ptr, url.len, "hostHeader",
            host.ptr, host.len, "connectTimeoutSeconds", (json_int_t)connect, "readTimeoutSeconds",
            (json_int_t)read, "bodyMaxBytes", (json_int_t)body_max, "tlsVerify", tls.verify,
            "tlsCa", ca, "trustedHeaders", trusted);
        REQUIRE(settings != NULL);
        app->upstream = jsontext_canonical(settings, work->arena);
        json_decref(settings);
    }
    json_decref(trusted);
    json_decref(merged);
    return err;
}
