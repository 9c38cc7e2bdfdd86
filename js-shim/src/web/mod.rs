//! The web APIs: the prelude (`js/`, bundled into `build/prelude.js`) and the Rust functions under it.
//!
//! Nothing here does I/O or knows of WASI, so it compiles for the host as well, where `tests/` runs it.
//!
//! ## Why
//!
//! QuickJS interprets: a loop over bytes in JavaScript costs some hundred times what it costs in Rust. So whatever
//! looks at characters or bytes (headers, URLs, encodings, digests, multipart) is here, and JavaScript keeps what the
//! standards say about objects: brands, guards, states, the order of steps.

mod base64;
mod clone;
mod compression;
mod convert;
mod crypto;
mod encoding;
mod file;
mod form;
pub mod headers;
mod integrity;
mod intl;
pub mod jobs;
mod mime;
pub mod modules;
mod params;
mod promise;
mod rewriter;
mod url;
mod url_pattern;
pub mod wasm;

use rquickjs::{Ctx, Function, Module, Object, Result};

/// `build/prelude.js` as bytecode. Its file name in stack traces is `glowplug:prelude`; such lines are not shown to users.
static mut PRELUDE: [u8; BYTECODE.len()] = *BYTECODE;
const BYTECODE: &[u8; include_bytes!(concat!(env!("OUT_DIR"), "/prelude.bin")).len()] =
    include_bytes!(concat!(env!("OUT_DIR"), "/prelude.bin"));

/// Puts the pure functions and classes the prelude needs into `native`.
pub fn install_all<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    headers::install(ctx, native)?;
    url::install(ctx, native)?;
    url_pattern::install(ctx, native)?;
    params::install(ctx, native)?;
    encoding::install(ctx, native)?;
    base64::install(ctx, native)?;
    clone::install(ctx, native)?;
    compression::install(ctx, native)?;
    crypto::install(ctx, native)?;
    file::install(ctx, native)?;
    form::install(ctx, native)?;
    integrity::install(ctx, native)?;
    intl::install(ctx, native)?;
    jobs::install(ctx, native)?;
    mime::install(ctx, native)?;
    rewriter::install(ctx, native)?;
    promise::install(ctx, native)?;
    wasm::install(ctx, native)
}

/// Evaluates the prelude with `native`, which must already hold the impure functions (README.md lists them),
/// and gives back the prelude's hooks.
pub fn boot<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<Object<'js>> {
    install_all(ctx, native)?;
    // SAFETY: `build.rs` had this very version of QuickJS write the bytes, and only `forget_bytecode` changes them.
    let prelude = unsafe { Module::load(ctx.clone(), &*(&raw const PRELUDE))? };
    #[cfg(target_arch = "wasm32")]
    forget_bytecode();
    let (module, evaluated) = prelude.eval()?;
    evaluated.finish::<()>()?;
    let start: Function = module.get("default")?;
    let hooks: Object = start.call((native.clone(),))?;
    let modules = modules::BuiltinModules(hooks.get("modules")?);
    if ctx.store_userdata(modules).is_err() {
        return Err(rquickjs::Exception::throw_internal(ctx, "the prelude was started while a module was loading"));
    }
    Ok(hooks)
}

/// The engine has its own copy now. Zeroed, the bytes are in no worker's snapshot.
#[cfg(target_arch = "wasm32")]
fn forget_bytecode() {
    // SAFETY: there is one thread, and nothing borrows the bytes any more.
    unsafe { (&raw mut PRELUDE).write_bytes(0, 1) };
}
