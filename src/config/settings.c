/*
 * The table of settings, and their values to and from text. What involves more than one setting is
 * in finish.c.
 */
#include "config/settings.h"

#include <inttypes.h>

#include "config/nearest.h"

#define FIELD(member) .name = #member, .offset = offsetof(struct settings, member)
#define FIELD_AS(setting_name, member)                                                             \
    .name = #setting_name, .offset = offsetof(struct settings, member)

#define KIB ((int64_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static const char *const databases[] = {"sqlite", NULL};
/* Not nginx's "info" and "debug": they repeat malformed requests as they came, secrets and all. */
static const char *const log_levels[] = {"notice", "warn", "error", "crit", NULL};

const struct setting settings_table[] = {
    {FIELD(data), .type = SETTING_PATH, .fallback = "./data", .fixed = true,
     .help = "Folder that holds everything: the database, the admin token, the cache of unpacked "
             "apps, and the files of the running server."},
    {FIELD(listen), .type = SETTING_LISTEN, .fallback = "127.0.0.1:3000",
     .help = "Addresses and ports to listen on; * stands for every IPv4 address and [::] for every "
             "IPv6 address."},
    {FIELD(public_url), .type = SETTING_ORIGIN, .fallback = "",
     .example = "https://inlay.example.com",
     .fallback_words = "http://localhost and the port of the first listen",
     .help = "Address of the API, as portals reach it; plain http only on localhost."},
    {FIELD(app_url), .type = SETTING_ORIGIN, .fallback = "",
     .example = "https://*.apps.example.net",
     .fallback_words =
         "*.localhost with the scheme and port of public_url if that is on localhost, "
         "otherwise required",
     .help = "Address of the apps, whose first label * is replaced for each of them; needs a "
             "wildcard DNS record and certificate, and a domain that holds nothing else."},
    {FIELD(database), .type = SETTING_WORD, .fallback = "sqlite", .choices = databases,
     .fixed = true, .help = "Where data is stored: sqlite is a file in the data folder."},
    {FIELD(tls_certificate), .type = SETTING_PATH, .fallback = "",
     .example = "/etc/inlay/fullchain.pem",
     .help = "PEM file with the certificate and its chain, for public_url and app_url; with it "
             "every listen address speaks https."},
    {FIELD(tls_key), .type = SETTING_PATH, .fallback = "", .example = "/etc/inlay/privkey.pem",
     .help = "PEM file with the private key of tls_certificate."},
    {FIELD(trusted_proxies), .type = SETTING_NETWORKS, .fallback = "", .example = "127.0.0.1",
     .help =
         "Addresses of the proxies in front, whose X-Forwarded-For is believed and which may ask "
         "/api/forward-auth; needed when a proxy does TLS."},
    {FIELD(upstream_networks), .type = SETTING_NETWORKS, .fallback = "", .example = "10.0.0.0/8",
     .fallback_words = "every address that is not link-local",
     .help = "Addresses that upstreams of apps may have, checked after their names were resolved."},
    {FIELD(dns_servers), .type = SETTING_LISTEN, .fallback = "", .example = "10.0.0.53:53",
     .fallback_words = "those of /etc/resolv.conf",
     .help = "Name servers that the names of upstreams are asked from, each with its port."},
    {FIELD(workers), .type = SETTING_INT, .fallback = "0", .min = 0, .max = 512, .unit = "",
     .help = "Worker processes; 0 is one for each processor."},
    {FIELD_AS(session_memory, session_memory_bytes), .type = SETTING_BYTES, .fallback = "64m",
     .min = 1 * MIB, .max = 16 * GIB, .fixed = true,
     .help = "Shared memory for live sessions, about 220 bytes each; the least used ones are "
             "looked up again in the database when it is full."},
    {FIELD(app_cache_entries), .type = SETTING_INT, .fallback = "4096", .min = 8, .max = 1000000,
     .unit = "apps",
     .help = "Apps that each worker remembers, once for each version or environment in use; others "
             "are looked up again in the database."},
    {FIELD(identity_cache_entries), .type = SETTING_INT, .fallback = "32768", .min = 8,
     .max = 10000000, .unit = "sessions",
     .help = "Sessions whose user each worker remembers, 1 to 2 KB each, so that a request to an "
             "upstream needs no new assertion; about three times as many as are active at once."},
    {FIELD(mint_limit_per_minute), .type = SETTING_INT, .fallback = "10", .min = 0, .max = 100000,
     .unit = "links",
     .help = "Personal access tokens that one API token may request for one user in a minute, as "
             "ToolJet allows; 0 is no limit."},
    {FIELD(embed_limit_per_minute), .type = SETTING_INT, .fallback = "60", .min = 0, .max = 100000,
     .unit = "links",
     .help =
         "Embed URLs that one API token may request for one user in a minute, and previews that "
         "one admin may open; 0 is no limit."},
    {FIELD(redeem_limit_per_minute), .type = SETTING_INT, .fallback = "120", .min = 0,
     .max = 100000, .unit = "times",
     .help = "How often one link may be opened in a minute, by whomever; 0 is no limit."},
    {FIELD(session_requests_per_second), .type = SETTING_INT, .fallback = "0", .min = 0,
     .max = 1000000, .unit = "requests",
     .help =
         "Requests that one session may send in a second; 0 is no limit. A page and all that it "
         "loads are easily a hundred."},
    {FIELD(session_connections), .type = SETTING_INT, .fallback = "0", .min = 0, .max = 1000000,
     .unit = "requests",
     .help = "Requests that one session may have open at a time; a WebSocket or a stream counts as "
             "long as it is open. 0 is no limit."},
    {FIELD(link_requests_per_second), .type = SETTING_INT, .fallback = "0", .min = 0,
     .max = 1000000, .unit = "requests",
     .help =
         "Requests that all sessions of one link may send in a second together; 0 is no limit."},
    {FIELD(link_connections), .type = SETTING_INT, .fallback = "0", .min = 0, .max = 1000000,
     .unit = "requests",
     .help = "Requests that all sessions of one link may have open at a time; 0 is no limit."},
    {FIELD(session_default_minutes), .type = SETTING_INT, .fallback = "60", .min = 1, .max = 525600,
     .unit = "minutes",
     .help = "Length of a session when a personal access token is requested without "
             "sessionExpiry."},
    {FIELD(session_max_minutes), .type = SETTING_INT, .fallback = "43200", .min = 10, .max = 525600,
     .unit = "minutes", .help = "Longest session that may be requested."},
    {FIELD(pat_default_seconds), .type = SETTING_INT, .fallback = "3600", .min = 1,
     .max = 315360000, .unit = "seconds",
     .help = "How long a personal access token opens sessions when it is requested without "
             "patExpiry."},
    {FIELD(pat_max_seconds), .type = SETTING_INT, .fallback = "31536000", .min = 1,
     .max = 315360000, .unit = "seconds", .help = "Longest patExpiry that may be requested."},
    {FIELD(embed_link_seconds), .type = SETTING_INT, .fallback = "300", .min = 1, .max = 600,
     .unit = "seconds", .help = "How long an embed URL may stay unopened."},
    {FIELD(identity_user_header), .type = SETTING_HEADER, .fallback = "X-Inlay-User",
     .help = "Header that tells an upstream the id of its user; this and the next six may be empty "
             "to send none."},
    {FIELD(identity_email_header), .type = SETTING_HEADER, .fallback = "X-Inlay-Email",
     .help = "Header with the user's email address."},
    {FIELD(identity_name_header), .type = SETTING_HEADER, .fallback = "X-Inlay-Name",
     .help = "Header with the user's full name."},
    {FIELD(identity_groups_header), .type = SETTING_HEADER, .fallback = "X-Inlay-Groups",
     .help = "Header with the names of the user's groups, separated by commas."},
    {FIELD(identity_metadata_header), .type = SETTING_HEADER, .fallback = "X-Inlay-Metadata",
     .help = "Header with the link's metadata, as a JSON object."},
    {FIELD(identity_session_header), .type = SETTING_HEADER, .fallback = "X-Inlay-Session",
     .help = "Header with the id of the session."},
    {FIELD(identity_assertion_header), .type = SETTING_HEADER, .fallback = "X-Inlay-Assertion",
     .help = "Header with a signed JWT that says all of this, for upstreams that verify it."},
    {FIELD(signing_key_days), .type = SETTING_INT, .fallback = "30", .min = 0, .max = 3650,
     .unit = "days",
     .help = "How long a key signs assertions before a new one takes its place; 0 is until "
             "somebody rotates it."},
    {FIELD(signing_key_overlap_seconds), .type = SETTING_INT, .fallback = "7200", .min = 1,
     .max = 604800, .unit = "seconds",
     .help = "How long a new signing key is published before it signs, and an old one after its "
             "last assertion; longer than any upstream caches the keys."},
    {FIELD_AS(body_max, body_max_bytes), .type = SETTING_BYTES, .fallback = "1m", .min = 16 * KIB,
     .max = 64 * MIB, .help = "Largest body of an API request, except for uploaded bundles."},
    {FIELD(body_spool_max_bytes), .type = SETTING_BYTES, .fallback = "1g", .min = 1 * MIB,
     .max = 1024 * GIB,
     .help = "How much of the disk request bodies may take while they are read, all together. At "
             "least bundle_upload_max_bytes. Beyond it, uploads are answered 503."},
    {FIELD(bundle_max_bytes), .type = SETTING_BYTES, .fallback = "256m", .min = 64 * KIB,
     .max = 4 * GIB, .help = "Largest bundle, unpacked."},
    {FIELD(bundle_upload_max_bytes), .type = SETTING_BYTES, .fallback = "128m", .min = 64 * KIB,
     .max = 4 * GIB, .help = "Largest bundle, as it is uploaded."},
    {FIELD(bundle_file_max_bytes), .type = SETTING_BYTES, .fallback = "64m", .min = 64 * KIB,
     .max = 900 * MIB, .help = "Largest file in a bundle. Unpacking one takes its size in memory."},
    {FIELD(bundle_max_files), .type = SETTING_INT, .fallback = "10000", .min = 1, .max = 1000000,
     .unit = "files", .help = "Most files in a bundle."},
    {FIELD(bundle_max_ratio), .type = SETTING_INT, .fallback = "200", .min = 1, .max = 10000,
     .unit = "",
     .help = "How many times larger than its upload a bundle may be, against archives that are "
             "made to fill the disk."},
    {FIELD(admin_idle_minutes), .type = SETTING_INT, .fallback = "60", .min = 1, .max = 10080,
     .unit = "minutes",
     .help = "How long an admin stays signed in to the console without doing anything."},
    {FIELD(admin_session_hours), .type = SETTING_INT, .fallback = "24", .min = 1, .max = 720,
     .unit = "hours", .help = "How long an admin stays signed in to the console at most."},
    {FIELD(keep_events_days), .type = SETTING_INT, .fallback = "365", .min = 1, .max = 36500,
     .unit = "days", .help = "How long events are kept in the audit log."},
    {FIELD(keep_usage_days), .type = SETTING_INT, .fallback = "730", .min = 1, .max = 36500,
     .unit = "days", .help = "How long it is known how much apps were used."},
    {FIELD(keep_sessions_days), .type = SETTING_INT, .fallback = "30", .min = 0, .max = 36500,
     .unit = "days", .help = "How long sessions are listed after their end."},
    {FIELD(keep_links_days), .type = SETTING_INT, .fallback = "7", .min = 0, .max = 36500,
     .unit = "days", .help = "How long links are listed after they can no longer be opened."},
    {FIELD(housekeeping_seconds), .type = SETTING_INT, .fallback = "60", .min = 1, .max = 86400,
     .unit = "seconds", .help = "How often expired data is deleted."},
    {FIELD(metrics_allow), .type = SETTING_NETWORKS, .fallback = "127.0.0.0/8,::1",
     .help = "Addresses that may read /metrics."},
    {FIELD(log_level), .type = SETTING_WORD, .fallback = "warn", .choices = log_levels,
     .help = "Least severe message that is logged."},
    {FIELD(access_log), .type = SETTING_BOOL, .fallback = "on",
     .help = "Log every request, without any secret."},
    {FIELD(deadline_seconds), .type = SETTING_INT, .fallback = "5", .min = 1, .max = 60,
     .unit = "seconds",
     .help = "How long a request waits for the database before it is answered 503."},
    {FIELD(database_grace_seconds), .type = SETTING_INT, .fallback = "10", .min = 0, .max = 300,
     .unit = "seconds",
     .help = "How long known sessions go on while the database cannot be read; after that they "
             "are refused."},
    {FIELD(shutdown_seconds), .type = SETTING_INT, .fallback = "10", .min = 1, .max = 3600,
     .unit = "seconds",
     .help = "How long requests in flight may take when the server stops or reloads."},
};

const size_t settings_count = COUNT_OF(settings_table);

static void *field_of(struct settings *settings, const struct setting *setting)
{
    return (char *)settings + setting->offset;
}

static const void *field_of_const(const struct settings *settings, const struct setting *setting)
{
    return (const char *)settings + setting->offset;
}

static bool is_optional(const struct setting *setting)
{
    return setting->fallback[0] == '\0';
}

/* ---- text to value ---- */

static enum err refuse(const struct setting *setting, struct str value, struct fault *fault,
                       const char *wanted)
{
    struct str shown = str_head(value, 80);
    if (!str_is_clean_utf8(shown)) {
        return fault_member(fault, ERR_INVALID, "setting_invalid", setting->name, "%s must be %s.",
                            setting->name, wanted);
    }
    return fault_member(fault, ERR_INVALID, "setting_invalid", setting->name,
                        "%s must be %s, not \"" STR_FMT "\".", setting->name, wanted,
                        STR_ARG(shown));
}

static enum err set_path(const struct setting *setting, struct str value, char *field,
                         struct fault *fault)
{
    if ((value.len == 0 && !is_optional(setting)) || value.len >= SETTINGS_PATH_MAX ||
        !str_is_clean_utf8(value)) {
        return refuse(setting, value, fault,
                      "a path of at most 1023 bytes without control characters");
    }
    REQUIRE(str_to_cstr(value, field, SETTINGS_PATH_MAX));
    return ERR_OK;
}

static enum err set_word(const struct setting *setting, struct str value, char *field,
                         struct fault *fault)
{
    for (const char *const *choice = setting->choices; *choice != NULL; choice++) {
        if (str_equal_nocase(value, str_from(*choice))) {
            snprintf(field, SETTINGS_WORD_MAX, "%s", *choice);
            return ERR_OK;
        }
    }
    struct buf wanted = buf_make(SETTINGS_VALUE_MAX);
    for (const char *const *choice = setting->choices; *choice != NULL; choice++) {
        buf_printf(&wanted, "%s%s", wanted.len > 0 ? ", or " : "", *choice);
    }
    enum err err = refuse(setting, value, fault, wanted.ptr);
    buf_done(&wanted);
    return err;
}

static enum err set_int(const struct setting *setting, struct str value, int64_t *field,
                        struct fault *fault)
{
    if (!str_to_int64(value, setting->min, setting->max, field)) {
        char wanted[96];
        snprintf(wanted, sizeof(wanted), "a whole number from %" PRId64 " to %" PRId64 "%s%s",
                 setting->min, setting->max, setting->unit[0] ? " " : "", setting->unit);
        return refuse(setting, value, fault, wanted);
    }
    return ERR_OK;
}

static int64_t size_unit(char suffix)
{
    switch (suffix) {
    case 'k':
    case 'K':
        return KIB;
    case 'm':
    case 'M':
        return MIB;
    case 'g':
    case 'G':
        return GIB;
    default:
        return 1;
    }
}

static void format_size(int64_t bytes, char *text, size_t size)
{
    static const struct {
        int64_t bytes;
        const char *suffix;
    } units[] = {{GIB, "g"}, {MIB, "m"}, {KIB, "k"}, {1, ""}};
    size_t i = 0;
    while (bytes % units[i].bytes != 0 || (bytes == 0 && units[i].bytes > 1)) {
        i++;
    }
    snprintf(text, size, "%" PRId64 "%s", bytes / units[i].bytes, units[i].suffix);
}

static enum err set_bytes(const struct setting *setting, struct str value, int64_t *field,
                          struct fault *fault)
{
    int64_t unit = value.len > 0 ? size_unit(value.ptr[value.len - 1]) : 1;
    struct str digits = {value.ptr, unit > 1 ? value.len - 1 : value.len};
    int64_t count = 0;
    int64_t bytes = 0;
    if (!str_to_int64(digits, 0, INT64_MAX, &count) ||
        __builtin_mul_overflow(count, unit, &bytes) || bytes < setting->min ||
        bytes > setting->max) {
        char wanted[128];
        char min[32];
        char max[32];
        format_size(setting->min, min, sizeof(min));
        format_size(setting->max, max, sizeof(max));
        snprintf(wanted, sizeof(wanted), "a size from %s to %s (k, m and g are units)", min, max);
        return refuse(setting, value, fault, wanted);
    }
    *field = bytes;
    return ERR_OK;
}

static enum err set_bool(const struct setting *setting, struct str value, bool *field,
                         struct fault *fault)
{
    static const char *const on[] = {"on", "true", "yes", "1"};
    static const char *const off[] = {"off", "false", "no", "0"};
    for (size_t i = 0; i < COUNT_OF(on); i++) {
        bool is_on = str_equal_nocase(value, str_from(on[i]));
        if (is_on || str_equal_nocase(value, str_from(off[i]))) {
            *field = is_on;
            return ERR_OK;
        }
    }
    return refuse(setting, value, fault, "on or off");
}

static enum err set_origin(const struct setting *setting, struct str value,
                           struct origin_setting *field, struct fault *fault)
{
    struct origin_setting origin = {.text = ""};
    struct fault reason;
    if (value.len > 0) {
        if (origin_parse(value, &origin.origin, &reason)) {
            return fault_member(fault, ERR_INVALID, "setting_invalid", setting->name,
                                "%s cannot be used. %s", setting->name, reason.message);
        }
        origin_format(&origin.origin, origin.text);
    }
    *field = origin;
    return ERR_OK;
}

static enum err set_listen(const struct setting *setting, struct str value,
                           struct listen_list *field, struct fault *fault)
{
    struct listen_list list = {.count = 0};
    while (value.len > 0) {
        struct str item = str_trim(str_cut(&value, ','));
        if (list.count == SETTINGS_LISTEN_MAX ||
            !listen_address_parse(item, &list.items[list.count])) {
            return refuse(setting, item, fault,
                          "at most 8 pairs of an IP address and a port like 127.0.0.1:3000 or "
                          "[::1]:3000, separated by commas");
        }
        for (size_t i = 0; i < list.count; i++) {
            if (strcmp(list.items[i].text, list.items[list.count].text) == 0) {
                return refuse(setting, item, fault, "a list that names each address once");
            }
        }
        list.count++;
    }
    if (list.count == 0 && !is_optional(setting)) {
        return refuse(setting, STR(""), fault, "an IP address and a port like 127.0.0.1:3000");
    }
    *field = list;
    return ERR_OK;
}

static enum err set_networks(const struct setting *setting, struct str value,
                             struct network_list *field, struct fault *fault)
{
    struct network_list list = {.count = 0};
    while (value.len > 0) {
        struct str item = str_trim(str_cut(&value, ','));
        if (list.count == SETTINGS_NETWORKS_MAX || !network_parse(item, &list.items[list.count])) {
            return refuse(setting, item, fault,
                          "at most 32 addresses or networks like 10.0.0.7 or 10.0.0.0/8, "
                          "separated by commas");
        }
        list.count++;
    }
    *field = list;
    return ERR_OK;
}

/* Names that mean something to HTTP, to a proxy or to a browser. */
static bool header_is_taken(struct str name)
{
    static const char *const taken[] = {
        "accept",         "authorization",
        "connection",     "cookie",
        "date",           "expect",
        "forwarded",      "host",
        "keep-alive",     "origin",
        "referer",        "te",
        "trailer",        "transfer-encoding",
        "upgrade",        "via",
        "range",          "user-agent",
        "x-inlay-app",    "x-inlay-theme",
        "x-inlay-locale",
    };
    static const char *const prefixes[] = {"accept-", "content-", "if-",
                                           "proxy-",  "sec-",     "x-forwarded-"};
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        if (str_equal_nocase(name, str_from(taken[i]))) {
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        struct str prefix = str_from(prefixes[i]);
        if (name.len >= prefix.len &&
            str_equal_nocase((struct str){name.ptr, prefix.len}, prefix)) {
            return true;
        }
    }
    return false;
}

static enum err set_header(const struct setting *setting, struct str value, char *field,
                           struct fault *fault)
{
    bool is_fine = value.len < SETTINGS_HEADER_MAX && !header_is_taken(value);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        is_fine = is_fine && (is_letter || (i > 0 && (c == '-' || (c >= '0' && c <= '9'))));
    }
    if (!is_fine) {
        return refuse(setting, value, fault,
                      "a header name of at most 64 letters, digits and hyphens that HTTP and Inlay "
                      "do not use themselves, like X-Inlay-User, or empty");
    }
    REQUIRE(str_to_cstr(value, field, SETTINGS_HEADER_MAX));
    return ERR_OK;
}

/* The name that was probably meant, or NULL. Names may be written with - or _. */
static const struct setting *nearest_setting(struct str name)
{
    struct nearest nearest = nearest_start(name);
    for (size_t i = 0; i < settings_count; i++) {
        nearest_offer(&nearest, settings_table[i].name);
    }
    return nearest.word == NULL ? NULL : settings_find(str_from(nearest.word));
}

static enum err unknown_setting(struct str name, struct fault *fault)
{
    const struct setting *meant = nearest_setting(name);
    struct str shown = str_head(name, 60);
    if (!str_is_clean_utf8(shown)) {
        shown = STR("?");
    }
    return fault_member(fault, ERR_NOT_FOUND, "setting_unknown", "",
                        "There is no setting \"" STR_FMT "\"%s%s%s", STR_ARG(shown),
                        meant ? "; did you mean " : "", meant ? meant->name : "",
                        meant ? "?" : ".");
}

enum err settings_set(struct settings *settings, struct str name, struct str value,
                      struct fault *fault)
{
    const struct setting *setting = settings_find(name);
    if (setting == NULL) {
        return unknown_setting(name, fault);
    }
    void *field = field_of(settings, setting);
    value = str_trim(value);
    switch (setting->type) {
    case SETTING_PATH:
        return set_path(setting, value, field, fault);
    case SETTING_WORD:
        return set_word(setting, value, field, fault);
    case SETTING_INT:
        return set_int(setting, value, field, fault);
    case SETTING_BYTES:
        return set_bytes(setting, value, field, fault);
    case SETTING_BOOL:
        return set_bool(setting, value, field, fault);
    case SETTING_ORIGIN:
        return set_origin(setting, value, field, fault);
    case SETTING_LISTEN:
        return set_listen(setting, value, field, fault);
    case SETTING_NETWORKS:
        return set_networks(setting, value, field, fault);
    case SETTING_HEADER:
        return set_header(setting, value, field, fault);
    }
    return fault_set(fault, ERR_INTERNAL, "", "The type of %s is unknown.", setting->name);
}

void settings_init(struct settings *settings)
{
    *settings = (struct settings){.data = ""};
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        REQUIRE(settings_set(settings, str_from(setting->name), str_from(setting->fallback),
                             NULL) == ERR_OK);
    }
}

/* ---- value to text ---- */

void settings_format(const struct settings *settings, const struct setting *setting,
                     struct buf *out)
{
    const void *field = field_of_const(settings, setting);
    const struct listen_list *listen = field;
    const struct network_list *networks = field;
    char size[32];
    switch (setting->type) {
    case SETTING_PATH:
    case SETTING_WORD:
    case SETTING_HEADER:
        buf_add(out, str_from(field));
        break;
    case SETTING_INT:
        buf_printf(out, "%" PRId64, *(const int64_t *)field);
        break;
    case SETTING_BYTES:
        format_size(*(const int64_t *)field, size, sizeof(size));
        buf_add(out, str_from(size));
        break;
    case SETTING_BOOL:
        buf_add(out, *(const bool *)field ? STR("on") : STR("off"));
        break;
    case SETTING_ORIGIN:
        buf_add(out, str_from(((const struct origin_setting *)field)->text));
        break;
    case SETTING_LISTEN:
        for (size_t i = 0; i < listen->count; i++) {
            buf_printf(out, "%s%s", i > 0 ? "," : "", listen->items[i].text);
        }
        break;
    case SETTING_NETWORKS:
        for (size_t i = 0; i < networks->count; i++) {
            buf_printf(out, "%s%s", i > 0 ? "," : "", networks->items[i].text);
        }
        break;
    }
}

void settings_each(const struct settings *settings,
                   void (*on_setting)(void *arg, const struct setting *setting, struct str value),
                   void *arg)
{
    for (size_t i = 0; i < settings_count; i++) {
        struct buf value = buf_make(SETTINGS_VALUE_MAX);
        settings_format(settings, &settings_table[i], &value);
        REQUIRE(buf_is_ok(&value));
        on_setting(arg, &settings_table[i], buf_str(&value));
        buf_done(&value);
    }
}

/* ---- names ---- */

const struct setting *settings_find(struct str name)
{
    for (size_t i = 0; i < settings_count; i++) {
        if (str_equal(name, str_from(settings_table[i].name))) {
            return &settings_table[i];
        }
    }
    return NULL;
}

bool settings_data_path(const struct settings *settings, const char *name,
                        char out_path[SETTINGS_PATH_MAX])
{
    int len =
        snprintf(out_path, SETTINGS_PATH_MAX, "%s%s%s", settings->data, name[0] ? "/" : "", name);
    return len > 0 && len < SETTINGS_PATH_MAX;
}

bool settings_has_tls(const struct settings *settings)
{
    return settings->tls_certificate[0] != '\0';
}
