//! `Math.random`, seeded per request, and random bytes for `crypto`.

use std::cell::Cell;

use rquickjs::{ArrayBuffer, Ctx, Result};

use crate::bindings::wasi::random::random;

use super::engine::{self, Phase};

/// Where the sequence starts during start-up: fixed, so that a build is reproducible.
const START_UP_SEED: u64 = 0x676c_6f77_706c_7567;

/// State of an xorshift64* generator; zero is not in its cycle and means "seed first".
const UNSEEDED: u64 = 0;

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(UNSEEDED) };
}

/// A new request: the first use takes a new seed from the host.
pub fn begin() {
    STATE.set(UNSEEDED);
}

/// `Math.random()`: 53 random bits in [0, 1).
pub fn random() -> f64 {
    let mut state = STATE.get();
    if state == UNSEEDED {
        state = seed();
    }
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    STATE.set(state);
    let bits = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
    bits as f64 / (1u64 << 53) as f64
}

/// `length` bytes from the host's secure generator.
pub fn random_bytes(ctx: Ctx<'_>, length: u32) -> Result<ArrayBuffer<'_>> {
    engine::disallow_at_start_up(&ctx, "random values")?;
    ArrayBuffer::new(ctx, random::get_random_bytes(u64::from(length)))
}

fn seed() -> u64 {
    match engine::phase() {
        Phase::StartUp => START_UP_SEED,
        Phase::Request => random::get_random_u64().max(1),
    }
}
