//! glowplug: edge Functions-as-a-Service with a fresh, fuel-metered sandbox for every request.
//!
//! The life of a request, top to bottom:
//!
//! ```text
//! socket -> edge::listener   accept, HTTP/1 and HTTP/2
//!        -> edge::dispatch   limits on the request; which version answers
//!        -> engine::invoke   fresh store, fuel, instance from the snapshot; calls wasi:http
//!              host::*       what the guest can call: http, clock, random, log
//!        -> edge::respond    outcome -> status, page, headers; the body streams
//! ```
//!
//! And of a version: `manifest` (the author's file) `-> build` (bundle, start-up, snapshot, component) `-> engine`.
//!
//! Modules import only what stands below them; `tests/it/layers.rs` holds the table.

pub mod build;
pub mod cli;
pub mod digest;
pub mod edge;
pub mod engine;
pub mod host;
pub mod limits;
pub mod manifest;
pub mod meter;
pub mod registry;
pub mod source_map;
pub mod storage;
