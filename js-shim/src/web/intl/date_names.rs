//! Names of months, weekdays, eras and parts of the day.

use icu_calendar::AnyCalendarKind;
use icu_calendar::types::{MonthInfo, Weekday, YearInfo};
use icu_datetime::provider::names::{
    self, DatetimeNamesDayperiodV1, DatetimeNamesWeekdayV1, MonthNames, MonthNamesV1, YearNames, YearNamesV1,
};
use icu_locale::DataLocale;
use icu_provider::prelude::*;
use icu_time::Hour;

use super::data::load;
use super::date_pattern::Token;

/// The names that one pattern needs.
#[derive(Default)]
pub struct Names {
    months: Option<DataPayload<MonthNamesV1>>,
    years: Option<DataPayload<YearNamesV1>>,
    weekdays: Option<DataPayload<DatetimeNamesWeekdayV1>>,
    day_periods: Option<DataPayload<DatetimeNamesDayperiodV1>>,
    /// Of a field without a width of its own.
    flexible_periods: bool,
}

/// The marker of a calendar, out of a family.
macro_rules! by_calendar {
    ($kind:expr, $locale:expr, $attributes:expr; $buddhist:ident $chinese:ident $coptic:ident $dangi:ident $ethiopian:ident
     $gregorian:ident $hebrew:ident $hijri:ident $indian:ident $japanese:ident $persian:ident $roc:ident) => {
        match $kind {
            AnyCalendarKind::Buddhist => load::<names::$buddhist>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::Chinese => load::<names::$chinese>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::Coptic => load::<names::$coptic>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::Dangi => load::<names::$dangi>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::Ethiopian | AnyCalendarKind::EthiopianAmeteAlem => {
                load::<names::$ethiopian>($locale, $attributes).map(DataPayload::cast)
            }
            AnyCalendarKind::Hebrew => load::<names::$hebrew>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::HijriTabularTypeIIFriday
            | AnyCalendarKind::HijriTabularTypeIIThursday
            | AnyCalendarKind::HijriUmmAlQura => load::<names::$hijri>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::Indian => load::<names::$indian>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::Japanese => load::<names::$japanese>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::Persian => load::<names::$persian>($locale, $attributes).map(DataPayload::cast),
            AnyCalendarKind::Roc => load::<names::$roc>($locale, $attributes).map(DataPayload::cast),
            _ => load::<names::$gregorian>($locale, $attributes).map(DataPayload::cast),
        }
    };
}

fn width_name(width: usize) -> &'static str {
    match width {
        4 => "5",
        5 => "4",
        6 => "6",
        _ => "3",
    }
}

impl Names {
    /// Loads what a pattern needs.
    pub fn load(locale: &DataLocale, calendar: AnyCalendarKind, pattern: &[Token]) -> Result<Self, DataError> {
        let mut names = Self::default();
        for token in pattern {
            let Token::Field(letter, width) = token else { continue };
            let plain = width_name(*width);
            let alone = format!("{plain}s");
            match letter {
                'M' if *width >= 3 => names.months = Some(months(locale, calendar, plain)?),
                'L' if *width >= 3 => names.months = Some(months(locale, calendar, &alone)?),
                'E' | 'e' => names.weekdays = Some(load(locale, plain)?),
                'c' => names.weekdays = Some(load(locale, &alone)?),
                'a' | 'b' | 'B' => {
                    names.flexible_periods = *letter == 'B';
                    names.day_periods = Some(load(locale, plain)?);
                }
                'G' | 'U' => names.years = Some(years(locale, calendar, plain)?),
                _ => {}
            }
        }
        Ok(names)
    }

    pub fn month(&self, month: MonthInfo) -> Option<String> {
        let number = usize::from(month.number());
        let is_leap = month.to_input().is_leap();
        match self.months.as_ref()?.get() {
            MonthNames::Linear(names) => names.get(number.checked_sub(1)?).map(str::to_owned),
            MonthNames::LeapLinear(names) => {
                let half = names.len() / 2;
                let index = number.checked_sub(1)? + if is_leap { half } else { 0 };
                names.get(index).map(str::to_owned)
            }
            _ => None,
        }
    }

    pub fn weekday(&self, day: Weekday) -> Option<&str> {
        self.weekdays.as_ref()?.get().get(day)
    }

    pub fn era(&self, year: YearInfo) -> Option<&str> {
        let names = self.years.as_ref()?.get();
        match (names, year) {
            (YearNames::FixedEras(names), YearInfo::Era(era)) => names.get(era.era_index?.into()),
            (YearNames::VariableEras(names), YearInfo::Era(era)) => {
                let index = names.a().iter().position(|code| &code.0 == era.era.as_bytes())?;
                names.b().get(index)
            }
            (YearNames::Cyclic(names), YearInfo::Cyclic(cyclic)) => names.get(usize::from(cyclic.year).checked_sub(1)?),
            _ => None,
        }
    }

    /// `is_sharp`: the time is the hour and nothing more.
    pub fn day_period(&self, hour: u8, is_sharp: bool) -> Option<&str> {
        let names = &self.day_periods.as_ref()?.get().names;
        if self.flexible_periods {
            let special = match hour {
                12 if is_sharp => names.get(2),
                0 if is_sharp => names.get(3),
                _ => None,
            };
            if let Some(name) = special.filter(|name| !name.is_empty()) {
                return Some(name);
            }
            if let Some(rules) = self.day_periods.as_ref()?.get().day_period_rules() {
                let offset = rules.name_offset(Hour::try_from(hour).ok()?);
                let name = names.get(4 + offset);
                // the first name has the rules in front
                return if offset == 0 { name.and_then(|name| name.get(4..)) } else { name };
            }
        }
        names.get(usize::from(hour >= 12))
    }
}

fn months(
    locale: &DataLocale,
    calendar: AnyCalendarKind,
    attributes: &str,
) -> Result<DataPayload<MonthNamesV1>, DataError> {
    by_calendar!(calendar, locale, attributes;
        DatetimeNamesMonthBuddhistV1 DatetimeNamesMonthChineseV1 DatetimeNamesMonthCopticV1 DatetimeNamesMonthDangiV1
        DatetimeNamesMonthEthiopianV1 DatetimeNamesMonthGregorianV1 DatetimeNamesMonthHebrewV1 DatetimeNamesMonthHijriV1
        DatetimeNamesMonthIndianV1 DatetimeNamesMonthJapaneseV1 DatetimeNamesMonthPersianV1 DatetimeNamesMonthRocV1)
}

fn years(
    locale: &DataLocale,
    calendar: AnyCalendarKind,
    attributes: &str,
) -> Result<DataPayload<YearNamesV1>, DataError> {
    by_calendar!(calendar, locale, attributes;
        DatetimeNamesYearBuddhistV1 DatetimeNamesYearChineseV1 DatetimeNamesYearCopticV1 DatetimeNamesYearDangiV1
        DatetimeNamesYearEthiopianV1 DatetimeNamesYearGregorianV1 DatetimeNamesYearHebrewV1 DatetimeNamesYearHijriV1
        DatetimeNamesYearIndianV1 DatetimeNamesYearJapaneseV1 DatetimeNamesYearPersianV1 DatetimeNamesYearRocV1)
}
