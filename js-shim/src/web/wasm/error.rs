//! WebAssembly's errors as JavaScript throws them, with V8's words where it has some.

use rquickjs::{Ctx, Error, Exception, Value, qjs};
use wasmi::TrapCode;
use wasmi::errors::{ErrorKind, InstantiationError};

use super::state::state;

/// Throws an error of the class that the prelude gave under this name.
pub fn throw<'js>(ctx: &Ctx<'js>, class: &str, message: &str) -> Error {
    let made = state(ctx).and_then(|state| state.hook(ctx, class)).and_then(|make| make.call::<_, Value>((message,)));
    match made {
        Ok(error) => ctx.throw(error),
        Err(error) => error,
    }
}

pub fn compile_error(ctx: &Ctx<'_>, message: &str) -> Error {
    throw(ctx, "CompileError", message)
}

pub fn link_error(ctx: &Ctx<'_>, message: &str) -> Error {
    throw(ctx, "LinkError", message)
}

/// What a function of a module ended with.
pub fn trap(ctx: &Ctx<'_>, error: &wasmi::Error) -> Error {
    match error.as_trap_code() {
        Some(TrapCode::StackOverflow) => Exception::throw_range(ctx, "Maximum call stack size exceeded"),
        Some(code) => throw(ctx, "RuntimeError", words(code)),
        None => throw(ctx, "RuntimeError", &error.to_string()),
    }
}

/// Why there is no instance.
pub fn instantiation(ctx: &Ctx<'_>, error: &wasmi::Error, what: &str) -> Error {
    match error.kind() {
        ErrorKind::Instantiation(
            InstantiationError::FailedToInstantiateMemory(_) | InstantiationError::FailedToInstantiateTable(_),
        ) => {
            Exception::throw_range(ctx, &format!("{what}: Out of memory: Cannot allocate Wasm memory for new instance"))
        }
        ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. }) => {
            throw(ctx, "RuntimeError", &format!("{what}: table initializer is out of bounds"))
        }
        ErrorKind::Instantiation(error) => link_error(ctx, &format!("{what}: {error}")),
        ErrorKind::Memory(_) => throw(ctx, "RuntimeError", &format!("{what}: data segment is out of bounds")),
        ErrorKind::Table(_) => throw(ctx, "RuntimeError", &format!("{what}: table initializer is out of bounds")),
        _ => trap(ctx, error),
    }
}

/// Ends the running JavaScript, which cannot catch this, as QuickJS does when its interrupt handler says so.
pub fn stop(ctx: &Ctx<'_>) -> Error {
    let error = Exception::throw_internal(ctx, "interrupted");
    let value = ctx.catch();
    // SAFETY: the context is alive and the value is an error of it.
    unsafe { qjs::JS_SetUncatchableError(ctx.as_raw().as_ptr(), value.as_raw()) };
    ctx.throw(value);
    error
}

fn words(code: TrapCode) -> &'static str {
    match code {
        TrapCode::UnreachableCodeReached => "unreachable",
        TrapCode::MemoryOutOfBounds => "memory access out of bounds",
        TrapCode::TableOutOfBounds => "table index is out of bounds",
        TrapCode::IndirectCallToNull | TrapCode::BadSignature => "null function or function signature mismatch",
        TrapCode::IntegerDivisionByZero => "divide by zero",
        TrapCode::IntegerOverflow => "divide result unrepresentable",
        TrapCode::BadConversionToInteger => "float unrepresentable in integer range",
        TrapCode::StackOverflow => "Maximum call stack size exceeded",
        TrapCode::OutOfFuel => "out of fuel",
        TrapCode::GrowthOperationLimited | TrapCode::OutOfSystemMemory => "out of memory",
    }
}
