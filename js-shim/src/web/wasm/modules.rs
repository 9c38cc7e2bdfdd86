//! Modules that came with the worker, `glowplug:wasm/…`.
//!
//! The host gives their names and bytes at start-up, in place of the imports of `.wasm` files. A worker gets the `WebAssembly.Module` of
//! what was deployed with it and no way to compile anything else.

use std::rc::Rc;

use rquickjs::module::Declared;
use rquickjs::{Class, Ctx, Exception, Module, Result, Value};

use super::compile::{CompiledModule, WasmModule};
use super::error::compile_error;
use super::state::state;

/// The default export comes in by `import.meta`, which nothing but these lines sees.
const SOURCE: &str = "const { module } = import.meta; delete import.meta.module; export default module;";

/// Takes a module in, before the worker's own code is evaluated.
#[allow(dead_code, reason = "the tests' drivers do without")]
pub fn provide(ctx: &Ctx<'_>, name: String, wasm: &[u8]) -> Result<()> {
    let state = state(ctx)?;
    let compiled = CompiledModule::new(&state.interpreter().engine, wasm);
    match compiled {
        Ok(compiled) => {
            state.modules.borrow_mut().insert(name, Rc::new(compiled));
            Ok(())
        }
        Err(message) => Err(compile_error(ctx, &format!("WebAssembly.Module(): {message} in {name}"))),
    }
}

/// Whether a worker may import that name.
pub fn is_provided(ctx: &Ctx<'_>, name: &str) -> bool {
    find(ctx, name).is_some()
}

/// The module of that name.
pub fn load<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Module<'js, Declared>> {
    let Some(compiled) = find(ctx, name) else {
        return Err(Exception::throw_type(ctx, &format!("No such module \"{name}\".")));
    };
    let native = Class::instance(ctx.clone(), WasmModule { compiled })?;
    let wrapped: Value<'js> = state(ctx)?.hook(ctx, "module")?.call((native,))?;
    let module = Module::declare(ctx.clone(), name, SOURCE)?;
    module.meta()?.set("module", wrapped)?;
    Ok(module)
}

fn find(ctx: &Ctx<'_>, name: &str) -> Option<Rc<CompiledModule>> {
    state(ctx).ok()?.modules.borrow().get(name).cloned()
}
