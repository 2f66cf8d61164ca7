/*
 * inlay version, and the hidden command that writes docs/configuration.md.
 */
#include <archive.h>
#include <curl/curl.h>
#include <openssl/crypto.h>

#include "cli/commands.h"
#include "cli/option.h"
#include "config/reference.h"
#include "store/store.h"

static enum exit_code version(const struct invocation *invocation)
{
    if (option_given(invocation, "--json")) {
        printf("{\"version\":\"%s\"}\n", INLAY_VERSION);
        return EXIT_DONE;
    }
    printf("inlay %s\n", INLAY_VERSION);
    printf("SQLite %s, libcurl %s, %s, %s\n", store_library_version(),
           curl_version_info(CURLVERSION_NOW)->version, OpenSSL_version(OPENSSL_VERSION),
           archive_version_string());
    return EXIT_DONE;
}

static enum exit_code settings_reference(const struct invocation *invocation)
{
    (void)invocation;
    struct buf page = buf_make(REFERENCE_MAX_BYTES);
    reference_write_page(&page);
    REQUIRE(buf_is_ok(&page));
    fputs(page.ptr, stdout);
    buf_done(&page);
    return EXIT_DONE;
}

static const struct option options[] = {
    {.name = "--json", .help = "Print JSON."},
    {.name = NULL},
};

static const struct command version_commands[] = {
    {.kind = COMMAND_PLAIN,
     .run = version,
     .arguments = "",
     .summary = "Print the version of inlay and of what it is built on.",
     .options = options,
     .examples = "inlay version"},
};

static const struct command reference_commands[] = {
    {.kind = COMMAND_PLAIN,
     .hidden = true,
     .run = settings_reference,
     .arguments = "",
     .summary = "Print docs/configuration.md.",
     .examples = ""},
};

const struct family version_family = {"version", "Print the version.", version_commands,
                                      COUNT_OF(version_commands)};
const struct family reference_family = {"settings-reference", "Print docs/configuration.md.",
                                        reference_commands, COUNT_OF(reference_commands)};
