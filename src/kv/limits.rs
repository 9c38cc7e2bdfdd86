//! The limits of a KV namespace: those that Workers KV documents, and two that keep a bulk request small.

use crate::limits::{Consequence, Limit, Unit};

const MIB: u64 = 1024 * 1024;

/// A key's name, and the prefix of a listing.
pub const KEY: Limit =
    fixed("KV key", Unit::Bytes, 512, "keys are held in memory by the thousand when they are listed");

/// A value.
pub const VALUE: Limit =
    fixed("KV value", Unit::Bytes, 25 * MIB, "a value is held in memory whole while it is read and written");

/// An entry's metadata, as JSON text.
pub const METADATA: Limit =
    fixed("KV metadata", Unit::Bytes, 1024, "metadata comes with every key of a listing, a thousand at a time");

/// The shortest time to an entry's expiration.
pub const EXPIRATION: Limit = fixed(
    "least time to a KV expiration",
    Unit::Milliseconds,
    60_000,
    "Workers KV takes no less, and code that was tried here must work there",
);

/// The shortest `cacheTtl`. It is checked and changes nothing: reads are never stale.
pub const CACHE_TTL: Limit = fixed(
    "least KV cache TTL",
    Unit::Milliseconds,
    30_000,
    "Workers KV takes no less, and code that was tried here must work there",
);

/// Keys of one page of a listing.
pub const LIST: Limit = fixed("KV keys listed at a time", Unit::Count, 1_000, "a page is held in memory whole");

/// Keys of one bulk read.
pub const BULK_READ: Limit =
    fixed("KV keys read at a time", Unit::Count, 100, "a bulk read counts as one subrequest, so it must be bounded");

/// Values of one bulk read, together.
pub const BULK_READ_VALUES: Limit =
    fixed("KV values read at a time", Unit::Bytes, 25 * MIB, "they are held in memory together");

/// The JSON that answers a bulk read.
pub const BULK_READ_ANSWER: Limit = fixed(
    "answer of a KV bulk read",
    Unit::Bytes,
    50 * MIB,
    "a byte of a value can take six in JSON; text takes little more than itself",
);

/// The JSON that asks for a bulk read.
pub const BULK_READ_REQUEST: Limit =
    fixed("request of a KV bulk read", Unit::Bytes, MIB, "a hundred of the longest keys fit, with all of them escaped");

/// Entries of one bulk write or bulk deletion.
pub const BULK_WRITE: Limit = fixed(
    "KV keys written at a time",
    Unit::Count,
    10_000,
    "a bulk write counts as one subrequest, so it must be bounded; the same number that Workers KV gives",
);

/// All limits of KV, in the order of the documentation.
pub const ALL: &[&Limit] = &[
    &KEY,
    &VALUE,
    &METADATA,
    &EXPIRATION,
    &CACHE_TTL,
    &LIST,
    &BULK_READ,
    &BULK_READ_VALUES,
    &BULK_READ_ANSWER,
    &BULK_READ_REQUEST,
    &BULK_WRITE,
];

/// A limit that is the same for every worker; past it, the worker sees an error.
const fn fixed(name: &'static str, unit: Unit, value: u64, reason: &'static str) -> Limit {
    let consequence = Consequence::GuestError;
    Limit { name, key: None, unit, default: value, minimum: value, maximum: value, consequence, reason }
}
