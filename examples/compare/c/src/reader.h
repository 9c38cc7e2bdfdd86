/* Reads JSON (RFC 8259) one value after another, without building a tree:
 *
 *     reader_t in = read_json(body);
 *     enter(&in, '[');
 *     while (more(&in, ']')) {
 *         sum += read_integer(&in);
 *     }
 *     if (!finish(&in)) { ... it was not that ... }
 *
 * After the first mistake everything reads as empty and `more` is false, so it is enough to ask at the end.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"

typedef struct {
    char *at;
    char *end;
    /* Nothing of the innermost list or object has been read. */
    bool first;
    bool failed;
} reader_t;

/* Escapes in strings are resolved in place: the text is changed. */
reader_t read_json(text_t text);

/* Begin a list or an object: `[` or `{`. */
void enter(reader_t *in, char open);

/* Whether there is another element or member before the end, `]` or `}`, which is read. */
bool more(reader_t *in, char close);

/* The name of a member; its value must be read next. */
text_t read_name(reader_t *in);

text_t read_string(reader_t *in);

/* A number without fraction or exponent. */
int64_t read_integer(reader_t *in);

/* Any value. */
void skip(reader_t *in);

/* Whether all went well, and nothing is left. */
bool finish(reader_t *in);

#endif
