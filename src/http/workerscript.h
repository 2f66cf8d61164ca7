/*
 * Scripts of service workers: what their text says about how a guard can stand in front of it.
 *
 * The answer is read off the text around each occurrence of a word, without knowing what is a
 * comment, a string or a regular expression: telling these apart needs a parser, and one mistake
 * would let a script past the guard.
 */
#ifndef INLAY_HTTP_WORKERSCRIPT_H
#define INLAY_HTTP_WORKERSCRIPT_H

#include "base/str.h"

/*
 * Might this be a module that imports others, which run before its own first line? True for every
 * text with an import or export declaration (ECMA-262 16.2) wherever it stands. Also true for some
 * scripts without one: where the word begins a line of a comment or of a text.
 */
bool workerscript_may_import(struct str script);

/* Does it begin with the directive "use strict" (ECMA-262 11.2.1)? Behind something else it
 * would be none. */
bool workerscript_is_strict(struct str script);

/* Is this Content-Type one that browsers take for a script? No text that they take for one gives
 * false. */
bool workerscript_is_type(struct str content_type);

#endif
