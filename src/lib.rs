//! glowplug: edge Functions-as-a-Service with a fresh, fuel-metered sandbox for every request.
//!
//! The life of a request, top to bottom:
//!
//! ```text
//! socket -> edge::listener   accept, HTTP/1 and HTTP/2
//!        -> edge::route      host and path -> worker -> the version for this client
//!        -> assets           a static file? answered without a sandbox
//!        -> edge::dispatch   limits on the request
//!        -> engine::invoke   fresh store, fuel, instance from the snapshot; calls wasi:http
//!              host::*       what the guest can call: http, bindings, clock, random, log
//!        -> edge::respond    outcome -> status, page, headers; the body streams
//!        -> edge::record     request line, and the event for whoever watches
//! ```
//!
//! And of a version: `manifest` (the author's file) `-> build` (bundle, start-up, snapshot, package) `-> admin -> registry`
//! (on `storage`) `-> edge::fleet`.
//!
//! Modules import only what stands below them; `tests/it/layers.rs` holds the table.

pub mod access_log;
pub mod admin;
pub mod assets;
pub mod build;
pub mod cache;
pub mod cli;
pub mod clients;
pub mod compression;
mod condition;
pub mod connection;
pub mod cron;
pub mod digest;
pub mod edge;
pub mod engine;
pub mod host;
pub mod kv;
pub mod ledger;
pub mod limits;
pub mod manifest;
pub mod meter;
pub mod metrics;
pub mod rate_limit;
pub mod recording;
pub mod registry;
pub mod route_options;
pub mod source_map;
pub mod storage;
pub mod tail;
pub mod telemetry;
pub mod web;
pub mod websocket;
