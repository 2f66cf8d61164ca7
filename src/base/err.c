#include "base/err.h"

#include <stdarg.h>

void require_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "inlay: bug: %s:%d: %s does not hold\n", file, line, condition);
    abort();
}

/* Where text was cut to its buffer: takes the last character away if it is not ASCII, as it may be
 * incomplete, and faults are sent as JSON. */
static void drop_cut_character(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80) {
        len--;
    }
    if (len > 0 && (unsigned char)text[len - 1] >= 0xc0) {
        len--;
    }
    text[len] = '\0';
}

static void fault_fill(struct fault *fault, enum err err, const char *code, const char *member,
                       const char *format, va_list args) PRINTF_LIKE(5, 0);

static void fault_fill(struct fault *fault, enum err err, const char *code, const char *member,
                       const char *format, va_list args)
{
    if (fault == NULL) {
        return;
    }
    *fault = (struct fault){.err = err};
    snprintf(fault->code, sizeof(fault->code), "%s", code);
    if (snprintf(fault->member, FAULT_MEMBER_MAX, "%s", member) >= FAULT_MEMBER_MAX) {
        drop_cut_character(fault->member);
    }
    if (vsnprintf(fault->message, FAULT_MESSAGE_MAX, format, args) >= FAULT_MESSAGE_MAX) {
        drop_cut_character(fault->message);
    }
}

enum err fault_set(struct fault *fault, enum err err, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault_fill(fault, err, code, "", format, args);
    va_end(args);
    return err;
}

enum err fault_busy(struct fault *fault, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault_fill(fault, ERR_BUSY, code, "", format, args);
    va_end(args);
    if (fault != NULL) {
        fault->retry_after_s = BUSY_RETRY_AFTER_S;
    }
    return ERR_BUSY;
}

enum err fault_member(struct fault *fault, enum err err, const char *code, const char *member,
                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault_fill(fault, err, code, member, format, args);
    va_end(args);
    return err;
}

enum err fault_limit(struct fault *fault, enum err err, const char *code, int64_t limit,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault_fill(fault, err, code, "", format, args);
    va_end(args);
    if (fault != NULL) {
        fault->limit = limit;
    }
    return err;
}

const char *err_name(enum err err)
{
    static const char *const names[ERR_COUNT] = {
        [ERR_OK] = "ok",
        [ERR_INVALID] = "invalid",
        [ERR_UNAUTHENTICATED] = "unauthenticated",
        [ERR_DENIED] = "denied",
        [ERR_NOT_FOUND] = "not_found",
        [ERR_CONFLICT] = "conflict",
        [ERR_GONE] = "gone",
        [ERR_TOO_LARGE] = "too_large",
        [ERR_UNSUPPORTED] = "unsupported",
        [ERR_LIMITED] = "limited",
        [ERR_BUSY] = "busy",
        [ERR_STORAGE] = "storage",
        [ERR_INTERNAL] = "internal",
    };
    REQUIRE(err >= 0 && err < ERR_COUNT);
    return names[err];
}
