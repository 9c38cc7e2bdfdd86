//! `Intl.Collator`.

use icu_collator::options::{AlternateHandling, CaseLevel, CollatorOptions, Strength};
use icu_collator::{Collator as Compare, CollatorPreferences};
use rquickjs::class::Trace;
use rquickjs::{Ctx, Function, JsLifetime, Object, Result};

use super::data;
use super::error::internal;
use super::locale;
use crate::web::convert::Usv;

/// A collator, behind an `Intl.Collator`.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct Collator {
    #[qjs(skip_trace)]
    inner: Compare,
}

#[rquickjs::methods]
impl Collator {
    fn compare(&self, left: Usv, right: Usv) -> i32 {
        self.inner.as_borrowed().compare(&left.0, &right.0) as i32
    }
}

/// The locale's keywords say `co`, `kn` and `kf`.
fn create<'js>(ctx: Ctx<'js>, tag: String, sensitivity: String, ignore_punctuation: bool) -> Result<Collator> {
    let locale = locale::parse(&ctx, &tag)?;
    let mut options = CollatorOptions::default();
    options.strength = Some(match sensitivity.as_str() {
        "base" | "case" => Strength::Primary,
        "accent" => Strength::Secondary,
        _ => Strength::Tertiary,
    });
    if sensitivity == "case" {
        options.case_level = Some(CaseLevel::On);
    }
    options.alternate_handling =
        Some(if ignore_punctuation { AlternateHandling::Shifted } else { AlternateHandling::NonIgnorable });
    let provider = data::data().map_err(|error| internal(&ctx, error))?;
    let inner = Compare::try_new_with_buffer_provider(provider, CollatorPreferences::from(&locale), options)
        .map_err(|error| internal(&ctx, error))?;
    Ok(Collator { inner })
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    rquickjs::Class::<Collator>::define(native)?;
    native.set("collator", Function::new(ctx.clone(), create)?)
}
