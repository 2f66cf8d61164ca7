#include "config/reference.h"

#include <inttypes.h>

#include "config/load.h"

enum { HELP_INDENT = 10, COLUMNS = 80 };

static const char *placeholder(const struct setting *setting)
{
    switch (setting->type) {
    case SETTING_PATH:
        return "PATH";
    case SETTING_WORD:
        return "WORD";
    case SETTING_INT:
        return "N";
    case SETTING_BYTES:
        return "SIZE";
    case SETTING_BOOL:
        return "on|off";
    case SETTING_ORIGIN:
        return "URL";
    case SETTING_LISTEN:
        return "ADDRESS:PORT,…";
    case SETTING_NETWORKS:
        return "NETWORK,…";
    case SETTING_HEADER:
        return "HEADER";
    }
    return "";
}

/* "range: 1 to 600 seconds", "one of: on, off"; nothing for what has no range. */
static void write_range(const struct setting *setting, struct buf *out)
{
    struct settings edge;
    switch (setting->type) {
    case SETTING_INT:
        buf_printf(out, "range: %" PRId64 " to %" PRId64 "%s%s", setting->min, setting->max,
                   setting->unit[0] ? " " : "", setting->unit);
        break;
    case SETTING_BYTES:
        buf_add(out, STR("range: "));
        *(int64_t *)(void *)((char *)&edge + setting->offset) = setting->min;
        settings_format(&edge, setting, out);
        buf_add(out, STR(" to "));
        *(int64_t *)(void *)((char *)&edge + setting->offset) = setting->max;
        settings_format(&edge, setting, out);
        break;
    case SETTING_BOOL:
        buf_add(out, STR("one of: on, off"));
        break;
    case SETTING_WORD:
        for (size_t i = 0; setting->choices[i] != NULL; i++) {
            buf_printf(out, "%s%s", i > 0 ? ", " : "one of: ", setting->choices[i]);
        }
        break;
    case SETTING_PATH:
    case SETTING_ORIGIN:
    case SETTING_LISTEN:
    case SETTING_NETWORKS:
    case SETTING_HEADER:
        break;
    }
}

static const char *default_words(const struct setting *setting)
{
    if (setting->fallback_words != NULL) {
        return setting->fallback_words;
    }
    return setting->fallback[0] == '\0' ? "none" : setting->fallback;
}

void reference_write_wrapped(struct buf *out, struct str text, const char *prefix, size_t columns)
{
    size_t prefix_len = strlen(prefix);
    size_t used = 0;
    while (text.len > 0) {
        struct str word = str_cut(&text, ' ');
        if (used > 0 && used + 1 + word.len > columns) {
            buf_add_char(out, '\n');
            used = 0;
        }
        buf_add(out, used == 0 ? str_from(prefix) : STR(" "));
        buf_add(out, word);
        used += (used == 0 ? prefix_len : 1) + word.len;
    }
    buf_add_char(out, '\n');
}

/* Help, range, default and the need of a restart in one text. */
static void write_notes(const struct setting *setting, struct buf *out)
{
    struct buf range = buf_make(SETTINGS_VALUE_MAX);
    write_range(setting, &range);
    buf_printf(out, "%s (", setting->help);
    if (range.len > 0) {
        buf_printf(out, "%s; ", range.ptr);
    }
    buf_printf(out, "default: %s%s)", default_words(setting),
               setting->fixed ? "; changes with a restart only" : "");
    buf_done(&range);
}

void reference_write_flag(const struct setting *setting, struct buf *out)
{
    char flag[SETTING_NAME_MAX];
    struct buf notes = buf_make(REFERENCE_MAX_BYTES);
    setting_flag_name(setting, flag);
    write_notes(setting, &notes);
    buf_printf(out, "  %s %s\n", flag, placeholder(setting));
    reference_write_wrapped(out, buf_str(&notes), "        ", COLUMNS);
    buf_done(&notes);
}

void reference_write_flags(struct buf *out)
{
    for (size_t i = 0; i < settings_count; i++) {
        reference_write_flag(&settings_table[i], out);
    }
}

/* ---- docs/configuration.md ---- */

static const char page_start[] =
    "# Configuration\n"
    "\n"
    "<!-- Written by `make docs` from the table in src/config/settings.c. -->\n"
    "\n"
    "A setting can be given in three ways. Take `public_url`:\n"
    "\n"
    "| way | written as |\n"
    "| --- | --- |\n"
    "| flag | `inlay serve --public-url https://inlay.example.com` |\n"
    "| environment | `INLAY_PUBLIC_URL=https://inlay.example.com` |\n"
    "| file | `public_url: https://inlay.example.com` in `inlay.yaml` |\n"
    "\n"
    "A flag wins over the environment, and the environment over the file. The file is `inlay.yaml` "
    "in the working\n"
    "directory, or the one that `--config` names. `inlay init` writes a file with every setting "
    "and "
    "its default, and\n"
    "`inlay check` says what is wrong with the settings without starting anything.\n"
    "\n"
    "Lists are separated by commas; in the file they may also be YAML lists. Sizes are bytes, or "
    "have the unit `k`, `m`\n"
    "or `g`. A relative path in the file counts from the folder of the file, a relative path in a "
    "flag or variable from\n"
    "the working directory. Variables that are empty count as not set.\n"
    "\n"
    "`SIGHUP` makes a running `inlay serve` read the file again without dropping a session. Flags "
    "and variables stay what\n"
    "they were at the start. Settings marked *restart* cannot be changed that way: the reload is "
    "refused with a message,\n"
    "and the server goes on with the settings it has.\n"
    "\n"
    "## Settings\n"
    "\n";

static const char page_end[] =
    "## Secrets\n"
    "\n"
    "`INLAY_API_TOKEN` is read from the environment only, so that it shows up in no process list, "
    "file or log. It must\n"
    "have at least 16 characters and then is an API token with every scope in the default "
    "workspace. Without it the first\n"
    "start makes an admin token and writes it to `admin-token` in the data folder, readable by its "
    "owner only.\n"
    "\n"
    "## Variables of the client commands\n"
    "\n"
    "`inlay app`, `user`, `group`, `workspace`, `environment`, `token`, `admin`, `embed`, "
    "`session`, `event` and `key` talk\n"
    "to a running server:\n"
    "\n"
    "| variable | is |\n"
    "| --- | --- |\n"
    "| `INLAY_URL` | address of the server, like `--url`; without it `public_url` of the settings "
    "|\n"
    "| `INLAY_TOKEN` | API token, like `--token`; without it `INLAY_API_TOKEN`, then `admin-token` "
    "in the data folder |\n"
    "| `SSL_CERT_FILE` | PEM file with the certificate authorities to trust, for servers with "
    "private ones |\n"
    "\n"
    "## The data folder\n"
    "\n"
    "| path | is |\n"
    "| --- | --- |\n"
    "| `inlay.db`, `inlay.db-…`, `inlay.db.turn` | the database: back it up with `inlay backup` |\n"
    "| `inlay.db.reserve` | 4 MiB kept back, so that access can be taken away on a full disk |\n"
    "| `admin-token` | the first API token |\n"
    "| `cache/` | unpacked apps; may be deleted at any time |\n"
    "| `run/` | files of the running server, written anew at each start |\n"
    "| `lock` | held by the running server, so that a second one cannot use the same folder |\n";

void reference_write_page(struct buf *out)
{
    buf_add(out, str_from(page_start));
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        char flag[SETTING_NAME_MAX];
        char variable[SETTING_NAME_MAX];
        struct buf range = buf_make(SETTINGS_VALUE_MAX);
        setting_flag_name(setting, flag);
        setting_variable_name(setting, variable);
        write_range(setting, &range);
        buf_printf(out, "### `%s`\n\n%s\n\n", setting->name, setting->help);
        bool is_words = setting->fallback_words != NULL || setting->fallback[0] == '\0';
        buf_printf(out, "- default: %s%s%s\n", is_words ? "" : "`", default_words(setting),
                   is_words ? "" : "`");
        if (range.len > 0) {
            buf_printf(out, "- %s\n", range.ptr);
        }
        if (setting->example != NULL) {
            buf_printf(out, "- example: `%s`\n", setting->example);
        }
        buf_printf(out, "- `%s %s`, `%s`%s\n\n", flag, placeholder(setting), variable,
                   setting->fixed ? ", *restart*" : "");
        buf_done(&range);
    }
    buf_add(out, str_from(page_end));
}

/* ---- inlay.yaml ---- */

void reference_write_file(struct buf *out)
{
    buf_add(
        out,
        STR("# Settings of Inlay. Each line that is switched off by a # shows the default, or an\n"
            "# example where there is none. \"inlay check\" says what is wrong with the settings;\n"
            "# SIGHUP makes a running server read them again.\n"));
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        struct buf notes = buf_make(REFERENCE_MAX_BYTES);
        write_notes(setting, &notes);
        buf_add_char(out, '\n');
        reference_write_wrapped(out, buf_str(&notes), "# ", COLUMNS);
        /* A path that is written down counts from the folder of the file, a default does not. */
        bool is_on = setting->type == SETTING_PATH && setting->fallback[0] != '\0';
        buf_printf(out, "%s%s: %s\n", is_on ? "" : "#", setting->name,
                   setting->example != NULL ? setting->example : setting->fallback);
        buf_done(&notes);
    }
}
