//! Write glowplug workers in Rust.
//!
//! A worker is an async function from a [`Request`] to a response, exported with [`export!`]:
//!
//! ```
//! use glowplug_sdk::{Context, Error, Json, OrError, Request, Response, Result, fetch, join_all, log};
//! use glowplug_sdk::http::{Method, StatusCode};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     item: String,
//!     amount: u32,
//! }
//!
//! #[derive(Serialize)]
//! struct Receipt {
//!     text: String,
//! }
//!
//! async fn handle(mut request: Request, ctx: Context) -> Result<Response> {
//!     match (request.method(), request.path()) {
//!         // text, query parameters, headers
//!         (&Method::GET, "/") => {
//!             let name = request.query("name").unwrap_or("world".into());
//!             Response::from_text(format!("Hello, {name}!")).with_header("x-worker", "rust")
//!         }
//!         // JSON in and out; a body that is no `Order` is answered with a 400 that says why
//!         (&Method::POST, "/order") => {
//!             let order: Order = request.json().await?;
//!             let text = format!("{} × {}", order.amount, order.item);
//!             // goes on after the response has been sent
//!             ctx.wait_until(async move {
//!                 let stored = fetch(Request::post("https://log.example/", order.item)?).await?;
//!                 log!("stored: {}", stored.status());
//!                 Ok::<(), Error>(())
//!             });
//!             Response::from_json(&Receipt { text })
//!         }
//!         // subrequests at the same time
//!         (&Method::GET, "/status") => {
//!             let hosts = ["https://a.example/", "https://b.example/"];
//!             let answers = join_all(hosts.map(fetch)).await;
//!             let up = answers.iter().filter(|answer| answer.is_ok()).count();
//!             Ok(Response::from_text(format!("{up} of {} are up\n", hosts.len())))
//!         }
//!         // a body streamed through the worker, without entering its memory
//!         (&Method::POST, "/echo") => Ok(Response::new(request.take_body())),
//!         _ => Err(Error::new(StatusCode::NOT_FOUND, "no such page")),
//!     }
//! }
//!
//! glowplug_sdk::export!(handle);
//! # fn main() {}
//! ```
//!
//! `Cargo.toml` needs `crate-type = ["cdylib"]` under `[lib]`. Built with
//! `cargo build --release --target wasm32-wasip2` the `.wasm` file is a component that `glowplug dev` takes.
//! `wasm32-unknown-unknown` gives a smaller core module that carries its interface types; `wasm-tools
//! component new` makes it a component. Either runs on any host of `wasi:http` 0.2, `wasmtime serve`
//! among them.
//!
//! # Bodies
//!
//! [`Body`] is one type for both directions: bytes, a stream from the network, or chunks written while they
//! are sent ([`Body::pipe`]). Sending waits for a slow reader, so a body of any size takes constant memory.
//!
//! # Bindings
//!
//! [`mod@env`] gives what the worker's configuration binds to a name: variables, secrets, KV namespaces ([`kv`]), other
//! workers, static assets. All but variables need glowplug as the host.
//!
//! # Errors
//!
//! A handler returns anything that is [`IntoResponse`], most often [`Result<Response>`](Result). [`Error`]
//! takes every error through `?` and chooses the status; see there for what the client and the log get.
//! A panic is a bug: its message is logged and the host answers with its own error page.
//!
//! # Why
//!
//! Why not `wstd`, whose executor works in the same way: its bodies must be `Send`, though a worker has one
//! thread; an error of the handler becomes the host's internal error and no response; a future that nothing
//! can wake ends in `unreachable!` where this crate says what happened. What is left to write above the
//! bindings of `wasip2` and the task set of `futures-util` is small: `executor` and `reactor`.

mod body;
mod cache;
mod code;
mod context;
pub mod env;
mod error;
mod executor;
mod fetch;
mod headers;
pub mod kv;
mod log;
pub mod random;
mod reactor;
mod request;
mod response;
mod serve;
pub mod time;

pub use body::{Body, BodyError, BodyWriter};
pub use cache::Caching;
pub use context::{Context, Settled};
pub use env::{BindingError, Service};
pub use error::{Error, OrError};
pub use fetch::{FetchError, fetch};
pub use kv::{Kv, KvError};
pub use request::{IntoRequest, Request};
pub use response::{IntoResponse, Json, Response};
pub use time::sleep;

pub use bytes::Bytes;
pub use futures_util::future::{join, join_all, select, try_join, try_join_all};
pub use futures_util::stream::{Stream, StreamExt};
pub use http;

/// A result whose error becomes a response.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Export `async fn(Request, Context) -> impl IntoResponse` as the worker's handler.
///
/// Use it once, at the top level of the crate. On other targets than Wasm it only checks the types, so that
/// `cargo test` can build the worker for the machine at hand.
#[macro_export]
macro_rules! export {
    ($handler:path) => {
        const _: () = {
            struct Worker;

            impl $crate::__private::Guest for Worker {
                fn handle(request: $crate::__private::IncomingRequest, out: $crate::__private::ResponseOutparam) {
                    $crate::__private::serve(request, out, $handler);
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::__private::export_proxy!(Worker);

            // On other targets nothing else uses the handler, and the compiler would call it dead code.
            #[cfg(not(target_family = "wasm"))]
            let _: fn($crate::__private::IncomingRequest, $crate::__private::ResponseOutparam) =
                <Worker as $crate::__private::Guest>::handle;
        };
    };
}

/// For the macros of this crate only.
#[doc(hidden)]
pub mod __private {
    pub use crate::log::write_log;
    pub use crate::serve::serve;
    pub use wasip2::exports::http::incoming_handler::Guest;
    pub use wasip2::http::proxy::export as export_proxy;
    pub use wasip2::http::types::{IncomingRequest, ResponseOutparam};
}
