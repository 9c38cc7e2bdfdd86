//! Names for requests: unique on a node, unguessable enough not to be mistaken for another's.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(RandomState::new().hash_one(std::process::id())));

/// A new id of 16 hexadecimal digits.
pub fn next() -> Arc<str> {
    // A multiplication by an odd number is a permutation, so ids do not repeat, and neighbours do not look alike.
    let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{number:016x}").into()
}
