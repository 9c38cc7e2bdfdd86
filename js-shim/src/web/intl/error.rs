//! Failures as JavaScript errors.

use rquickjs::{Ctx, Error, Exception};

/// Data that should be there is not, or does not fit: an error of the engine, not of the worker.
pub fn internal(ctx: &Ctx<'_>, error: impl std::fmt::Display) -> Error {
    Exception::throw_internal(ctx, &format!("Intl: {error}"))
}
