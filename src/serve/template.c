#include "serve/template.h"

#include <inttypes.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

/* ---- values ---- */

struct template_node {
    struct arena *arena;
    const struct template_node *outer;
    const char *name; /* NULL for a row */
    struct str text;
    bool is_list;
    struct template_node *first; /* of the values in a scope, or the rows in a list */
    struct template_node *last;
    struct template_node *next;
};

struct template_node *template_new(struct arena *arena)
{
    struct template_node *node = arena_alloc(arena, sizeof(*node));
    node->arena = arena;
    return node;
}

static struct template_node *add(struct template_node *outer, const char *name)
{
    struct template_node *node = template_new(outer->arena);
    node->outer = outer;
    node->name = name;
    if (outer->last == NULL) {
        outer->first = node;
    } else {
        outer->last->next = node;
    }
    outer->last = node;
    return node;
}

void template_set(struct template_node *scope, const char *name, const char *text)
{
    add(scope, name)->text = arena_str(scope->arena, str_from(text));
}

void template_set_number(struct template_node *scope, const char *name, int64_t number)
{
    add(scope, name)->text = arena_printf(scope->arena, "%" PRId64, number);
}

void template_set_flag(struct template_node *scope, const char *name, bool is_set)
{
    add(scope, name)->text = is_set ? STR("on") : STR_NONE;
}

struct template_node *template_add_list(struct template_node *scope, const char *name)
{
    struct template_node *list = add(scope, name);
    list->is_list = true;
    return list;
}

struct template_node *template_add_row(struct template_node *list)
{
    return add(list, NULL);
}

static const struct template_node *find(const struct template_node *scope, struct str name)
{
    for (; scope != NULL; scope = scope->outer) {
        for (const struct template_node *node = scope->first; node != NULL; node = node->next) {
            if (node->name != NULL && str_equal(str_from(node->name), name)) {
                return node;
            }
        }
    }
    return NULL;
}

/* ---- tags ---- */

enum tag {
    TAG_VALUE,
    TAG_COMMENT,
    TAG_IF,
    TAG_EACH,
    TAG_PART,
    TAG_INCLUDE,
    TAG_ELSE, /* this and the others below end something */
    TAG_END_IF,
    TAG_END_EACH,
    TAG_END_PART,
    TAG_NONE, /* no tag but the end of the text */
};

static const struct {
    struct str word; /* with a space if a name follows */
    enum tag tag;
} tag_words[] = {
    {{"#if ", 4}, TAG_IF},     {{"else", 4}, TAG_ELSE},      {{"/if", 3}, TAG_END_IF},
    {{"#each ", 6}, TAG_EACH}, {{"/each", 5}, TAG_END_EACH}, {{"#part ", 6}, TAG_PART},
    {{"> ", 2}, TAG_INCLUDE},  {{"/part", 5}, TAG_END_PART},
};

/* Where nginx's parser will be: in plain text, in a comment, or behind a quote. */
enum { MODE_PLAIN = 0, MODE_COMMENT = '#' };

struct renderer {
    struct str text;
    size_t at;
    char mode; /* one of those, or the quote */
    bool in_word;
    int depth;
    struct buf *out;
    struct fault *fault;
};

struct token {
    struct str before; /* the text before the tag */
    enum tag tag;
    struct str inside; /* "#if name" */
    struct str name;   /* "name" */
};

/* inside is a piece of the template. */
static enum err mistake(const struct renderer *renderer, const char *what, struct str inside)
{
    int line = 1;
    for (const char *c = renderer->text.ptr; c < inside.ptr; c++) {
        line += *c == '\n';
    }
    return fault_set(renderer->fault, ERR_INTERNAL, "template",
                     "Line %d of nginx.conf.in: {{" STR_FMT "}} %s.", line, STR_ARG(inside), what);
}

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.ptr[i] < 'a' || text.ptr[i] > 'z') && text.ptr[i] != '_') {
            return false;
        }
    }
    return text.len > 0;
}

static enum err classify(const struct renderer *renderer, struct token *token)
{
    token->tag = TAG_VALUE;
    token->name = token->inside;
    if (str_starts_with(token->inside, STR("!"))) {
        token->tag = TAG_COMMENT;
        return ERR_OK;
    }
    for (size_t i = 0; i < COUNT_OF(tag_words); i++) {
        struct str word = tag_words[i].word;
        bool has_name = str_ends_with(word, STR(" "));
        if (!has_name && str_equal(token->inside, word)) {
            token->tag = tag_words[i].tag;
            return ERR_OK;
        }
        if (has_name && str_starts_with(token->inside, word)) {
            token->tag = tag_words[i].tag;
            token->name = str_skip(token->inside, word.len);
        }
    }
    return is_name(token->name) ? ERR_OK : mistake(renderer, "is not a tag", token->inside);
}

/* A tag that isn't a value and has its line to itself takes the line with it. */
static void take_line(struct renderer *renderer, struct token *token)
{
    struct str before = token->before;
    while (str_ends_with(before, STR(" "))) {
        before.len--;
    }
    bool is_first =
        before.ptr + before.len == renderer->text.ptr || str_ends_with(before, STR("\n"));
    bool is_last = str_starts_with(str_skip(renderer->text, renderer->at), STR("\n"));
    if (token->tag != TAG_VALUE && is_first && is_last) {
        token->before = before;
        renderer->at++;
    }
}

/* Where c stands twice, or the end. */
static size_t find_pair(struct str text, char c)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] == c && text.ptr[i + 1] == c) {
            return i;
        }
    }
    return text.len;
}

static enum err read_token(struct renderer *renderer, struct token *out)
{
    struct str rest = str_skip(renderer->text, renderer->at);
    size_t open = find_pair(rest, '{');
    *out = (struct token){.before = {rest.ptr, open}, .tag = TAG_NONE};
    if (open == rest.len) {
        renderer->at = renderer->text.len;
        return ERR_OK;
    }
    struct str inside = str_skip(rest, open + 2);
    size_t close = find_pair(inside, '}');
    out->inside = (struct str){inside.ptr, close};
    if (close == inside.len) {
        return mistake(renderer, "has no end", str_head(out->inside, 20));
    }
    renderer->at += open + 2 + close + 2;
    enum err err = classify(renderer, out);
    take_line(renderer, out);
    return err;
}

/* ---- output ---- */

static void emit(struct renderer *renderer, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (renderer->mode == MODE_COMMENT) {
            renderer->mode = c == '\n' ? MODE_PLAIN : MODE_COMMENT;
        } else if (c == '\\') {
            i++;
        } else if (renderer->mode != MODE_PLAIN) {
            renderer->mode = c == renderer->mode ? MODE_PLAIN : renderer->mode;
        } else if (!renderer->in_word && (c == '"' || c == '\'' || c == '#')) {
            renderer->mode = c;
        }
        renderer->in_word = renderer->mode == MODE_PLAIN && strchr(" \n;{}", c) == NULL;
    }
    buf_add(renderer->out, text);
}

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = str_lower_char(text.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && strchr("._-:/[]", c) == NULL) {
            return false;
        }
    }
    return text.len > 0;
}

static enum err emit_value(struct renderer *renderer, const struct template_node *value)
{
    struct str text = value->text;
    bool is_quoted = renderer->mode == '"' || renderer->mode == '\'';
    if (str_find(text, '$') < text.len || (!is_quoted && !is_plain(text))) {
        return fault_set(renderer->fault, ERR_INVALID, "template_value",
                         "nginx can't be given \"" STR_FMT "\" as %s: %s.", STR_ARG(text),
                         value->name,
                         is_quoted ? "it would take \"$\" for the start of a variable"
                                   : "only letters, digits and \"._-:/[]\" are possible");
    }
    renderer->in_word = true;
    for (size_t i = 0; i < text.len; i++) {
        if (is_quoted && (text.ptr[i] == renderer->mode || text.ptr[i] == '\\')) {
            buf_add_char(renderer->out, '\\');
        }
        buf_add_char(renderer->out, text.ptr[i]);
    }
    return ERR_OK;
}

/* ---- rendering ---- */

/* Renders up to the tag that ends what `start` began, or to {{else}} if that was an {{#if}}, and
 * leaves it in *out_end. Nothing is written unless is_on. Without a scope no name is looked up. */
static enum err render(struct renderer *renderer, const struct template_node *scope, bool is_on,
                       const struct token *start, struct token *out_end);

static enum err render_if(struct renderer *renderer, const struct template_node *scope, bool is_on,
                          const struct token *token, const struct template_node *value)
{
    struct token end;
    bool is_true = value != NULL && (value->first != NULL || value->text.len > 0);
    enum err err = render(renderer, scope, is_on && is_true, token, &end);
    if (!err && end.tag == TAG_ELSE) {
        err = render(renderer, scope, is_on && !is_true, token, &end);
    }
    return !err && end.tag == TAG_ELSE ? mistake(renderer, "has two {{else}}", token->inside) : err;
}

static enum err render_each(struct renderer *renderer, bool is_on, const struct token *token,
                            const struct template_node *list)
{
    struct token end;
    size_t body = renderer->at;
    const struct template_node *row = list == NULL ? NULL : list->first;
    enum err err = row != NULL ? ERR_OK : render(renderer, NULL, false, token, &end);
    for (; !err && row != NULL; row = row->next) {
        renderer->at = body;
        err = render(renderer, row, is_on, token, &end);
    }
    return err;
}

static enum err render_part(struct renderer *renderer, const struct template_node *scope,
                            bool is_on, const struct token *token)
{
    size_t here = renderer->at;
    struct token part = {.tag = TAG_COMMENT};
    struct token end;
    enum err err = ERR_OK;
    renderer->at = 0;
    while (!err && part.tag != TAG_NONE &&
           !(part.tag == TAG_PART && str_equal(part.name, token->name))) {
        err = read_token(renderer, &part);
    }
    if (!err && part.tag == TAG_PART) {
        err = render(renderer, scope, is_on, &part, &end);
    } else if (!err) {
        err = mistake(renderer, "names no part", token->inside);
    }
    renderer->at = here;
    return err;
}

static enum err render_token(struct renderer *renderer, const struct template_node *scope,
                             bool is_on, const struct token *token)
{
    struct token end;
    const struct template_node *value = find(scope, token->name);
    bool names_list = token->tag == TAG_EACH;
    bool names_text = token->tag == TAG_VALUE;
    if (names_list || names_text || token->tag == TAG_IF) {
        if (scope != NULL && value == NULL) {
            return mistake(renderer, "names no value", token->inside);
        }
        if (value != NULL && (value->is_list ? names_text : names_list)) {
            return mistake(renderer, "takes the other kind of value", token->inside);
        }
    }
    switch (token->tag) {
    case TAG_VALUE:
        return is_on && value != NULL ? emit_value(renderer, value) : ERR_OK;
    case TAG_IF:
        return render_if(renderer, scope, is_on, token, value);
    case TAG_EACH:
        return render_each(renderer, is_on, token, value);
    case TAG_PART: /* its names are looked up where it's included */
        return render(renderer, NULL, false, token, &end);
    case TAG_INCLUDE:
        return render_part(renderer, scope, is_on, token);
    default:
        return ERR_OK;
    }
}

static enum err render(struct renderer *renderer, const struct template_node *scope, bool is_on,
                       const struct token *start, struct token *out_end)
{
    static const enum tag ends[] = {[TAG_IF] = TAG_END_IF,
                                    [TAG_EACH] = TAG_END_EACH,
                                    [TAG_PART] = TAG_END_PART,
                                    [TAG_NONE] = TAG_NONE};
    struct token token = {.tag = TAG_NONE};
    enum err err = ++renderer->depth > DEPTH_MAX
                       ? mistake(renderer, "is nested too deep", start->inside)
                       : ERR_OK;
    while (!err) {
        err = read_token(renderer, &token);
        if (!err && is_on) {
            emit(renderer, token.before);
        }
        if (!err && token.tag >= TAG_ELSE) {
            break;
        }
        err = err ? err : render_token(renderer, scope, is_on, &token);
    }
    if (!err && token.tag != ends[start->tag] && !(token.tag == TAG_ELSE && start->tag == TAG_IF)) {
        err = token.tag == TAG_NONE ? mistake(renderer, "has no end", start->inside)
                                    : mistake(renderer, "ends nothing", token.inside);
    }
    renderer->depth--;
    *out_end = token;
    return err;
}

enum err template_render(struct str text, const struct template_node *scope, struct buf *out,
                         struct fault *fault)
{
    struct renderer renderer = {.text = text, .out = out, .fault = fault};
    struct token start = {.tag = TAG_NONE};
    struct token end;
    enum err err = render(&renderer, scope, true, &start, &end);
    if (!err && renderer.mode != MODE_PLAIN && renderer.mode != MODE_COMMENT) {
        err = fault_set(fault, ERR_INTERNAL, "template", "nginx.conf.in leaves a %c open.",
                        renderer.mode);
    }
    return err;
}
