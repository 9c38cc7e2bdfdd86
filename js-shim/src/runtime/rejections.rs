//! Promises that were rejected while nobody listened.

use std::cell::RefCell;

use rquickjs::{Ctx, Function, Persistent, Value};

use super::engine::{self, Hooks};

struct Rejection {
    promise: Persistent<Value<'static>>,
    reason: Persistent<Value<'static>>,
}

thread_local! {
    static UNHANDLED: RefCell<Vec<Rejection>> = const { RefCell::new(Vec::new()) };
    /// Those that got a handler after the prelude had been told of them.
    static HANDLED: RefCell<Vec<Rejection>> = const { RefCell::new(Vec::new()) };
}

/// QuickJS's rejection tracker: called at a rejection without a handler, and again if one comes after all.
pub fn track<'js>(ctx: Ctx<'js>, promise: Value<'js>, reason: Value<'js>, is_handled: bool) {
    let rejection = Rejection { promise: Persistent::save(&ctx, promise), reason: Persistent::save(&ctx, reason) };
    if !is_handled {
        UNHANDLED.with_borrow_mut(|list| list.push(rejection));
        return;
    }
    let handled = UNHANDLED.with_borrow_mut(|list| {
        let index = list.iter().position(|entry| entry.promise == rejection.promise)?;
        Some(list.remove(index))
    });
    if handled.is_none() {
        HANDLED.with_borrow_mut(|list| list.push(rejection));
    }
    // Freed here and not under the borrow: a finalizer may reject another promise.
    drop(handled);
}

/// Tells the prelude of each rejection that is still unhandled, and of each that no longer is. False if there was none.
pub fn report(ctx: &Ctx<'_>) -> bool {
    let unhandled = UNHANDLED.take();
    let handled = HANDLED.take();
    let any = !unhandled.is_empty() || !handled.is_empty();
    for rejection in unhandled {
        rejection.tell(ctx, |hooks| &hooks.unhandled_rejection);
    }
    for rejection in handled {
        rejection.tell(ctx, |hooks| &hooks.rejection_handled);
    }
    any
}

/// Forgets all of them: what was thrown is reported in another way.
pub fn clear() {
    drop(UNHANDLED.take());
    drop(HANDLED.take());
}

impl Rejection {
    fn tell(self, ctx: &Ctx<'_>, hook: fn(&Hooks) -> &Persistent<Function<'static>>) {
        engine::enter(ctx, || {
            let reason = self.reason.restore(ctx)?;
            let promise = self.promise.restore(ctx)?;
            engine::hook(ctx, hook)?.call((reason, promise))
        });
    }
}
