#include "cli/resolve.h"

#include <inttypes.h>

#include "cli/client.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/url.h"

bool resolve_is_uuid(const char *word)
{
    struct uuid uuid;
    return uuid_parse(str_from(word), &uuid);
}

static enum exit_code copy_id(const char *id, char *out_id, size_t size)
{
    return str_to_cstr(str_from(id), out_id, size)
               ? EXIT_DONE
               : output_fail(EXIT_REFUSED, "The server named an object without an id.");
}

static enum exit_code find(struct client *client, const char *path, const char *member,
                           const char *word, json_t **out_items)
{
    struct buf query = url_path(path);
    url_add_query(&query, member, word);
    url_add_workspace(&query, client);
    enum exit_code code = client_list(client, &query, LIST_EVERYTHING, out_items);
    buf_done(&query);
    return code;
}

/* The only one, or the only internal one. */
static enum exit_code choose_user(const char *word, const json_t *users, char *out_id)
{
    const char *chosen = NULL;
    size_t i = 0;
    size_t internal = 0;
    json_t *user = NULL;
    json_array_foreach(users, i, user)
    {
        const char *kind = json_string_value(json_object_get(user, "kind"));
        bool is_internal = kind != NULL && strcmp(kind, "internal") == 0;
        internal += is_internal;
        if (is_internal || chosen == NULL) {
            chosen = json_string_value(json_object_get(user, "id"));
        }
    }
    if (chosen == NULL) {
        return output_fail(
            EXIT_NOT_FOUND,
            "There is no user %s. \"inlay user list\" shows who there is, \"inlay user "
            "create %s\" makes one.",
            word, word);
    }
    if (internal != 1 && json_array_size(users) > 1) {
        return output_fail(
            EXIT_REFUSED,
            "Several users have the address %s: name one by its id. \"inlay user list\" "
            "shows them.",
            word);
    }
    return copy_id(chosen, out_id, UUID_TEXT_SIZE);
}

enum exit_code resolve_user(struct client *client, const char *word, char out_id[UUID_TEXT_SIZE])
{
    json_t *users = NULL;
    if (resolve_is_uuid(word)) {
        return copy_id(word, out_id, UUID_TEXT_SIZE);
    }
    if (strchr(word, '@') == NULL) {
        return output_fail(EXIT_USAGE, "\"%s\" is neither the id nor the email address of a user.",
                           word);
    }
    enum exit_code code = find(client, "/api/v1/users", "email", word, &users);
    if (!code) {
        code = choose_user(word, users, out_id);
    }
    json_decref(users);
    return code;
}

enum exit_code resolve_app(struct client *client, const char *word, char out_id[UUID_TEXT_SIZE])
{
    json_t *apps = NULL;
    if (resolve_is_uuid(word)) {
        return copy_id(word, out_id, UUID_TEXT_SIZE);
    }
    enum exit_code code = find(client, "/api/v1/apps", "slug", word, &apps);
    if (!code && json_array_size(apps) == 0) {
        code =
            output_fail(EXIT_NOT_FOUND,
                        "There is no app %s. \"inlay app list\" shows which there are, \"inlay app "
                        "create NAME\" makes one.",
                        word);
    }
    if (!code) {
        code = copy_id(json_string_value(json_object_get(json_array_get(apps, 0), "id")), out_id,
                       UUID_TEXT_SIZE);
    }
    json_decref(apps);
    return code;
}

enum exit_code resolve_app_word(struct client *client, const char *word,
                                char out_word[APP_WORD_SIZE])
{
    if (client_workspace(client) != NULL) {
        return resolve_app(client, word, out_word);
    }
    return str_to_cstr(str_from(word), out_word, APP_WORD_SIZE)
               ? EXIT_DONE
               : output_fail(EXIT_USAGE, "\"%.40s…\" is too long for the id or slug of an app.",
                             word);
}

enum exit_code resolve_group(struct client *client, const char *word,
                             char out_id[GROUP_ID_TEXT_SIZE])
{
    json_t *groups = NULL;
    int64_t id = 0;
    if (str_to_int64(str_from(word), 1, INT64_MAX, &id)) {
        snprintf(out_id, GROUP_ID_TEXT_SIZE, "%" PRId64, id);
        return EXIT_DONE;
    }
    enum exit_code code = find(client, "/api/v1/groups", "name", word, &groups);
    if (!code && json_array_size(groups) == 0) {
        code = output_fail(
            EXIT_NOT_FOUND,
            "There is no group \"%s\". \"inlay group list\" shows which there are, \"inlay "
            "group create NAME\" makes one.",
            word);
    }
    if (!code) {
        snprintf(out_id, GROUP_ID_TEXT_SIZE, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(json_object_get(json_array_get(groups, 0), "id")));
    }
    json_decref(groups);
    return code;
}

/* For the few objects that the API does not look up by name. path is ended. */
static enum exit_code find_by_name(struct client *client, struct buf path, const char *word,
                                   const char *noun, char out_id[UUID_TEXT_SIZE])
{
    json_t *items = NULL;
    json_t *item = NULL;
    const char *id = NULL;
    size_t i = 0;
    enum exit_code code = client_list(client, &path, LIST_EVERYTHING, &items);
    buf_done(&path);
    if (code) {
        return code;
    }
    json_array_foreach(items, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        if (name != NULL && strcmp(name, word) == 0) {
            id = json_string_value(json_object_get(item, "id"));
        }
    }
    code = id != NULL
               ? copy_id(id, out_id, UUID_TEXT_SIZE)
               : output_fail(EXIT_NOT_FOUND,
                             "There is no %s \"%s\". \"inlay %s list\" shows which there are, "
                             "\"inlay %s create NAME\" makes one.",
                             noun, word, noun, noun);
    json_decref(items);
    return code;
}

enum exit_code resolve_workspace(struct client *client, const char *word,
                                 char out_id[UUID_TEXT_SIZE])
{
    return resolve_is_uuid(word)
               ? copy_id(word, out_id, UUID_TEXT_SIZE)
               : find_by_name(client, url_path("/api/v1/workspaces"), word, "workspace", out_id);
}

enum exit_code resolve_environment(struct client *client, const char *word,
                                   char out_id[UUID_TEXT_SIZE])
{
    struct buf path;
    if (resolve_is_uuid(word)) {
        return copy_id(word, out_id, UUID_TEXT_SIZE);
    }
    path = url_path("/api/v1/environments");
    url_add_workspace(&path, client);
    return find_by_name(client, path, word, "environment", out_id);
}

enum exit_code resolve_filters(const struct invocation *invocation, struct client *client,
                               struct buf *path)
{
    const char *user = option_value(invocation, "--user");
    const char *app = option_value(invocation, "--app");
    char id[UUID_TEXT_SIZE];
    enum exit_code code = EXIT_DONE;
    if (user != NULL) {
        code = resolve_user(client, user, id);
        url_add_query(path, "userId", code ? NULL : id);
    }
    if (!code && app != NULL) {
        code = resolve_app(client, app, id);
        url_add_query(path, "appId", code ? NULL : id);
    }
    url_add_workspace(path, client);
    return code;
}
