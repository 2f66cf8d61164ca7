/*
 * nginx configuration with gaps, which values fill.
 *
 *     {{name}}                               the value of a name
 *     {{#if name}} … {{else}} … {{/if}}      if the value isn't empty, or the list has rows
 *     {{#each name}} … {{/each}}             once for each row of a list, whose names come first
 *     {{#part name}} … {{/part}}             kept for any number of {{> name}}, before or after it
 *     {{! … }}                               a comment
 *
 * A tag that is alone on its line takes the whole line with it, unless it is a value.
 *
 * A value stays one word of nginx's, or a piece of one. Inside quotes, its quotes and backslashes
 * are escaped; outside, it may hold nothing but letters, digits and "._-:/[]". It's refused if it
 * holds a "$", which nginx would take for a variable. All names are looked up, including those in
 * branches that aren't taken, so each rendering finds a name that doesn't exist.
 */
#ifndef INLAY_SERVE_TEMPLATE_H
#define INLAY_SERVE_TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct template_node; /* names with their texts and lists, or a list of rows; the arena owns it */

/* Names are literals, texts are copied. */
struct template_node *template_new(struct arena *arena);
void template_set(struct template_node *scope, const char *name, const char *text);
void template_set_number(struct template_node *scope, const char *name, int64_t number);
void template_set_flag(struct template_node *scope, const char *name, bool is_set);

/* A list without rows, and one more row, which holds names itself. */
struct template_node *template_add_list(struct template_node *scope, const char *name);
struct template_node *template_add_row(struct template_node *list);

/* ERR_INVALID for a value that nginx can't take, ERR_INTERNAL for a mistake in the template, with
 * the line. *out is incomplete then. */
MUST_CHECK enum err template_render(struct str text, const struct template_node *scope,
                                    struct buf *out, struct fault *fault);

#endif
