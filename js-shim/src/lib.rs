//! The JavaScript engine guest: QuickJS, its event loop on `wasi:io/poll` and its web APIs, as one core Wasm
//! module that all JavaScript workers share.
//!
//! - [`startup`]: the exports the host calls at build time, before it takes the snapshot.
//! - [`runtime`]: what runs per request, from `wasi:http/incoming-handler` to the response's last byte.
//! - [`heap`]: what both allocate from.
//! - [`web`]: natives of the web APIs that need nothing of the host, and the prelude that uses them.

#[cfg(target_arch = "wasm32")]
mod bindings;
#[cfg(target_arch = "wasm32")]
mod heap;
#[cfg(target_arch = "wasm32")]
mod runtime;
#[cfg(target_arch = "wasm32")]
mod startup;
// `tests/web.rs` compiles it for the host.
#[cfg(target_arch = "wasm32")]
mod web;
