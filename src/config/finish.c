/*
 * What settings have to do with each other: the URLs that follow from other settings, and the
 * combinations that would start a server which nobody can use, or which is not safe.
 */
#include "config/settings.h"

enum { APP_HOST_MAX = ORIGIN_HOST_SIZE - 1 - ORIGIN_LABEL_LEN - 1 };

static void set_origin(struct origin_setting *setting, struct origin origin)
{
    setting->origin = origin;
    origin_format(&setting->origin, setting->text);
}

static bool is_set(const struct origin_setting *setting)
{
    return setting->text[0] != '\0';
}

static enum err check_tls_files(struct settings *settings, struct fault *fault)
{
    bool has_certificate = settings->tls_certificate[0] != '\0';
    bool has_key = settings->tls_key[0] != '\0';
    if (has_certificate == has_key) {
        return ERR_OK;
    }
    return fault_member(
        fault, ERR_INVALID, "setting_missing", has_key ? "tls_certificate" : "tls_key",
        "%s is set, but %s is not: TLS needs both files.", has_key ? "tls_key" : "tls_certificate",
        has_key ? "tls_certificate" : "tls_key");
}

static enum err check_public_url(struct settings *settings, struct fault *fault)
{
    struct origin_setting *public_url = &settings->public_url;
    if (!is_set(public_url)) {
        set_origin(public_url, (struct origin){.is_https = settings_has_tls(settings),
                                               .host = "localhost",
                                               .port = settings->listen.items[0].port});
    }
    if (public_url->origin.is_pattern) {
        return fault_member(fault, ERR_INVALID, "setting_invalid", "public_url",
                            "public_url is one address and cannot begin with *; the address of "
                            "the apps is app_url.");
    }
    return ERR_OK;
}

static enum err check_app_url(struct settings *settings, struct fault *fault)
{
    struct origin_setting *app_url = &settings->app_url;
    const struct origin *public_origin = &settings->public_url.origin;
    if (!is_set(app_url) && !origin_is_loopback(public_origin)) {
        return fault_member(fault, ERR_INVALID, "setting_missing", "app_url",
                            "app_url is needed with public_url %s: the address of the apps with * "
                            "as first label, like https://*.apps.example.net.",
                            settings->public_url.text);
    }
    if (!is_set(app_url)) {
        set_origin(app_url, (struct origin){.is_https = public_origin->is_https,
                                            .is_pattern = true,
                                            .host = "localhost",
                                            .port = public_origin->port});
    }
    if (!app_url->origin.is_pattern) {
        return fault_member(fault, ERR_INVALID, "setting_invalid", "app_url",
                            "app_url must have * as the first label of its host, like "
                            "https://*.apps.example.net: each app gets its own name.");
    }
    if (strlen(app_url->origin.host) > APP_HOST_MAX) {
        return fault_member(fault, ERR_INVALID, "setting_invalid", "app_url",
                            "The host of app_url may have at most %d characters after \"*.\".",
                            APP_HOST_MAX);
    }
    return ERR_OK;
}

/* Cookies and the frames that Inlay lives in are safe on plain http only where browsers treat it as
 * trustworthy (W3C Secure Contexts 3.1). */
static enum err check_plain_http(const char *name, const struct origin_setting *url,
                                 struct fault *fault)
{
    if (url->origin.is_https || origin_is_loopback(&url->origin)) {
        return ERR_OK;
    }
    return fault_member(fault, ERR_INVALID, "setting_insecure", name,
                        "%s is %s, but plain http works on localhost only. Use https:// with "
                        "tls_certificate and tls_key, or behind a proxy that does TLS.",
                        name, url->text);
}

static enum err check_public_http(struct settings *settings, struct fault *fault)
{
    return check_plain_http("public_url", &settings->public_url, fault);
}

static enum err check_app_http(struct settings *settings, struct fault *fault)
{
    return is_set(&settings->app_url) ? check_plain_http("app_url", &settings->app_url, fault)
                                      : ERR_OK;
}

static enum err check_same_scheme(struct settings *settings, struct fault *fault)
{
    bool is_https = settings->public_url.origin.is_https;
    if (is_set(&settings->app_url) && is_https != settings->app_url.origin.is_https) {
        return fault_member(fault, ERR_INVALID, "setting_conflict", "app_url",
                            "app_url %s and public_url %s must both be %s.", settings->app_url.text,
                            settings->public_url.text,
                            settings_has_tls(settings) || is_https ? "https" : "http");
    }
    return ERR_OK;
}

static enum err check_who_does_tls(struct settings *settings, struct fault *fault)
{
    bool is_https = settings->public_url.origin.is_https;
    if (settings_has_tls(settings) && !is_https) {
        return fault_member(fault, ERR_INVALID, "setting_conflict", "public_url",
                            "public_url is %s, but with tls_certificate every address speaks "
                            "https: write https:// in public_url.",
                            settings->public_url.text);
    }
    if (is_https && !settings_has_tls(settings) && settings->trusted_proxies.count == 0) {
        return fault_member(fault, ERR_INVALID, "setting_missing", "tls_certificate",
                            "public_url is %s, but nothing here does TLS: set tls_certificate and "
                            "tls_key, or, behind a proxy that does it, trusted_proxies to the "
                            "proxy's address.",
                            settings->public_url.text);
    }
    return ERR_OK;
}

static enum err check_session_minutes(struct settings *settings, struct fault *fault)
{
    if (settings->session_default_minutes > settings->session_max_minutes) {
        return fault_member(fault, ERR_INVALID, "setting_conflict", "session_default_minutes",
                            "session_default_minutes (%lld) is more than session_max_minutes "
                            "(%lld).",
                            (long long)settings->session_default_minutes,
                            (long long)settings->session_max_minutes);
    }
    return ERR_OK;
}

static enum err check_pat_seconds(struct settings *settings, struct fault *fault)
{
    if (settings->pat_default_seconds > settings->pat_max_seconds) {
        return fault_member(fault, ERR_INVALID, "setting_conflict", "pat_default_seconds",
                            "pat_default_seconds (%lld) is more than pat_max_seconds (%lld).",
                            (long long)settings->pat_default_seconds,
                            (long long)settings->pat_max_seconds);
    }
    return ERR_OK;
}

/* Two values under one name would be a list, and neither of them. */
static enum err check_identity_headers(struct settings *settings, struct fault *fault)
{
    const struct {
        const char *setting;
        const char *name;
    } headers[] = {
        {"identity_user_header", settings->identity_user_header},
        {"identity_email_header", settings->identity_email_header},
        {"identity_name_header", settings->identity_name_header},
        {"identity_groups_header", settings->identity_groups_header},
        {"identity_metadata_header", settings->identity_metadata_header},
        {"identity_session_header", settings->identity_session_header},
        {"identity_assertion_header", settings->identity_assertion_header},
    };
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        for (size_t j = 0; j < i && headers[i].name[0] != '\0'; j++) {
            if (str_equal_nocase(str_from(headers[i].name), str_from(headers[j].name))) {
                return fault_member(fault, ERR_INVALID, "setting_conflict", headers[i].setting,
                                    "%s and %s are both %s: each header needs a name of its own.",
                                    headers[j].setting, headers[i].setting, headers[i].name);
            }
        }
    }
    return ERR_OK;
}

size_t settings_finish_all(struct settings *settings,
                           void (*on_problem)(void *arg, const struct fault *fault), void *arg)
{
    /* In this order: the later ones read what the earlier ones derive. */
    static enum err (*const checks[])(struct settings * settings, struct fault * fault) = {
        check_tls_files,   check_public_url,       check_app_url,      check_public_http,
        check_app_http,    check_same_scheme,      check_who_does_tls, check_session_minutes,
        check_pat_seconds, check_identity_headers,
    };
    size_t problems = 0;
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        struct fault fault;
        if (checks[i](settings, &fault)) {
            on_problem(arg, &fault);
            problems++;
        }
    }
    return problems;
}

void settings_keep_first_problem(void *arg, const struct fault *fault)
{
    struct fault *first = arg;
    if (first->err == ERR_OK) {
        *first = *fault;
    }
}

enum err settings_finish(struct settings *settings, struct fault *fault)
{
    struct fault first = {.err = ERR_OK};
    settings_finish_all(settings, settings_keep_first_problem, &first);
    if (first.err && fault != NULL) {
        *fault = first;
    }
    return first.err;
}
