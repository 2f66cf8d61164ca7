/*
 * What a command prints: messages, and aligned tables and records out of the server's JSON. Control
 * characters that came from elsewhere never reach the terminal.
 */
#ifndef INLAY_CLI_OUTPUT_H
#define INLAY_CLI_OUTPUT_H

#include <jansson.h>

#include "cli/client.h"

/* "inlay: …" on standard error; returns code, so that "return output_fail(…)" reads well. */
enum exit_code output_fail(enum exit_code code, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same for a fault. */
enum exit_code output_fail_fault(enum exit_code code, const struct fault *fault);

/* Notes for people, on standard error, so that standard output is the result alone. */
void output_note(const char *format, ...) PRINTF_LIKE(1, 2);

struct column {
    const char *title;
    const char *member; /* dotted path: "user.email" */
};

/* items is an array of objects; nothing is what to say when it is empty. Null is "-", times have no
 * milliseconds, arrays are joined by commas, here and below. */
void output_table(const json_t *items, const struct column *columns, size_t count,
                  const char *nothing);

/* One object as a line: its columns with two spaces between them, those without a value left out.
 */
void output_line(const json_t *object, const struct column *columns, size_t count);

/* The object of an answer as a record, or with --json as it came. Ends the answer. */
void output_answer(const struct client *client, struct answer *answer, const struct column *columns,
                   size_t count);

/* GET, then output_answer(). */
enum exit_code output_object(struct client *client, struct buf path, const struct column *columns,
                             size_t count);

/* A call with a body, which may be NULL for none, then output_answer(). Ends path and body. */
enum exit_code output_sent_object(struct client *client, const char *method, struct buf path,
                                  json_t *body, const struct column *columns, size_t count);

/* Every page of a list as a table, or with --json as one array. Ends path. */
enum exit_code output_list(struct client *client, struct buf path, const struct column *columns,
                           size_t count, const char *nothing);

/* A call without an interesting answer; says format for people. Ends path. */
enum exit_code output_call(struct client *client, const char *method, struct buf path,
                           const char *format, ...) PRINTF_LIKE(4, 5);

/* Results for people that are no table, on standard output; nothing with --json. */
void output_say(const struct client *client, const char *format, ...) PRINTF_LIKE(2, 3);

/* One line, then a line break. */
void output_json(const json_t *json);

/* "340 kB" */
void output_bytes(int64_t bytes, char out_text[16]);

#endif
