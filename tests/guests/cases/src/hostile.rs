//! What a limit must stop.

use std::hint::black_box;

use futures_util::{future::ready, stream};
use glowplug_sdk::{Body, Bytes, Context, Error, Response, Result};

pub fn spin() -> Result<Response> {
    let mut number = 0_u64;
    loop {
        number = black_box(number.wrapping_add(1));
    }
}

pub fn spin_after_response(ctx: &Context) -> Response {
    ctx.wait_until(async {
        glowplug_sdk::sleep(std::time::Duration::from_millis(1)).await;
        spin().map(drop)
    });
    Response::from_text("answered first")
}

/// Touches each page, so that the memory is really used.
pub fn allocate() -> Result<Response> {
    let mut blocks = Vec::new();
    loop {
        let mut block = Vec::new();
        let length = 1 << 20;
        if block.try_reserve_exact(length).is_err() {
            let text = format!("no memory after {} MiB", blocks.len());
            drop(blocks);
            return Ok(Response::from_text(text));
        }
        block.resize(length, 1_u8);
        blocks.push(black_box(block));
    }
}

pub fn recurse() -> Response {
    Response::from_text(deeper(0).to_string())
}

#[expect(unconditional_recursion, reason = "the stack's limit is to be reached")]
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    deeper(depth + 1) + black_box(frame[0])
}

pub fn panic_after_response(ctx: &Context) -> Response {
    ctx.wait_until(async {
        glowplug_sdk::sleep(std::time::Duration::from_millis(1)).await;
        let asked = black_box(true);
        assert!(!asked, "asked to panic after the response");
    });
    Response::from_text("answered first")
}

pub fn endless() -> Response {
    let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
    let chunks = stream::unfold((), move |()| ready(Some((Ok::<Bytes, Error>(chunk.clone()), ()))));
    Response::new(Body::from_stream(chunks))
}
