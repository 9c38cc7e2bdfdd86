//! Linker settings of the engine module, and the prelude as QuickJS bytecode.
//!
//! ## Why
//!
//! Bytecode loads some ten times faster than 150 KB of JavaScript compile, which every worker's start-up would pay for. And
//! it can leave the source out: QuickJS keeps the text of every function, nested ones several times, and half a
//! megabyte of it would be in every worker's snapshot. QuickJS writes the same bytecode on all little-endian targets.

use std::path::Path;

use rquickjs::{CatchResultExt, Context, Module, Runtime, WriteOptions, WriteOptionsEndianness};

/// What `npm run bundle` writes.
const PRELUDE: &str = "build/prelude.js";

/// The prelude's file name in stack traces (`src/web/mod.rs`).
const PRELUDE_NAME: &str = "glowplug:prelude";

/// Room for the shadow stack, at the lowest addresses: overflowing it leaves memory and traps.
///
/// It holds QuickJS's limit (`MAX_STACK_BYTES` in `src/runtime/engine.rs`) and what Rust uses below a call that
/// QuickJS still allowed.
const STACK_BYTES: usize = 13 << 18;

fn main() {
    println!("cargo:rerun-if-changed={PRELUDE}");
    println!("cargo:rerun-if-changed=../guest-sdk/wit");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo:rustc-link-arg=--stack-first");
        println!("cargo:rustc-link-arg=-zstack-size={STACK_BYTES}");
    }
    if let Err(error) = write_prelude() {
        println!("cargo:error={error}");
        std::process::exit(1);
    }
}

fn write_prelude() -> Result<(), String> {
    let source = std::fs::read(PRELUDE)
        .map_err(|error| format!("failed to read `{PRELUDE}`: {error}; run `npm ci && npm run bundle` in js-shim"))?;
    let bytecode = compile(source).map_err(|error| format!("failed to compile `{PRELUDE}`: {error}"))?;
    let out_dir = std::env::var("OUT_DIR").map_err(|error| format!("OUT_DIR: {error}"))?;
    let path = Path::new(&out_dir).join("prelude.bin");
    std::fs::write(&path, bytecode).map_err(|error| format!("failed to write `{}`: {error}", path.display()))
}

fn compile(source: Vec<u8>) -> Result<Vec<u8>, String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let context = Context::full(&runtime).map_err(|error| error.to_string())?;
    let options =
        WriteOptions { endianness: WriteOptionsEndianness::Little, strip_source: true, ..WriteOptions::default() };
    context.with(|ctx| {
        Module::declare(ctx.clone(), PRELUDE_NAME, source)
            .and_then(|module| module.write(options))
            .catch(&ctx)
            .map_err(|error| error.to_string())
    })
}
