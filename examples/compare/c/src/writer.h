/* Puts text and JSON together, in memory that grows. A writer begins as `{0}`.
 *
 * In place of printf, which would bring the files of WASI preview 1 into the component.
 */
#ifndef WRITER_H
#define WRITER_H

#include <stdint.h>

#include "http.h"

typedef struct {
    char *at;
    size_t length;
    size_t capacity;
} writer_t;

/* Text as it is. */
void write_text(writer_t *out, const char *text);

/* A string in quotes, with the escapes that it needs. */
void write_string(writer_t *out, text_t text);

void write_integer(writer_t *out, int64_t number);

/* The lowest digits of a number, in lower case. */
void write_hex(writer_t *out, uint32_t number, int digits);

#endif
