#include "serve/nginx.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEST_OUTPUT_MAX = 16 * 1024, READY_TIMEOUT_MS = 1000, EXEC_FAILED = 127 };

/* ---- where things are ---- */

static bool find_program(char out_path[PATH_MAX])
{
    /* Debian's place first: /usr/sbin is not in everybody's PATH. */
    struct str places = STR("/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin");
    while (places.len > 0) {
        struct str place = str_cut(&places, ':');
        snprintf(out_path, PATH_MAX, STR_FMT "/nginx", STR_ARG(place));
        if (access(out_path, X_OK) == 0) {
            return true;
        }
    }
    return false;
}

/* Finds a file of ours: beside this executable, or where `make install` puts it. */
static bool find_own(const char *const places[2], const char *name, char out_path[PATH_MAX])
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (len <= 0) {
        return false;
    }
    self[len] = '\0';
    *(strrchr(self, '/') + 1) = '\0';
    for (size_t i = 0; i < 2; i++) {
        struct str path;
        if (str_print_fits(out_path, PATH_MAX, &path, "%s%s%s", self, places[i], name) &&
            access(out_path, R_OK) == 0) {
            return true;
        }
    }
    return false;
}

static bool find_module(char out_path[PATH_MAX])
{
    static const char *const places[] = {"", "../lib/inlay/"};
    return find_own(places, "ngx_http_inlay_module.so", out_path);
}

/* A server without the console's files works, too. */
static void find_console(char out_path[PATH_MAX])
{
    static const char *const places[] = {"console/", "../share/inlay/console/"};
    if (find_own(places, "index.html", out_path)) {
        *strrchr(out_path, '/') = '\0';
    } else {
        out_path[0] = '\0';
    }
}

enum err nginx_find(const struct settings *settings, struct nginx_paths *out_paths,
                    struct fault *fault)
{
    char run_dir[SETTINGS_PATH_MAX];
    if (!find_program(out_paths->nginx)) {
        return fault_set(fault, ERR_NOT_FOUND, "nginx_missing",
                         "nginx is not installed. On Debian: apt install nginx, or "
                         "scripts/install-packages build.");
    }
    if (!find_module(out_paths->module)) {
        return fault_set(fault, ERR_NOT_FOUND, "module_missing",
                         "ngx_http_inlay_module.so is neither beside this program nor in "
                         "../lib/inlay: \"make build\" makes it, \"make install\" installs it.");
    }
    find_console(out_paths->console);
    if (!settings_data_path(settings, "run", run_dir)) {
        return fault_member(fault, ERR_INVALID, "path_too_long", "data",
                            "The path of the data folder is too long.");
    }
    snprintf(out_paths->run_dir, sizeof(out_paths->run_dir), "%s", run_dir);
    snprintf(out_paths->conf, sizeof(out_paths->conf), "%s/nginx.conf", run_dir);
    return ERR_OK;
}

/* ---- running it ---- */

/* The child starts as if a shell had started it. */
static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run(const struct nginx_paths *paths, char *const words[])
{
    execv(paths->nginx, words);
    fprintf(stderr, "inlay: %s cannot be run: %s\n", paths->nginx, strerror(errno));
    _exit(EXEC_FAILED);
}

/* exec's words are not const for historical reasons (POSIX exec, rationale); it does not write. */
static char *word(const char *text)
{
    union {
        const char *in;
        char *out;
    } both = {.in = text};
    return both.out;
}

static void read_all(int file, struct buf *out)
{
    char piece[4096];
    ssize_t len = 0;
    while ((len = read(file, piece, sizeof(piece))) > 0 || (len < 0 && errno == EINTR)) {
        if (len > 0) {
            buf_add(out, (struct str){piece, (size_t)len});
        }
    }
}

/* In nginx's output the line "… [emerg] 17#17: why" matters, or "nginx: [emerg] why"; the others
 * are noise. */
static struct str reason_in(struct str output)
{
    static const char mark[] = "[emerg] ";
    struct str rest = output;
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        const char *found =
            line.len == 0 ? NULL : memmem(line.ptr, line.len, mark, sizeof(mark) - 1);
        if (found != NULL) {
            struct str reason = str_skip(line, (size_t)(found - line.ptr) + sizeof(mark) - 1);
            size_t number = strspn(reason.ptr, "0123456789#");
            bool has_number = number > 0 && str_starts_with(str_skip(reason, number), STR(": "));
            return has_number ? str_skip(reason, number + 2) : reason;
        }
    }
    return output;
}

enum err nginx_test(const struct nginx_paths *paths, const char *conf, struct fault *fault)
{
    int ends[2];
    int status = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return fault_set(fault, ERR_STORAGE, "fork", "nginx cannot be run: %s.", strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0) {
        char *const words[] = {word(paths->nginx), word("-t"), word("-q"),           word("-e"),
                               word("stderr"),     word("-p"), word(paths->run_dir), word("-c"),
                               word(conf),         NULL};
        reset_signals();
        dup2(ends[1], STDERR_FILENO);
        run(paths, words);
    }
    close(ends[1]);
    struct buf output = buf_make(TEST_OUTPUT_MAX);
    read_all(ends[0], &output);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    enum err err = ERR_OK;
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        struct str reason = reason_in(buf_str(&output));
        err = fault_set(fault, ERR_INVALID, "nginx_refused",
                        "nginx refuses the configuration: " STR_FMT, STR_ARG(reason));
    }
    buf_done(&output);
    return err;
}

enum err nginx_start(const struct nginx_paths *paths, int lock, pid_t *out_pid, struct fault *fault)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        return fault_set(fault, ERR_STORAGE, "fork", "nginx cannot be started: %s.",
                         strerror(errno));
    }
    if (pid == 0) {
        char *const words[] = {word(paths->nginx),   word("-e"), word("stderr"),    word("-p"),
                               word(paths->run_dir), word("-c"), word(paths->conf), word("-g"),
                               word("daemon off;"),  NULL};
        (void)setpgid(0, 0);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) {
            _exit(EXEC_FAILED); /* it ended before the signal was set up */
        }
        (void)fcntl(lock, F_SETFD, 0);
        reset_signals();
        run(paths, words);
    }
    (void)setpgid(pid, pid); /* also here: whoever comes first */
    *out_pid = pid;
    return ERR_OK;
}

/* ---- is it ready ---- */

static size_t ignore_answer(char *bytes, size_t one, size_t count, void *arg)
{
    (void)bytes;
    (void)arg;
    return one * count;
}

/* "Host: localhost:3000": what is after the scheme of public_url. */
static const char *host_header(const struct settings *settings,
                               char out_header[ORIGIN_TEXT_SIZE + 8])
{
    const char *host = strstr(settings->public_url.text, "://") + strlen("://");
    snprintf(out_header, ORIGIN_TEXT_SIZE + 8, "Host: %s", host);
    return out_header;
}

bool nginx_is_ready(const struct settings *settings)
{
    const struct listen_address *address = &settings->listen.items[0];
    const char *host = address->host;
    char url[NETWORK_TEXT_MAX + 32];
    char header[ORIGIN_TEXT_SIZE + 8];
    long status = 0;
    if (strcmp(host, "0.0.0.0") == 0) {
        host = "127.0.0.1";
    } else if (strcmp(host, "::") == 0) {
        host = "::1";
    }
    snprintf(url, sizeof(url), address->is_ipv6 ? "%s://[%s]:%d/readyz" : "%s://%s:%d/readyz",
             settings_has_tls(settings) ? "https" : "http", host, (int)address->port);
    struct curl_slist *headers = curl_slist_append(NULL, host_header(settings, header));
    CURL *curl = curl_easy_init();
    REQUIRE(curl != NULL && headers != NULL);
    /* To an address of this machine, and nothing is told or believed: no certificate is needed. */
    bool is_set = curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
                  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
                  curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
                  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
                  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK &&
                  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)READY_TIMEOUT_MS) == CURLE_OK &&
                  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore_answer) == CURLE_OK;
    REQUIRE(is_set);
    bool is_ready = curl_easy_perform(curl) == CURLE_OK &&
                    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
                    status == 200;
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    return is_ready;
}
