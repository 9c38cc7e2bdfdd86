//! Random numbers of an invocation: independent streams of one recorded seed.

use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

/// Stream for cryptographic random numbers.
pub const SECURE: u64 = 0;
/// Stream for `Math.random` and its like.
pub const INSECURE: u64 = 1;
/// Stream for the seed of hash tables.
const HASHES: u64 = 2;
/// Stream for the addresses of bindings.
pub const ADDRESSES: u64 = 3;

/// The generator of `stream`.
pub fn stream(seed: [u8; 32], stream: u64) -> ChaCha12Rng {
    let mut generator = ChaCha12Rng::from_seed(seed);
    generator.set_stream(stream);
    generator
}

/// Seed of the guest's hash tables.
pub fn hash_seed(seed: [u8; 32]) -> u128 {
    let mut bytes = [0; 16];
    stream(seed, HASHES).fill_bytes(&mut bytes);
    u128::from_le_bytes(bytes)
}
