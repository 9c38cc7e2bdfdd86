#include "reader.h"

#include <string.h>

/* How deep lists and objects that are skipped may lie in each other. */
enum { MAX_DEPTH = 128 };

reader_t read_json(text_t text) {
    return (reader_t){text.at, text.at + text.length, true, false};
}

static char fail(reader_t *in) {
    in->failed = true;
    in->at = in->end;
    return 0;
}

/* The next character, or 0 at the end: JSON has no place for a zero. */
static char peek(const reader_t *in) {
    return in->at < in->end ? *in->at : 0;
}

static bool take(reader_t *in, char wanted) {
    if (peek(in) != wanted || in->at == in->end) {
        return false;
    }
    in->at += 1;
    return true;
}

static void skip_space(reader_t *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t')) {
        in->at += 1;
    }
}

void enter(reader_t *in, char open) {
    skip_space(in);
    if (!take(in, open)) {
        fail(in);
    }
    in->first = true;
}

bool more(reader_t *in, char close) {
    skip_space(in);
    bool first = in->first;
    in->first = false;
    if (in->failed || take(in, close)) {
        return false;
    }
    if (!first && !take(in, ',')) {
        fail(in);
    }
    return !in->failed;
}

text_t read_name(reader_t *in) {
    text_t name = read_string(in);
    skip_space(in);
    if (!take(in, ':')) {
        fail(in);
    }
    return name;
}

/* Four hexadecimal digits of `\u`. */
static uint32_t read_unit(reader_t *in) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        char digit = peek(in);
        in->at += in->at < in->end;
        char lower = digit | 0x20;
        if (digit >= '0' && digit <= '9') {
            unit = unit * 16 + (uint32_t)(digit - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            unit = unit * 16 + (uint32_t)(lower - 'a' + 10);
        } else {
            fail(in);
        }
    }
    return unit;
}

/* A code point, of one `\u` or of two that are a surrogate pair. */
static uint32_t read_code_point(reader_t *in) {
    uint32_t high = read_unit(in);
    if (high < 0xD800 || high > 0xDFFF) {
        return high;
    }
    uint32_t low = take(in, '\\') && take(in, 'u') ? read_unit(in) : 0;
    if (high > 0xDBFF || low < 0xDC00 || low > 0xDFFF) {
        return (uint32_t)fail(in);
    }
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* UTF-8, which is never longer than the escape it stands for. */
static char *write_code_point(char *out, uint32_t point) {
    if (point < 0x80) {
        *out++ = (char)point;
        return out;
    }
    int following = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    *out++ = (char)(lead[following] | (point >> (6 * following)));
    while (following-- > 0) {
        *out++ = (char)(0x80 | ((point >> (6 * following)) & 0x3F));
    }
    return out;
}

/* What follows a backslash. */
static char *read_escape(reader_t *in, char *out) {
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (take(in, 'u')) {
        return write_code_point(out, read_code_point(in));
    }
    char escape = peek(in);
    const char *found = escape == 0 ? NULL : strchr(escapes, escape);
    if (found == NULL) {
        fail(in);
        return out;
    }
    in->at += 1;
    *out = meanings[found - escapes];
    return out + 1;
}

/* How many characters stand for themselves. */
static size_t plain_length(const char *at, const char *end) {
    const char *start = at;
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
        at += 1;
    }
    return (size_t)(at - start);
}

text_t read_string(reader_t *in) {
    skip_space(in);
    if (!take(in, '"')) {
        fail(in);
    }
    char *start = in->at, *out = start;
    while (!in->failed) {
        char *plain = in->at;
        size_t length = plain_length(plain, in->end);
        in->at += length;
        if (out != plain) {
            memmove(out, plain, length);
        }
        out += length;
        if (take(in, '"')) {
            break;
        }
        /* Else it is a control character, or the end. */
        out = take(in, '\\') ? read_escape(in, out) : out + fail(in);
    }
    return (text_t){start, in->failed ? 0 : (size_t)(out - start)};
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void skip_digits(reader_t *in) {
    if (!is_digit(peek(in))) {
        fail(in);
    }
    while (is_digit(peek(in))) {
        in->at += 1;
    }
}

int64_t read_integer(reader_t *in) {
    skip_space(in);
    bool negative = take(in, '-');
    char *start = in->at;
    skip_digits(in);
    int64_t value = 0;
    bool fits = !in->failed && (*start != '0' || in->at == start + 1);
    for (char *digit = start; digit < in->at && fits; digit++) {
        fits = !__builtin_mul_overflow(value, 10, &value) && !__builtin_add_overflow(value, *digit - '0', &value);
    }
    char next = peek(in);
    if (!fits || next == '.' || next == 'e' || next == 'E') {
        fail(in);
    }
    return in->failed ? 0 : negative ? -value : value;
}

static void skip_number(reader_t *in) {
    take(in, '-');
    if (!take(in, '0')) {
        skip_digits(in);
    }
    if (take(in, '.')) {
        skip_digits(in);
    }
    if (take(in, 'e') || take(in, 'E')) {
        if (!take(in, '+')) {
            take(in, '-');
        }
        skip_digits(in);
    }
}

static void skip_word(reader_t *in, const char *word) {
    while (*word != 0) {
        if (!take(in, *word++)) {
            fail(in);
        }
    }
}

static void skip_within(reader_t *in, int depth) {
    skip_space(in);
    switch (depth > MAX_DEPTH ? fail(in) : peek(in)) {
    case '{':
        for (enter(in, '{'); more(in, '}');) {
            read_name(in);
            skip_within(in, depth + 1);
        }
        break;
    case '[':
        for (enter(in, '['); more(in, ']');) {
            skip_within(in, depth + 1);
        }
        break;
    case '"':
        read_string(in);
        break;
    case 't':
        skip_word(in, "true");
        break;
    case 'f':
        skip_word(in, "false");
        break;
    case 'n':
        skip_word(in, "null");
        break;
    default:
        skip_number(in);
    }
}

void skip(reader_t *in) {
    skip_within(in, 0);
}

bool finish(reader_t *in) {
    skip_space(in);
    return !in->failed && in->at == in->end;
}
