//! Static assets of a worker: collected from a folder, kept as an index and blobs, served over HTTP.
//!
//! [`collect`] runs on the client and reads a folder with its `_headers`, `_redirects` and `.assetsignore`. What it
//! gives is an [`Index`], stored as one blob, and files, each a blob of its own. [`Index::parse`] is the gate for an
//! index that somebody uploads. [`Assets`] answers requests from an index and the blobs.
//!
//! ## Why
//! Which file, redirect or header a path gets follows Cloudflare's Workers static assets to the letter, odd cases
//! included, since sites are written against them. Everything that can be wrong in a rule is found when an index is
//! made or parsed, so that serving has no errors but those of storage.

mod bounds;
mod collect;
mod error;
mod headers_file;
mod index;
mod path;
mod pattern;
mod redirects_file;
mod resolve;
mod rule_url;
mod serve;
mod settings;
mod target;

#[cfg(test)]
mod tests;

pub use self::bounds::{
    DYNAMIC_REDIRECTS, FILE, FILES, HEADER_LINE, HEADER_RULES, INDEX, PATH, REDIRECT_LINE, STATIC_REDIRECTS,
    WORKER_FIRST_RULE, WORKER_FIRST_RULES,
};
pub use self::collect::{Collected, collect};
pub use self::error::{Error, PathProblem};
pub use self::index::{File, Index};
pub use self::serve::Assets;
pub use self::settings::{HtmlHandling, NotFoundHandling, Settings, WorkerFirst};
