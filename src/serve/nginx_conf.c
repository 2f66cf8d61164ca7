#include "serve/nginx_conf.h"

#include "config/lanes.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

enum { WORKER_CONNECTIONS = 16384, WORKER_FILES = 2 * WORKER_CONNECTIONS };

static const char brotli_module[] = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so";

/* A parameter in quotes. nginx takes "\" and the quote itself escaped. */
static void add_quoted(struct buf *out, struct str text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '"');
}

static void add_quoted_path(struct buf *out, const char *folder, const char *name)
{
    char path[2 * PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    add_quoted(out, str_from(path));
}

static void add_path(struct buf *out, const char *directive, const char *folder, const char *name)
{
    buf_printf(out, "%s ", directive);
    add_quoted_path(out, folder, name);
    buf_add(out, STR(";\n"));
}

static void add_setting(void *arg, const struct setting *setting, struct str value)
{
    struct buf *out = arg;
    buf_printf(out, "    inlay_set %s ", setting->name);
    add_quoted(out, value);
    buf_add(out, STR(";\n"));
}

/* Workers of a server that root starts run as the owner of the data folder. */
static enum err add_user(struct buf *out, const struct settings *settings, struct fault *fault)
{
    struct stat info;
    if (geteuid() != 0) {
        return ERR_OK;
    }
    if (stat(settings->data, &info) != 0) {
        return fault_member(fault, ERR_STORAGE, "data_folder", "data",
                            "The data folder %.200s is not there.", settings->data);
    }
    struct passwd *owner = getpwuid(info.st_uid);
    struct group *group = owner == NULL ? NULL : getgrgid(owner->pw_gid);
    if (owner == NULL || group == NULL) {
        return fault_member(fault, ERR_STORAGE, "data_folder", "data",
                            "The data folder %.200s belongs to no known user: chown it to the user "
                            "that Inlay is to run as.",
                            settings->data);
    }
    buf_printf(out, "user %s %s;\n", owner->pw_name, group->gr_name);
    return ERR_OK;
}

/* As many open files as a worker may need and we may have: what a shell gives is 1,024 on Debian.
 */
static void add_files(struct buf *out)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        rlim_t count = files.rlim_max < WORKER_FILES ? files.rlim_max : WORKER_FILES;
        buf_printf(out, "worker_rlimit_nofile %llu;\n", (unsigned long long)count);
    }
}

static enum err add_main(struct buf *out, const struct settings *settings,
                         const struct nginx_paths *paths, struct fault *fault)
{
    buf_add(out, STR("# Written by \"inlay serve\" at each start and reload. Changes are lost.\n"));
    add_path(out, "load_module", "", paths->module + 1);
    if (access(brotli_module, R_OK) == 0) {
        buf_printf(out, "load_module %s;\n", brotli_module);
    }
    enum err err = add_user(out, settings, fault);
    if (settings->workers == 0) {
        buf_add(out, STR("worker_processes auto;\n"));
    } else {
        buf_printf(out, "worker_processes %lld;\n", (long long)settings->workers);
    }
    buf_printf(out, "worker_shutdown_timeout %llds;\n", (long long)settings->shutdown_seconds);
    buf_printf(out, "error_log stderr %s;\n", settings->log_level);
    add_path(out, "pid", paths->run_dir, "nginx.pid");
    add_path(out, "lock_file", paths->run_dir, "nginx.lock");
    buf_add(out, STR("pcre_jit on;\n"));
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        buf_printf(out, "thread_pool %s threads=%d max_queue=1024;\n", lane_table[lane].pool,
                   lane_table[lane].threads);
    }
    buf_add(out, STR("events {\n"));
    buf_printf(out, "    worker_connections %d;\n}\n", WORKER_CONNECTIONS);
    add_files(out);
    return err;
}

static bool stdout_opens_by_name(void)
{
    int fd = open("/dev/stdout", O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static void add_logs(struct buf *out, const struct settings *settings)
{
    buf_add(out, STR("    log_format inlay escape=json '{\"time\":\"$time_iso8601\","
                     "\"request\":\"$connection-$connection_requests\",\"client\":\"$remote_addr\","
                     "\"host\":\"$host\",\"method\":\"$request_method\",\"path\":\"$inlay_path\","
                     "\"status\":$status,\"bytes\":$bytes_sent,\"seconds\":$request_time,"
                     "\"session\":\"$inlay_session\",\"app\":\"$inlay_app\"}';\n"));
    if (!settings->access_log) {
        buf_add(out, STR("    access_log off;\n"));
    } else if (!stdout_opens_by_name()) {
        /* A socket, as systemd gives, or somebody else's terminal. */
        buf_add(out, STR("    access_log "));
        add_quoted_path(out, settings->data, "access.log");
        buf_add(out, STR(" inlay;\n"));
    } else {
        buf_add(out, STR("    access_log /dev/stdout inlay;\n"));
    }
}

static void add_networks(struct buf *out, const char *directive, const struct network_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        buf_printf(out, "%s %s;\n", directive, list->items[i].text);
    }
}

/* The media types of what bundles hold (the IANA registry). Text says that it is UTF-8. */
static void add_types(struct buf *out)
{
    static const char *const types[][2] = {
        {"text/html; charset=utf-8", "html htm"},
        {"text/css; charset=utf-8", "css"},
        {"text/javascript; charset=utf-8", "js mjs"},
        {"text/plain; charset=utf-8", "txt md"},
        {"text/csv; charset=utf-8", "csv"},
        {"text/xml; charset=utf-8", "xml xsl"},
        {"text/vtt; charset=utf-8", "vtt"},
        {"application/json", "json map"},
        {"application/manifest+json", "webmanifest"},
        {"application/wasm", "wasm"},
        {"application/pdf", "pdf"},
        {"application/zip", "zip"},
        {"application/gzip", "gz"},
        {"application/rss+xml", "rss"},
        {"application/atom+xml", "atom"},
        {"image/svg+xml", "svg"},
        {"image/png", "png"},
        {"image/jpeg", "jpg jpeg"},
        {"image/gif", "gif"},
        {"image/webp", "webp"},
        {"image/avif", "avif"},
        {"image/x-icon", "ico"},
        {"font/woff", "woff"},
        {"font/woff2", "woff2"},
        {"font/ttf", "ttf"},
        {"font/otf", "otf"},
        {"audio/mpeg", "mp3"},
        {"audio/ogg", "ogg oga"},
        {"audio/wav", "wav"},
        {"audio/mp4", "m4a"},
        {"video/mp4", "mp4"},
        {"video/webm", "webm"},
    };
    buf_add(out, STR("    types {\n"));
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        buf_printf(out, "        \"%s\" %s;\n", types[i][0], types[i][1]);
    }
    buf_add(out, STR("    }\n"
                     "    types_hash_max_size 2048;\n"
                     "    default_type application/octet-stream;\n"));
}

static void add_http(struct buf *out, const struct settings *settings,
                     const struct nginx_paths *paths)
{
    static const char *const temp_paths[] = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"};
    buf_add(out, STR("http {\n"));
    settings_each(settings, add_setting, out);
    add_types(out);
    buf_add(out, STR("    server_tokens off;\n"
                     "    absolute_redirect off;\n"
                     "    recursive_error_pages on;\n"
                     "    sendfile on;\n"
                     "    tcp_nopush on;\n"
                     "    keepalive_timeout 75s;\n"
                     "    keepalive_requests 10000;\n"
                     "    reset_timedout_connection on;\n"
                     "    client_header_timeout 15s;\n"
                     "    client_body_timeout 30s;\n"
                     "    send_timeout 60s;\n"
                     "    client_body_buffer_size 16k;\n"
                     "    etag on;\n"
                     "    if_modified_since off;\n"
                     "    gzip_static on;\n"
                     "    open_file_cache max=10000 inactive=60s;\n"
                     "    open_file_cache_valid 60s;\n"
                     "    log_not_found off;\n"
                     "    server_names_hash_bucket_size 512;\n"));
    buf_printf(out, "    large_client_header_buffers %d %d;\n",
               LIMIT_HEADERS_BYTES / LIMIT_HEADER_BYTES, LIMIT_HEADER_BYTES);
    if (access(brotli_module, R_OK) == 0) {
        buf_add(out, STR("    brotli_static on;\n"));
    }
    for (size_t i = 0; i < COUNT_OF(temp_paths); i++) {
        char directive[40];
        snprintf(directive, sizeof(directive), "    %s_temp_path", temp_paths[i]);
        add_path(out, directive, paths->run_dir, temp_paths[i]);
    }
    if (settings->trusted_proxies.count > 0) {
        add_networks(out, "    set_real_ip_from", &settings->trusted_proxies);
        buf_add(out, STR("    real_ip_header X-Forwarded-For;\n"
                         "    real_ip_recursive on;\n"));
    }
    add_logs(out, settings);
    if (settings_has_tls(settings)) {
        buf_add(out, STR("    ssl_certificate "));
        add_quoted(out, str_from(settings->tls_certificate));
        buf_add(out, STR(";\n    ssl_certificate_key "));
        add_quoted(out, str_from(settings->tls_key));
        buf_add(out, STR(";\n"
                         "    ssl_protocols TLSv1.2 TLSv1.3;\n"
                         "    ssl_session_cache shared:inlay_tls:10m;\n"
                         "    ssl_session_tickets off;\n"));
    }
}

static void add_listen(struct buf *out, const struct settings *settings, const char *option)
{
    for (size_t i = 0; i < settings->listen.count; i++) {
        buf_printf(out, "        listen %s%s%s;\n", settings->listen.items[i].text, option,
                   settings_has_tls(settings) ? " ssl http2" : "");
    }
}

/* For checks and monitors, which ask by address as often as by name. */
static void add_status(struct buf *out, const struct settings *settings)
{
    buf_add(out, STR("        location = /healthz {\n"
                     "            access_log off;\n"
                     "            inlay_handler health;\n"
                     "        }\n"
                     "        location = /readyz {\n"
                     "            access_log off;\n"
                     "            inlay_handler ready;\n"
                     "        }\n"
                     "        location = /metrics {\n"));
    add_networks(out, "            allow", &settings->metrics_allow);
    buf_add(out, STR("            deny all;\n"
                     "            access_log off;\n"
                     "            inlay_handler metrics;\n"
                     "        }\n"));
}

/* Upstreams fetch the keys, often by an address of their own network. */
static void add_keys(struct buf *out)
{
    buf_add(out, STR("        location = /.well-known/jwks.json {\n"
                     "            inlay_handler keys;\n"
                     "        }\n"));
}

/* Proxies that serve apps themselves ask here, for every host. */
static void add_forward(struct buf *out)
{
    buf_add(out, STR("        location ^~ /api/forward-auth {\n"
                     "            inlay_site app;\n"
                     "            inlay_access on;\n"
                     "            inlay_handler forward;\n"
                     "            client_max_body_size 0;\n"
                     "        }\n"));
}

static void add_default_server(struct buf *out, const struct settings *settings)
{
    buf_add(out, STR("    server {\n"));
    add_listen(out, settings, " default_server");
    buf_add(out, STR("        server_name _;\n"
                     "        inlay_site public;\n"
                     "        error_page 403 404 @inlay_error;\n"
                     "        location / {\n"
                     "            inlay_handler unknown_host;\n"
                     "        }\n"
                     "        location @inlay_error {\n"
                     "            inlay_handler error;\n"
                     "        }\n"));
    add_status(out, settings);
    add_keys(out);
    add_forward(out);
    buf_add(out, STR("    }\n"));
}

/* The pages of the console are its own files and talk to this server alone; the embed tester also
 * shows apps. Nobody may frame, load or open them from elsewhere. */
static void add_console_headers(struct buf *out, const struct settings *settings,
                                const char *caching)
{
    char apps[ORIGIN_TEXT_SIZE];
    origin_format(&settings->app_url.origin, apps);
    buf_printf(out,
               "            inlay_site none;\n"
               "            gzip_vary on;\n"
               "            open_file_cache off;\n"
               "            add_header Content-Security-Policy \"default-src 'none'; "
               "script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
               "connect-src 'self'; frame-src %s; base-uri 'none'; form-action 'none'; "
               "frame-ancestors 'none'\";\n"
               "            add_header Cross-Origin-Resource-Policy same-origin;\n"
               "            add_header Cross-Origin-Opener-Policy same-origin;\n"
               "            add_header X-Content-Type-Options nosniff;\n"
               "            add_header Referrer-Policy no-referrer;\n"
               "            add_header Cache-Control \"%s\";\n",
               apps, caching);
    if (settings->public_url.origin.is_https) {
        buf_add(out, STR("            add_header Strict-Transport-Security max-age=31536000;\n"));
    }
}

/* Every path that is no file is a page, which the script of index.html makes. */
static void add_console(struct buf *out, const struct settings *settings,
                        const struct nginx_paths *paths)
{
    add_path(out, "        root", paths->console, "");
    buf_add(out, STR("        location / {\n"));
    add_console_headers(out, settings, "no-cache");
    buf_add(out, STR("            try_files /index.html =404;\n"
                     "        }\n"
                     "        location ~ ^/[^/]*\\.[^/]+$ {\n"));
    add_console_headers(out, settings, "no-cache");
    buf_add(out, STR("            try_files $uri =404;\n"
                     "        }\n"
                     "        location /assets/ {\n"));
    add_console_headers(out, settings, "public, max-age=31536000, immutable");
    buf_add(out, STR("            try_files $uri =404;\n"
                     "        }\n"));
}

/* Without the console's files: a page that says that Inlay runs. */
static void add_home(struct buf *out)
{
    buf_add(out, STR("        location = / {\n"
                     "            inlay_handler home;\n"
                     "        }\n"
                     "        location / {\n"
                     "            inlay_handler api;\n"
                     "        }\n"));
}

static void add_public_server(struct buf *out, const struct settings *settings,
                              const struct nginx_paths *paths)
{
    buf_add(out, STR("    server {\n"));
    add_listen(out, settings, "");
    buf_printf(out, "        server_name %s;\n", settings->public_url.origin.host);
    buf_printf(out, "        client_max_body_size %lld;\n", (long long)settings->body_max_bytes);
    buf_add(out, STR("        inlay_site public;\n"
                     "        error_page 403 404 405 413 416 500 502 503 504 @inlay_error;\n"));
    if (paths->console[0] == '\0') {
        add_home(out);
    } else {
        add_console(out, settings, paths);
    }
    buf_add(out, STR("        location = /api {\n"
                     "            inlay_handler api;\n"
                     "        }\n"
                     "        location /api/ {\n"
                     "            inlay_handler api;\n"
                     "        }\n"
                     "        location /.well-known/ {\n"
                     "            inlay_handler api;\n"
                     "        }\n"
                     "        location /_inlay/ {\n"
                     "            inlay_handler api;\n"
                     "        }\n"
                     "        location ~ ^/api/v1/apps/[^/]+/releases$ {\n"));
    buf_printf(out, "            client_max_body_size %lld;\n",
               (long long)settings->bundle_upload_max_bytes);
    buf_add(out, STR("            client_body_timeout 120s;\n"
                     "            inlay_handler api;\n"
                     "        }\n"
                     "        location /embed-apps/ {\n"
                     "            inlay_handler link;\n"
                     "        }\n"
                     "        location /_inlay/embed/ {\n"
                     "            inlay_handler link;\n"
                     "        }\n"));
    add_status(out, settings);
    add_keys(out);
    add_forward(out);
    buf_add(out, STR("        location @inlay_error {\n"
                     "            inlay_handler error;\n"
                     "        }\n"
                     "    }\n"));
}

/* What upstreams' names are asked from. Without any, only addresses and localhost can be reached.
 */
static void add_resolver(struct buf *out, const struct settings *settings)
{
    char line[512];
    bool any = false;
    FILE *file = settings->dns_servers.count > 0 ? NULL : fopen("/etc/resolv.conf", "re");
    struct buf list = buf_make(SETTINGS_VALUE_MAX);
    for (size_t i = 0; i < settings->dns_servers.count; i++) {
        buf_printf(&list, " %s", settings->dns_servers.items[i].text);
        any = true;
    }
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        struct network server;
        struct str rest = {line, strcspn(line, "\n")};
        struct str word = {line, strcspn(line, " \t\n")};
        if (str_equal(word, STR("nameserver")) &&
            network_parse(str_trim(str_skip(rest, word.len)), &server) &&
            server.prefix_bits == (server.is_ipv6 ? 128 : 32)) {
            buf_printf(&list, server.is_ipv6 ? " [%s]" : " %s", server.text);
            any = true;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    if (any && buf_is_ok(&list)) {
        buf_printf(out, "        resolver%s;\n        resolver_timeout 5s;\n", list.ptr);
    }
    buf_done(&list);
}

/* For apps that are a server of their own; see src/gate/serve/proxy.h. */
static void add_proxy(struct buf *out)
{
    buf_add(out,
            STR("            proxy_pass $inlay_upstream;\n"
                "            proxy_http_version 1.1;\n"
                "            proxy_request_buffering off;\n"
                "            proxy_max_temp_file_size 0;\n"
                "            proxy_buffer_size 16k;\n"
                "            proxy_buffers 8 16k;\n"
                "            proxy_busy_buffers_size 32k;\n"
                "            proxy_redirect off;\n"
                "            proxy_intercept_errors off;\n"
                "            proxy_next_upstream error timeout;\n"
                "            proxy_ignore_headers X-Accel-Redirect X-Accel-Expires "
                "X-Accel-Charset X-Accel-Limit-Rate;\n"
                "            proxy_ssl_server_name on;\n"
                "            proxy_ssl_name $inlay_upstream_name;\n"
                "            proxy_ssl_protocols TLSv1.2 TLSv1.3;\n"
                /* certificates are checked where a session would be taken up again */
                "            proxy_ssl_session_reuse on;\n"
                "            proxy_socket_keepalive on;\n"
                "            proxy_set_header Host $inlay_upstream_host;\n"
                "            proxy_set_header Cookie $inlay_upstream_cookie;\n"
                "            proxy_set_header Connection $inlay_upstream_connection;\n"
                "            proxy_set_header Upgrade $inlay_upstream_upgrade;\n"
                "            proxy_set_header X-Forwarded-For $remote_addr;\n"
                "            proxy_set_header X-Forwarded-Host $inlay_upstream_origin_host;\n"
                "            proxy_set_header X-Forwarded-Proto $inlay_upstream_origin_scheme;\n"
                "            proxy_set_header X-Real-IP $remote_addr;\n"
                "            proxy_set_header Forwarded \"\";\n"
                "            proxy_set_header TE \"\";\n"
                "            proxy_set_header Trailer \"\";\n"
                "            proxy_set_header Proxy-Connection \"\";\n"
                "            proxy_set_header Proxy-Authorization \"\";\n"
                "            proxy_set_header Inlay-Removed \"\";\n"));
}

static void add_app_server(struct buf *out, const struct settings *settings)
{
    buf_add(out, STR("    server {\n"));
    add_listen(out, settings, "");
    buf_printf(out, "        server_name *.%s;\n", settings->app_url.origin.host);
    add_resolver(out, settings);
    add_forward(out);
    buf_add(out, STR("        client_max_body_size 64k;\n"
                     "        inlay_site app;\n"
                     "        error_page 403 404 405 413 416 500 502 503 504 @inlay_error;\n"
                     "        location / {\n"
                     "            inlay_access on;\n"
                     "            root $inlay_root;\n"
                     "            index index.html;\n"
                     "            error_page 403 404 = @inlay_missing;\n"
                     "            error_page 400 405 413 416 500 502 503 504 @inlay_error;\n"
                     "            client_max_body_size 0;\n"));
    add_proxy(out);
    buf_add(out, STR("        }\n"
                     "        location = /_inlay/session {\n"
                     "            inlay_access on;\n"
                     "            inlay_handler session;\n"
                     "        }\n"
                     "        location = /_inlay/logout {\n"
                     "            inlay_access on;\n"
                     "            inlay_handler logout;\n"
                     "        }\n"
                     "        location = /_inlay/renewed {\n"
                     "            inlay_access on;\n"
                     "            inlay_handler renewed;\n"
                     "        }\n"
                     "        location = /_inlay/app.js {\n"
                     "            inlay_handler sdk;\n"
                     "        }\n"
                     "        location = /_inlay/enter {\n"
                     "            inlay_handler enter;\n"
                     "        }\n"
                     "        location /_inlay/embed/ {\n"
                     "            inlay_handler link;\n"
                     "        }\n"
                     "        location /embed-apps/ {\n"
                     "            inlay_handler link;\n"
                     "        }\n"
                     "        location /_inlay/ {\n"
                     "            return 404;\n"
                     "        }\n"
                     "        location @inlay_missing {\n"
                     "            inlay_handler missing;\n"
                     "        }\n"
                     "        location @inlay_error {\n"
                     "            inlay_handler error;\n"
                     "        }\n"
                     "    }\n"));
}

enum err nginx_conf_write(const struct settings *settings, const struct nginx_paths *paths,
                          struct buf *out, struct fault *fault)
{
    enum err err = add_main(out, settings, paths, fault);
    if (err) {
        return err;
    }
    add_http(out, settings, paths);
    buf_add(out, STR("    upstream inlay_apps {\n"
                     "        server 0.0.0.1:1;\n"
                     "        inlay_balancer;\n"
                     "    }\n"));
    add_default_server(out, settings);
    add_public_server(out, settings, paths);
    add_app_server(out, settings);
    buf_add(out, STR("}\n"));
    return buf_is_ok(out) ? ERR_OK
                          : fault_set(fault, ERR_TOO_LARGE, "conf_too_large",
                                      "nginx's configuration became too large.");
}
