//! Calls from JavaScript into a module, and from there back.
//!
//! The interpreter is left whenever a module calls JavaScript, and resumed with the result: so JavaScript may call the
//! same instance again, and the interpreter's frames take none of the engine's stack.

use std::fmt;

use rquickjs::function::{Args, Rest};
use rquickjs::{Array, Ctx, Function, IntoJs, Result, Value};
use wasmi::errors::HostError;
use wasmi::{Func, FuncType, ResumableCall, Val, ValType};

use super::error::trap;
use super::state::{Import, State, state};
use super::value::{address, address_of, distance, key, to_js, to_wasm};

/// In place of an error: a module calls the import of that number.
#[derive(Debug)]
struct Suspended {
    import: u32,
    params: Box<[Val]>,
}

impl fmt::Display for Suspended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a call of import {}", self.import)
    }
}

impl HostError for Suspended {}

/// The function of the store that stands for a JavaScript function. `index` is its place in the module.
pub fn import<'js>(state: &State<'js>, function: Function<'js>, ty: &FuncType, index: u32) -> Func {
    let number = state.imports.borrow().len() as u32;
    state.imports.borrow_mut().push(Import { function, ty: ty.clone(), index });
    let func = state.with_store(|store| {
        Func::new(store, ty.clone(), move |_, params, _| {
            Err(wasmi::Error::host(Suspended { import: number, params: params.into() }))
        })
    });
    state.imported.borrow_mut().insert(key(func), number);
    func
}

/// The JavaScript function of a function in the store: always the same one (JavaScript API, "a new Exported Function").
pub fn exported_function<'js>(ctx: &Ctx<'js>, state: &State<'js>, func: Func) -> Result<Function<'js>> {
    let key = key(func);
    if let Some(function) = state.exported.borrow().get(&key) {
        return Ok(function.clone());
    }
    let ty = state.with_store(|store| func.ty(&*store));
    let parameters = ty.params().len();
    let call = move |ctx: Ctx<'js>, arguments: Rest<Value<'js>>| call(&ctx, func, &ty, arguments.0);
    let function =
        Function::new(ctx.clone(), call)?.with_name(index_of(state, key).to_string())?.with_length(parameters)?;
    state.exported.borrow_mut().insert(key, function.clone());
    state.addresses.borrow_mut().insert(address(function.as_value()), func);
    Ok(function)
}

pub fn is_exported_function<'js>(ctx: Ctx<'js>, function: Function<'js>) -> Result<bool> {
    let state = state(&ctx)?;
    Ok(address_of(&state, &function).is_some())
}

/// The index of a function in its module.
fn index_of(state: &State<'_>, key: u64) -> u32 {
    if let Some(&import) = state.imported.borrow().get(&key) {
        return state.imports.borrow().get(import as usize).map_or(0, |import| import.index);
    }
    let ranges = state.ranges.borrow();
    let at = ranges.partition_point(|range| range.first_key <= key);
    let Some(range) = at.checked_sub(1).and_then(|at| ranges.get(at)) else { return 0 };
    match distance(range.first_key, key) {
        Some(distance) if distance < range.count => range.first_index + distance,
        _ => 0,
    }
}

/// JavaScript calls a function of the store.
fn call<'js>(ctx: &Ctx<'js>, func: Func, ty: &FuncType, arguments: Vec<Value<'js>>) -> Result<Value<'js>> {
    let state = state(ctx)?;
    let mut arguments = arguments.into_iter();
    let mut params = Vec::with_capacity(ty.params().len());
    if ty.params().iter().chain(ty.results()).any(|ty| *ty == ValType::V128) {
        return Err(rquickjs::Exception::throw_type(ctx, "type incompatibility when transforming from/to JS"));
    }
    for ty in ty.params() {
        let value = arguments.next().unwrap_or_else(|| Value::new_undefined(ctx.clone()));
        params.push(to_wasm(ctx, &state, value, *ty)?);
    }
    let results = run(ctx, &state, func, ty, params)?;
    match &results[..] {
        [] => Ok(Value::new_undefined(ctx.clone())),
        [result] => to_js(ctx, &state, result),
        results => {
            let list = Array::new(ctx.clone())?;
            for (index, result) in results.iter().enumerate() {
                list.set(index, to_js(ctx, &state, result)?)?;
            }
            list.into_js(ctx)
        }
    }
}

/// Runs a function to its end, with what it calls in JavaScript.
pub fn run<'js>(ctx: &Ctx<'js>, state: &State<'js>, func: Func, ty: &FuncType, params: Vec<Val>) -> Result<Vec<Val>> {
    let import = state.imported.borrow().get(&key(func)).copied();
    if let Some(import) = import {
        return call_import(ctx, state, import, &params);
    }
    let mut results: Vec<Val> = ty.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
    let mut outcome = state.with_store(|store| func.call_resumable(store, &params, &mut results));
    loop {
        super::memory::refresh(ctx, state);
        outcome = match outcome {
            Ok(ResumableCall::Finished) => return Ok(results),
            Ok(ResumableCall::OutOfFuel(call)) => {
                state.refuel(ctx, call.required_fuel())?;
                state.with_store(|store| call.resume(store, &mut results))
            }
            Ok(ResumableCall::HostTrap(call)) => {
                let given = match call.host_error().downcast_ref::<Suspended>() {
                    Some(suspended) => call_import(ctx, state, suspended.import, &suspended.params)?,
                    None => return Err(trap(ctx, call.host_error())),
                };
                state.with_store(|store| call.resume(store, &given, &mut results))
            }
            Err(error) => {
                // A tail call of an import that leaves no function of a module to come back to.
                return match error.downcast_ref::<Suspended>() {
                    Some(suspended) => call_import(ctx, state, suspended.import, &suspended.params),
                    None => Err(trap(ctx, &error)),
                };
            }
        };
    }
}

/// A module calls JavaScript (JavaScript API, "create a host function").
fn call_import<'js>(ctx: &Ctx<'js>, state: &State<'js>, number: u32, params: &[Val]) -> Result<Vec<Val>> {
    let found = state.imports.borrow().get(number as usize).map(|import| (import.function.clone(), import.ty.clone()));
    let Some((function, ty)) = found else {
        return Err(rquickjs::Exception::throw_internal(ctx, "an import is gone"));
    };
    if ty.params().iter().chain(ty.results()).any(|ty| *ty == ValType::V128) {
        return Err(rquickjs::Exception::throw_type(ctx, "type incompatibility when transforming from/to JS"));
    }
    let mut arguments = Args::new(ctx.clone(), params.len());
    for param in params {
        arguments.push_arg(to_js(ctx, state, param)?)?;
    }
    let value: Value<'js> = function.call_arg(arguments)?;
    match ty.results() {
        [] => Ok(Vec::new()),
        [ty] => Ok(vec![to_wasm(ctx, state, value, *ty)?]),
        types => {
            let values: Vec<Value<'js>> = state.hook(ctx, "list")?.call((value,))?;
            if values.len() != types.len() {
                return Err(rquickjs::Exception::throw_type(ctx, "multi-return length mismatch"));
            }
            values.into_iter().zip(types).map(|(value, ty)| to_wasm(ctx, state, value, *ty)).collect()
        }
    }
}
