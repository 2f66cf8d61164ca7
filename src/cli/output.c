#include "cli/output.h"

#include <inttypes.h>
#include <stdarg.h>

enum { CELL_MAX_BYTES = 64 * 1024, GAP = 2 };

enum exit_code output_fail(enum exit_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fputs("inlay: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

enum exit_code output_fail_fault(enum exit_code code, const struct fault *fault)
{
    return output_fail(code, "%s", fault->message[0] ? fault->message : err_name(fault->err));
}

void output_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fflush(stdout);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

/* ---- one member as text ---- */

static const json_t *member_of(const json_t *object, const char *path)
{
    struct str rest = str_from(path);
    while (rest.len > 0 && object != NULL) {
        char name[64];
        REQUIRE(str_to_cstr(str_cut(&rest, '.'), name, sizeof(name)));
        object = json_object_get(object, name);
    }
    return object;
}

/* "2026-01-02T03:04:05.678Z" */
static bool is_time(struct str text)
{
    return text.len == 24 && text.ptr[10] == 'T' && text.ptr[19] == '.' && text.ptr[23] == 'Z';
}

/* Escape sequences of terminals start with a control character: C0, DEL, or C1 (in UTF-8 the byte
 * 0xc2 and one below 0xa0). */
static void add_printable(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        unsigned char next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        if (c < 0x20 || c == 0x7f) {
            buf_add_char(out, '?');
        } else if (c == 0xc2 && next < 0xa0) {
            buf_add_char(out, '?');
            i++;
        } else {
            buf_add_char(out, text.ptr[i]);
        }
    }
}

static void add_text(struct buf *out, struct str text)
{
    if (is_time(text)) {
        buf_printf(out, "%.10s %.8sZ", text.ptr, text.ptr + 11);
    } else {
        add_printable(out, text);
    }
}

static void add_value(struct buf *out, const json_t *value)
{
    size_t i = 0;
    json_t *item = NULL;
    char *text = NULL;
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_STRING:
        add_text(out, (struct str){json_string_value(value), json_string_length(value)});
        break;
    case JSON_INTEGER:
        buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_TRUE:
        buf_add(out, STR("yes"));
        break;
    case JSON_FALSE:
        buf_add(out, STR("no"));
        break;
    case JSON_NULL:
        buf_add_char(out, '-');
        break;
    case JSON_ARRAY:
        json_array_foreach(value, i, item)
        {
            const json_t *name = json_object_get(item, "name");
            buf_add(out, i > 0 ? STR(", ") : STR(""));
            add_value(out, name != NULL ? name : item);
        }
        if (json_array_size(value) == 0) {
            buf_add_char(out, '-');
        }
        break;
    case JSON_OBJECT:
    case JSON_REAL:
        text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        REQUIRE(text != NULL);
        add_printable(out, str_from(text));
        free(text);
        break;
    }
}

/* ---- tables and records ---- */

/* Characters, as far as terminals agree on them: UTF-8 sequences. */
static size_t width_of(struct str text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++) {
        width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    }
    return width;
}

static struct buf cell_of(const json_t *item, const struct column *column)
{
    struct buf cell = buf_make(CELL_MAX_BYTES);
    add_value(&cell, member_of(item, column->member));
    return cell;
}

static void print_padded(struct str text, size_t width, bool is_last)
{
    printf(STR_FMT, STR_ARG(text));
    for (size_t used = width_of(text); !is_last && used < width + GAP; used++) {
        putchar(' ');
    }
    if (is_last) {
        putchar('\n');
    }
}

void output_table(const json_t *items, const struct column *columns, size_t count,
                  const char *nothing)
{
    enum { COLUMNS_MAX = 12 };
    size_t widths[COLUMNS_MAX];
    size_t row = 0;
    json_t *item = NULL;
    REQUIRE(count <= COLUMNS_MAX);
    if (json_array_size(items) == 0) {
        output_note("%s", nothing);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        widths[i] = strlen(columns[i].title);
        json_array_foreach(items, row, item)
        {
            struct buf cell = cell_of(item, &columns[i]);
            size_t width = width_of(buf_str(&cell));
            widths[i] = width > widths[i] ? width : widths[i];
            buf_done(&cell);
        }
    }
    for (size_t i = 0; i < count; i++) {
        print_padded(str_from(columns[i].title), widths[i], i + 1 == count);
    }
    json_array_foreach(items, row, item)
    {
        for (size_t i = 0; i < count; i++) {
            struct buf cell = cell_of(item, &columns[i]);
            print_padded(buf_str(&cell), widths[i], i + 1 == count);
            buf_done(&cell);
        }
    }
}

/* One object, a line a column. */
static void print_record(const json_t *object, const struct column *columns, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        size_t own = strlen(columns[i].title);
        width = own > width ? own : width;
    }
    for (size_t i = 0; i < count; i++) {
        struct buf cell = cell_of(object, &columns[i]);
        print_padded(str_from(columns[i].title), width, false);
        print_padded(buf_str(&cell), 0, true);
        buf_done(&cell);
    }
}

void output_line(const json_t *object, const struct column *columns, size_t count)
{
    bool is_first = true;
    for (size_t i = 0; i < count; i++) {
        struct buf cell = cell_of(object, &columns[i]);
        struct str text = buf_str(&cell);
        if (!str_equal(text, STR("-")) && !str_equal(text, STR("{}"))) {
            printf("%s%s%s" STR_FMT, is_first ? "" : "  ", columns[i].title,
                   columns[i].title[0] ? "=" : "", STR_ARG(text));
            is_first = false;
        }
        buf_done(&cell);
    }
    putchar('\n');
}

void output_json(const json_t *json)
{
    (void)json_dumpf(json, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    putchar('\n');
}

void output_bytes(int64_t bytes, char out_text[16])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    int64_t tenths = bytes * 10;
    while (tenths >= 10000 && unit + 1 < COUNT_OF(units)) {
        tenths = (tenths + 500) / 1000;
        unit++;
    }
    if (unit == 0 || tenths >= 1000) {
        snprintf(out_text, 16, "%" PRId64 " %s", tenths / 10 % 100000, units[unit]);
    } else {
        snprintf(out_text, 16, "%" PRId64 ".%" PRId64 " %s", tenths / 10 % 100000, tenths % 10,
                 units[unit]);
    }
}

/* ---- answers ---- */

void output_answer(const struct client *client, struct answer *answer, const struct column *columns,
                   size_t count)
{
    if (client_prints_json(client)) {
        struct str text = buf_str(&answer->text);
        fwrite(text.ptr, 1, text.len, stdout);
        if (!str_ends_with(text, STR("\n"))) {
            putchar('\n');
        }
    } else {
        print_record(answer->json, columns, count);
    }
    client_answer_done(answer);
}

enum exit_code output_object(struct client *client, struct buf path, const struct column *columns,
                             size_t count)
{
    return output_sent_object(client, "GET", path, NULL, columns, count);
}

enum exit_code output_sent_object(struct client *client, const char *method, struct buf path,
                                  json_t *body, const struct column *columns, size_t count)
{
    struct answer answer = ANSWER_NONE;
    enum exit_code code = client_call(client, method, &path, body, &answer);
    if (!code) {
        output_answer(client, &answer, columns, count);
    }
    json_decref(body);
    buf_done(&path);
    return code;
}

enum exit_code output_list(struct client *client, struct buf path, const struct column *columns,
                           size_t count, const char *nothing)
{
    json_t *items = NULL;
    enum exit_code code = client_list(client, &path, LIST_EVERYTHING, &items);
    if (!code && client_prints_json(client)) {
        output_json(items);
    } else if (!code) {
        output_table(items, columns, count, nothing);
    }
    json_decref(items);
    buf_done(&path);
    return code;
}

enum exit_code output_call(struct client *client, const char *method, struct buf path,
                           const char *format, ...)
{
    enum exit_code code = client_call(client, method, &path, NULL, NULL);
    if (!code && !client_prints_json(client)) {
        va_list args;
        va_start(args, format);
        vprintf(format, args);
        putchar('\n');
        va_end(args);
    }
    buf_done(&path);
    return code;
}

void output_say(const struct client *client, const char *format, ...)
{
    if (!client_prints_json(client)) {
        va_list args;
        va_start(args, format);
        vprintf(format, args);
        putchar('\n');
        va_end(args);
    }
}
