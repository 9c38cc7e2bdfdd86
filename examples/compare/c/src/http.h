/* What a worker needs of wasi:http: it defines `handle`, and gets a request for a response. */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy.h"

#define TEXT "text/plain; charset=utf-8"
#define JSON "application/json"

/* Bytes of a known length, not ended by a zero. */
typedef struct {
    char *at;
    size_t length;
} text_t;

/* A literal as text. */
#define TEXT_OF(literal) ((text_t){(literal), sizeof(literal) - 1})

typedef wasi_http_types_borrow_incoming_request_t request_t;

typedef struct {
    wasi_http_types_status_code_t status;
    const char *content_type;
    text_t body;
} response_t;

/* The worker. Nothing it allocates needs to be freed: its memory lasts for this one request. */
response_t handle(request_t request);

/* The URL's path and query, such as `/search?q=pears`. */
text_t path_and_query(request_t request);

/* The value of a query parameter, as it stands in the URL. False if there is none of that name. */
bool query_parameter(request_t request, text_t name, text_t *value);

/* The whole body, once. False if the client broke off. */
bool read_body(request_t request, text_t *body);

bool text_equal(text_t one, text_t other);

/* A 400. */
response_t bad_request(void);

#endif
