/* Computes the Mandelbrot set on a grid, and answers with a checksum of it. */
#include <stdint.h>

#include "http.h"
#include "writer.h"

enum { LIMIT = 50, DEFAULT_SIZE = 64, MAX_SIZE = 1024 };

/* How many steps it takes until the point leaves the circle of radius 2. */
static uint32_t iterations(double re, double im) {
    double zr = 0.0, zi = 0.0;
    uint32_t n = 0;
    while (n < LIMIT && zr * zr + zi * zi <= 4.0) {
        double next = zr * zr - zi * zi + re;
        zi = 2.0 * zr * zi + im;
        zr = next;
        n += 1;
    }
    return n;
}

/* A number from 1 to 1024 without sign or leading zeros; else 0. */
static int parse(text_t text) {
    int size = 0;
    for (size_t i = 0; i < text.length; i++) {
        char digit = text.at[i];
        if (digit < '0' || digit > '9' || (digit == '0' && i == 0)) {
            return 0;
        }
        size = size * 10 + (digit - '0');
        if (size > MAX_SIZE) {
            return 0;
        }
    }
    return size;
}

response_t handle(request_t request) {
    int size = DEFAULT_SIZE;
    text_t given;
    if (query_parameter(request, TEXT_OF("size"), &given)) {
        size = parse(given);
    }
    if (size == 0) {
        return bad_request();
    }
    uint32_t sum = 0, hash = 2166136261u;
    for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
            uint32_t n = iterations(-2.0 + 3.0 * x / size, -1.5 + 3.0 * y / size);
            sum += n;
            hash = (hash ^ n) * 16777619u;
        }
    }
    writer_t out = {0};
    write_text(&out, "size=");
    write_integer(&out, size);
    write_text(&out, " iterations=");
    write_integer(&out, sum);
    write_text(&out, " hash=");
    write_hex(&out, hash, 8);
    write_text(&out, "\n");
    return (response_t){200, TEXT, {out.at, out.length}};
}
