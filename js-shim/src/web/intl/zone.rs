//! Time zones: offsets from the time zone database, names from CLDR.

use icu_datetime::fieldsets::builder::{FieldSetBuilder, ZoneStyle};
use icu_datetime::fieldsets::enums::ZoneFieldSet;
use icu_datetime::{DateTimeFormatterPreferences, NoCalendarFormatter};
use icu_locale::Locale;
use icu_time::zone::{IanaParser, TimeZoneInfo, UtcOffset, ZoneNameTimestamp};
use rquickjs::{Ctx, Function, Object, Result};

use super::data::{self, named};
use super::locale::list;

/// A time zone's rules.
pub enum Zone {
    /// Seconds east of UTC.
    Fixed(i32),
    Named(jiff::tz::TimeZone),
}

impl Zone {
    /// A zone by the name that [`canonical_name`] gave.
    pub fn new(name: &str) -> Option<Self> {
        if name == "UTC" {
            return Some(Self::Fixed(0));
        }
        if let Some(seconds) = fixed_offset(name) {
            return Some(Self::Fixed(seconds));
        }
        let rules = named("tz", &name.to_ascii_lowercase())?;
        jiff::tz::TimeZone::tzif(name, &rules).ok().map(Self::Named)
    }

    /// Seconds east of UTC at a time in milliseconds since the epoch.
    pub fn offset_at(&self, time: i64) -> i32 {
        match self {
            Self::Fixed(seconds) => *seconds,
            // the database knows nothing of times beyond jiff's: it is the first or the last rule there
            Self::Named(zone) => {
                let timestamp = jiff::Timestamp::from_millisecond(time).unwrap_or(if time < 0 {
                    jiff::Timestamp::MIN
                } else {
                    jiff::Timestamp::MAX
                });
                zone.to_offset(timestamp).seconds()
            }
        }
    }
}

/// `±HH:MM` in seconds.
fn fixed_offset(name: &str) -> Option<i32> {
    let (sign, rest) = match name.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    Some(sign * 60 * (60 * hours.parse::<i32>().ok()? + minutes.parse::<i32>().ok()?))
}

/// The name as the database writes it; none for a zone that is not in it.
fn canonical_name(name: &str) -> Option<String> {
    let names = list("zones");
    let found = names.into_iter().find(|other| other.eq_ignore_ascii_case(name))?;
    Some(match found.as_str() {
        "Etc/UTC" | "Etc/GMT" | "GMT" | "Etc/UCT" | "UCT" | "Etc/Zulu" | "Zulu" | "Etc/Universal" | "Universal"
        | "Etc/Greenwich" | "Greenwich" | "GMT0" | "GMT+0" | "GMT-0" | "Etc/GMT0" | "Etc/GMT+0" | "Etc/GMT-0" => {
            "UTC".to_owned()
        }
        _ => found,
    })
}

/// A zone's name in a locale.
pub struct ZoneName {
    formatter: NoCalendarFormatter<ZoneFieldSet>,
    zone: icu_time::TimeZone,
}

impl ZoneName {
    /// `style` is a value of ECMA-402's option `timeZoneName`.
    pub fn new(locale: &Locale, zone: &str, style: &str) -> std::result::Result<Self, String> {
        let style = match style {
            "long" => ZoneStyle::SpecificLong,
            "shortOffset" => ZoneStyle::LocalizedOffsetShort,
            "longOffset" => ZoneStyle::LocalizedOffsetLong,
            "shortGeneric" => ZoneStyle::GenericShort,
            "longGeneric" => ZoneStyle::GenericLong,
            _ => ZoneStyle::SpecificShort,
        };
        let provider = data::data().map_err(|error| error.to_string())?;
        let mut fields = FieldSetBuilder::new();
        fields.zone_style = Some(style);
        let fields = fields.build_zone().map_err(|error| error.to_string())?;
        let preferences = DateTimeFormatterPreferences::from(locale);
        let formatter = NoCalendarFormatter::try_new_with_buffer_provider(provider, preferences, fields)
            .map_err(|error| error.to_string())?;
        let parser = IanaParser::try_new_with_buffer_provider(provider).map_err(|error| error.to_string())?;
        Ok(Self { formatter, zone: parser.as_borrowed().parse(zone) })
    }

    pub fn at(&self, time: i64, offset: i32) -> String {
        let info: TimeZoneInfo<_> = self.zone.with_offset(UtcOffset::try_from_seconds(offset).ok());
        let at = ZoneNameTimestamp::from_epoch_seconds(time.div_euclid(1000));
        self.formatter.format(&info.with_zone_name_timestamp(at)).to_string()
    }
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("canonicalZone", Function::new(ctx.clone(), |name: String| canonical_name(&name))?)
}
