//! A worker in Rust.
//!
//! ```sh
//! rustup target add wasm32-wasip2
//! cargo build --release --target wasm32-wasip2
//! glowplug dev target/wasm32-wasip2/release/hello_rust.wasm
//! ```

use glowplug_sdk::http::{Method, StatusCode};
use glowplug_sdk::{Context, Error, Request, Response, Result};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Greeting {
    name: String,
}

#[derive(Serialize)]
struct Answer {
    message: String,
}

async fn handle(mut request: Request, _ctx: Context) -> Result<Response> {
    match (request.method(), request.path()) {
        // curl 'http://127.0.0.1:8787/?name=you'
        (&Method::GET, "/") => {
            let name = request.query("name").unwrap_or("world".into());
            Ok(Response::from_text(format!("Hello, {name}!\n")))
        }
        // curl http://127.0.0.1:8787/greet -d '{"name": "you"}'
        (&Method::POST, "/greet") => {
            let Greeting { name } = request.json().await?;
            let message = format!("Hello, {name}!");
            Response::from_json(&Answer { message })
        }
        // curl http://127.0.0.1:8787/echo --data-binary @a-big-file
        (&Method::POST, "/echo") => Ok(Response::new(request.take_body())),
        _ => Err(Error::new(StatusCode::NOT_FOUND, "no such page")),
    }
}

glowplug_sdk::export!(handle);
