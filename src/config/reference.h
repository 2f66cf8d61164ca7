/*
 * The settings table as people read it: the flags of --help, the page docs/configuration.md, and
 * the commented inlay.yaml that "inlay init" writes.
 */
#ifndef INLAY_CONFIG_REFERENCE_H
#define INLAY_CONFIG_REFERENCE_H

#include "config/settings.h"

enum { REFERENCE_MAX_BYTES = 64 * 1024 };

void reference_write_flags(struct buf *out);
void reference_write_flag(const struct setting *setting, struct buf *out);
void reference_write_page(struct buf *out); /* Markdown */
void reference_write_file(struct buf *out); /* YAML; all but the data folder is commented out */

/* Words of text between the margins, broken at spaces; every line starts with prefix. */
void reference_write_wrapped(struct buf *out, struct str text, const char *prefix, size_t columns);

#endif
