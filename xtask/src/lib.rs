//! Builds the Wasm that is checked in, so that nobody who builds glowplug needs a Wasm toolchain.
//!
//! `cargo xtask engine` makes `js-shim/dist/*.wasm`, `cargo xtask guests` makes `tests/guests/dist/*.wasm` and
//! the programs of `examples/compare` ([`languages`]). Each artefact carries a [`stamp::Stamp`]: the hash of its
//! sources and the tools that made it. With `--check` nothing is written; see [`check`] for what is compared.
//!
//! `cargo xtask intl-data` makes `js-shim/data/intl.blob`, which the engine's build takes as it is: CLDR changes twice a year.
//!
//! [`artefact`] says what is built from what. The root package's tests use it, with [`stamp`], to fail when
//! an artefact is older than its sources.
//!
//! `cargo xtask wpt` runs the Web Platform Tests ([`wpt`]), `cargo xtask bench` the benchmark ([`bench`]).
//!
//! ## Why
//!
//! A build script would do the same at every user's `cargo build`, and ask each of them for a compiler to
//! Wasm, clang and npm.

pub mod artefact;
pub mod bench;
pub mod cargo;
pub mod check;
pub mod component;
pub mod languages;
pub mod node;
pub mod passive;
pub mod peers;
pub mod prelude;
pub mod run;
pub mod rustc;
pub mod stamp;
pub mod toolchain;
pub mod web;
pub mod wit;
pub mod wpt;
