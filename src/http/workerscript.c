#include "http/workerscript.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool is_name_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '\\';
}

/* Part of a character that is not ASCII: it may be white space, a line's end, or a letter. */
static bool is_foreign(char c)
{
    return (unsigned char)c >= 0x80;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || is_line_end(c);
}

/* A declaration stands where a statement may begin: first of all, or behind a semicolon, a block,
 * "do ; while ()", a comment, or the end of a line, by which another statement can end. */
static bool may_begin_statement(struct str before)
{
    size_t at = before.len;
    while (at > 0 && is_space(before.ptr[at - 1])) {
        if (is_line_end(before.ptr[at - 1])) {
            return true;
        }
        at--;
    }
    if (at == 0) {
        return true;
    }
    char c = before.ptr[at - 1];
    bool is_comment = c == '/' && at > 1 && before.ptr[at - 2] == '*';
    return c == ';' || c == '}' || c == ')' || is_comment || is_foreign(c);
}

/* import "x"; import * as; import {; import name; export *; export {; export @; export default: and
 * a comment may come first. Not import(), import.meta, nor the name of a property. */
static bool may_begin_declaration(struct str after)
{
    if (after.len > 0 && is_name_char(after.ptr[0])) {
        return false; /* a longer name */
    }
    size_t at = 0;
    while (at < after.len && is_space(after.ptr[at])) {
        at++;
    }
    if (at == after.len) {
        return false;
    }
    char c = after.ptr[at];
    return c == '"' || c == '\'' || c == '{' || c == '*' || c == '@' || c == '/' || c == '\\' ||
           is_letter(c) || is_foreign(c);
}

bool workerscript_may_import(struct str script)
{
    enum { WORD = 6 }; /* both have as many letters */
    for (size_t at = 0; at + WORD <= script.len; at++) {
        struct str word = {script.ptr + at, WORD};
        if ((script.ptr[at] == 'i' && str_equal(word, STR("import"))) ||
            (script.ptr[at] == 'e' && str_equal(word, STR("export")))) {
            if (may_begin_statement((struct str){script.ptr, at}) &&
                may_begin_declaration(str_skip(script, at + WORD))) {
                return true;
            }
        }
    }
    return false;
}

/* Behind white space, comments and a byte order mark. */
static struct str skip_blank(struct str text)
{
    if (str_starts_with(text, STR("\xef\xbb\xbf"))) {
        text = str_skip(text, 3);
    }
    while (text.len > 0) {
        if (is_space(text.ptr[0])) {
            text = str_skip(text, 1);
        } else if (str_starts_with(text, STR("//"))) {
            while (text.len > 0 && !is_line_end(text.ptr[0])) {
                text = str_skip(text, 1);
            }
        } else if (str_starts_with(text, STR("/*"))) {
            text = str_skip(text, 2);
            while (text.len > 0 && !str_starts_with(text, STR("*/"))) {
                text = str_skip(text, 1);
            }
            text = str_skip(text, text.len < 2 ? text.len : 2);
        } else {
            break;
        }
    }
    return text;
}

bool workerscript_is_strict(struct str script)
{
    struct str text = skip_blank(script);
    if (!str_starts_with(text, STR("\"use strict\"")) &&
        !str_starts_with(text, STR("'use strict'"))) {
        return false;
    }
    text = str_skip(text, sizeof("'use strict'") - 1);
    return text.len == 0 || text.ptr[0] == ';' || is_line_end(text.ptr[0]);
}

/* WHATWG MIME Sniffing 4.6: text/javascript and fifteen others, all of which end like this, but for
 * versions as in text/javascript1.5. */
bool workerscript_is_type(struct str content_type)
{
    static const char *const words[] = {"javascript", "ecmascript", "jscript", "livescript"};
    struct str type = {content_type.ptr, str_find(content_type, ';')};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct str word = str_from(words[i]);
        for (size_t at = 0; at + word.len <= type.len; at++) {
            if (str_equal_nocase((struct str){type.ptr + at, word.len}, word)) {
                return true;
            }
        }
    }
    return false;
}
