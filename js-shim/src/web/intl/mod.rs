//! Intl (ECMA-402) on ICU4X: the formatters, of which the prelude's classes (`js/intl/`) are the outside.
//!
//! ## Why
//!
//! The data must not be static data of the engine: that is in the memory of every worker. See [`data`].

mod case;
mod collate;
mod data;
mod date;
mod date_names;
mod date_pattern;
mod digits;
mod error;
mod list;
mod locale;
mod number;
mod number_style;
mod parts;
mod plural;
mod relative;
mod segment;
mod unit;
mod zone;

use rquickjs::{Ctx, Object, Result};

/// Puts `intl`, an object of functions, into `native`.
pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let intl = Object::new(ctx.clone())?;
    case::install(ctx, &intl)?;
    collate::install(ctx, &intl)?;
    date::install(ctx, &intl)?;
    list::install(ctx, &intl)?;
    locale::install(ctx, &intl)?;
    number::install(ctx, &intl)?;
    plural::install(ctx, &intl)?;
    relative::install(ctx, &intl)?;
    segment::install(ctx, &intl)?;
    zone::install(ctx, &intl)?;
    native.set("intl", intl)
}
