//! `Intl.PluralRules`.

use icu_plurals::{
    PluralCategory, PluralOperands, PluralRuleType, PluralRules, PluralRulesOptions, PluralRulesWithRanges,
};
use rquickjs::class::Trace;
use rquickjs::{Ctx, Function, JsLifetime, Object, Result, Value};

use super::data;
use super::digits::{Digits, Number};
use super::error::internal;
use super::locale;
use super::number::number_of;

/// Plural rules, behind an `Intl.PluralRules`.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct PluralSelector {
    #[qjs(skip_trace)]
    rules: PluralRulesWithRanges<PluralRules>,
    #[qjs(skip_trace)]
    digits: Digits,
}

fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

impl PluralSelector {
    fn category(&self, value: &Value<'_>) -> Result<PluralCategory> {
        Ok(match number_of(value)? {
            Number::Finite(decimal) => {
                self.rules.rules().category_for(PluralOperands::from(&self.digits.apply(&decimal)))
            }
            Number::Infinity(_) | Number::NaN => PluralCategory::Other,
        })
    }
}

#[rquickjs::methods(rename_all = "camelCase")]
impl PluralSelector {
    fn select(&self, value: Value<'_>) -> Result<&'static str> {
        Ok(name(self.category(&value)?))
    }

    fn select_range(&self, start: Value<'_>, end: Value<'_>) -> Result<&'static str> {
        let (start, end) = (self.category(&start)?, self.category(&end)?);
        Ok(name(self.rules.resolve_range(start, end)))
    }

    fn categories(&self) -> Vec<&'static str> {
        self.rules.rules().categories().map(name).collect()
    }
}

fn create<'js>(ctx: Ctx<'js>, options: Object<'js>) -> Result<PluralSelector> {
    let locale = locale::parse(&ctx, &options.get::<_, String>("dataLocale")?)?;
    let kind =
        if options.get::<_, String>("type")? == "ordinal" { PluralRuleType::Ordinal } else { PluralRuleType::Cardinal };
    let provider = data::data().map_err(|error| internal(&ctx, error))?;
    let rules = PluralRulesWithRanges::try_new_with_buffer_provider(
        provider,
        (&locale).into(),
        PluralRulesOptions::default().with_type(kind),
    )
    .map_err(|error| internal(&ctx, error))?;
    Ok(PluralSelector { rules, digits: Digits::from_options(&options)? })
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    rquickjs::Class::<PluralSelector>::define(native)?;
    native.set("pluralRules", Function::new(ctx.clone(), create)?)
}
