/*
 * Secrets that leave the server once: tokens, links and cookies.
 *
 * A struct secret holds the text that the other side keeps. It has no printf form here, is wiped by
 * secret_done(), and only its digest is ever stored.
 */
#ifndef INLAY_CRYPTO_SECRET_H
#define INLAY_CRYPTO_SECRET_H

#include "crypto/digest.h"

enum { SECRET_TEXT_MAX = 80 };

struct secret {
    char text[SECRET_TEXT_MAX]; /* NUL-terminated */
    size_t len;
};

enum secret_kind {
    SECRET_API_TOKEN, /* inlay_ and 43 base64url characters: 256 bits */
    SECRET_PAT,       /* pat_ and 64 hex digits: 256 bits (ToolJet's form) */
    SECRET_LINK,      /* 43 base64url characters: 256 bits */
    SECRET_COOKIE,    /* 22 base64url characters: 128 bits */
};

struct secret secret_make(enum secret_kind kind);
void secret_done(struct secret *secret);
struct str secret_str(const struct secret *secret); /* borrowed */
struct digest secret_digest(struct str text);       /* what the store keeps */

/* Could text have been made by secret_make(kind)? A cheap check before the store is asked. */
bool secret_has_form(enum secret_kind kind, struct str text);

#endif
