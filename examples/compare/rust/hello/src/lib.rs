//! Answers every request with the same text.

use glowplug_sdk::{Context, Request, Response};

async fn handle(_request: Request, _ctx: Context) -> Response {
    Response::from_text("Hello from glowplug!\n")
}

glowplug_sdk::export!(handle);
