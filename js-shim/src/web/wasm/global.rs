//! `WebAssembly.Global`.

use rquickjs::{Ctx, Exception, JsLifetime, Result, Value, class::Trace};
use wasmi::{Global, GlobalType, Mutability};

use super::state::state;
use super::value::{key, to_js, to_wasm, type_name, type_named};

/// What a `WebAssembly.Global` wraps.
#[derive(Clone, Trace, JsLifetime)]
#[rquickjs::class]
pub struct WasmGlobal {
    #[qjs(skip_trace)]
    pub global: Global,
    #[qjs(skip_trace)]
    ty: GlobalType,
}

impl WasmGlobal {
    pub fn of(global: Global, ty: GlobalType) -> Self {
        WasmGlobal { global, ty }
    }
}

#[rquickjs::methods]
impl WasmGlobal {
    #[qjs(constructor)]
    fn new<'js>(ctx: Ctx<'js>, ty: String, mutable: bool, value: Value<'js>) -> Result<Self> {
        let state = state(&ctx)?;
        let Some(ty) = type_named(&ty) else {
            return Err(Exception::throw_type(
                &ctx,
                &format!("WebAssembly.Global(): values of type {ty} are not supported"),
            ));
        };
        let value = to_wasm(&ctx, &state, value, ty)?;
        let mutability = if mutable { Mutability::Var } else { Mutability::Const };
        let global = state.with_store(|store| Global::new(store, value, mutability));
        Ok(WasmGlobal { global, ty: GlobalType::new(ty, mutability) })
    }

    /// Exact: neither half of the number comes near to 2²¹.
    fn key(&self) -> f64 {
        key(self.global) as f64
    }

    #[qjs(rename = "type")]
    fn type_name(&self) -> &'static str {
        type_name(self.ty.content())
    }

    fn mutable(&self) -> bool {
        self.ty.mutability().is_mut()
    }

    #[qjs(rename = "get")]
    fn value<'js>(&self, ctx: Ctx<'js>) -> Result<Value<'js>> {
        let state = state(&ctx)?;
        let value = state.with_store(|store| self.global.get(&*store));
        to_js(&ctx, &state, &value)
    }

    fn set<'js>(&self, ctx: Ctx<'js>, value: Value<'js>) -> Result<()> {
        let state = state(&ctx)?;
        let value = to_wasm(&ctx, &state, value, self.ty.content())?;
        match state.with_store(|store| self.global.set(store, value)) {
            Ok(()) => Ok(()),
            Err(_) => Err(Exception::throw_type(
                &ctx,
                "set WebAssembly.Global.value: Can't set the value of an immutable global.",
            )),
        }
    }
}
