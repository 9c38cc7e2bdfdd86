//! `wasi:http` 0.2 by hand: what any language's component looks like to the host. Blocking calls only.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct Bare;

wasip2::http::proxy::export!(Bare);

impl Guest for Bare {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let headers = Fields::new();
        headers.append("content-type", b"text/plain; charset=utf-8").expect("a static header is valid");
        let response = OutgoingResponse::new(headers);
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(out, Ok(response));

        let text = format!("bare wasi:http 0.2 saw {path}\n");
        let stream = body.write().expect("the stream is taken once");
        // `blocking-write-and-flush` takes at most 4096 bytes.
        for chunk in text.as_bytes().chunks(4096) {
            if stream.blocking_write_and_flush(chunk).is_err() {
                return; // the client left
            }
        }
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}
