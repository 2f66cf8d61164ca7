#include "http/forward.h"

static enum err unclear(struct fault *fault, const char *header, const char *words)
{
    return fault_member(fault, ERR_DENIED, "forward_auth_unclear", header, "%s %s", header, words);
}

/* A WebSocket's scheme is that of the page which opens it. */
static bool scheme_fits(struct str scheme, const struct origin *app_url)
{
    return app_url->is_https
               ? str_equal_nocase(scheme, STR("https")) || str_equal_nocase(scheme, STR("wss"))
               : str_equal_nocase(scheme, STR("http")) || str_equal_nocase(scheme, STR("ws"));
}

/* Cuts "https://host:port" in two; what follows the host is not looked at. */
static bool url_parts(struct str url, struct str *out_scheme, struct str *out_host)
{
    struct str rest = url;
    *out_scheme = str_cut(&rest, ':');
    if (rest.len < 2 || rest.ptr[0] != '/' || rest.ptr[1] != '/') {
        return false;
    }
    rest = str_skip(rest, 2);
    size_t end = str_find(rest, '/');
    *out_host = (struct str){rest.ptr, end};
    return end > 0;
}

/* One more that names the host: it has to be the same app's origin. */
static enum err add_host(struct str host, const char *header, const struct origin *app_url,
                         struct str *label, struct fault *fault)
{
    struct str found;
    if (!origin_label(app_url, host, &found)) {
        return unclear(fault, header, "does not name the origin of an app, as app_url sets it.");
    }
    if (label->len > 0 && !str_equal(found, *label)) {
        return unclear(fault, header, "names another origin than the request's other headers.");
    }
    *label = found;
    return ERR_OK;
}

static enum err find_label(const struct forward_headers *headers, const struct origin *app_url,
                           struct str *out_label, struct fault *fault)
{
    struct str scheme;
    struct str host;
    struct str label = STR_NONE;
    enum err err = ERR_OK;
    /* The host of the question itself may be that of Inlay's own address. */
    if (!origin_label(app_url, headers->host, &label)) {
        label = STR_NONE;
    }
    if (headers->forwarded_host.ptr != NULL) {
        err = add_host(headers->forwarded_host, "X-Forwarded-Host", app_url, &label, fault);
    }
    if (!err && headers->forwarded_proto.ptr != NULL &&
        !scheme_fits(headers->forwarded_proto, app_url)) {
        err = unclear(fault, "X-Forwarded-Proto", "is not the scheme of app_url.");
    }
    if (!err && headers->original_url.ptr != NULL) {
        if (!url_parts(headers->original_url, &scheme, &host)) {
            err = unclear(fault, "X-Original-URL", "must have a scheme and a host.");
        } else if (!scheme_fits(scheme, app_url)) {
            err = unclear(fault, "X-Original-URL", "does not have the scheme of app_url.");
        } else {
            err = add_host(host, "X-Original-URL", app_url, &label, fault);
        }
    }
    if (!err && label.len == 0) {
        err = fault_member(fault, ERR_DENIED, "forward_auth_unclear", "Host",
                           "None of Host, X-Forwarded-Host and X-Original-URL names the origin of "
                           "an app, as app_url sets it.");
    }
    *out_label = label;
    return err;
}

static enum err find_method(const struct forward_headers *headers, struct str *out_method,
                            struct fault *fault)
{
    struct str method = headers->is_itself ? headers->method : STR_NONE;
    const struct {
        struct str value;
        const char *header;
    } sources[] = {
        {headers->forwarded_method, "X-Forwarded-Method"},
        {headers->original_method, "X-Original-Method"},
    };
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        if (sources[i].value.ptr == NULL) {
            continue;
        }
        if (sources[i].value.len == 0) {
            return unclear(fault, sources[i].header, "is empty.");
        }
        if (method.ptr != NULL && !str_equal(method, sources[i].value)) {
            return unclear(fault, sources[i].header,
                           "names a different method than the rest of the request.");
        }
        method = sources[i].value;
    }
    if (method.ptr == NULL) {
        return unclear(
            fault, "X-Original-Method",
            "or X-Forwarded-Method is required: it names the method of the user's request.");
    }
    *out_method = method;
    return ERR_OK;
}

/* What a client adds only takes away from what it may do. */
static enum err find_app(const struct forward_headers *headers, struct uuid *out_app_id,
                         struct fault *fault)
{
    const struct {
        struct str value;
        const char *name;
    } sources[] = {{headers->app_param, "app"}, {headers->app, "X-Inlay-App"}};
    struct uuid app_id = UUID_NONE;
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        struct uuid id;
        if (sources[i].value.ptr == NULL) {
            continue;
        }
        if (!uuid_parse(sources[i].value, &id)) {
            return unclear(fault, sources[i].name, "must be the id of an app.");
        }
        if (!uuid_is_none(&app_id) && !uuid_equal(&app_id, &id)) {
            return unclear(fault, sources[i].name, "names a different app than the app parameter.");
        }
        app_id = id;
    }
    *out_app_id = app_id;
    return ERR_OK;
}

enum err forward_read(const struct forward_headers *headers, const struct origin *app_url,
                      struct forward *out_forward, struct fault *fault)
{
    struct forward forward = {.label = STR_NONE};
    if (headers->repeated.ptr != NULL) {
        return fault_set(fault, ERR_DENIED, "forward_auth_unclear",
                         STR_FMT " must not be repeated.", STR_ARG(headers->repeated));
    }
    enum err err = find_label(headers, app_url, &forward.label, fault);
    if (!err) {
        err = find_method(headers, &forward.method, fault);
    }
    if (!err) {
        err = find_app(headers, &forward.app_id, fault);
    }
    if (!err) {
        *out_forward = forward;
    }
    return err;
}

enum err forward_check_proxy(const struct network_list *trusted, struct str address,
                             struct fault *fault)
{
    struct network peer;
    bool is_known = network_parse(address, &peer);
    for (size_t i = 0; is_known && i < trusted->count; i++) {
        if (network_contains(&trusted->items[i], peer.bytes, peer.is_ipv6)) {
            return ERR_OK;
        }
    }
    return fault_set(fault, ERR_DENIED, "proxy_untrusted",
                     "Only a proxy whose IP address is in trusted_proxies can send this request. "
                     "It came from %s.",
                     is_known ? peer.text : "an unknown address");
}
