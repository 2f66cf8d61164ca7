/*
 * inlay.yaml: a flat map whose values are scalars or lists of scalars. Anything else that YAML can
 * say (nested maps, anchors, tags, several documents) is refused: a setting has one obvious
 * spelling.
 */
#ifndef INLAY_CONFIG_FILE_H
#define INLAY_CONFIG_FILE_H

#include "base/err.h"
#include "base/str.h"

enum { CONFIG_FILE_MAX_BYTES = 64 * 1024 };

struct config_entry {
    struct str name;
    struct str value; /* the items of a list are joined by commas; empty for null */
    bool is_list;
    int line; /* of the name, from 1 */
};

/* Entries come in the order of the file and are valid during the call. */
typedef void config_on_entry(void *arg, const struct config_entry *entry);

/* ERR_INVALID for text that is no such map, with the line in the message; entries before the wrong
 * place have been reported by then. source is what messages call the text. */
enum err config_file_parse(const char *source, struct str text, config_on_entry *on_entry,
                           void *arg, struct fault *fault) MUST_CHECK;

/* The same for a file. ERR_NOT_FOUND if there is none, ERR_DENIED if it may not be read,
 * ERR_TOO_LARGE. */
enum err config_file_read(const char *path, config_on_entry *on_entry, void *arg,
                          struct fault *fault) MUST_CHECK;

#endif
