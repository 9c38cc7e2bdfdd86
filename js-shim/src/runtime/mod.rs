//! Everything between `wasi:http` and the prelude.
//!
//! One request runs in one instance: [`handle`] is called once on a fresh copy of the snapshot, runs the
//! event loop until the response is written and all `waitUntil` work has settled, and the instance is thrown
//! away. State with the lifetime of a request lives in the module that owns it, as a thread-local that is a
//! plain static here; nothing is freed that the end of the instance frees anyway.
//!
//! ## Why
//!
//! Same inputs must cost the same fuel. So nothing here asks whether I/O happens to be ready: a read or
//! write waits for its pollable first, by the same path whether it is ready or not, and handles that became
//! ready together are served in the order of their creation.

mod binding;
mod body;
mod clock;
mod deferred;
pub mod engine;
mod event_loop;
#[cfg(not(feature = "portable"))]
mod events;
pub mod failure;
mod fetch;
mod headers;
mod host;
mod incoming;
pub mod interrupt;
mod native;
mod payload;
mod pipe;
mod random;
pub mod rejections;
mod response;
mod sink;
mod target;
mod tasks;
mod text;
mod timers;
mod websocket;

#[cfg(not(feature = "portable"))]
pub use events::handle as handle_event;
pub use incoming::handle;
