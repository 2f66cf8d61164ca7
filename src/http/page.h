/*
 * The page that a frame shows where an app cannot be: web/pages, in the reader's language, with the
 * brand of the workspace.
 */
#ifndef INLAY_HTTP_PAGE_H
#define INLAY_HTTP_PAGE_H

#include "base/buf.h"
#include "base/language.h"
#include "base/look.h"

enum { PAGE_MAX_BYTES = 32 * 1024 };

/* title, message and hint are in English. The page has them in its language, and leaves a message
 * out that this one doesn't have. */
struct page {
    const char *code;
    const char *title;
    const char *message;
    const char *hint;
    enum language language;
    struct look look;
    struct str request_id;
    struct str portals; /* who is told of it; "*": everybody, of the code alone */
};

/* What the portal has asked for, what the browser likes best, or English: the first in which the
 * title can be said. */
enum language page_language(struct str locale, struct str accept_language, const char *title);

void page_write(const struct page *page, struct buf *out);

#endif
