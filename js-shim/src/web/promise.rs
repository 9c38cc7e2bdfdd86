//! A look at a promise without waiting for it.

use rquickjs::{Array, Ctx, Function, Object, Result, Value, promise::PromiseState};

/// The value of a fulfilled promise; undefined for anything else. It saves a handler that never
/// waited the reactions and the turn of the job queue that `then` costs.
fn peek<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Value<'js>> {
    match value.as_promise() {
        Some(promise) if promise.state() == PromiseState::Resolved => match promise.result::<Value>() {
            Some(result) => result,
            None => Ok(Value::new_undefined(ctx)),
        },
        _ => Ok(Value::new_undefined(ctx)),
    }
}

/// `[state, value]` of a promise; what is none is pending.
fn state<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Array<'js>> {
    let (name, result) = match value.as_promise().map(|promise| (promise.state(), promise.result::<Value>())) {
        Some((PromiseState::Resolved, Some(Ok(value)))) => ("fulfilled", value),
        Some((PromiseState::Rejected, Some(Err(rquickjs::Error::Exception)))) => ("rejected", ctx.catch()),
        _ => ("pending", Value::new_undefined(ctx.clone())),
    };
    let pair = Array::new(ctx)?;
    pair.set(0, name)?;
    pair.set(1, result)?;
    Ok(pair)
}

/// Whether `value` is a promise that has not settled.
fn is_pending(value: Value<'_>) -> bool {
    value.as_promise().is_some_and(|promise| promise.state() == PromiseState::Pending)
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("isPending", Function::new(ctx.clone(), is_pending)?)?;
    native.set("promiseState", Function::new(ctx.clone(), state)?)?;
    native.set("peek", Function::new(ctx.clone(), peek)?)
}
