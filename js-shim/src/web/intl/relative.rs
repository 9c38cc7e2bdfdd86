//! `Intl.RelativeTimeFormat`.

use fixed_decimal::{Decimal, Sign};
use icu_experimental::relativetime::provider as units;
use icu_experimental::relativetime::provider::RelativeTimePatternData;
use icu_locale::DataLocale;
use icu_pattern::PatternItem;
use icu_plurals::PluralOperands;
use icu_provider::marker::ErasedMarker;
use icu_provider::prelude::*;
use rquickjs::class::Trace;
use rquickjs::{Array, Ctx, Function, JsLifetime, Object, Result};
use std::cell::RefCell;
use std::rc::Rc;

use super::data::load;
use super::digits::Number;
use super::error::internal;
use super::locale;
use super::number::NumberFormat;
use super::parts::Pieces;

type Patterns = DataPayload<ErasedMarker<RelativeTimePatternData<'static>>>;

/// A relative time format, behind an `Intl.RelativeTimeFormat`.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct RelativeFormatter {
    #[qjs(skip_trace)]
    locale: DataLocale,
    #[qjs(skip_trace)]
    style: String,
    #[qjs(skip_trace)]
    is_auto: bool,
    #[qjs(skip_trace)]
    numbers: NumberFormat,
    /// By unit, loaded when first used.
    #[qjs(skip_trace)]
    patterns: RefCell<Vec<(String, Rc<Patterns>)>>,
}

macro_rules! patterns_of {
    ($locale:expr, $unit:expr, $style:expr; $($name:literal $long:ident $short:ident $narrow:ident;)+) => {
        match ($unit, $style) {
            $(
                ($name, "short") => load::<units::$short>($locale, "").map(DataPayload::cast),
                ($name, "narrow") => load::<units::$narrow>($locale, "").map(DataPayload::cast),
                ($name, _) => load::<units::$long>($locale, "").map(DataPayload::cast),
            )+
            _ => Err(DataErrorKind::IdentifierNotFound.into_error()),
        }
    };
}

fn load_patterns(locale: &DataLocale, unit: &str, style: &str) -> std::result::Result<Patterns, DataError> {
    patterns_of!(locale, unit, style;
        "second" DatetimeRelativeSecondLongV1 DatetimeRelativeSecondShortV1 DatetimeRelativeSecondNarrowV1;
        "minute" DatetimeRelativeMinuteLongV1 DatetimeRelativeMinuteShortV1 DatetimeRelativeMinuteNarrowV1;
        "hour" DatetimeRelativeHourLongV1 DatetimeRelativeHourShortV1 DatetimeRelativeHourNarrowV1;
        "day" DatetimeRelativeDayLongV1 DatetimeRelativeDayShortV1 DatetimeRelativeDayNarrowV1;
        "week" DatetimeRelativeWeekLongV1 DatetimeRelativeWeekShortV1 DatetimeRelativeWeekNarrowV1;
        "month" DatetimeRelativeMonthLongV1 DatetimeRelativeMonthShortV1 DatetimeRelativeMonthNarrowV1;
        "quarter" DatetimeRelativeQuarterLongV1 DatetimeRelativeQuarterShortV1 DatetimeRelativeQuarterNarrowV1;
        "year" DatetimeRelativeYearLongV1 DatetimeRelativeYearShortV1 DatetimeRelativeYearNarrowV1;
    )
}

impl RelativeFormatter {
    fn patterns(&self, unit: &str) -> std::result::Result<Rc<Patterns>, DataError> {
        if let Some((_, found)) = self.patterns.borrow().iter().find(|(name, _)| name == unit) {
            return Ok(Rc::clone(found));
        }
        let loaded = Rc::new(load_patterns(&self.locale, unit, &self.style)?);
        self.patterns.borrow_mut().push((unit.to_owned(), Rc::clone(&loaded)));
        Ok(loaded)
    }

    /// Whether the pieces are the number's follows from their kinds: a pattern gives literals only.
    fn pieces(&self, value: f64, unit: &str) -> std::result::Result<Pieces, DataError> {
        let patterns = self.patterns(unit)?;
        let patterns = patterns.get();
        let mut pieces = Pieces::default();
        if self.is_auto
            && value.fract() == 0.0
            && value.abs() < 100.0
            && let Some(text) = patterns.get_relative(value as i8)
        {
            pieces.push("literal", text);
            return Ok(pieces);
        }
        let past = value.is_sign_negative();
        let Number::Finite(mut decimal) = Number::from_f64(value) else { return Ok(pieces) };
        decimal.sign = Sign::None;
        let operands = PluralOperands::from(&Decimal::new(Sign::None, decimal.absolute.clone()));
        let pattern = if past { &patterns.past } else { &patterns.future };
        let mut number = Some(self.numbers.format(Number::Finite(decimal)));
        for item in pattern.get(operands, &self.numbers.plurals).iter() {
            match item {
                PatternItem::Literal(text) => pieces.push("literal", text),
                PatternItem::Placeholder(_) => pieces.append(number.take().unwrap_or_default()),
            }
        }
        Ok(pieces)
    }
}

#[rquickjs::methods]
impl RelativeFormatter {
    fn format(&self, ctx: Ctx<'_>, value: f64, unit: String) -> Result<String> {
        Ok(self.pieces(value, &unit).map_err(|error| internal(&ctx, error))?.text())
    }

    fn parts<'js>(&self, ctx: Ctx<'js>, value: f64, unit: String) -> Result<Array<'js>> {
        self.pieces(value, &unit).map_err(|error| internal(&ctx, error))?.to_js(&ctx)
    }
}

/// `numbers` are resolved options of a number format.
fn create<'js>(ctx: Ctx<'js>, numbers: Object<'js>, style: String, numeric: String) -> Result<RelativeFormatter> {
    let locale = locale::parse(&ctx, &numbers.get::<_, String>("dataLocale")?)?;
    Ok(RelativeFormatter {
        locale: DataLocale::from(&locale),
        style,
        is_auto: numeric == "auto",
        numbers: NumberFormat::new(&ctx, &numbers)?,
        patterns: RefCell::default(),
    })
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    rquickjs::Class::<RelativeFormatter>::define(native)?;
    native.set("relativeTimeFormat", Function::new(ctx.clone(), create)?)
}
