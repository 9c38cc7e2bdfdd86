//! Which languages, currencies, units and models are taken: what fits into some three megabytes.

use icu::locale::DataLocale;
use icu_provider::prelude::*;

/// Languages, each with its regions and scripts. Chosen by how many pages of the web are written in them.
const LANGUAGES: &[&str] = &[
    "af", "am", "ar", "az", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi",
    "fil", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "kn", "ko", "lt",
    "lv", "mk", "ml", "mr", "ms", "nb", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw",
    "ta", "te", "th", "tr", "uk", "ur", "vi", "zh",
];

/// Currencies whose names are taken; the others are called by their codes. Symbols and digits are there for all.
const NAMED_CURRENCIES: &[&str] = &[
    "AED", "ARS", "AUD", "BDT", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP",
    "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP",
    "PKR", "PLN", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR",
];

/// The units of ECMA-402's table 2 that the data has.
const UNITS: &[&str] = &[
    "acre",
    "centimeter",
    "day",
    "fluid-ounce",
    "foot",
    "gallon",
    "gram",
    "hectare",
    "hour",
    "inch",
    "kilogram",
    "kilometer",
    "liter",
    "meter",
    "microsecond",
    "mile",
    "mile-scandinavian",
    "milliliter",
    "millimeter",
    "millisecond",
    "minute",
    "month",
    "nanosecond",
    "ounce",
    "pound",
    "second",
    "stone",
    "week",
    "yard",
    "year",
];

/// Whether a piece of data is taken.
pub fn wanted(marker: &str, locale: &DataLocale, attributes: &DataMarkerAttributes) -> bool {
    // what goes by region alone has no language
    if !locale.language.is_unknown() && !LANGUAGES.contains(&locale.language.as_str()) {
        return false;
    }
    let attributes = attributes.as_str();
    match marker {
        "CurrencyExtendedDataV1" => NAMED_CURRENCIES.contains(&attributes),
        // other orders of Han characters are too large
        "CollationTailoringV1" | "CollationMetadataV1" | "CollationReorderingV1" | "CollationDiacriticsV1" => {
            !matches!(attributes, "zhuyin" | "unihan" | "searchjl" | "search")
        }
        // places' names in other scripts: only for zones that have no name of their own
        "TimezoneNamesLocationsRootV1" => locale.is_unknown(),
        _ if marker.starts_with("UnitsNames") => {
            let unit = attributes.split_once('-').map_or("", |(_, unit)| unit);
            UNITS.contains(&unit)
        }
        _ => true,
    }
}
