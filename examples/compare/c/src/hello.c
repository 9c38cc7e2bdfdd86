/* Answers every request with the same text. */
#include "http.h"

response_t handle(request_t request) {
    (void)request;
    return (response_t){200, TEXT, TEXT_OF("Hello from glowplug!\n")};
}
