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
mod convert;
mod digest;
mod encoding;
mod form;
pub mod headers;
pub mod modules;
mod params;
mod promise;
mod url;

use rquickjs::{Context, Ctx, Function, Module, Object, Result, Runtime, WriteOptions};

/// The file name of the prelude in stack traces; lines with it are not shown to users.
pub const PRELUDE_NAME: &str = "glowplug:prelude";

const PRELUDE: &str = include_str!("../../build/prelude.js");

/// Puts the pure functions and classes the prelude needs into `native`.
pub fn install_all<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    headers::install(ctx, native)?;
    url::install(ctx, native)?;
    params::install(ctx, native)?;
    encoding::install(ctx, native)?;
    base64::install(ctx, native)?;
    digest::install(ctx, native)?;
    form::install(ctx, native)?;
    promise::install(ctx, native)
}

/// Evaluates the prelude with `native`, which must already hold the impure functions (README.md lists them),
/// and gives back the prelude's hooks.
pub fn boot<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<Object<'js>> {
    install_all(ctx, native)?;
    // SAFETY: the bytes come from this very engine.
    let prelude = unsafe { Module::load(ctx.clone(), &bytecode()?)? };
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

/// Compiles the prelude without keeping its text: QuickJS holds the source of every function, nested ones several times,
/// and each worker's snapshot would carry it. As in other runtimes, `toString()` of a web API then shows no code.
fn bytecode() -> Result<Vec<u8>> {
    let options = WriteOptions { strip_source: true, ..WriteOptions::default() };
    let runtime = Runtime::new()?;
    Context::full(&runtime)?.with(|ctx| Module::declare(ctx, PRELUDE_NAME, PRELUDE)?.write(options))
}
