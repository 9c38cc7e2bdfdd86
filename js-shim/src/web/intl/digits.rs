//! Rounding and padding of numbers (ECMA-402, FormatNumericToString).

use fixed_decimal::{Decimal, FloatPrecision, RoundingIncrement, Sign, SignedRoundingMode, UnsignedRoundingMode};
use rquickjs::{Object, Result};

/// A mathematical value as ECMA-402 sees it.
pub enum Number {
    Finite(Decimal),
    Infinity(Sign),
    NaN,
}

impl Number {
    /// Of a JavaScript number.
    pub fn from_f64(value: f64) -> Self {
        if value.is_nan() {
            return Self::NaN;
        }
        let sign = if value.is_sign_negative() { Sign::Negative } else { Sign::None };
        match Decimal::try_from_f64(value, FloatPrecision::RoundTrip) {
            Ok(decimal) => Self::Finite(decimal),
            Err(_) => Self::Infinity(sign),
        }
    }

    /// Of decimal digits, as a BigInt or a numeric string has them.
    pub fn from_text(text: &str) -> Self {
        match text {
            "Infinity" => Self::Infinity(Sign::None),
            "-Infinity" => Self::Infinity(Sign::Negative),
            _ => text.parse().map_or(Self::NaN, Self::Finite),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Precision {
    Fraction,
    Significant,
    More,
    Less,
}

/// How many digits are shown.
#[derive(Clone, Copy)]
pub struct Digits {
    minimum_integer: i16,
    minimum_fraction: i16,
    maximum_fraction: i16,
    minimum_significant: i16,
    maximum_significant: i16,
    precision: Precision,
    increment: u16,
    mode: SignedRoundingMode,
    strip_if_integer: bool,
}

impl Digits {
    /// Reads the resolved options of the prelude.
    pub fn from_options(options: &Object<'_>) -> Result<Self> {
        let number = |name: &str| -> Result<i16> { Ok(options.get::<_, Option<i16>>(name)?.unwrap_or(0)) };
        let text = |name: &str| -> Result<String> { Ok(options.get::<_, Option<String>>(name)?.unwrap_or_default()) };
        Ok(Self {
            minimum_integer: number("minimumIntegerDigits")?.max(1),
            minimum_fraction: number("minimumFractionDigits")?,
            maximum_fraction: number("maximumFractionDigits")?,
            minimum_significant: number("minimumSignificantDigits")?.max(1),
            maximum_significant: number("maximumSignificantDigits")?.max(1),
            precision: match text("roundingType")?.as_str() {
                "significantDigits" => Precision::Significant,
                "morePrecision" => Precision::More,
                "lessPrecision" => Precision::Less,
                _ => Precision::Fraction,
            },
            increment: options.get::<_, Option<u16>>("roundingIncrement")?.unwrap_or(1),
            mode: rounding_mode(&text("roundingMode")?),
            strip_if_integer: text("trailingZeroDisplay")? == "stripIfInteger",
        })
    }

    /// Rounds and pads a value.
    pub fn apply(&self, value: &Decimal) -> Decimal {
        let fraction = || self.to_fraction(value.clone());
        let significant = || self.to_significant(value.clone());
        let mut rounded = match self.precision {
            Precision::Fraction => fraction(),
            Precision::Significant => significant(),
            Precision::More | Precision::Less => {
                let magnitude = if value.absolute.is_zero() { 0 } else { value.absolute.nonzero_magnitude_start() };
                let significant_is_finer = magnitude - self.maximum_significant < -self.maximum_fraction;
                if significant_is_finer == (self.precision == Precision::More) { significant() } else { fraction() }
            }
        };
        if self.strip_if_integer {
            rounded.absolute.trim_end_if_integer();
        }
        // leading zeros of the value itself are none of the result's
        rounded.absolute.trim_start();
        rounded.absolute.pad_start(self.minimum_integer);
        rounded
    }

    fn to_fraction(self, mut value: Decimal) -> Decimal {
        let (shift, increment) = increment(self.increment);
        value.round_with_mode_and_increment(shift - self.maximum_fraction, self.mode, increment);
        value.absolute.trim_end();
        value.absolute.pad_end(-self.minimum_fraction);
        value
    }

    fn to_significant(self, mut value: Decimal) -> Decimal {
        if !value.absolute.is_zero() {
            let magnitude = value.absolute.nonzero_magnitude_start();
            value.round_with_mode(magnitude - self.maximum_significant + 1, self.mode);
        }
        value.absolute.trim_end();
        let magnitude = if value.absolute.is_zero() { 0 } else { value.absolute.nonzero_magnitude_start() };
        value.absolute.pad_end((magnitude - self.minimum_significant + 1).min(0));
        value
    }
}

/// ECMA-402's increments are 1, 2, 5 and 25 times a power of ten.
fn increment(increment: u16) -> (i16, RoundingIncrement) {
    let mut shift = 0;
    let mut rest = increment.max(1);
    while rest % 10 == 0 {
        rest /= 10;
        shift += 1;
    }
    let increment = match rest {
        2 => RoundingIncrement::MultiplesOf2,
        5 => RoundingIncrement::MultiplesOf5,
        25 => RoundingIncrement::MultiplesOf25,
        _ => RoundingIncrement::MultiplesOf1,
    };
    (shift, increment)
}

fn rounding_mode(name: &str) -> SignedRoundingMode {
    match name {
        "ceil" => SignedRoundingMode::Ceil,
        "floor" => SignedRoundingMode::Floor,
        "halfCeil" => SignedRoundingMode::HalfCeil,
        "halfFloor" => SignedRoundingMode::HalfFloor,
        "expand" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::Expand),
        "trunc" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::Trunc),
        "halfTrunc" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfTrunc),
        "halfEven" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfEven),
        _ => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand),
    }
}
