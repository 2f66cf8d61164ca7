/*
 * Cells of CSV (RFC 4180), for spreadsheets.
 */
#ifndef INLAY_HTTP_CSV_H
#define INLAY_HTTP_CSV_H

#include "base/buf.h"

/* The text in quotes; nothing at all for an empty one. A text that a spreadsheet would take for a
 * formula gets an apostrophe before it (OWASP: CSV injection). The caller writes the commas, and
 * CRLF after each record. */
void csv_add_cell(struct buf *out, struct str text);

#endif
