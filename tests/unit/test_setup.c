#include "scene.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/setup.h"
#include "model/token.h"

static struct setup_result result;

static enum err set_up(struct scene *scene)
{
    memset(&result, 0xa5, sizeof(result));
    scene->world.fault = (struct fault){.err = ERR_OK};
    return setup_instance(&scene->world.settings, &result, &scene->world.fault);
}

static const char *token_path(struct scene *scene)
{
    static char path[SETTINGS_PATH_MAX];
    assert_true(settings_data_path(&scene->world.settings, "admin-token", path));
    return path;
}

static struct str token_file(struct scene *scene)
{
    char text[256];
    FILE *file = fopen(token_path(scene), "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    return arena_str(&scene->world.arena, (struct str){text, len});
}

/* Does the API take what is in the file? */
static void assert_file_is_an_admin_token(struct scene *scene)
{
    struct token token;
    struct str text = token_file(scene);
    assert_true(str_ends_with(text, STR("\n")));
    text.len--;
    assert_true(secret_has_form(SECRET_API_TOKEN, text));
    struct str header = arena_printf(&scene->world.arena, "Bearer " STR_FMT, STR_ARG(text));
    assert_int_equal(token_authenticate(scene->work, header, false, &token), ERR_OK);
    assert_str_equal(token.scopes, "admin");
    assert_true(uuid_equal(&token.workspace_id, &scene->world.instance.workspace_id));
}

static int64_t tokens(struct scene *scene)
{
    return scene_number(scene, "SELECT count(*) FROM api_tokens");
}

static void assert_no_other_files(struct scene *scene)
{
    DIR *folder = opendir(scene->world.folder);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        bool is_known = entry->d_name[0] == '.' || strcmp(entry->d_name, "admin-token") == 0 ||
                        strncmp(entry->d_name, "inlay.db", 8) == 0;
        if (!is_known) {
            fail_msg("%s", entry->d_name);
        }
    }
    closedir(folder);
}

/* ---- the first start, which was that of the scene's world ---- */

static void the_first_start_makes_an_instance_with_a_workspace(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM instance"), 1);
    assert_str_equal(scene_text(scene, "SELECT name FROM workspaces"), "default");
    assert_str_equal(scene_text(scene, "SELECT status FROM workspaces"), "active");
    assert_str_equal(scene_text(scene, "SELECT name FROM environments"), "production");
    assert_int_equal(world_events(&scene->world, "workspace.create"), 1);
    assert_int_equal(world_events(&scene->world, "api-token.create"), 1);
}

static void the_first_start_leaves_an_admin_token_for_its_owner_only(void **state)
{
    struct scene *scene = *state;
    struct stat status;
    assert_int_equal(stat(token_path(scene), &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_file_is_an_admin_token(scene);
    assert_no_other_files(scene);
}

static void the_admin_token_is_in_the_file_only(void **state)
{
    struct scene *scene = *state;
    assert_false(scene_stores(scene, scene->world.token));
}

/* ---- later starts ---- */

static void a_later_start_finds_everything_and_changes_nothing(void **state)
{
    struct scene *scene = *state;
    struct instance again;
    struct str before = token_file(scene);
    int64_t events = scene_number(scene, "SELECT count(*) FROM events");
    assert_int_equal(set_up(scene), ERR_OK);
    assert_false(result.made_admin_token);
    assert_string_equal(result.admin_token_path, token_path(scene));
    assert_str_equal(token_file(scene), before.ptr);
    assert_int_equal(tokens(scene), 1);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM workspaces"), 1);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM events"), events);
    assert_int_equal(instance_load(&again, scene->world.store), ERR_OK);
    assert_memory_equal(again.key, scene->world.instance.key, DIGEST_BYTES);
}

static void a_lost_admin_token_is_made_anew(void **state)
{
    struct scene *scene = *state;
    struct str before = token_file(scene);
    assert_int_equal(unlink(token_path(scene)), 0);
    assert_int_equal(set_up(scene), ERR_OK);
    assert_true(result.made_admin_token);
    assert_false(str_equal(token_file(scene), before));
    assert_file_is_an_admin_token(scene);
}

static void a_planted_link_is_not_followed(void **state)
{
    struct scene *scene = *state;
    char target[SETTINGS_PATH_MAX];
    struct stat status;
    assert_true(settings_data_path(&scene->world.settings, "elsewhere", target));
    assert_int_equal(unlink(token_path(scene)), 0);
    assert_int_equal(symlink(target, token_path(scene)), 0);
    assert_int_equal(set_up(scene), ERR_OK);
    assert_int_equal(lstat(token_path(scene), &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_not_equal(access(target, F_OK), 0);
    assert_file_is_an_admin_token(scene);
}

/* ---- INLAY_API_TOKEN ---- */

static void a_token_in_the_environment_stands_in_for_the_file(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(unlink(token_path(scene)), 0);
    setenv("INLAY_API_TOKEN", "0123456789abcdef", 1);
    assert_int_equal(set_up(scene), ERR_OK);
    unsetenv("INLAY_API_TOKEN");
    assert_false(result.made_admin_token);
    assert_string_equal(result.admin_token_path, "");
    assert_int_not_equal(access(token_path(scene), F_OK), 0);
    assert_int_equal(tokens(scene), 1);
    assert_false(scene_stores(scene, STR("0123456789abcdef")));
}

static void a_token_in_the_environment_that_is_too_short_does_not_count(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(unlink(token_path(scene)), 0);
    setenv("INLAY_API_TOKEN", "0123456789abcde", 1);
    assert_int_equal(set_up(scene), ERR_OK);
    unsetenv("INLAY_API_TOKEN");
    assert_true(result.made_admin_token);
    assert_file_is_an_admin_token(scene);
}

/* ---- failures ---- */

static void a_token_that_the_database_did_not_take_leaves_no_file(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(unlink(token_path(scene)), 0);
    scene_disk_is_full(scene);
    assert_int_equal(set_up(scene), ERR_STORAGE);
    scene_disk_has_room();
    assert_fault(&scene->world, "store_unavailable");
    assert_int_not_equal(access(token_path(scene), F_OK), 0);
    assert_no_other_files(scene);
    assert_int_equal(tokens(scene), 1);
    assert_int_equal(set_up(scene), ERR_OK);
    assert_file_is_an_admin_token(scene);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    struct scene *scene = *state;
    snprintf(scene->world.settings.data, SETTINGS_PATH_MAX, "%s/none", scene->world.folder);
    assert_int_equal(set_up(scene), ERR_STORAGE);
    assert_non_null(strstr(scene->world.fault.message, "/none/inlay.db"));
}

static void a_path_that_is_too_long_is_an_error(void **state)
{
    struct scene *scene = *state;
    char *data = scene->world.settings.data;
    memset(data, 'x', SETTINGS_PATH_MAX - 1);
    data[0] = '/';
    data[SETTINGS_PATH_MAX - 1] = '\0';
    assert_int_equal(set_up(scene), ERR_INVALID);
    assert_fault(&scene->world, "path_too_long");
    assert_string_equal(scene->world.fault.member, "data");
}

static void what_is_no_database_is_left_alone(void **state)
{
    struct scene *scene = *state;
    char path[SETTINGS_PATH_MAX];
    char text[32] = "";
    snprintf(scene->world.settings.data, SETTINGS_PATH_MAX, "%s/other", scene->world.folder);
    assert_int_equal(mkdir(scene->world.settings.data, 0700), 0);
    assert_true(settings_data_path(&scene->world.settings, "inlay.db", path));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 100; i++) {
        fputs("This is somebody's diary.\n", file);
    }
    fclose(file);
    assert_int_equal(set_up(scene), ERR_STORAGE);
    assert_int_not_equal(access(token_path(scene), F_OK), 0);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    assert_string_equal(text, "This is somebody's diary.\n");
}

static void a_token_that_could_not_be_kept_is_not_in_the_database(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(unlink(token_path(scene)), 0);
    scene_disk_takes(0);
    assert_int_equal(set_up(scene), ERR_STORAGE);
    scene_disk_has_room();
    assert_fault(&scene->world, "token_file");
    assert_non_null(strstr(scene->world.fault.message, "/admin-token"));
    assert_int_equal(tokens(scene), 1);
    assert_int_not_equal(access(token_path(scene), F_OK), 0);
    assert_no_other_files(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(the_first_start_makes_an_instance_with_a_workspace),
        scene_test(the_first_start_leaves_an_admin_token_for_its_owner_only),
        scene_test(the_admin_token_is_in_the_file_only),
        scene_test(a_later_start_finds_everything_and_changes_nothing),
        scene_test(a_lost_admin_token_is_made_anew),
        scene_test(a_planted_link_is_not_followed),
        scene_test(a_token_in_the_environment_stands_in_for_the_file),
        scene_test(a_token_in_the_environment_that_is_too_short_does_not_count),
        scene_test(a_token_that_the_database_did_not_take_leaves_no_file),
        scene_test(a_folder_that_is_not_there_is_an_error),
        scene_test(a_path_that_is_too_long_is_an_error),
        scene_test(what_is_no_database_is_left_alone),
        scene_test(a_token_that_could_not_be_kept_is_not_in_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
