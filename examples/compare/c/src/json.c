/* Reads an order as JSON, and answers with a summary of it. */
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "reader.h"
#include "writer.h"

typedef struct {
    text_t tag;
    size_t item;
} tagging_t;

typedef struct {
    size_t count;
    int64_t total;
    text_t *names;
    tagging_t *taggings;
    size_t tagging_count;
} order_t;

/* Room for one more element in an array that grows by doubling. */
static void *grow(void *array, size_t count, size_t size) {
    bool full = (count & (count - 1)) == 0;
    void *grown = full ? realloc(array, (count == 0 ? 1 : 2 * count) * size) : array;
    if (grown == NULL) {
        abort();
    }
    return grown;
}

static text_t upper(text_t name) {
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] >= 'a' && name.at[i] <= 'z') {
            name.at[i] -= 'a' - 'A';
        }
    }
    return name;
}

static void read_tags(reader_t *in, order_t *order) {
    enter(in, '[');
    while (more(in, ']')) {
        order->taggings = grow(order->taggings, order->tagging_count, sizeof *order->taggings);
        order->taggings[order->tagging_count++] = (tagging_t){read_string(in), order->count};
    }
}

static void read_item(reader_t *in, order_t *order) {
    enum { NAME = 1, PRICE = 2, QUANTITY = 4, TAGS = 8, ALL = 15 };
    int seen = 0;
    text_t name = {0};
    int64_t price = 0, quantity = 0;
    enter(in, '{');
    while (more(in, '}')) {
        text_t key = read_name(in);
        if (text_equal(key, TEXT_OF("name"))) {
            name = upper(read_string(in));
            seen |= NAME;
        } else if (text_equal(key, TEXT_OF("price"))) {
            price = read_integer(in);
            seen |= PRICE;
        } else if (text_equal(key, TEXT_OF("quantity"))) {
            quantity = read_integer(in);
            seen |= QUANTITY;
        } else if (text_equal(key, TEXT_OF("tags"))) {
            read_tags(in, order);
            seen |= TAGS;
        } else {
            skip(in);
        }
    }
    in->failed |= seen != ALL;
    order->names = grow(order->names, order->count, sizeof *order->names);
    order->names[order->count++] = name;
    order->total += price * quantity;
}

static bool read_order(text_t body, order_t *order) {
    reader_t in = read_json(body);
    bool seen = false;
    enter(&in, '{');
    while (more(&in, '}')) {
        if (!text_equal(read_name(&in), TEXT_OF("items"))) {
            skip(&in);
            continue;
        }
        enter(&in, '[');
        while (more(&in, ']')) {
            read_item(&in, order);
        }
        seen = true;
    }
    return finish(&in) && seen;
}

static int compare_texts(const void *left, const void *right) {
    const text_t *a = left, *b = right;
    int order = memcmp(a->at, b->at, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_taggings(const void *left, const void *right) {
    const tagging_t *a = left, *b = right;
    int order = compare_texts(&a->tag, &b->tag);
    return order != 0 ? order : (a->item > b->item) - (a->item < b->item);
}

/* An item that lists a tag twice has it once. */
static void write_tags(writer_t *out, const tagging_t *taggings, size_t count) {
    for (size_t i = 0; i < count;) {
        text_t tag = taggings[i].tag;
        int64_t items = 1;
        size_t next = i + 1;
        for (; next < count && text_equal(taggings[next].tag, tag); next++) {
            items += taggings[next].item != taggings[next - 1].item;
        }
        write_text(out, i == 0 ? "" : ",");
        write_string(out, tag);
        write_text(out, ":");
        write_integer(out, items);
        i = next;
    }
}

response_t handle(request_t request) {
    text_t body;
    order_t order = {0};
    if (!read_body(request, &body) || !read_order(body, &order)) {
        return bad_request();
    }
    if (order.count > 0) {
        qsort(order.names, order.count, sizeof *order.names, compare_texts);
    }
    if (order.tagging_count > 0) {
        qsort(order.taggings, order.tagging_count, sizeof *order.taggings, compare_taggings);
    }
    writer_t out = {0};
    write_text(&out, "{\"count\":");
    write_integer(&out, (int64_t)order.count);
    write_text(&out, ",\"total\":");
    write_integer(&out, order.total);
    write_text(&out, ",\"names\":[");
    for (size_t i = 0; i < order.count; i++) {
        write_text(&out, i == 0 ? "" : ",");
        write_string(&out, order.names[i]);
    }
    write_text(&out, "],\"tags\":{");
    write_tags(&out, order.taggings, order.tagging_count);
    write_text(&out, "}}");
    return (response_t){200, JSON, {out.at, out.length}};
}
