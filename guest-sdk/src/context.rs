//! What a handler gets beside the request.

use std::fmt::Display;
use std::future::Future;

use crate::executor;

/// The running invocation.
#[derive(Clone, Debug)]
pub struct Context {
    // Made by the SDK only, so that it can grow.
    _private: (),
}

impl Context {
    pub(crate) fn new() -> Self {
        Self { _private: () }
    }

    /// Go on with `future` after the response has been sent: the client does not wait for it.
    ///
    /// It starts at once and runs beside the handler; the host ends the request when it is done, or at
    /// its own limit. A future that ends in an error is logged.
    ///
    /// ```
    /// # use glowplug_sdk::{Context, fetch};
    /// # fn example(ctx: Context) {
    /// ctx.wait_until(async {
    ///     fetch("https://stats.example/hit").await?;
    ///     Ok::<(), glowplug_sdk::Error>(())
    /// });
    /// # }
    /// ```
    pub fn wait_until<F>(&self, future: F)
    where
        F: Future + 'static,
        F::Output: Settled,
    {
        executor::spawn(async move { future.await.settle() });
    }
}

/// How a future given to [`Context::wait_until`] may end: `()`, or a `Result` whose error is logged.
pub trait Settled {
    #[doc(hidden)]
    fn settle(self);
}

impl Settled for () {
    fn settle(self) {}
}

impl<T, E: Display> Settled for Result<T, E> {
    fn settle(self) {
        if let Err(error) = self {
            crate::log!("wait_until failed: {error}");
        }
    }
}
