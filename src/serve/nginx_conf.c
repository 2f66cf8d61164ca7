#include "serve/nginx_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "config/lanes.h"
#include "nginx_conf_in.h"
#include "serve/template.h"

enum { WORKER_CONNECTIONS = 16384, WORKER_FILES = 2 * WORKER_CONNECTIONS };

static const char brotli_module[] = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so";

/* ---- what is the machine's ---- */

/* Workers of a server that root starts run as the owner of the data folder. */
static enum err set_user(struct template_node *conf, const struct settings *settings,
                         struct fault *fault)
{
    struct stat info;
    if (geteuid() != 0) {
        template_set(conf, "user", "");
        template_set(conf, "group", "");
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
    template_set(conf, "user", owner->pw_name);
    template_set(conf, "group", group->gr_name);
    return ERR_OK;
}

/* As many open files as a worker may need and we may have: what a shell gives is 1,024 on Debian.
 */
static void set_files(struct template_node *conf)
{
    struct rlimit files;
    bool is_known = getrlimit(RLIMIT_NOFILE, &files) == 0;
    rlim_t count = is_known && files.rlim_max < WORKER_FILES ? files.rlim_max : WORKER_FILES;
    if (is_known) {
        template_set_number(conf, "worker_files", (int64_t)count);
    } else {
        template_set(conf, "worker_files", "");
    }
}

static bool stdout_opens_by_name(void)
{
    int fd = open("/dev/stdout", O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static void set_access_log(struct template_node *conf, const struct settings *settings)
{
    char path[SETTINGS_PATH_MAX + 16] = "";
    if (settings->access_log && stdout_opens_by_name()) {
        snprintf(path, sizeof(path), "/dev/stdout");
    } else if (settings->access_log) {
        /* A socket, as systemd gives, or somebody else's terminal. */
        snprintf(path, sizeof(path), "%s/access.log", settings->data);
    }
    template_set(conf, "access_log", path);
}

/* What upstreams' names are asked from: dns_servers, or those of /etc/resolv.conf. */
static void set_resolvers(struct template_node *conf, const struct settings *settings)
{
    char line[512];
    struct template_node *list = template_add_list(conf, "resolvers");
    FILE *file = settings->dns_servers.count > 0 ? NULL : fopen("/etc/resolv.conf", "re");
    for (size_t i = 0; i < settings->dns_servers.count; i++) {
        template_set(template_add_row(list), "address", settings->dns_servers.items[i].text);
    }
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        struct network server;
        struct str rest = {line, strcspn(line, "\n")};
        struct str word = {line, strcspn(line, " \t\n")};
        if (str_equal(word, STR("nameserver")) &&
            network_parse(str_trim(str_skip(rest, word.len)), &server) &&
            server.prefix_bits == (server.is_ipv6 ? 128 : 32)) {
            char address[NETWORK_TEXT_MAX + 2];
            snprintf(address, sizeof(address), server.is_ipv6 ? "[%s]" : "%s", server.text);
            template_set(template_add_row(list), "address", address);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

/* ---- what the settings say ---- */

static void add_setting(void *arg, const struct setting *setting, struct str value)
{
    char text[SETTINGS_VALUE_MAX + 1];
    REQUIRE(str_to_cstr(value, text, sizeof(text)));
    struct template_node *row = template_add_row(arg);
    template_set(row, "name", setting->name);
    template_set(row, "value", text);
}

static void set_networks(struct template_node *conf, const char *name,
                         const struct network_list *networks)
{
    struct template_node *list = template_add_list(conf, name);
    for (size_t i = 0; i < networks->count; i++) {
        template_set(template_add_row(list), "network", networks->items[i].text);
    }
}

static void set_pools(struct template_node *conf)
{
    struct template_node *list = template_add_list(conf, "thread_pools");
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        struct template_node *row = template_add_row(list);
        template_set(row, "name", lane_table[lane].pool);
        template_set_number(row, "threads", lane_table[lane].threads);
    }
}

static void set_listen(struct template_node *conf, const struct settings *settings)
{
    struct template_node *list = template_add_list(conf, "listen");
    for (size_t i = 0; i < settings->listen.count; i++) {
        template_set(template_add_row(list), "address", settings->listen.items[i].text);
    }
}

static void set_settings(struct template_node *conf, const struct settings *settings)
{
    char app_origin[ORIGIN_TEXT_SIZE];
    origin_format(&settings->app_url.origin, app_origin);
    settings_each(settings, add_setting, template_add_list(conf, "settings"));
    template_set_number(conf, "shutdown_seconds", settings->shutdown_seconds);
    template_set(conf, "log_level", settings->log_level);
    template_set_number(conf, "body_max_bytes", settings->body_max_bytes);
    template_set_number(conf, "bundle_upload_max_bytes", settings->bundle_upload_max_bytes);
    template_set(conf, "tls_certificate", settings->tls_certificate);
    template_set(conf, "tls_key", settings->tls_key);
    template_set(conf, "public_host", settings->public_url.origin.host);
    template_set(conf, "app_host", settings->app_url.origin.host);
    template_set(conf, "app_origin", app_origin);
    template_set_flag(conf, "is_https", settings->public_url.origin.is_https);
    set_networks(conf, "trusted_proxies", &settings->trusted_proxies);
    set_networks(conf, "metrics_allow", &settings->metrics_allow);
    set_listen(conf, settings);
    if (settings->workers == 0) {
        template_set(conf, "workers", "auto");
    } else {
        template_set_number(conf, "workers", settings->workers);
    }
}

enum err nginx_conf_render(const struct settings *settings, const struct nginx_paths *paths,
                           struct buf *out, struct fault *fault)
{
    struct arena arena = ARENA_NONE;
    struct template_node *conf = template_new(&arena);
    template_set(conf, "module", paths->module);
    template_set(conf, "brotli_module", access(brotli_module, R_OK) == 0 ? brotli_module : "");
    template_set(conf, "console", paths->console);
    template_set(conf, "run_dir", paths->run_dir);
    template_set_number(conf, "worker_connections", WORKER_CONNECTIONS);
    template_set_number(
        conf, "header_buffers",
        (settings->tls_certificate[0] == '\0' ? LIMIT_HEADERS_BYTES : LIMIT_HEADERS_HTTP2_BYTES) /
            LIMIT_HEADER_BYTES);
    template_set_number(conf, "header_bytes", LIMIT_HEADER_BYTES);
    set_pools(conf);
    set_files(conf);
    set_access_log(conf, settings);
    set_resolvers(conf, settings);
    set_settings(conf, settings);
    enum err err = set_user(conf, settings, fault);
    if (!err) {
        err = template_render(str_from(nginx_conf_in), conf, out, fault);
    }
    arena_done(&arena);
    if (!err && !buf_is_ok(out)) {
        err = fault_set(fault, ERR_TOO_LARGE, "conf_too_large",
                        "nginx's configuration became too large.");
    }
    return err;
}

/* ---- the file ---- */

static enum err cannot_write(const char *path, struct fault *fault)
{
    return fault_set(fault, ERR_STORAGE, "conf_write", "%s cannot be written: %s.", path,
                     strerror(errno));
}

static enum err write_file(const char *path, struct str text, struct fault *fault)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_fine = file >= 0;
    while (is_fine && text.len > 0) {
        ssize_t len = write(file, text.ptr, text.len);
        is_fine = len > 0;
        text = is_fine ? str_skip(text, (size_t)len) : text;
    }
    enum err err = is_fine ? ERR_OK : cannot_write(path, fault);
    if (file >= 0 && close(file) != 0 && !err) {
        err = cannot_write(path, fault);
    }
    return err;
}

enum err nginx_conf_write(const struct settings *settings, const struct nginx_paths *paths,
                          const char *file, struct fault *fault)
{
    struct buf text = buf_make(NGINX_CONF_MAX_BYTES);
    enum err err = nginx_conf_render(settings, paths, &text, fault);
    if (!err && mkdir(paths->run_dir, 0700) != 0 && errno != EEXIST) {
        err = cannot_write(paths->run_dir, fault);
    }
    if (!err) {
        err = write_file(file, buf_str(&text), fault);
    }
    buf_done(&text);
    return err;
}
