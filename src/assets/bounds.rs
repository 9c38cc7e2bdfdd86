//! Limits of static assets.
//!
//! The numbers are Cloudflare's, where it has one.

use crate::limits::{Consequence, Limit, Unit};

/// Files of one version.
pub const FILES: Limit = fixed(
    "number of static files",
    Unit::Count,
    100_000,
    Consequence::BuildFails,
    "every file is a line of the index, which is held in memory whole; what Cloudflare allows on its paid plan",
);

/// One file.
pub const FILE: Limit = fixed(
    "static file",
    Unit::Bytes,
    25 << 20,
    Consequence::BuildFails,
    "a file is read into memory whole to answer a request",
);

/// Path of a file, from the folder's root, in UTF-8.
pub const PATH: Limit = fixed(
    "path of a static file",
    Unit::Bytes,
    2048,
    Consequence::BuildFails,
    "percent-encoded it is three times as long at most, and must fit into a URL",
);

/// An index as JSON.
pub const INDEX: Limit = fixed(
    "index of static files",
    Unit::Bytes,
    64 << 20,
    Consequence::BuildFails,
    "it is held in memory whole; the most files that are allowed take some 15 MB with usual paths",
);

/// Rules in `_headers`.
pub const HEADER_RULES: Limit = fixed(
    "number of rules in `_headers`",
    Unit::Count,
    100,
    Consequence::Truncated,
    "each is tried for every answer; the same as Cloudflare's",
);

/// One line of `_headers`, in characters.
pub const HEADER_LINE: Limit =
    fixed("line of `_headers`", Unit::Count, 2000, Consequence::Truncated, "the same as Cloudflare's");

/// Rules in `_redirects` without splat or placeholder, ahead of the first with one.
pub const STATIC_REDIRECTS: Limit = fixed(
    "number of static rules in `_redirects`",
    Unit::Count,
    2000,
    Consequence::Truncated,
    "the same as Cloudflare's",
);

/// All other rules in `_redirects`.
pub const DYNAMIC_REDIRECTS: Limit = fixed(
    "number of dynamic rules in `_redirects`",
    Unit::Count,
    100,
    Consequence::Truncated,
    "each is tried for every request; the same as Cloudflare's",
);

/// One line of `_redirects`, in characters.
pub const REDIRECT_LINE: Limit =
    fixed("line of `_redirects`", Unit::Count, 1000, Consequence::Truncated, "the same as Cloudflare's");

/// Rules in `run_worker_first`.
pub const WORKER_FIRST_RULES: Limit = fixed(
    "number of rules in `run_worker_first`",
    Unit::Count,
    100,
    Consequence::BuildFails,
    "each is tried for every request; the same as Cloudflare's",
);

/// One rule of `run_worker_first`, in characters.
pub const WORKER_FIRST_RULE: Limit =
    fixed("rule of `run_worker_first`", Unit::Count, 100, Consequence::BuildFails, "the same as Cloudflare's");

/// A limit that is the same for every worker.
const fn fixed(name: &'static str, unit: Unit, value: u64, consequence: Consequence, reason: &'static str) -> Limit {
    Limit { name, key: None, unit, default: value, minimum: value, maximum: value, consequence, reason }
}
