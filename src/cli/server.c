#include "cli/server.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/option.h"
#include "cli/output.h"

struct search {
    const struct invocation *invocation;
    struct server *server;
    struct loaded_settings loaded; /* only if nothing else says it */
    bool has_loaded;
};

static enum exit_code load_settings(struct search *search)
{
    struct setting_flags flags = {.config = search->invocation->settings.config};
    const char *data = option_value(search->invocation, "--data");
    struct fault fault;
    if (search->has_loaded) {
        return EXIT_DONE;
    }
    if (data != NULL) {
        flags.items[flags.count].setting = settings_find(STR("data"));
        flags.items[flags.count].value = data;
        flags.count++;
    }
    if (settings_load(&flags, &search->loaded, &fault)) {
        return output_fail_fault(EXIT_LOCAL, &fault);
    }
    search->has_loaded = true;
    return EXIT_DONE;
}

const char *server_variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum exit_code find_url(struct search *search)
{
    const char *text = option_value(search->invocation, "--url");
    struct origin origin;
    struct fault fault;
    if (text == NULL) {
        text = server_variable("INLAY_URL");
    }
    if (text == NULL) {
        enum exit_code code = load_settings(search);
        if (code) {
            return code;
        }
        text = search->loaded.settings.public_url.text;
    }
    if (origin_parse(str_from(text), &origin, &fault) || origin.is_pattern) {
        return output_fail(EXIT_USAGE, "\"%s\" is no address of a server; one looks like %s.", text,
                           "https://inlay.example.com");
    }
    search->server->is_loopback = origin_is_loopback(&origin);
    if (!origin.is_https && !search->server->is_loopback) {
        return output_fail(
            EXIT_USAGE,
            "%s would send the API token unencrypted. Use https://; plain http works for "
            "localhost only.",
            text);
    }
    origin_format(&origin, search->server->url);
    return EXIT_DONE;
}

static void name_source(struct search *search, const char *source)
{
    snprintf(search->server->token_source, sizeof(search->server->token_source), "%s", source);
}

static enum exit_code read_token_file(struct search *search)
{
    char path[SETTINGS_PATH_MAX];
    enum exit_code code = load_settings(search);
    if (code) {
        return code;
    }
    if (!settings_data_path(&search->loaded.settings, "admin-token", path)) {
        return output_fail(EXIT_LOCAL, "The path of the data folder is too long.");
    }
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return output_fail(
            EXIT_NOT_ALLOWED,
            "There is no API token: set INLAY_TOKEN, or name the server's data folder with "
            "--data (there is no %s).",
            path);
    }
    ssize_t len =
        file < 0 ? -1 : read(file, search->server->token, sizeof(search->server->token) - 1);
    if (len < 0) {
        code = output_fail(EXIT_LOCAL,
                           "%s cannot be read: %s. Set INLAY_TOKEN, or run this as the user "
                           "that the server runs as.",
                           path, strerror(errno));
    } else {
        search->server->token[len] = '\0';
        search->server->token[strcspn(search->server->token, "\r\n")] = '\0';
        name_source(search, path);
    }
    if (file >= 0) {
        close(file);
    }
    return code;
}

static enum exit_code find_token(struct search *search)
{
    const struct {
        const char *value;
        const char *source;
    } places[] = {
        {option_value(search->invocation, "--token"), "--token"},
        {server_variable("INLAY_TOKEN"), "INLAY_TOKEN"},
        {server_variable("INLAY_API_TOKEN"), "INLAY_API_TOKEN"},
    };
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (places[i].value != NULL) {
            name_source(search, places[i].source);
            if (!str_to_cstr(str_trim(str_from(places[i].value)), search->server->token,
                             SERVER_TOKEN_MAX)) {
                return output_fail(EXIT_USAGE, "The API token in %s is too long.",
                                   places[i].source);
            }
            return EXIT_DONE;
        }
    }
    return read_token_file(search);
}

/* A line break in a token would be a header of its own. */
static enum exit_code check_token(const struct search *search)
{
    for (const char *c = search->server->token; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~') {
            return output_fail(EXIT_USAGE, "The API token in %s has a character that no token has.",
                               search->server->token_source);
        }
    }
    return search->server->token[0] != '\0'
               ? EXIT_DONE
               : output_fail(EXIT_USAGE, "The API token in %s is empty.",
                             search->server->token_source);
}

enum exit_code server_find(const struct invocation *invocation, struct server *out_server)
{
    struct search search = {.invocation = invocation, .server = out_server};
    enum exit_code code = find_url(&search);
    if (!code) {
        code = find_token(&search);
    }
    return code ? code : check_token(&search);
}
