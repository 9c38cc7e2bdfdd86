//! Units of measurement.

use icu_experimental::dimension::provider::units::categorized_display_names as names;
use icu_experimental::dimension::provider::units::display_names::UnitsDisplayNames;
use icu_locale::DataLocale;
use icu_pattern::PatternItem;
use icu_plurals::{PluralOperands, PluralRules};
use icu_provider::marker::ErasedMarker;
use icu_provider::prelude::*;

use super::data::load_response;
use super::parts::Pieces;

type Names = DataPayload<ErasedMarker<UnitsDisplayNames<'static>>>;

/// A unit in a locale.
pub enum Unit {
    Named(Names),
    /// Units that ICU4X has no names for: CLDR's root symbols.
    Symbol(&'static str),
}

/// CLDR's root has these in all widths; `{0}` and a space go before all but the first four.
const SYMBOLS: [(&str, &str); 18] = [
    ("celsius", "°C"),
    ("degree", "°"),
    ("fahrenheit", "°F"),
    ("percent", "%"),
    ("bit", "bit"),
    ("byte", "byte"),
    ("gigabit", "Gb"),
    ("gigabyte", "GB"),
    ("kilobit", "kb"),
    ("kilobyte", "kB"),
    ("megabit", "Mb"),
    ("megabyte", "MB"),
    ("petabyte", "PB"),
    ("terabit", "Tb"),
    ("terabyte", "TB"),
    ("kilometer-per-hour", "km/h"),
    ("meter-per-second", "m/s"),
    ("mile-per-hour", "mph"),
];

/// Tries the markers in turn: units are spread over them, and some have short names only for all locales alike.
macro_rules! best_of {
    ($locale:expr, $attributes:expr; $($marker:ident)+) => {{
        let mut common = None;
        $(
            if let Some(response) = load_response::<names::$marker>($locale, $attributes).allow_identifier_not_found()? {
                if response.metadata.locale.is_some_and(|locale| !locale.is_unknown()) {
                    return Ok(Self::Named(response.payload.cast()));
                }
                common = common.or(Some(response.payload.cast()));
            }
        )+
        common
    }};
}

impl Unit {
    pub fn new(locale: &DataLocale, unit: &str, display: &str) -> Result<Self, DataError> {
        if let Some((_, symbol)) = SYMBOLS.iter().find(|(name, _)| *name == unit) {
            return Ok(Self::Symbol(symbol));
        }
        let attributes = format!("{display}-{unit}");
        let common = best_of!(locale, &attributes;
            UnitsNamesDurationCoreV1 UnitsNamesDurationExtendedV1 UnitsNamesDurationOutlierV1
            UnitsNamesLengthCoreV1 UnitsNamesLengthExtendedV1 UnitsNamesLengthOutlierV1
            UnitsNamesMassCoreV1 UnitsNamesMassExtendedV1 UnitsNamesMassOutlierV1
            UnitsNamesVolumeCoreV1 UnitsNamesVolumeExtendedV1 UnitsNamesVolumeOutlierV1
            UnitsNamesAreaCoreV1 UnitsNamesAreaExtendedV1 UnitsNamesAreaOutlierV1
        );
        common.map(Self::Named).ok_or_else(|| DataErrorKind::IdentifierNotFound.into_error())
    }

    /// Puts a number and its unit together.
    pub fn wrap(&self, number: Pieces, operands: PluralOperands, rules: &PluralRules) -> Pieces {
        let mut pieces = Pieces::default();
        let mut number = Some(number);
        match self {
            Self::Symbol(symbol) => {
                pieces.append(number.take().unwrap_or_default());
                if symbol.starts_with(char::is_alphabetic) {
                    pieces.push("literal", " ");
                }
                pieces.push(if *symbol == "%" { "percentSign" } else { "unit" }, *symbol);
            }
            Self::Named(names) => {
                for item in names.get().get(operands, rules).iter() {
                    match item {
                        PatternItem::Literal(text) => pieces.push_affix("unit", text),
                        PatternItem::Placeholder(_) => pieces.append(number.take().unwrap_or_default()),
                    }
                }
            }
        }
        pieces
    }
}
