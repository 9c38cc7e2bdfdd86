#include "writer.h"

#include <stdlib.h>
#include <string.h>

static void append(writer_t *out, const char *bytes, size_t length) {
    if (length > out->capacity - out->length) {
        out->capacity = 2 * (out->length + length);
        out->at = realloc(out->at, out->capacity);
        if (out->at == NULL) {
            abort();
        }
    }
    memcpy(out->at + out->length, bytes, length);
    out->length += length;
}

void write_text(writer_t *out, const char *text) {
    append(out, text, strlen(text));
}

static void write_escaped(writer_t *out, char c) {
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c == 0 ? NULL : strchr(escaped, c);
    if (found == NULL) {
        write_text(out, "\\u");
        write_hex(out, (uint32_t)c, 4);
    } else {
        append(out, "\\", 1);
        append(out, &letters[found - escaped], 1);
    }
}

void write_string(writer_t *out, text_t text) {
    write_text(out, "\"");
    size_t plain = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '"' || c == '\\' || (unsigned char)c < 0x20) {
            append(out, text.at + plain, i - plain);
            write_escaped(out, c);
            plain = i + 1;
        }
    }
    append(out, text.at + plain, text.length - plain);
    write_text(out, "\"");
}

void write_integer(writer_t *out, int64_t number) {
    char digits[20], *start = digits + sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        *--start = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        *--start = '-';
    }
    append(out, start, (size_t)(digits + sizeof digits - start));
}

void write_hex(writer_t *out, uint32_t number, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        append(out, &"0123456789abcdef"[(number >> shift) & 15], 1);
    }
}
