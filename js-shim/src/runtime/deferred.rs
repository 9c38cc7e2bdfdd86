//! A promise whose outcome I/O decides.

use rquickjs::{Ctx, Exception, Function, IntoJs, Persistent, Promise, Result};

use super::engine;

/// The resolving functions of a promise given to JavaScript.
pub struct Deferred {
    resolve: Persistent<Function<'static>>,
    reject: Persistent<Function<'static>>,
}

impl Deferred {
    /// A pending promise and the means to settle it.
    pub fn new<'js>(ctx: &Ctx<'js>) -> Result<(Promise<'js>, Deferred)> {
        let (promise, resolve, reject) = ctx.promise()?;
        let deferred = Deferred { resolve: Persistent::save(ctx, resolve), reject: Persistent::save(ctx, reject) };
        Ok((promise, deferred))
    }

    /// Fulfils the promise; if `value` cannot be made, rejects it with what was thrown.
    pub fn resolve<'js>(self, ctx: &Ctx<'js>, value: impl IntoJs<'js>) {
        engine::enter(ctx, || match value.into_js(ctx) {
            Ok(value) => self.resolve.restore(ctx)?.call((value,)),
            Err(error) => reject(ctx, self.reject, error),
        });
    }

    /// Rejects the promise with a `TypeError`.
    pub fn reject(self, ctx: &Ctx<'_>, message: &str) {
        let error = Exception::throw_type(ctx, message);
        engine::enter(ctx, || reject(ctx, self.reject, error));
    }

    /// Rejects the promise with QuickJS's own out-of-memory error.
    pub fn reject_out_of_memory(self, ctx: &Ctx<'_>) {
        let error = Exception::throw_internal(ctx, "out of memory");
        engine::enter(ctx, || reject(ctx, self.reject, error));
    }
}

fn reject(ctx: &Ctx<'_>, function: Persistent<Function<'static>>, error: rquickjs::Error) -> Result<()> {
    let reason = engine::thrown(ctx, error);
    function.restore(ctx)?.call((reason,))
}
