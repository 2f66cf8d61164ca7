/*
 * The settings: one table that everything about them is derived from.
 *
 * A setting `public_url` is the flag --public-url, the variable INLAY_PUBLIC_URL and the line
 * `public_url:` of inlay.yaml (config/load.h puts the three together), the line of `inlay serve
 * --help`, the section of docs/configuration.md (config/reference.h), and the directive
 * `inlay_set public_url …;` that hands it to the nginx module.
 *
 *     struct settings settings;
 *     settings_init(&settings);                                   the defaults
 *     settings_set(&settings, STR("workers"), STR("4"), &fault);  any number of times
 *     settings_finish(&settings, &fault);                         derives and cross-checks
 *
 * A struct settings owns nothing: it may be copied by assignment. INLAY_API_TOKEN is a secret and
 * therefore none of the settings.
 */
#ifndef INLAY_CONFIG_SETTINGS_H
#define INLAY_CONFIG_SETTINGS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/origin.h"
#include "config/network.h"

enum {
    SETTINGS_PATH_MAX = 1024,
    SETTINGS_WORD_MAX = 16,
    SETTINGS_HEADER_MAX = 65,
    SETTINGS_LISTEN_MAX = 8,
    SETTINGS_NETWORKS_MAX = 32,
    SETTINGS_VALUE_MAX = 4096, /* the text of one setting */
};

struct listen_list {
    size_t count;
    struct listen_address items[SETTINGS_LISTEN_MAX];
};

struct network_list {
    size_t count;
    struct network items[SETTINGS_NETWORKS_MAX];
};

struct origin_setting {
    char text[ORIGIN_TEXT_SIZE]; /* as origin_format() writes it; "" while not set */
    struct origin origin;
};

struct settings {
    char data[SETTINGS_PATH_MAX];
    struct listen_list listen;
    struct origin_setting public_url;
    struct origin_setting app_url;           /* .origin is a pattern */
    char database[SETTINGS_WORD_MAX];        /* "sqlite" */
    char tls_certificate[SETTINGS_PATH_MAX]; /* "" without TLS */
    char tls_key[SETTINGS_PATH_MAX];
    struct network_list trusted_proxies;
    struct network_list upstream_networks; /* none: any but link-local ones */
    struct listen_list dns_servers;        /* none: those of /etc/resolv.conf */
    int64_t workers;                       /* 0: one per processor */
    int64_t session_memory_bytes;
    int64_t app_cache_entries; /* of each worker, as the next one */
    int64_t identity_cache_entries;
    int64_t mint_limit_per_minute;       /* of personal access tokens; 0: none */
    int64_t embed_limit_per_minute;      /* of embed URLs; 0: none */
    int64_t redeem_limit_per_minute;     /* 0: none */
    int64_t session_requests_per_second; /* this and the next three: 0 is no limit */
    int64_t session_connections;
    int64_t link_requests_per_second;
    int64_t link_connections;
    int64_t session_default_minutes;
    int64_t session_max_minutes;
    int64_t pat_default_seconds;
    int64_t pat_max_seconds;
    int64_t embed_link_seconds;
    char identity_user_header[SETTINGS_HEADER_MAX]; /* this and the next six: "" for none */
    char identity_email_header[SETTINGS_HEADER_MAX];
    char identity_name_header[SETTINGS_HEADER_MAX];
    char identity_groups_header[SETTINGS_HEADER_MAX];
    char identity_metadata_header[SETTINGS_HEADER_MAX];
    char identity_session_header[SETTINGS_HEADER_MAX];
    char identity_assertion_header[SETTINGS_HEADER_MAX];
    int64_t signing_key_days; /* 0: rotated by hand only */
    int64_t signing_key_overlap_seconds;
    int64_t body_max_bytes;
    int64_t body_spool_max_bytes;
    int64_t bundle_max_bytes; /* unpacked */
    int64_t bundle_upload_max_bytes;
    int64_t bundle_file_max_bytes;
    int64_t bundle_max_files;
    int64_t bundle_max_ratio;
    int64_t admin_idle_minutes;
    int64_t admin_session_hours;
    int64_t keep_events_days;
    int64_t keep_usage_days;
    int64_t keep_sessions_days;
    int64_t keep_links_days;
    int64_t housekeeping_seconds;
    struct network_list metrics_allow;
    char log_level[SETTINGS_WORD_MAX];
    bool access_log;
    int64_t deadline_seconds;
    int64_t database_grace_seconds;
    int64_t shutdown_seconds;
};

enum setting_type {
    SETTING_PATH,
    SETTING_WORD, /* one of .choices */
    SETTING_INT,
    SETTING_BYTES,  /* 1048576, 1024k, 1m, 1g */
    SETTING_BOOL,   /* on, off */
    SETTING_ORIGIN, /* the scheme, host and port of a URL */
    SETTING_LISTEN,
    SETTING_NETWORKS,
    SETTING_HEADER, /* the name of a header */
};

struct setting {
    const char *name;
    enum setting_type type;
    size_t offset; /* into struct settings */
    const char *fallback;
    int64_t min; /* INT and BYTES */
    int64_t max;
    const char *unit;           /* INT: "seconds" …, "" for a plain number */
    const char *const *choices; /* WORD: ends with NULL */
    bool fixed;                 /* only a restart can change it */
    const char *fallback_words; /* what the default is where it depends on others, else NULL */
    const char *example;        /* for those whose default is none */
    const char *help;           /* one sentence */
};

extern const struct setting settings_table[];
extern const size_t settings_count;

void settings_init(struct settings *settings);

/* ERR_NOT_FOUND for an unknown name (the message has the nearest one), ERR_INVALID for a value that
 * is malformed or out of range. An empty value means "none" where that is possible: lists, TLS
 * files, and the two URLs, which are then derived. *settings is unchanged on failure. fault.member
 * is the name. */
enum err settings_set(struct settings *settings, struct str name, struct str value,
                      struct fault *fault) MUST_CHECK;

/* Once, after the last settings_set(): derives public_url and app_url where they are not set and
 * checks what involves more than one setting. fault.member is the setting to change. */
enum err settings_finish(struct settings *settings, struct fault *fault) MUST_CHECK;

/* The same, but reports every problem instead of only the first; returns how many. */
size_t settings_finish_all(struct settings *settings,
                           void (*on_problem)(void *arg, const struct fault *fault), void *arg);

/* An on_problem whose arg is a struct fault that starts as {.err = ERR_OK}. */
void settings_keep_first_problem(void *arg, const struct fault *fault);

/* NULL if there is none of that name. */
const struct setting *settings_find(struct str name);

/* The value as settings_set() takes it; lists are joined by commas, sizes written as 64m. */
void settings_format(const struct settings *settings, const struct setting *setting,
                     struct buf *out);

/* Every setting in table order. value is valid during the call only. */
void settings_each(const struct settings *settings,
                   void (*on_setting)(void *arg, const struct setting *setting, struct str value),
                   void *arg);

/* "DATA/name"; name may be "" for the folder itself. False if it does not fit. */
bool settings_data_path(const struct settings *settings, const char *name,
                        char out_path[SETTINGS_PATH_MAX]) MUST_CHECK;

bool settings_has_tls(const struct settings *settings);

#endif
