//! The JavaScript API's ToWebAssemblyValue and ToJSValue.

use rquickjs::{BigInt, Ctx, Exception, FromJs, Function, IntoJs, Result, Type, Value, convert::Coerced, qjs};
use wasmi::{ExternRef, Func, Nullable, Ref, RefType, Val, ValType};

use super::call::exported_function;
use super::state::{Identity, State};

/// What an `ExternRef` of ours holds: the place of the value in `State::externs`.
struct ExternIndex(usize);

pub fn type_name(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::V128 => "v128",
        ValType::FuncRef => "anyfunc",
        ValType::ExternRef => "externref",
    }
}

pub fn type_named(name: &str) -> Option<ValType> {
    Some(match name {
        "i32" => ValType::I32,
        "i64" => ValType::I64,
        "f32" => ValType::F32,
        "f64" => ValType::F64,
        "anyfunc" => ValType::FuncRef,
        "externref" => ValType::ExternRef,
        _ => return None,
    })
}

/// The number that names something in the store: its handle, which cannot be compared as it is.
pub fn key<T: Copy>(handle: T) -> u64 {
    const { assert!(size_of::<T>() == 8) };
    // SAFETY: `Func`, `Memory`, `Table` and `Global` are transparent wrappers of two `u32` without padding: the store's
    // number and the thing's own, in an order that only the compiler knows.
    unsafe { std::mem::transmute_copy(&handle) }
}

/// How many things of one kind were made in the store between the first one and the other.
pub fn distance(first: u64, other: u64) -> Option<u32> {
    let distance = other.checked_sub(first)?;
    let own = if distance >> 32 == 0 { distance } else { distance.rotate_left(32) };
    u32::try_from(own).ok()
}

pub fn to_wasm<'js>(ctx: &Ctx<'js>, state: &State<'js>, value: Value<'js>, ty: ValType) -> Result<Val> {
    Ok(match ty {
        ValType::I32 => Val::I32(Coerced::<i32>::from_js(ctx, value)?.0),
        ValType::I64 => Val::I64(big_int(ctx, &value)?),
        ValType::F32 => Val::from(Coerced::<f64>::from_js(ctx, value)?.0 as f32),
        ValType::F64 => Val::from(Coerced::<f64>::from_js(ctx, value)?.0),
        ValType::V128 => {
            return Err(Exception::throw_type(ctx, "a v128 cannot be passed between JavaScript and WebAssembly"));
        }
        ValType::FuncRef => Val::FuncRef(func_ref(ctx, state, &value)?),
        ValType::ExternRef => Val::ExternRef(extern_ref(state, value)),
    })
}

pub fn to_ref<'js>(ctx: &Ctx<'js>, state: &State<'js>, value: Value<'js>, ty: RefType) -> Result<Ref> {
    Ok(match ty {
        RefType::Func => Ref::Func(func_ref(ctx, state, &value)?),
        RefType::Extern => Ref::Extern(extern_ref(state, value)),
    })
}

pub fn to_js<'js>(ctx: &Ctx<'js>, state: &State<'js>, value: &Val) -> Result<Value<'js>> {
    match value {
        Val::I32(value) => value.into_js(ctx),
        Val::I64(value) => BigInt::from_i64(ctx.clone(), *value)?.into_js(ctx),
        Val::F32(value) => f64::from(f32::from(*value)).into_js(ctx),
        Val::F64(value) => f64::from(*value).into_js(ctx),
        Val::V128(_) => Err(Exception::throw_type(ctx, "a v128 cannot be passed between JavaScript and WebAssembly")),
        Val::FuncRef(Nullable::Val(function)) => exported_function(ctx, state, *function)?.into_js(ctx),
        Val::ExternRef(Nullable::Val(value)) => Ok(external(ctx, state, value)),
        Val::FuncRef(Nullable::Null) | Val::ExternRef(Nullable::Null) => Ok(Value::new_null(ctx.clone())),
    }
}

fn big_int<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<i64> {
    let mut number = 0;
    // SAFETY: the context is alive, the value is of it, and the out-pointer is only written.
    match unsafe { qjs::JS_ToBigInt64(ctx.as_raw().as_ptr(), &raw mut number, value.as_raw()) } {
        0 => Ok(number),
        _ => Err(rquickjs::Error::Exception),
    }
}

/// The function of the store behind a JavaScript function, if there is one.
pub fn address_of<'js>(state: &State<'js>, function: &Function<'js>) -> Option<Func> {
    state.addresses.borrow().get(&address(function.as_value())).copied()
}

fn func_ref<'js>(ctx: &Ctx<'js>, state: &State<'js>, value: &Value<'js>) -> Result<Nullable<Func>> {
    if value.is_null() {
        return Ok(Nullable::Null);
    }
    match value.as_function().and_then(|function| address_of(state, function)) {
        Some(function) => Ok(Nullable::Val(function)),
        None => Err(Exception::throw_type(ctx, "function-typed object expected")),
    }
}

/// The same value is always the same reference, so that a module passing it to and fro fills no memory.
fn extern_ref<'js>(state: &State<'js>, value: Value<'js>) -> Nullable<ExternRef> {
    if value.is_null() {
        return Nullable::Null;
    }
    let identity = identity(&value);
    if let Some(known) = identity.and_then(|identity| state.extern_refs.borrow().get(&identity).copied()) {
        return Nullable::Val(known);
    }
    let index = state.externs.borrow().len();
    state.externs.borrow_mut().push(value);
    let made = state.with_store(|store| ExternRef::new(store, ExternIndex(index)));
    if let Some(identity) = identity {
        state.extern_refs.borrow_mut().insert(identity, made);
    }
    Nullable::Val(made)
}

fn external<'js>(ctx: &Ctx<'js>, state: &State<'js>, reference: &ExternRef) -> Value<'js> {
    let index = state.with_store(|store| reference.data(&*store).downcast_ref::<ExternIndex>().map(|index| index.0));
    let value = index.and_then(|index| state.externs.borrow().get(index).cloned());
    value.unwrap_or_else(|| Value::new_undefined(ctx.clone()))
}

/// None for big integers, which may have no place of their own.
fn identity(value: &Value<'_>) -> Option<Identity> {
    Some(match value.type_of() {
        Type::Undefined | Type::Uninitialized => Identity::Undefined,
        Type::Bool => Identity::Boolean(value.as_bool()?),
        Type::Int | Type::Float => Identity::Number(value.as_number()?.to_bits()),
        Type::BigInt => return None,
        _ => Identity::Address(address(value)),
    })
}

/// Where the engine keeps an object, string or symbol.
pub fn address(value: &Value<'_>) -> usize {
    // SAFETY: the callers' values are kept by reference.
    unsafe { qjs::JS_VALUE_GET_PTR(value.as_raw()) as usize }
}
