//! Real programs from npm, compared: the same requests to `glowplug dev` and to other runtimes must get the same answers.
//!
//! Needs Node.js with npm, and the network the first time: `cargo test --features npm --test npm`.

#[expect(dead_code, reason = "the clients are programs of their own here")]
#[path = "../it/listeners/client.rs"]
mod authority;
mod cache_tests;
mod client;
mod clients;
mod coding;
mod compare;
mod hono;
mod itty_router;
mod libraries;
#[expect(dead_code, reason = "servers are used in fewer ways here")]
#[path = "../it/node.rs"]
mod node;
mod origin;
mod portable;
mod project;
#[expect(dead_code, reason = "requests are sent in other ways here")]
#[path = "../it/support.rs"]
mod support;
mod templates;
mod throughput;
mod workerd;
