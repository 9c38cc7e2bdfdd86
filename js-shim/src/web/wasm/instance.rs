//! `WebAssembly.Instance`: a module with what it imports.

use rquickjs::{Array, Class, Ctx, Exception, IntoJs, Result, Value};
use wasmi::{Extern, ExternType, FuncType, Instance};

use super::call;
use super::compile::{CompiledModule, WasmModule};
use super::error::instantiation;
use super::global::WasmGlobal;
use super::memory::{self, WasmMemory};
use super::state::{FunctionRange, State, state};
use super::table::WasmTable;
use super::value::{address_of, key};

/// Makes an instance, runs its start function, and gives `[name, kind, what]` of each export: a function or a handle.
/// `imports` has a function or a handle for each import, of the right kind.
pub fn instantiate<'js>(
    ctx: Ctx<'js>,
    module: Class<'js, WasmModule>,
    imports: Vec<Value<'js>>,
    what: String,
) -> Result<Array<'js>> {
    let state = state(&ctx)?;
    let compiled = module.borrow().compiled.clone();
    let externals = externals(&ctx, &state, &compiled, imports)?;
    let made = state.with_store(|store| Instance::new(store, &compiled.module, &externals));
    memory::refresh(&ctx, &state);
    let instance = made.map_err(|error| instantiation(&ctx, &error, &what))?;
    note_functions(&state, &compiled, instance);
    if let Some(start) = &compiled.start
        && let Some(start) = state.with_store(|store| instance.get_func(&*store, start))
    {
        call::run(&ctx, &state, start, &FuncType::new([], []), Vec::new())?;
    }
    exports(&ctx, &state, &compiled, instance)
}

/// What the interpreter is given for each import.
fn externals<'js>(
    ctx: &Ctx<'js>,
    state: &State<'js>,
    compiled: &CompiledModule,
    imports: Vec<Value<'js>>,
) -> Result<Vec<Extern>> {
    let mut sorted: Vec<Option<Value<'js>>> = vec![None; imports.len()];
    for (import, value) in compiled.imports.iter().zip(imports) {
        if let Some(place) = sorted.get_mut(import.place) {
            *place = Some(value);
        }
    }
    let mut externals = Vec::with_capacity(sorted.len());
    let mut functions = 0;
    for (import, value) in compiled.module.imports().zip(sorted) {
        let value = value.ok_or_else(|| mismatch(ctx))?;
        externals.push(match import.ty() {
            ExternType::Func(ty) => {
                let function = value.into_function().ok_or_else(|| mismatch(ctx))?;
                let func = match address_of(state, &function) {
                    Some(func) => func,
                    None => call::import(state, function, ty, functions),
                };
                functions += 1;
                Extern::Func(func)
            }
            ExternType::Memory(_) => Extern::Memory(handle::<WasmMemory>(ctx, &value)?.borrow().memory),
            ExternType::Table(_) => Extern::Table(handle::<WasmTable>(ctx, &value)?.borrow().table),
            ExternType::Global(_) => Extern::Global(handle::<WasmGlobal>(ctx, &value)?.borrow().global),
        });
    }
    Ok(externals)
}

fn handle<'js, T: rquickjs::class::JsClass<'js>>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Class<'js, T>> {
    value.as_object().and_then(Class::from_object).ok_or_else(|| mismatch(ctx))
}

fn mismatch(ctx: &Ctx<'_>) -> rquickjs::Error {
    Exception::throw_internal(ctx, "an import is not of the kind that was checked")
}

/// Where the instance's functions are in the store, for their names.
fn note_functions(state: &State<'_>, compiled: &CompiledModule, instance: Instance) {
    let Some(first) = &compiled.first_function else { return };
    if let Some(first) = state.with_store(|store| instance.get_func(&*store, first)) {
        let range = FunctionRange {
            first_key: key(first),
            count: compiled.functions,
            first_index: compiled.imported_functions,
        };
        state.ranges.borrow_mut().push(range);
    }
}

fn exports<'js>(
    ctx: &Ctx<'js>,
    state: &State<'js>,
    compiled: &CompiledModule,
    instance: Instance,
) -> Result<Array<'js>> {
    let list = Array::new(ctx.clone())?;
    for (index, (name, ..)) in compiled.exports.iter().enumerate() {
        let Some(export) = state.with_store(|store| instance.get_export(&*store, name)) else { continue };
        let (kind, value) = match export {
            Extern::Func(func) => ("function", call::exported_function(ctx, state, func)?.into_js(ctx)?),
            Extern::Memory(memory) => ("memory", Class::instance(ctx.clone(), WasmMemory { memory })?.into_js(ctx)?),
            Extern::Table(table) => {
                let ty = state.with_store(|store| table.ty(&*store));
                ("table", Class::instance(ctx.clone(), WasmTable::of(table, ty))?.into_js(ctx)?)
            }
            Extern::Global(global) => {
                let ty = state.with_store(|store| global.ty(&*store));
                ("global", Class::instance(ctx.clone(), WasmGlobal::of(global, ty))?.into_js(ctx)?)
            }
        };
        let row = Array::new(ctx.clone())?;
        row.set(0, name.as_str())?;
        row.set(1, kind)?;
        row.set(2, value)?;
        list.set(index, row)?;
    }
    Ok(list)
}
