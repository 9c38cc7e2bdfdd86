//! Promises that were rejected while nobody listened.

use std::cell::RefCell;

use rquickjs::{Ctx, Persistent, Value};

use super::engine;

struct Rejection {
    promise: Persistent<Value<'static>>,
    reason: Persistent<Value<'static>>,
}

thread_local! {
    static UNHANDLED: RefCell<Vec<Rejection>> = const { RefCell::new(Vec::new()) };
}

/// QuickJS's rejection tracker: called at a rejection without a handler, and again if one comes after all.
pub fn track<'js>(ctx: Ctx<'js>, promise: Value<'js>, reason: Value<'js>, is_handled: bool) {
    if !is_handled {
        let rejection = Rejection { promise: Persistent::save(&ctx, promise), reason: Persistent::save(&ctx, reason) };
        UNHANDLED.with_borrow_mut(|list| list.push(rejection));
        return;
    }
    let promise = Persistent::save(&ctx, promise);
    let handled = UNHANDLED.with_borrow_mut(|list| {
        let index = list.iter().position(|entry| entry.promise == promise)?;
        Some(list.remove(index))
    });
    // Freed here and not under the borrow: a finalizer may reject another promise.
    drop(handled);
}

/// Tells the prelude of each rejection that is still unhandled. False if there was none.
pub fn report(ctx: &Ctx<'_>) -> bool {
    let list = UNHANDLED.take();
    if list.is_empty() {
        return false;
    }
    for rejection in list {
        engine::enter(ctx, || {
            let reason = rejection.reason.restore(ctx)?;
            let promise = rejection.promise.restore(ctx)?;
            engine::hook(ctx, |hooks| &hooks.unhandled_rejection)?.call((reason, promise))
        });
    }
    true
}

/// Forgets all of them: what was thrown is reported in another way.
pub fn clear() {
    drop(UNHANDLED.take());
}
