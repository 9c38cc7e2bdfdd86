//! Computes the Mandelbrot set on a grid, and answers with a checksum of it.

use glowplug_sdk::http::StatusCode;
use glowplug_sdk::{Context, OrError, Request, Response, Result};

const LIMIT: u8 = 50;

async fn handle(request: Request, _ctx: Context) -> Result<Response> {
    let size = match request.query("size") {
        None => 64,
        Some(text) => parse(&text).or_error(StatusCode::BAD_REQUEST, "bad request")?,
    };
    let (mut sum, mut hash) = (0_u32, 2_166_136_261_u32);
    for y in 0..size {
        for x in 0..size {
            let re = -2.0 + 3.0 * f64::from(x) / f64::from(size);
            let im = -1.5 + 3.0 * f64::from(y) / f64::from(size);
            let n = iterations(re, im);
            sum += u32::from(n);
            hash = (hash ^ u32::from(n)).wrapping_mul(16_777_619);
        }
    }
    Ok(Response::from_text(format!("size={size} iterations={sum} hash={hash:08x}\n")))
}

/// A number from 1 to 1024 without sign or leading zeros.
fn parse(text: &str) -> Option<u16> {
    let size = text.parse().ok().filter(|size| (1..=1024).contains(size))?;
    text.starts_with(|first| matches!(first, '1'..='9')).then_some(size)
}

/// How many steps it takes until the point leaves the circle of radius 2.
fn iterations(re: f64, im: f64) -> u8 {
    let (mut zr, mut zi) = (0.0, 0.0);
    let mut n = 0;
    while n < LIMIT && zr * zr + zi * zi <= 4.0 {
        (zr, zi) = (zr * zr - zi * zi + re, 2.0 * zr * zi + im);
        n += 1;
    }
    n
}

glowplug_sdk::export!(handle);
