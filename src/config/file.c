/*
 * Walks libyaml's events. One event is held at a time; what it says is copied before the next one.
 */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/buf.h"

enum { ENTRIES_MAX = 128 };

struct walk {
    const char *source;
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    struct arena arena; /* names, for the duplicates */
    struct str names[ENTRIES_MAX];
    size_t name_count;
    struct fault *fault;
};

static int line_of(yaml_mark_t mark)
{
    return (int)mark.line + 1;
}

static enum err refuse(struct walk *walk, yaml_mark_t mark, const char *reason)
{
    return fault_set(walk->fault, ERR_INVALID, "file_invalid", "%s:%d: %s", walk->source,
                     line_of(mark), reason);
}

static enum err step(struct walk *walk)
{
    if (walk->has_event) {
        yaml_event_delete(&walk->event);
        walk->has_event = false;
    }
    if (!yaml_parser_parse(&walk->parser, &walk->event)) {
        yaml_mark_t mark = walk->parser.problem_mark;
        return fault_set(walk->fault, ERR_INVALID, "file_invalid", "%s:%d: This is not YAML: %s.",
                         walk->source, line_of(mark),
                         walk->parser.problem ? walk->parser.problem : "it cannot be read");
    }
    walk->has_event = true;
    return ERR_OK;
}

/* The text of the scalar that the current event is. */
static enum err read_scalar(struct walk *walk, struct str *out_text)
{
    const yaml_event_t *event = &walk->event;
    if (event->type != YAML_SCALAR_EVENT) {
        return refuse(walk, event->start_mark,
                      "A setting is one line \"name: value\"; its value is a word, a number, or a "
                      "list of them.");
    }
    if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
        return refuse(walk, event->start_mark, "Anchors and tags cannot be used here.");
    }
    struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool is_null = is_plain && (str_equal(text, STR("~")) || str_equal(text, STR("null")));
    *out_text = is_null ? STR("") : arena_str(&walk->arena, text);
    return ERR_OK;
}

static enum err noun_read_name(struct walk *walk, struct config_entry *entry)
{
    yaml_mark_t mark = walk->event.start_mark;
    enum err err = read_scalar(walk, &entry->name);
    if (err) {
        return err;
    }
    entry->line = line_of(mark);
    for (size_t i = 0; i < walk->name_count; i++) {
        if (str_equal(walk->names[i], entry->name)) {
            char reason[128];
            snprintf(reason, sizeof(reason), "%.64s is set a second time.", entry->name.ptr);
            return refuse(walk, mark, reason);
        }
    }
    if (walk->name_count == ENTRIES_MAX) {
        return refuse(walk, mark, "There are more lines than settings.");
    }
    walk->names[walk->name_count++] = entry->name;
    return ERR_OK;
}

static enum err read_list(struct walk *walk, struct buf *value)
{
    enum err err = ERR_OK;
    for (bool is_first = true;; is_first = false) {
        struct str item = STR_NONE;
        err = step(walk);
        if (err || walk->event.type == YAML_SEQUENCE_END_EVENT) {
            return err;
        }
        err = read_scalar(walk, &item);
        if (err) {
            return err;
        }
        buf_add(value, is_first ? STR("") : STR(","));
        buf_add(value, item);
    }
}

static enum err read_entry(struct walk *walk, config_on_entry *on_entry, void *arg)
{
    struct config_entry entry = {.line = 0};
    struct buf list = buf_make(CONFIG_FILE_MAX_BYTES);
    enum err err = noun_read_name(walk, &entry);
    if (err) {
        goto done;
    }
    err = step(walk);
    if (err) {
        goto done;
    }
    entry.is_list = walk->event.type == YAML_SEQUENCE_START_EVENT;
    err = entry.is_list ? read_list(walk, &list) : read_scalar(walk, &entry.value);
    if (err) {
        goto done;
    }
    if (entry.is_list) {
        entry.value = buf_str(&list);
    }
    on_entry(arg, &entry);
done:
    buf_done(&list);
    return err;
}

static enum err read_document(struct walk *walk, config_on_entry *on_entry, void *arg)
{
    enum err err = step(walk);
    if (err) {
        return err;
    }
    struct str text = STR_NONE;
    if (walk->event.type == YAML_SCALAR_EVENT) {
        /* A document of nothing but "---" and comments. */
        yaml_mark_t mark = walk->event.start_mark;
        err = read_scalar(walk, &text);
        return err || text.len == 0 ? err
                                    : refuse(walk, mark, "A setting is one line \"name: value\".");
    }
    if (walk->event.type != YAML_MAPPING_START_EVENT) {
        return refuse(walk, walk->event.start_mark, "A setting is one line \"name: value\".");
    }
    for (;;) {
        err = step(walk);
        if (err || walk->event.type == YAML_MAPPING_END_EVENT) {
            return err;
        }
        err = read_entry(walk, on_entry, arg);
        if (err) {
            return err;
        }
    }
}

static enum err read_stream(struct walk *walk, config_on_entry *on_entry, void *arg)
{
    bool had_document = false;
    for (;;) {
        enum err err = step(walk);
        if (err || walk->event.type == YAML_STREAM_END_EVENT) {
            return err;
        }
        if (walk->event.type == YAML_DOCUMENT_START_EVENT) {
            if (had_document) {
                return refuse(walk, walk->event.start_mark, "There must be one document only.");
            }
            had_document = true;
            err = read_document(walk, on_entry, arg);
            if (err) {
                return err;
            }
        }
    }
}

enum err config_file_parse(const char *source, struct str text, config_on_entry *on_entry,
                           void *arg, struct fault *fault)
{
    if (text.len > CONFIG_FILE_MAX_BYTES) {
        return fault_set(fault, ERR_TOO_LARGE, "file_too_large", "%s is larger than 64 KiB.",
                         source);
    }
    struct walk walk = {.source = source, .arena = ARENA_NONE, .fault = fault};
    REQUIRE(yaml_parser_initialize(&walk.parser));
    yaml_parser_set_encoding(&walk.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&walk.parser, (const unsigned char *)(text.ptr ? text.ptr : ""),
                                 text.len);
    enum err err = read_stream(&walk, on_entry, arg);
    if (walk.has_event) {
        yaml_event_delete(&walk.event);
    }
    yaml_parser_delete(&walk.parser);
    arena_done(&walk.arena);
    return err;
}

static enum err cannot_read(const char *path, int error, struct fault *fault)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return fault_set(fault, ERR_NOT_FOUND, "file_missing",
                         "There is no file %s; \"inlay init\" writes one.", path);
    case EACCES:
        return fault_set(fault, ERR_DENIED, "file_unreadable", "%s may not be read by this user.",
                         path);
    default:
        return fault_set(fault, ERR_STORAGE, "file_unreadable", "%s cannot be read: %s.", path,
                         strerror(error));
    }
}

enum err config_file_read(const char *path, config_on_entry *on_entry, void *arg,
                          struct fault *fault)
{
    enum err err = ERR_OK;
    /* One byte more than allowed, so that config_file_parse() sees a file that is too large. */
    struct buf text = buf_make(CONFIG_FILE_MAX_BYTES + 1);
    char piece[4096];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        err = cannot_read(path, errno, fault);
        goto done;
    }
    while (text.len <= CONFIG_FILE_MAX_BYTES) {
        size_t room = CONFIG_FILE_MAX_BYTES + 1 - text.len;
        ssize_t count = read(file, piece, room < sizeof(piece) ? room : sizeof(piece));
        if (count < 0 && errno != EINTR) {
            err = cannot_read(path, errno, fault);
            goto done;
        }
        if (count == 0) {
            break;
        }
        if (count > 0) {
            buf_add(&text, (struct str){piece, (size_t)count});
        }
    }
    err = config_file_parse(path, buf_str(&text), on_entry, arg, fault);
done:
    if (file >= 0) {
        close(file);
    }
    buf_done(&text);
    return err;
}
