//! Calls into lol_html, and its calls back into JavaScript.

use std::cell::RefCell;
use std::ptr::NonNull;

use lol_html::HandlerResult;
use lol_html::html_content::{ContentType, StreamingHandlerSink};
use rquickjs::{Class, Ctx, Error, Function, Persistent, Result, TypedArray, Value, qjs};

use super::super::convert::bytes_of;
use super::token::{Token, Unit};

/// One call of `write` or `end`.
struct Call {
    context: NonNull<qjs::JSContext>,
    dispatch: Persistent<Function<'static>>,
    /// What a handler threw.
    thrown: Option<Persistent<Value<'static>>>,
}

thread_local! {
    /// The calls under way, the innermost last: while a handler waits, another rewriter may be written to, and that call
    /// ends first. So whatever lol_html calls belongs to the last one.
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// Calls lol_html; what it wants to be handled goes to `dispatch`. Gives what a handler threw, too.
pub fn run<'js, R>(ctx: &Ctx<'js>, dispatch: Function<'js>, parse: impl FnOnce() -> R) -> (R, Option<Value<'js>>) {
    let call = Call { context: ctx.as_raw(), dispatch: Persistent::save(ctx, dispatch), thrown: None };
    CALLS.with_borrow_mut(|calls| calls.push(call));
    let result = parse();
    let call = CALLS.with_borrow_mut(Vec::pop);
    let thrown = call.and_then(|call| call.thrown?.restore(ctx).ok());
    (result, thrown)
}

/// Hands `unit` to the handler `id`.
pub fn handle(id: u32, unit: Unit) -> HandlerResult {
    dispatch(|ctx, dispatch| {
        let token = Class::instance(ctx.clone(), Token::new(unit))?;
        let handled = dispatch.call::<_, ()>((id, token.clone()));
        token.borrow().forget();
        handled
    })
}

/// Writes the content that JavaScript gives for the stream `id`.
pub fn write_stream(id: u32, content_type: ContentType, sink: &mut StreamingHandlerSink<'_>) -> HandlerResult {
    loop {
        let chunk = dispatch(|_, dispatch| {
            let chunk: Option<TypedArray<u8>> = dispatch.call((id,))?;
            Ok(chunk.map(|chunk| bytes_of(&chunk).to_vec()))
        })?;
        let Some(chunk) = chunk else { return Ok(()) };
        sink.write_utf8_chunk(&chunk, content_type)?;
    }
}

/// Runs `f` with the context and the callback of the innermost call, and keeps what it throws.
fn dispatch<R>(
    f: impl for<'js> FnOnce(&Ctx<'js>, Function<'js>) -> Result<R>,
) -> std::result::Result<R, Box<dyn std::error::Error + Send + Sync>> {
    let call = CALLS.with_borrow(|calls| calls.last().map(|call| (call.context, call.dispatch.clone())));
    let (context, callback) = call.ok_or("a handler was called outside of a write")?;
    // SAFETY: the context is that of the `Ctx` that `run` was called with, which outlives the call.
    let ctx = unsafe { Ctx::from_raw(context) };
    let result = callback.restore(&ctx).and_then(|callback| f(&ctx, callback));
    result.map_err(|error| {
        let thrown = match error {
            Error::Exception => Some(Persistent::save(&ctx, ctx.catch())),
            _ => None,
        };
        CALLS.with_borrow_mut(|calls| {
            if let Some(call) = calls.last_mut() {
                call.thrown = thrown;
            }
        });
        error.to_string().into()
    })
}
