//! Locale identifiers: canonical form, likely subtags, what is available.

use std::cell::OnceCell;

use icu_locale::{Locale, LocaleCanonicalizer, LocaleExpander};
use icu_provider::DataError;
use rquickjs::{Ctx, Function, Object, Result};

use super::data::{self, named};
use super::error::internal;

thread_local! {
    static CANONICALIZER: OnceCell<LocaleCanonicalizer> = const { OnceCell::new() };
    static EXPANDER: OnceCell<LocaleExpander> = const { OnceCell::new() };
    static AVAILABLE: OnceCell<Vec<String>> = const { OnceCell::new() };
}

/// A locale that the prelude has resolved.
pub fn parse(ctx: &Ctx<'_>, tag: &str) -> Result<Locale> {
    tag.parse().map_err(|_| internal(ctx, format_args!("`{tag}` is no locale")))
}

fn canonicalize(tag: &str) -> std::result::Result<Option<String>, DataError> {
    let Ok(mut locale) = tag.parse::<Locale>() else { return Ok(None) };
    CANONICALIZER.with(|cell| {
        if cell.get().is_none() {
            let provider = data::data()?;
            let expander = LocaleExpander::try_new_extended_with_buffer_provider(provider)?;
            let made = LocaleCanonicalizer::try_new_with_expander_with_buffer_provider(provider, expander)?;
            let _ = cell.set(made);
        }
        if let Some(canonicalizer) = cell.get() {
            canonicalizer.canonicalize(&mut locale);
        }
        Ok(Some(locale.to_string()))
    })
}

/// Adds or removes likely subtags; extensions stay.
fn expand(tag: &str, add: bool) -> std::result::Result<Option<String>, DataError> {
    let Ok(mut locale) = tag.parse::<Locale>() else { return Ok(None) };
    EXPANDER.with(|cell| {
        if cell.get().is_none() {
            let _ = cell.set(LocaleExpander::try_new_extended_with_buffer_provider(data::data()?)?);
        }
        if let Some(expander) = cell.get() {
            if add {
                expander.maximize(&mut locale.id);
            } else {
                expander.minimize(&mut locale.id);
            }
        }
        Ok(Some(locale.to_string()))
    })
}

/// Whether there is data of a locale's own: the identifier has no extensions.
fn available(tag: &str) -> bool {
    AVAILABLE.with(|cell| {
        let list = cell.get_or_init(|| list("locales"));
        list.binary_search_by(|other| other.as_str().cmp(tag)).is_ok()
    })
}

/// A sorted list of the blob.
pub fn list(name: &str) -> Vec<String> {
    let bytes = named("list", name).unwrap_or_default();
    String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set(
        "canonicalLocale",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, tag: String| {
            canonicalize(&tag).map_err(|error| internal(&ctx, error))
        })?,
    )?;
    native.set(
        "maximizeLocale",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, tag: String| {
            expand(&tag, true).map_err(|error| internal(&ctx, error))
        })?,
    )?;
    native.set(
        "minimizeLocale",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, tag: String| {
            expand(&tag, false).map_err(|error| internal(&ctx, error))
        })?,
    )?;
    native.set("availableLocale", Function::new(ctx.clone(), |tag: String| available(&tag))?)?;
    native.set("intlList", Function::new(ctx.clone(), |name: String| list(&name))?)
}
