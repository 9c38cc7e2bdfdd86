//! `Intl.NumberFormat`: rounding, signs and notations, around the number itself.

use fixed_decimal::{Decimal, Sign};
use icu_decimal::options::{CompactDecimalFormatterOptions, DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::{CompactDecimalFormatter, DecimalFormatter, parts};
use icu_plurals::{PluralOperands, PluralRules};
use rquickjs::class::Trace;
use rquickjs::{Array, Ctx, Function, JsLifetime, Object, Result, Value};
use writeable::Part;

use super::data;
use super::digits::{Digits, Number};
use super::error::internal;
use super::locale;
use super::number_style::Style;
use super::parts::{Pieces, collect};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    Standard,
    Scientific,
    Engineering,
    Compact,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SignDisplay {
    Auto,
    Always,
    Never,
    ExceptZero,
    Negative,
}

/// A number format, behind an `Intl.NumberFormat`.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct NumberFormatter {
    #[qjs(skip_trace)]
    inner: NumberFormat,
}

/// What [`NumberFormatter`] is made of; dates and relative times use it too.
pub struct NumberFormat {
    decimal: DecimalFormatter,
    compact: Option<CompactDecimalFormatter>,
    pub plurals: PluralRules,
    style: Style,
    notation: Notation,
    sign_display: SignDisplay,
    digits: Digits,
}

fn part_name(part: Option<Part>) -> &'static str {
    match part {
        Some(parts::INTEGER) => "integer",
        Some(parts::GROUP) => "group",
        Some(parts::DECIMAL) => "decimal",
        Some(parts::FRACTION) => "fraction",
        Some(parts::MINUS_SIGN) => "minusSign",
        Some(parts::PLUS_SIGN) => "plusSign",
        _ => "literal",
    }
}

impl NumberFormat {
    /// `options` are the resolved ones of the prelude.
    pub fn new<'js>(ctx: &Ctx<'js>, options: &Object<'js>) -> Result<Self> {
        let text = |name: &str| -> Result<String> { Ok(options.get::<_, Option<String>>(name)?.unwrap_or_default()) };
        let locale = locale::parse(ctx, &text("dataLocale")?)?;
        let provider = data::data().map_err(|error| internal(ctx, error))?;
        let grouping = match text("grouping")?.as_str() {
            "always" => GroupingStrategy::Always,
            "min2" => GroupingStrategy::Min2,
            "false" => GroupingStrategy::Never,
            _ => GroupingStrategy::Auto,
        };
        let notation = match text("notation")?.as_str() {
            "scientific" => Notation::Scientific,
            "engineering" => Notation::Engineering,
            "compact" => Notation::Compact,
            _ => Notation::Standard,
        };
        let decimal_options = DecimalFormatterOptions::from(grouping);
        let compact_options = CompactDecimalFormatterOptions::from(grouping);
        let compact = if notation != Notation::Compact {
            Ok(None)
        } else if text("compactDisplay")? == "long" {
            CompactDecimalFormatter::try_new_long_with_buffer_provider(provider, (&locale).into(), compact_options)
                .map(Some)
        } else {
            CompactDecimalFormatter::try_new_short_with_buffer_provider(provider, (&locale).into(), compact_options)
                .map(Some)
        };
        Ok(Self {
            decimal: DecimalFormatter::try_new_with_buffer_provider(provider, (&locale).into(), decimal_options)
                .map_err(|error| internal(ctx, error))?,
            compact: compact.map_err(|error| internal(ctx, error))?,
            plurals: PluralRules::try_new_cardinal_with_buffer_provider(provider, (&locale).into())
                .map_err(|error| internal(ctx, error))?,
            style: Style::new(&locale, options)?.map_err(|error| internal(ctx, error))?,
            notation,
            sign_display: match text("signDisplay")?.as_str() {
                "always" => SignDisplay::Always,
                "never" => SignDisplay::Never,
                "exceptZero" => SignDisplay::ExceptZero,
                "negative" => SignDisplay::Negative,
                _ => SignDisplay::Auto,
            },
            digits: Digits::from_options(options)?,
        })
    }

    /// Formats a value (ECMA-402, PartitionNumberPattern).
    pub fn format(&self, value: Number) -> Pieces {
        let mut number = Pieces::default();
        let (sign, is_zero, operands) = match value {
            Number::NaN => {
                number.push("nan", "NaN");
                (Sign::None, true, PluralOperands::from(0_u8))
            }
            Number::Infinity(sign) => {
                number.push("infinity", "∞");
                (sign, false, PluralOperands::from(0_u8))
            }
            Number::Finite(mut decimal) => {
                if self.style.is_percent() {
                    decimal.absolute.multiply_pow10(2);
                }
                let (pieces, rounded) = self.digits_of(decimal);
                number = pieces;
                (rounded.sign, rounded.absolute.is_zero(), PluralOperands::from(&rounded))
            }
        };
        let sign = self.shown_sign(sign, is_zero);
        let signs = self.sign_pieces(sign);
        self.style.wrap(number, sign, signs, operands, &self.plurals)
    }

    /// The digits of a value without its sign, and the value that they show.
    fn digits_of(&self, value: Decimal) -> (Pieces, Decimal) {
        let exponent = self.exponent(&value);
        let mut rounded = self.round(&value, exponent);
        if self.notation == Notation::Standard {
            return (self.plain(&rounded), rounded);
        }
        // rounding may have made it a digit longer: 999,999 is one million, not a thousand thousands
        let mut exponent = exponent;
        if !rounded.absolute.is_zero() {
            let magnitude = rounded.absolute.nonzero_magnitude_start() + exponent;
            let better = self.exponent_of(magnitude);
            if better != exponent {
                exponent = better;
                rounded = self.round(&value, exponent);
            }
        }
        if let Some(compact) = &self.compact {
            let absolute = Decimal::new(Sign::None, rounded.absolute.clone());
            let exponent = u8::try_from(exponent).unwrap_or(0);
            if let Ok(formatted) = compact.format_with_exponent(&absolute, exponent) {
                return (collect(&formatted, part_name, Some("compact")), rounded);
            }
        }
        let mut pieces = self.plain(&rounded);
        if self.notation != Notation::Compact {
            pieces.push("exponentSeparator", "E");
            if exponent < 0 {
                pieces.append(self.sign_pieces(Sign::Negative).0.renamed("exponentMinusSign"));
            }
            for piece in self.plain(&Decimal::from(exponent.unsigned_abs())).0 {
                pieces.push("exponentInteger", piece.text);
            }
        }
        (pieces, rounded)
    }

    fn exponent(&self, value: &Decimal) -> i16 {
        if value.absolute.is_zero() { 0 } else { self.exponent_of(value.absolute.nonzero_magnitude_start()) }
    }

    fn exponent_of(&self, magnitude: i16) -> i16 {
        match (self.notation, &self.compact) {
            (Notation::Scientific, _) => magnitude,
            (Notation::Engineering, _) => magnitude.div_euclid(3) * 3,
            (Notation::Compact, Some(compact)) => compact.compact_exponent_for_magnitude(magnitude).into(),
            _ => 0,
        }
    }

    fn round(&self, value: &Decimal, exponent: i16) -> Decimal {
        let mut scaled = value.clone();
        scaled.absolute.multiply_pow10(-exponent);
        self.digits.apply(&scaled)
    }

    fn plain(&self, value: &Decimal) -> Pieces {
        collect(&self.decimal.format(&Decimal::new(Sign::None, value.absolute.clone())), part_name, None)
    }

    fn shown_sign(&self, sign: Sign, is_zero: bool) -> Sign {
        let negative = sign == Sign::Negative;
        match self.sign_display {
            SignDisplay::Auto if negative => Sign::Negative,
            SignDisplay::Always => {
                if negative {
                    Sign::Negative
                } else {
                    Sign::Positive
                }
            }
            SignDisplay::ExceptZero if !is_zero => {
                if negative {
                    Sign::Negative
                } else {
                    Sign::Positive
                }
            }
            SignDisplay::Negative if negative && !is_zero => Sign::Negative,
            SignDisplay::Auto | SignDisplay::Never | SignDisplay::ExceptZero | SignDisplay::Negative => Sign::None,
        }
    }

    /// What the locale writes before and after a number of this sign.
    fn sign_pieces(&self, sign: Sign) -> (Pieces, Pieces) {
        if sign == Sign::None {
            return Default::default();
        }
        let mut zero = Decimal::from(0_u8);
        zero.sign = sign;
        let all = collect(&self.decimal.format(&zero), part_name, None).0;
        let split = all.iter().position(|piece| piece.kind == "integer").unwrap_or(all.len());
        let mut before = all;
        let after = before.split_off(split).into_iter().skip(1).collect();
        (Pieces(before), Pieces(after))
    }
}

impl Pieces {
    /// The same texts, all of one kind.
    fn renamed(self, kind: &'static str) -> Self {
        Self(self.0.into_iter().map(|piece| super::parts::Piece { kind, ..piece }).collect())
    }
}

/// A JavaScript number, or the digits of a bigint or a string.
pub fn number_of(value: &Value<'_>) -> Result<Number> {
    if let Some(number) = value.as_number() {
        return Ok(Number::from_f64(number));
    }
    Ok(Number::from_text(&value.get::<String>()?))
}

#[rquickjs::methods]
impl NumberFormatter {
    fn format(&self, value: Value<'_>) -> Result<String> {
        Ok(self.inner.format(number_of(&value)?).text())
    }

    fn parts<'js>(&self, ctx: Ctx<'js>, value: Value<'js>) -> Result<Array<'js>> {
        self.inner.format(number_of(&value)?).to_js(&ctx)
    }
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    rquickjs::Class::<NumberFormatter>::define(native)?;
    native.set(
        "numberFormat",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, options: Object<'js>| {
            Ok::<_, rquickjs::Error>(NumberFormatter { inner: NumberFormat::new(&ctx, &options)? })
        })?,
    )?;
    native.set(
        "currencyDigits",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, code: String| {
            super::number_style::currency_digits(&code).map_err(|error| internal(&ctx, error))
        })?,
    )
}
