//! Tells one function of JavaScript that a job of the queue is about to run: `AsyncLocalStorage` begins each without a store.

use std::cell::Cell;

use rquickjs::{Ctx, Function, JsLifetime, Object, Result};

thread_local! {
    /// Few workers want to know, and the others should not pay for it.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
}

#[derive(JsLifetime)]
struct Watcher<'js>(Function<'js>);

/// A job is about to run, or the last one has.
pub fn begin(ctx: &Ctx<'_>) -> Result<()> {
    if !WATCHED.get() {
        return Ok(());
    }
    match ctx.userdata::<Watcher>() {
        Some(watcher) => watcher.0.call(()),
        None => Ok(()),
    }
}

fn watch<'js>(ctx: Ctx<'js>, watcher: Function<'js>) {
    // It fails while a watcher is running, which then goes on being the one.
    if ctx.store_userdata(Watcher(watcher)).is_ok() {
        WATCHED.set(true);
    }
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("onJob", Function::new(ctx.clone(), watch)?)
}
