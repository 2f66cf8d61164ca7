/*
 * A folder of static files to a .tar.gz for "app deploy".
 */
#ifndef INLAY_CLI_PACK_H
#define INLAY_CLI_PACK_H

#include "cli/cli.h"

enum { PACK_PATH_MAX = 4096 };

struct pack_result {
    size_t files;
    size_t skipped; /* names that stayed behind: dotfiles, node_modules */
    char skipped_first[256];
};

/* Writes the archive to the open file; the same folder gives the same bytes. Says what is wrong:
 * no index.html, a link that leads outside, a file that cannot be read. */
enum exit_code pack_folder(const char *folder, int file, struct pack_result *out_result);

#endif
