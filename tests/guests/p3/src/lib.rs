//! `wasi:http` 0.3 by hand: an async export whose body is a component-model stream.

use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::{wit_bindgen, wit_future, wit_stream};

struct P3;

wasip3::http::service::export!(P3);

impl wasip3::exports::http::handler::Guest for P3 {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let headers = Fields::new();
        headers.append("content-type", b"text/plain; charset=utf-8").expect("a static header is valid");
        let (mut body, contents) = wit_stream::new();
        // Dropping the writer completes the future with the closure's value: no trailers.
        let (_, trailers) = wit_future::new(|| Ok(None));
        let (response, _sent) = Response::new(headers, Some(contents), trailers);

        wit_bindgen::spawn_local(async move {
            let text = format!("wasi:http 0.3 saw {path}\n");
            body.write_all(text.into_bytes()).await;
        });
        Ok(response)
    }
}
