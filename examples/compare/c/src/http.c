#include "http.h"

#include <stdlib.h>
#include <string.h>

/* The most that one blocking read may give, and one blocking write may take (wasi:io/streams). */
enum { READ_LENGTH = 64 * 1024, WRITE_LENGTH = 4096 };

static void send(wasi_http_types_own_response_outparam_t out, response_t response);
static void write_all(wasi_http_types_own_output_stream_t stream, text_t body);

/* The component's export. */
void exports_wasi_http_incoming_handler_handle(
    exports_wasi_http_incoming_handler_own_incoming_request_t request,
    exports_wasi_http_incoming_handler_own_response_outparam_t out) {
    response_t response = handle(wasi_http_types_borrow_incoming_request(request));
    wasi_http_types_incoming_request_drop_own(request);
    send(out, response);
}

text_t path_and_query(request_t request) {
    proxy_string_t path;
    if (!wasi_http_types_method_incoming_request_path_with_query(request, &path)) {
        return TEXT_OF("/");
    }
    return (text_t){(char *)path.ptr, path.len};
}

bool query_parameter(request_t request, text_t name, text_t *value) {
    text_t url = path_and_query(request);
    char *end = url.at + url.length;
    char *query = memchr(url.at, '?', url.length);
    while (query != NULL) {
        query += 1;
        char *next = memchr(query, '&', (size_t)(end - query));
        char *stop = next == NULL ? end : next;
        char *equals = memchr(query, '=', (size_t)(stop - query));
        text_t key = {query, (size_t)((equals == NULL ? stop : equals) - query)};
        if (text_equal(key, name)) {
            char *start = equals == NULL ? stop : equals + 1;
            *value = (text_t){start, (size_t)(stop - start)};
            return true;
        }
        query = next;
    }
    return false;
}

bool read_body(request_t request, text_t *body) {
    wasi_http_types_own_incoming_body_t incoming;
    wasi_http_types_own_input_stream_t stream;
    if (!wasi_http_types_method_incoming_request_consume(request, &incoming)) {
        return false;
    }
    if (!wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(incoming), &stream)) {
        return false;
    }
    wasi_io_streams_borrow_input_stream_t input = wasi_io_streams_borrow_input_stream(stream);
    wasi_io_streams_stream_error_t error;
    proxy_list_u8_t chunk;
    *body = (text_t){NULL, 0};
    while (wasi_io_streams_method_input_stream_blocking_read(input, READ_LENGTH, &chunk, &error)) {
        char *longer = realloc(body->at, body->length + chunk.len + 1);
        if (longer == NULL) {
            return false;
        }
        memcpy(longer + body->length, chunk.ptr, chunk.len);
        *body = (text_t){longer, body->length + chunk.len};
        proxy_list_u8_free(&chunk);
    }
    wasi_io_streams_input_stream_drop_own(stream);
    wasi_http_types_incoming_body_drop_own(incoming);
    return error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED;
}

bool text_equal(text_t one, text_t other) {
    return one.length == other.length && memcmp(one.at, other.at, one.length) == 0;
}

response_t bad_request(void) {
    return (response_t){400, TEXT, TEXT_OF("bad request\n")};
}

static void set_header(wasi_http_types_own_fields_t headers, const char *name, const char *value) {
    proxy_string_t field = {(uint8_t *)name, strlen(name)};
    wasi_http_types_field_value_t content = {(uint8_t *)value, strlen(value)};
    wasi_http_types_header_error_t refused;
    wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(headers), &field, &content, &refused);
}

/* Written backwards, before `end`. */
static const char *decimal(size_t number, char *end) {
    *--end = 0;
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return end;
}

static void send(wasi_http_types_own_response_outparam_t out, response_t response) {
    wasi_http_types_own_fields_t headers = wasi_http_types_constructor_fields();
    set_header(headers, "content-type", response.content_type);
    char length[24];
    set_header(headers, "content-length", decimal(response.body.length, length + sizeof length));

    wasi_http_types_own_outgoing_response_t outgoing = wasi_http_types_constructor_outgoing_response(headers);
    wasi_http_types_borrow_outgoing_response_t head = wasi_http_types_borrow_outgoing_response(outgoing);
    wasi_http_types_method_outgoing_response_set_status_code(head, response.status);
    wasi_http_types_own_outgoing_body_t body;
    wasi_http_types_method_outgoing_response_body(head, &body);

    /* The head goes first: the body is read while it is written. */
    wasi_http_types_result_own_outgoing_response_error_code_t result = {.is_err = false, .val.ok = outgoing};
    wasi_http_types_static_response_outparam_set(out, &result);

    wasi_http_types_own_output_stream_t stream;
    wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream);
    write_all(stream, response.body);
    wasi_io_streams_output_stream_drop_own(stream);
    wasi_http_types_error_code_t broken;
    wasi_http_types_static_outgoing_body_finish(body, NULL, &broken);
}

/* Stops when the client is gone. */
static void write_all(wasi_http_types_own_output_stream_t stream, text_t body) {
    wasi_io_streams_borrow_output_stream_t output = wasi_io_streams_borrow_output_stream(stream);
    wasi_io_streams_stream_error_t error;
    while (body.length > 0) {
        size_t length = body.length < WRITE_LENGTH ? body.length : WRITE_LENGTH;
        proxy_list_u8_t chunk = {(uint8_t *)body.at, length};
        if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(output, &chunk, &error)) {
            return;
        }
        body = (text_t){body.at + length, body.length - length};
    }
}
