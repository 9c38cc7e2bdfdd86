//! Random numbers, from `wasi:random`.

/// `length` random bytes, fit for keys and tokens.
pub fn bytes(length: usize) -> Vec<u8> {
    wasip2::random::random::get_random_bytes(length as u64)
}

/// A random number over the whole range of `u64`.
pub fn u64() -> u64 {
    wasip2::random::random::get_random_u64()
}
