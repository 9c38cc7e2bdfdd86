//! What stands around a number: percent signs, currencies and units.

use fixed_decimal::Sign;
use icu_experimental::dimension::provider::currency::essentials::CurrencyEssentialsV1;
use icu_experimental::dimension::provider::currency::extended::CurrencyExtendedDataV1;
use icu_experimental::dimension::provider::currency::fractions::CurrencyFractionsV1;
use icu_experimental::dimension::provider::currency::patterns::CurrencyPatternsDataV1;
use icu_experimental::dimension::provider::currency::symbols::CurrencySymbolsV1;
use icu_experimental::dimension::provider::percent::DecimalPercentV1;
use icu_locale::{DataLocale, Locale};
use icu_pattern::{DoublePlaceholderKey, DoublePlaceholderPattern, PatternItem};
use icu_plurals::{PluralOperands, PluralRules};
use icu_provider::prelude::*;
use rquickjs::{Object, Result};

use super::data::load;
use super::parts::Pieces;
use super::unit::Unit;

/// What a number is of.
pub enum Style {
    Decimal,
    Percent(DataPayload<DecimalPercentV1>),
    Currency {
        patterns: DataPayload<CurrencyEssentialsV1>,
        symbol: Symbol,
        accounting: bool,
    },
    CurrencyName {
        patterns: DataPayload<CurrencyPatternsDataV1>,
        names: Option<DataPayload<CurrencyExtendedDataV1>>,
        code: String,
    },
    Unit(Unit),
}

/// A currency's symbol, and whether letters stand at its ends.
pub struct Symbol {
    text: String,
    starts_with_letter: bool,
    ends_with_letter: bool,
}

impl Style {
    /// `options` are the resolved ones of the prelude.
    pub fn new(locale: &Locale, options: &Object<'_>) -> Result<std::result::Result<Self, DataError>> {
        let text = |name: &str| -> Result<String> { Ok(options.get::<_, Option<String>>(name)?.unwrap_or_default()) };
        let data_locale = DataLocale::from(locale);
        Ok(match text("style")?.as_str() {
            "percent" => with_numbering(locale, |attributes| load(&data_locale, attributes)).map(Self::Percent),
            "currency" => {
                let accounting = text("currencySign")? == "accounting";
                Self::currency(locale, text("currency")?, &text("currencyDisplay")?, accounting)
            }
            "unit" => Unit::new(&data_locale, &text("unit")?, &text("unitDisplay")?).map(Self::Unit),
            _ => Ok(Self::Decimal),
        })
    }

    fn currency(
        locale: &Locale,
        code: String,
        display: &str,
        accounting: bool,
    ) -> std::result::Result<Self, DataError> {
        let data_locale = DataLocale::from(locale);
        if display == "name" {
            let names = load::<CurrencyExtendedDataV1>(&data_locale, &code).allow_identifier_not_found()?;
            return Ok(Self::CurrencyName { patterns: load(&data_locale, "")?, names, code });
        }
        let symbol = Symbol::new(&data_locale, code, display)?;
        let patterns = with_numbering(locale, |attributes| load(&data_locale, attributes))?;
        Ok(Self::Currency { patterns, symbol, accounting })
    }

    pub fn is_percent(&self) -> bool {
        matches!(self, Self::Percent(_))
    }

    /// Puts a number, its sign and what it is of together.
    pub fn wrap(
        &self,
        number: Pieces,
        sign: Sign,
        signs: (Pieces, Pieces),
        operands: PluralOperands,
        rules: &PluralRules,
    ) -> Pieces {
        let signed = |inner: Pieces| {
            let mut all = signs.0.clone();
            all.append(inner);
            all.append(signs.1.clone());
            all
        };
        match self {
            Self::Decimal => signed(number),
            Self::Percent(payload) => percent(payload.get(), number, sign),
            Self::Currency { patterns, symbol, accounting } => {
                let (starts, ends) = (symbol.starts_with_letter, symbol.ends_with_letter);
                let patterns = patterns.get();
                let negative = match (sign, accounting) {
                    (Sign::Negative, true) => patterns.get_negative_accounting(starts, ends),
                    (Sign::Negative, false) => patterns.get_negative(starts, ends),
                    _ => None,
                };
                if let Some(pattern) = negative {
                    return double(pattern, number, "currency", &symbol.text);
                }
                let positive = if *accounting {
                    patterns.get_positive_accounting(starts, ends)
                } else {
                    patterns.get_positive(starts, ends)
                };
                signed(double(positive, number, "currency", &symbol.text))
            }
            Self::CurrencyName { patterns, names, code } => {
                let name = names.as_ref().map_or(code.as_str(), |names| names.get().get(operands, rules));
                double(patterns.get().get(operands, rules), signed(number), "currency", name)
            }
            Self::Unit(unit) => unit.wrap(signed(number), operands, rules),
        }
    }
}

impl Symbol {
    fn new(locale: &DataLocale, code: String, display: &str) -> std::result::Result<Self, DataError> {
        let mut found = None;
        if display != "code" {
            if display == "narrowSymbol" {
                found = load::<CurrencySymbolsV1>(locale, &format!("{code}n")).allow_identifier_not_found()?;
            }
            if found.is_none() {
                found = load::<CurrencySymbolsV1>(locale, &code).allow_identifier_not_found()?;
            }
        }
        Ok(match found {
            Some(payload) if !payload.get().as_str().is_empty() => {
                let symbol = payload.get();
                let (starts_with_letter, ends_with_letter) = (symbol.starts_with_letter(), symbol.ends_with_letter());
                Self { text: symbol.as_str().to_owned(), starts_with_letter, ends_with_letter }
            }
            _ => Self { text: code, starts_with_letter: true, ends_with_letter: true },
        })
    }
}

/// Tries the data of the locale's `-u-nu-` first.
fn with_numbering<T>(
    locale: &Locale,
    load: impl Fn(&str) -> std::result::Result<T, DataError>,
) -> std::result::Result<T, DataError> {
    let numbering = locale.extensions.unicode.keywords.get(&icu_locale::extensions::unicode::key!("nu"));
    if let Some(numbering) = numbering
        && let Some(found) = load(&numbering.to_string()).allow_identifier_not_found()?
    {
        return Ok(found);
    }
    load("")
}

/// A literal of a pattern, where signs may stand between other text.
fn push_literal(pieces: &mut Pieces, text: &str, kind: &'static str) {
    for c in text.chars() {
        match c {
            '-' | '−' | '\u{2010}'..='\u{2012}' => pieces.push("minusSign", c),
            '+' => pieces.push("plusSign", c),
            '%' | '٪' | '﹪' | '％' => pieces.push("percentSign", c),
            _ => pieces.push(kind, c),
        }
    }
}

fn double(pattern: &DoublePlaceholderPattern, number: Pieces, kind: &'static str, other: &str) -> Pieces {
    let mut pieces = Pieces::default();
    let mut number = Some(number);
    for item in pattern.iter() {
        match item {
            PatternItem::Literal(text) => push_literal(&mut pieces, text, "literal"),
            PatternItem::Placeholder(DoublePlaceholderKey::Place0) => pieces.append(number.take().unwrap_or_default()),
            PatternItem::Placeholder(DoublePlaceholderKey::Place1) => pieces.push(kind, other),
        }
    }
    pieces
}

fn percent(
    data: &icu_experimental::dimension::provider::percent::PercentEssentials<'_>,
    number: Pieces,
    sign: Sign,
) -> Pieces {
    let (kind, text) = match sign {
        Sign::Negative => ("minusSign", &*data.minus_sign),
        Sign::Positive => ("plusSign", &*data.plus_sign),
        Sign::None => {
            let mut pieces = Pieces::default();
            let mut number = Some(number);
            for item in data.unsigned_pattern.iter() {
                match item {
                    PatternItem::Literal(text) => push_literal(&mut pieces, text, "literal"),
                    PatternItem::Placeholder(_) => pieces.append(number.take().unwrap_or_default()),
                }
            }
            return pieces;
        }
    };
    double(&data.signed_pattern, number, kind, text)
}

/// How many digits a currency has after the decimal point.
pub fn currency_digits(code: &str) -> std::result::Result<u8, DataError> {
    let fractions = load::<CurrencyFractionsV1>(&DataLocale::default(), "")?;
    Ok(match code.parse() {
        Ok(currency) => fractions.get().resolve(currency).digits,
        Err(_) => 2,
    })
}
