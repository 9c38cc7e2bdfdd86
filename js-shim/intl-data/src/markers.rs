//! What is taken of the data that the icu crates are compiled with.

use icu_provider::prelude::*;

use crate::blob::{self, Blob, export};
use crate::select;

// their macros use each other by their bare names
use icu_calendar_data::*;
use icu_casemap_data::*;
use icu_collator_data::*;
use icu_datetime_data::*;
use icu_decimal_data::*;
use icu_experimental_data::*;
use icu_list_data::*;
use icu_locale_data::*;
use icu_locale_fallback_data::*;
use icu_normalizer_data::*;
use icu_plurals_data::*;
use icu_segmenter_data::*;
use icu_time_data::*;

/// Release 2.4 of the data macros writes `BTreeSet` as `BtreeSet` for singletons.
mod std {
    pub mod collections {
        pub use ::std::collections::{BTreeSet, BTreeSet as BtreeSet};
    }
}

/// The compiled data, and the lists of what is in it, which the crates themselves do not give.
struct Compiled;

icu_provider::marker::impl_data_provider_never_marker!(Compiled);

impl Compiled {
    #[allow(dead_code, reason = "not every data macro asks for it")]
    const MUST_USE_MAKE_PROVIDER_MACRO: () = ();
}

/// The compiled data of [`export_location_patterns`].
struct Locations;

icu_provider::marker::impl_data_provider_never_marker!(Locations);

impl Locations {
    const MUST_USE_MAKE_PROVIDER_MACRO: () = ();
}

impl_timezone_names_locations_override_v1!(Locations, ITER);

/// Implements the providers of these markers, and a function that exports all of them.
macro_rules! markers {
    ($($provide:ident $marker:path;)+) => {
        $( $provide!(Compiled, ITER); )+

        /// Writes all of it.
        pub fn export_all(blob: &mut Blob) -> anyhow::Result<()> {
            $( export::<$marker, _>(&Compiled, blob)?; )+
            Ok(())
        }
    };
}

/// Adds how languages say "Los Angeles Time", without the names of the places.
pub fn export_location_patterns(blob: &mut Blob) -> anyhow::Result<()> {
    use icu::datetime::provider::time_zones::TimezoneNamesLocationsOverrideV1 as Marker;
    let id = Marker::INFO.id.hashed().to_bytes();
    for data in IterableDataProvider::<Marker>::iter_ids(&Locations)? {
        let data = data.as_borrowed();
        if !select::wanted("TimezoneNamesLocationsOverrideV1", data.locale, data.marker_attributes) {
            continue;
        }
        let response: DataResponse<Marker> = Locations.load(DataRequest { id: data, ..Default::default() })?;
        let mut locations = response.payload.get().clone();
        locations.locations = zerovec::ZeroMap::new();
        let key = blob::key(&[&id, data.locale.to_string().as_bytes(), b""]);
        blob.add("TimezoneNamesLocationsOverrideV1", key, postcard::to_allocvec(&locations)?)?;
    }
    Ok(())
}

/// The currencies that English has a name for.
pub fn currencies() -> anyhow::Result<std::collections::BTreeSet<String>> {
    use icu::experimental::dimension::provider::currency::extended::CurrencyExtendedDataV1;
    let all = IterableDataProvider::<CurrencyExtendedDataV1>::iter_ids(&Compiled)?;
    let english = all.iter().filter(|id| id.locale.to_string() == "en");
    Ok(english.map(|id| id.marker_attributes.to_string()).collect())
}

/// The numbering systems whose digits there are.
pub fn numbering_systems() -> anyhow::Result<std::collections::BTreeSet<String>> {
    let all = IterableDataProvider::<icu::decimal::provider::DecimalDigitsV1>::iter_ids(&Compiled)?;
    Ok(all.iter().map(|id| id.marker_attributes.to_string()).collect())
}

markers! {
    impl_calendar_japanese_modern_v1 icu::calendar::provider::CalendarJapaneseModernV1;
    impl_calendar_preferred_v1 icu::calendar::provider::CalendarPreferredV1;
    impl_calendar_week_v1 icu::calendar::provider::CalendarWeekV1;
    impl_case_map_v1 icu::casemap::provider::CaseMapV1;
    impl_collation_diacritics_v1 icu::collator::provider::CollationDiacriticsV1;
    impl_collation_jamo_v1 icu::collator::provider::CollationJamoV1;
    impl_collation_metadata_v1 icu::collator::provider::CollationMetadataV1;
    impl_collation_reordering_v1 icu::collator::provider::CollationReorderingV1;
    impl_collation_root_v1 icu::collator::provider::CollationRootV1;
    impl_collation_special_primaries_v1 icu::collator::provider::CollationSpecialPrimariesV1;
    impl_collation_tailoring_v1 icu::collator::provider::CollationTailoringV1;
    impl_datetime_names_dayperiod_v1 icu::datetime::provider::names::DatetimeNamesDayperiodV1;
    impl_datetime_names_month_buddhist_v1 icu::datetime::provider::names::DatetimeNamesMonthBuddhistV1;
    impl_datetime_names_month_chinese_v1 icu::datetime::provider::names::DatetimeNamesMonthChineseV1;
    impl_datetime_names_month_coptic_v1 icu::datetime::provider::names::DatetimeNamesMonthCopticV1;
    impl_datetime_names_month_dangi_v1 icu::datetime::provider::names::DatetimeNamesMonthDangiV1;
    impl_datetime_names_month_ethiopian_v1 icu::datetime::provider::names::DatetimeNamesMonthEthiopianV1;
    impl_datetime_names_month_gregorian_v1 icu::datetime::provider::names::DatetimeNamesMonthGregorianV1;
    impl_datetime_names_month_hebrew_v1 icu::datetime::provider::names::DatetimeNamesMonthHebrewV1;
    impl_datetime_names_month_hijri_v1 icu::datetime::provider::names::DatetimeNamesMonthHijriV1;
    impl_datetime_names_month_indian_v1 icu::datetime::provider::names::DatetimeNamesMonthIndianV1;
    impl_datetime_names_month_japanese_v1 icu::datetime::provider::names::DatetimeNamesMonthJapaneseV1;
    impl_datetime_names_month_persian_v1 icu::datetime::provider::names::DatetimeNamesMonthPersianV1;
    impl_datetime_names_month_roc_v1 icu::datetime::provider::names::DatetimeNamesMonthRocV1;
    impl_datetime_names_weekday_v1 icu::datetime::provider::names::DatetimeNamesWeekdayV1;
    impl_datetime_names_year_buddhist_v1 icu::datetime::provider::names::DatetimeNamesYearBuddhistV1;
    impl_datetime_names_year_chinese_v1 icu::datetime::provider::names::DatetimeNamesYearChineseV1;
    impl_datetime_names_year_coptic_v1 icu::datetime::provider::names::DatetimeNamesYearCopticV1;
    impl_datetime_names_year_dangi_v1 icu::datetime::provider::names::DatetimeNamesYearDangiV1;
    impl_datetime_names_year_ethiopian_v1 icu::datetime::provider::names::DatetimeNamesYearEthiopianV1;
    impl_datetime_names_year_gregorian_v1 icu::datetime::provider::names::DatetimeNamesYearGregorianV1;
    impl_datetime_names_year_hebrew_v1 icu::datetime::provider::names::DatetimeNamesYearHebrewV1;
    impl_datetime_names_year_hijri_v1 icu::datetime::provider::names::DatetimeNamesYearHijriV1;
    impl_datetime_names_year_indian_v1 icu::datetime::provider::names::DatetimeNamesYearIndianV1;
    impl_datetime_names_year_japanese_v1 icu::datetime::provider::names::DatetimeNamesYearJapaneseV1;
    impl_datetime_names_year_persian_v1 icu::datetime::provider::names::DatetimeNamesYearPersianV1;
    impl_datetime_names_year_roc_v1 icu::datetime::provider::names::DatetimeNamesYearRocV1;
    impl_datetime_patterns_date_buddhist_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateBuddhistV1;
    impl_datetime_patterns_date_chinese_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateChineseV1;
    impl_datetime_patterns_date_coptic_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateCopticV1;
    impl_datetime_patterns_date_dangi_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateDangiV1;
    impl_datetime_patterns_date_ethiopian_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateEthiopianV1;
    impl_datetime_patterns_date_gregorian_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateGregorianV1;
    impl_datetime_patterns_date_hebrew_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateHebrewV1;
    impl_datetime_patterns_date_hijri_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateHijriV1;
    impl_datetime_patterns_date_indian_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateIndianV1;
    impl_datetime_patterns_date_japanese_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateJapaneseV1;
    impl_datetime_patterns_date_persian_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDatePersianV1;
    impl_datetime_patterns_date_roc_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsDateRocV1;
    impl_datetime_patterns_glue_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsGlueV1;
    impl_datetime_patterns_range_glue_v1 icu::datetime::provider::range_patterns::DatetimePatternsRangeGlueV1;
    impl_datetime_patterns_time_v1 icu::datetime::provider::semantic_skeletons::DatetimePatternsTimeV1;
    impl_timezone_names_locations_root_v1 icu::datetime::provider::time_zones::TimezoneNamesLocationsRootV1;
    impl_timezone_names_essentials_v1 icu::datetime::provider::time_zones::TimezoneNamesEssentialsV1;
    impl_timezone_names_generic_long_v1 icu::datetime::provider::time_zones::TimezoneNamesGenericLongV1;
    impl_timezone_names_generic_short_v1 icu::datetime::provider::time_zones::TimezoneNamesGenericShortV1;
    impl_timezone_names_specific_long_v1 icu::datetime::provider::time_zones::TimezoneNamesSpecificLongV1;
    impl_timezone_names_specific_short_v1 icu::datetime::provider::time_zones::TimezoneNamesSpecificShortV1;
    impl_timezone_names_standard_long_v1 icu::datetime::provider::time_zones::TimezoneNamesStandardLongV1;
    impl_decimal_compact_long_v1 icu::decimal::provider::DecimalCompactLongV1;
    impl_decimal_compact_short_v1 icu::decimal::provider::DecimalCompactShortV1;
    impl_decimal_digits_v1 icu::decimal::provider::DecimalDigitsV1;
    impl_decimal_symbols_v1 icu::decimal::provider::DecimalSymbolsV1;
    impl_currency_essentials_v1 icu::experimental::dimension::provider::currency::essentials::CurrencyEssentialsV1;
    impl_currency_extended_data_v1 icu::experimental::dimension::provider::currency::extended::CurrencyExtendedDataV1;
    impl_currency_fractions_v1 icu::experimental::dimension::provider::currency::fractions::CurrencyFractionsV1;
    impl_currency_patterns_data_v1 icu::experimental::dimension::provider::currency::patterns::CurrencyPatternsDataV1;
    impl_currency_patterns_no_currency_v1 icu::experimental::dimension::provider::currency::no_currency::CurrencyPatternsNoCurrencyV1;
    impl_currency_symbols_v1 icu::experimental::dimension::provider::currency::symbols::CurrencySymbolsV1;
    impl_datetime_relative_day_long_v1 icu::experimental::relativetime::provider::DatetimeRelativeDayLongV1;
    impl_datetime_relative_day_narrow_v1 icu::experimental::relativetime::provider::DatetimeRelativeDayNarrowV1;
    impl_datetime_relative_day_short_v1 icu::experimental::relativetime::provider::DatetimeRelativeDayShortV1;
    impl_datetime_relative_hour_long_v1 icu::experimental::relativetime::provider::DatetimeRelativeHourLongV1;
    impl_datetime_relative_hour_narrow_v1 icu::experimental::relativetime::provider::DatetimeRelativeHourNarrowV1;
    impl_datetime_relative_hour_short_v1 icu::experimental::relativetime::provider::DatetimeRelativeHourShortV1;
    impl_datetime_relative_minute_long_v1 icu::experimental::relativetime::provider::DatetimeRelativeMinuteLongV1;
    impl_datetime_relative_minute_narrow_v1 icu::experimental::relativetime::provider::DatetimeRelativeMinuteNarrowV1;
    impl_datetime_relative_minute_short_v1 icu::experimental::relativetime::provider::DatetimeRelativeMinuteShortV1;
    impl_datetime_relative_month_long_v1 icu::experimental::relativetime::provider::DatetimeRelativeMonthLongV1;
    impl_datetime_relative_month_narrow_v1 icu::experimental::relativetime::provider::DatetimeRelativeMonthNarrowV1;
    impl_datetime_relative_month_short_v1 icu::experimental::relativetime::provider::DatetimeRelativeMonthShortV1;
    impl_datetime_relative_quarter_long_v1 icu::experimental::relativetime::provider::DatetimeRelativeQuarterLongV1;
    impl_datetime_relative_quarter_narrow_v1 icu::experimental::relativetime::provider::DatetimeRelativeQuarterNarrowV1;
    impl_datetime_relative_quarter_short_v1 icu::experimental::relativetime::provider::DatetimeRelativeQuarterShortV1;
    impl_datetime_relative_second_long_v1 icu::experimental::relativetime::provider::DatetimeRelativeSecondLongV1;
    impl_datetime_relative_second_narrow_v1 icu::experimental::relativetime::provider::DatetimeRelativeSecondNarrowV1;
    impl_datetime_relative_second_short_v1 icu::experimental::relativetime::provider::DatetimeRelativeSecondShortV1;
    impl_datetime_relative_week_long_v1 icu::experimental::relativetime::provider::DatetimeRelativeWeekLongV1;
    impl_datetime_relative_week_narrow_v1 icu::experimental::relativetime::provider::DatetimeRelativeWeekNarrowV1;
    impl_datetime_relative_week_short_v1 icu::experimental::relativetime::provider::DatetimeRelativeWeekShortV1;
    impl_datetime_relative_year_long_v1 icu::experimental::relativetime::provider::DatetimeRelativeYearLongV1;
    impl_datetime_relative_year_narrow_v1 icu::experimental::relativetime::provider::DatetimeRelativeYearNarrowV1;
    impl_datetime_relative_year_short_v1 icu::experimental::relativetime::provider::DatetimeRelativeYearShortV1;
    impl_decimal_percent_v1 icu::experimental::dimension::provider::percent::DecimalPercentV1;
    impl_units_names_area_core_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesAreaCoreV1;
    impl_units_names_area_extended_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesAreaExtendedV1;
    impl_units_names_area_outlier_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesAreaOutlierV1;
    impl_units_names_duration_core_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesDurationCoreV1;
    impl_units_names_duration_extended_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesDurationExtendedV1;
    impl_units_names_duration_outlier_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesDurationOutlierV1;
    impl_units_names_length_core_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesLengthCoreV1;
    impl_units_names_length_extended_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesLengthExtendedV1;
    impl_units_names_length_outlier_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesLengthOutlierV1;
    impl_units_names_mass_core_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesMassCoreV1;
    impl_units_names_mass_extended_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesMassExtendedV1;
    impl_units_names_mass_outlier_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesMassOutlierV1;
    impl_units_names_volume_core_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesVolumeCoreV1;
    impl_units_names_volume_extended_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesVolumeExtendedV1;
    impl_units_names_volume_outlier_v1 icu::experimental::dimension::provider::units::categorized_display_names::UnitsNamesVolumeOutlierV1;
    impl_list_and_v1 icu::list::provider::ListAndV1;
    impl_list_or_v1 icu::list::provider::ListOrV1;
    impl_list_unit_v1 icu::list::provider::ListUnitV1;
    impl_locale_aliases_v1 icu::locale::provider::LocaleAliasesV1;
    impl_locale_likely_subtags_extended_v1 icu::locale::provider::LocaleLikelySubtagsExtendedV1;
    impl_locale_likely_subtags_script_region_v1 icu::locale::provider::LocaleLikelySubtagsScriptRegionV1;
    impl_locale_likely_subtags_language_v1 icu::locale::fallback::provider::LocaleLikelySubtagsLanguageV1;
    impl_locale_parents_v1 icu::locale::fallback::provider::LocaleParentsV1;
    impl_normalizer_nfd_data_v1 icu::normalizer::provider::NormalizerNfdDataV1;
    impl_normalizer_nfd_supplement_v1 icu::normalizer::provider::NormalizerNfdSupplementV1;
    impl_normalizer_nfd_tables_v1 icu::normalizer::provider::NormalizerNfdTablesV1;
    impl_plurals_cardinal_v1 icu::plurals::provider::PluralsCardinalV1;
    impl_plurals_ordinal_v1 icu::plurals::provider::PluralsOrdinalV1;
    impl_plurals_ranges_v1 icu::plurals::provider::PluralsRangesV1;
    impl_segmenter_break_grapheme_cluster_v1 icu::segmenter::provider::SegmenterBreakGraphemeClusterV1;
    impl_segmenter_break_sentence_override_v1 icu::segmenter::provider::SegmenterBreakSentenceOverrideV1;
    impl_segmenter_break_sentence_v1 icu::segmenter::provider::SegmenterBreakSentenceV1;
    impl_segmenter_break_word_override_v1 icu::segmenter::provider::SegmenterBreakWordOverrideV1;
    impl_segmenter_break_word_v1 icu::segmenter::provider::SegmenterBreakWordV1;
    impl_segmenter_lstm_auto_v1 icu::segmenter::provider::SegmenterLstmAutoV1;
    impl_timezone_identifiers_iana_core_v1 icu::time::provider::iana::TimezoneIdentifiersIanaCoreV1;
    impl_timezone_identifiers_iana_extended_v1 icu::time::provider::iana::TimezoneIdentifiersIanaExtendedV1;
    impl_timezone_periods_v1 icu::time::provider::TimezonePeriodsV1;
}
