/*
 * Errors, named for what the caller can do about them, and the words that go with one.
 *
 * A function that can fail returns enum err. Where a person or a program at the other end has to be
 * told what was wrong, it also fills a struct fault (borrowed from the caller, may be NULL).
 * Codes, and the statuses of errors, are rows of base/codes.def.
 */
#ifndef INLAY_BASE_ERR_H
#define INLAY_BASE_ERR_H

#include "base/base.h"

enum err {
    ERR_OK,
    ERR_INVALID,         /* the request is wrong: correct it */
    ERR_UNAUTHENTICATED, /* no credential, or one that is not valid (any more) */
    ERR_DENIED,          /* known, but not allowed */
    ERR_NOT_FOUND,       /* absent, or not visible to the caller */
    ERR_CONFLICT,        /* the present state does not allow it: look, then decide */
    ERR_GONE,            /* was there, will not come back */
    ERR_TOO_LARGE,       /* above a limit */
    ERR_UNSUPPORTED,     /* a media type or method that is not served */
    ERR_LIMITED,         /* too often: try again later */
    ERR_BUSY,            /* cannot now, nothing was done: try again */
    ERR_STORAGE,         /* disk full, read-only or damaged: an operator has to act */
    ERR_INTERNAL,        /* our bug */
    ERR_COUNT
};

enum {
    FAULT_CODE_MAX = 40,
    FAULT_MEMBER_MAX = 128,
    FAULT_MESSAGE_MAX = 320,
    BUSY_RETRY_AFTER_S = 1,
};

struct fault {
    enum err err;
    char code[FAULT_CODE_MAX];       /* stable snake_case word, "" if none */
    char member[FAULT_MEMBER_MAX];   /* the member or parameter that is wrong, "" if none */
    char message[FAULT_MESSAGE_MAX]; /* a sentence for a person: what is wrong, what would be right
                                      */
    int64_t limit;                   /* the limit that was passed, 0 if none */
    int64_t retry_after_s;           /* for ERR_LIMITED and ERR_BUSY, 0 if unknown */
};

/* Fills *fault (if not NULL) and returns err, so that "return fault_set(…)" reads well. The message
 * never holds a secret. code is a row of codes.def. */
enum err fault_set(struct fault *fault, enum err err, const char *code, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* The same for one member of a request. */
enum err fault_member(struct fault *fault, enum err err, const char *code, const char *member,
                      const char *format, ...) PRINTF_LIKE(5, 6);

/* The same for what is above a limit. */
enum err fault_limit(struct fault *fault, enum err err, const char *code, int64_t limit,
                     const char *format, ...) PRINTF_LIKE(5, 6);

/* ERR_BUSY, with the advice to try again after a second. */
enum err fault_busy(struct fault *fault, const char *code, const char *format, ...)
    PRINTF_LIKE(3, 4);

const char *err_name(enum err err);

#endif
