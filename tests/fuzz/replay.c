/*
 * Runs a fuzzer's function over every file of the folders that are named, and prints a line of TAP
 * for each folder. A plain program for any compiler. Every input gets a process of its own, so that
 * the one that crashes, or that a sanitizer complains about, can be named.
 */
#include "fuzz.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INPUT_BYTES_MAX = 1024 * 1024 };

static void replay_file(const char *path)
{
    uint8_t *input = malloc(INPUT_BYTES_MAX);
    FILE *file = fopen(path, "rb");
    REQUIRE(input != NULL && file != NULL);
    size_t size = fread(input, 1, INPUT_BYTES_MAX, file);
    REQUIRE(size < INPUT_BYTES_MAX && !ferror(file));
    fclose(file);
    uint8_t *exact = malloc(size > 0 ? size : 1); /* so that reading beyond the end is seen */
    REQUIRE(exact != NULL);
    memcpy(exact, input, size);
    free(input);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static bool survives(const char *path, DIR *entries)
{
    int status = 0;
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        replay_file(path);
        closedir(entries);
        exit(0); /* looks for leaks, also of what it got from its parent */
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    return status == 0;
}

static bool replay_folder(int number, const char *folder)
{
    char path[4096];
    int inputs = 0;
    int crashed = 0;
    const char *name = strrchr(folder, '/');
    DIR *entries = opendir(folder);
    REQUIRE(entries != NULL);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        inputs++;
        int len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        REQUIRE(len > 0 && (size_t)len < sizeof(path));
        if (!survives(path, entries)) {
            crashed++;
            printf("# %s does not hold\n", path);
        }
    }
    closedir(entries);
    bool is_ok = inputs > 0 && crashed == 0;
    printf("%s %d - replay %s corpus (%d inputs)\n", is_ok ? "ok" : "not ok", number,
           name == NULL ? folder : name + 1, inputs);
    return is_ok;
}

int main(int count, char **folders)
{
    bool is_ok = count > 1;
    setvbuf(stdout, NULL, _IONBF, 0); /* a child must not print it again */
    printf("1..%d\n", count - 1);
    for (int i = 1; i < count; i++) {
        is_ok = replay_folder(i, folders[i]) && is_ok;
    }
    return is_ok ? 0 : 1;
}
