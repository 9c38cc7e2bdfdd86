//! `Intl.DateTimeFormat`.

use fixed_decimal::Decimal;
use icu_calendar::types::{RataDie, YearInfo};
use icu_calendar::{AnyCalendar, AnyCalendarKind, Date, Ref};
use icu_datetime::provider::range_patterns::DatetimePatternsRangeGlueV1;
use icu_decimal::DecimalFormatter;
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::provider::DecimalSymbolsV1;
use icu_locale::{DataLocale, Locale};
use rquickjs::class::Trace;
use rquickjs::{Array, Ctx, Function, JsLifetime, Object, Result};

use super::data;
use super::date_names::Names;
use super::date_pattern::{self, Token, Wanted};
use super::error::internal;
use super::locale;
use super::parts::Pieces;
use super::zone::{Zone, ZoneName};

/// The epoch in the fixed day numbers of calendars.
const EPOCH: i64 = 719_163;

/// A date format, behind an `Intl.DateTimeFormat`.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct DateFormatter {
    #[qjs(skip_trace)]
    pattern: Vec<Token>,
    #[qjs(skip_trace)]
    names: Names,
    #[qjs(skip_trace)]
    calendar: AnyCalendar,
    #[qjs(skip_trace)]
    zone: Zone,
    #[qjs(skip_trace)]
    zone_name: Option<ZoneName>,
    #[qjs(skip_trace)]
    numbers: DecimalFormatter,
    #[qjs(skip_trace)]
    decimal_separator: String,
    /// `{0} – {1}`
    #[qjs(skip_trace)]
    range: String,
}

/// ECMA-402's calendars.
const CALENDARS: [(&str, AnyCalendarKind); 16] = [
    ("gregory", AnyCalendarKind::Gregorian),
    ("buddhist", AnyCalendarKind::Buddhist),
    ("chinese", AnyCalendarKind::Chinese),
    ("coptic", AnyCalendarKind::Coptic),
    ("dangi", AnyCalendarKind::Dangi),
    ("ethioaa", AnyCalendarKind::EthiopianAmeteAlem),
    ("ethiopic", AnyCalendarKind::Ethiopian),
    ("hebrew", AnyCalendarKind::Hebrew),
    ("indian", AnyCalendarKind::Indian),
    ("islamic-civil", AnyCalendarKind::HijriTabularTypeIIFriday),
    ("islamic-tbla", AnyCalendarKind::HijriTabularTypeIIThursday),
    ("islamic-umalqura", AnyCalendarKind::HijriUmmAlQura),
    ("iso8601", AnyCalendarKind::Iso),
    ("japanese", AnyCalendarKind::Japanese),
    ("persian", AnyCalendarKind::Persian),
    ("roc", AnyCalendarKind::Roc),
];

fn calendar_kind(name: &str) -> AnyCalendarKind {
    CALENDARS.iter().find(|(other, _)| *other == name).map_or(AnyCalendarKind::Gregorian, |(_, kind)| *kind)
}

/// A moment as its zone and calendar see it.
struct Moment<'a> {
    time: i64,
    offset: i32,
    date: Date<Ref<'a, AnyCalendar>>,
    milliseconds: u32,
}

impl Moment<'_> {
    fn hour(&self) -> u32 {
        self.milliseconds / 3_600_000
    }
}

impl DateFormatter {
    fn moment(&self, time: f64) -> Moment<'_> {
        // the prelude has clipped it to what a `Date` can be
        let time = time as i64;
        let offset = self.zone.offset_at(time);
        let local = time + i64::from(offset) * 1000;
        let (days, milliseconds) = (local.div_euclid(86_400_000), local.rem_euclid(86_400_000));
        let date = Date::from_rata_die(RataDie::new(EPOCH + days), Ref(&self.calendar));
        Moment { time, offset, date, milliseconds: milliseconds as u32 }
    }

    fn pieces(&self, time: f64) -> Pieces {
        let moment = self.moment(time);
        let mut pieces = Pieces::default();
        for token in &self.pattern {
            match token {
                Token::Literal(text) => pieces.push("literal", text.as_str()),
                Token::DecimalSeparator => pieces.push("literal", self.decimal_separator.as_str()),
                Token::Field(letter, width) => {
                    let (kind, text) = self.field(*letter, *width, &moment);
                    pieces.push(kind, text.replace('\u{202f}', " "));
                }
            }
        }
        pieces
    }

    fn field(&self, letter: char, width: usize, moment: &Moment<'_>) -> (&'static str, String) {
        let number = |value: u32| self.number(value.into(), width);
        let (minutes, seconds) = (moment.milliseconds / 60_000 % 60, moment.milliseconds / 1000 % 60);
        let hour = moment.hour();
        let date = &moment.date;
        match letter {
            'G' => ("era", self.names.era(date.year()).unwrap_or_default().to_owned()),
            'y' | 'u' => self.year(letter, width, date.year()),
            'r' => ("relatedYear", self.number(date.year().era_year_or_related_iso().into(), width)),
            'U' => ("yearName", self.names.era(date.year()).unwrap_or_default().to_owned()),
            'M' | 'L' => {
                let name = if width >= 3 { self.names.month(date.month()) } else { None };
                ("month", name.unwrap_or_else(|| number(date.month().number().into())))
            }
            'd' => ("day", number(date.day_of_month().0.into())),
            'E' | 'c' | 'e' => ("weekday", self.names.weekday(date.weekday()).unwrap_or_default().to_owned()),
            'a' | 'b' | 'B' => {
                let is_sharp = moment.milliseconds % 3_600_000 < 60_000;
                let name = self.names.day_period(hour as u8, is_sharp);
                ("dayPeriod", name.unwrap_or_default().to_owned())
            }
            'h' => ("hour", number((hour + 11) % 12 + 1)),
            'K' => ("hour", number(hour % 12)),
            'H' => ("hour", number(hour)),
            'k' => ("hour", number(if hour == 0 { 24 } else { hour })),
            'm' => ("minute", number(minutes)),
            's' => ("second", number(seconds)),
            'S' => {
                let fraction = moment.milliseconds % 1000 / 10_u32.pow(3_u32.saturating_sub(width as u32));
                ("fractionalSecond", number(fraction))
            }
            _ => {
                let name = self.zone_name.as_ref().map(|name| name.at(moment.time, moment.offset));
                ("timeZoneName", name.unwrap_or_default())
            }
        }
    }

    fn year(&self, letter: char, width: usize, year: YearInfo) -> (&'static str, String) {
        let value = match year {
            YearInfo::Era(era) if letter == 'y' => era.year,
            _ => year.extended_year(),
        };
        if width == 2 {
            return ("year", self.number(value.rem_euclid(100).into(), 2));
        }
        ("year", self.number(value.into(), width))
    }

    fn number(&self, value: i64, width: usize) -> String {
        let mut decimal = Decimal::from(value);
        decimal.absolute.pad_start(width as i16);
        self.numbers.format(&decimal).to_string()
    }

    /// Whether any field shows two moments differently.
    fn differs(&self, start: &Moment<'_>, end: &Moment<'_>) -> bool {
        self.pattern.iter().any(|token| match token {
            Token::Field(letter, width) => self.field(*letter, *width, start) != self.field(*letter, *width, end),
            _ => false,
        })
    }
}

#[rquickjs::methods(rename_all = "camelCase")]
impl DateFormatter {
    fn format(&self, time: f64) -> String {
        self.pieces(time).text()
    }

    fn parts<'js>(&self, ctx: Ctx<'js>, time: f64) -> Result<Array<'js>> {
        self.pieces(time).to_js(&ctx)
    }

    /// Whether two times look different.
    fn is_range(&self, start: f64, end: f64) -> bool {
        self.differs(&self.moment(start), &self.moment(end))
    }

    /// How the two ends of a range stand together: `{0} – {1}`.
    fn range_pattern(&self) -> &str {
        &self.range
    }

    /// The hour cycle of the pattern, if it has hours.
    fn hour_cycle(&self) -> Option<&'static str> {
        self.pattern.iter().find_map(|token| match token {
            Token::Field('h', _) => Some("h12"),
            Token::Field('H', _) => Some("h23"),
            Token::Field('K', _) => Some("h11"),
            Token::Field('k', _) => Some("h24"),
            _ => None,
        })
    }

    /// The pattern's fields, each letter as often as it stands there.
    fn fields(&self) -> Vec<String> {
        let fields = self.pattern.iter().filter_map(|token| match token {
            Token::Field(letter, width) => Some(letter.to_string().repeat(*width)),
            _ => None,
        });
        fields.collect()
    }
}

/// `options`: `dataLocale`, `calendar`, `timeZone`, `timeZoneName`, `hourCycle`, and what [`Wanted`] has.
fn create<'js>(ctx: Ctx<'js>, options: Object<'js>) -> Result<DateFormatter> {
    let text = |name: &str| options.get::<_, Option<String>>(name);
    let locale = locale::parse(&ctx, &text("dataLocale")?.unwrap_or_default())?;
    let zone_style = text("timeZoneName")?;
    let wanted = Wanted {
        date_style: text("dateStyle")?,
        time_style: text("timeStyle")?,
        skeleton: text("skeleton")?.unwrap_or_default(),
        with_zone: zone_style.is_some(),
    };
    let mut pattern = date_pattern::find(&locale, &wanted).map_err(|error| internal(&ctx, error))?;
    if text("hourCycle")?.as_deref() == Some("h24") {
        for token in &mut pattern {
            if let Token::Field(letter @ 'H', _) = token {
                *letter = 'k';
            }
        }
    }
    let zone = text("timeZone")?.unwrap_or_default();
    let kind = calendar_kind(&text("calendar")?.unwrap_or_default());
    build(&locale, kind, pattern, &zone, zone_style.as_deref()).map_err(|error| internal(&ctx, error))
}

fn build(
    locale: &Locale,
    kind: AnyCalendarKind,
    pattern: Vec<Token>,
    zone: &str,
    zone_style: Option<&str>,
) -> std::result::Result<DateFormatter, String> {
    let provider = data::data().map_err(|error| error.to_string())?;
    let numbers = DecimalFormatter::try_new_with_buffer_provider(
        provider,
        locale.into(),
        DecimalFormatterOptions::from(GroupingStrategy::Never),
    )
    .map_err(|error| error.to_string())?;
    let mut tenth = Decimal::from(1_u8);
    tenth.absolute.multiply_pow10(-1);
    let digits = numbers.format(&tenth).to_string();
    Ok(DateFormatter {
        names: Names::load(&DataLocale::from(locale), kind, &pattern).map_err(|error| error.to_string())?,
        calendar: AnyCalendar::try_new_with_buffer_provider(provider, kind).map_err(|error| error.to_string())?,
        zone: Zone::new(zone).ok_or_else(|| format!("`{zone}` is no time zone"))?,
        zone_name: zone_style.map(|style| ZoneName::new(locale, zone, style)).transpose()?,
        range: data::load::<DatetimePatternsRangeGlueV1>(&DataLocale::from(locale), "")
            .map_err(|error| error.to_string())?
            .get()
            .pattern
            .to_string()
            .replace('\'', ""),
        decimal_separator: digits.chars().skip(1).take_while(|c| !c.is_numeric()).collect(),
        pattern,
        numbers,
    })
}

fn default_calendar(tag: &str) -> std::result::Result<&'static str, String> {
    let locale: Locale = tag.parse().map_err(|_| format!("`{tag}` is no locale"))?;
    let provider = data::structs().map_err(|error| error.to_string())?;
    let kind = AnyCalendarKind::try_new_unstable(&provider, (&locale).into()).map_err(|error| error.to_string())?;
    Ok(CALENDARS.iter().find(|(_, other)| *other == kind).map_or("gregory", |(name, _)| *name))
}

fn default_numbering(tag: &str) -> std::result::Result<String, String> {
    let locale: Locale = tag.parse().map_err(|_| format!("`{tag}` is no locale"))?;
    let symbols = data::load::<DecimalSymbolsV1>(&DataLocale::from(&locale), "").map_err(|error| error.to_string())?;
    Ok(symbols.get().numsys().to_owned())
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    rquickjs::Class::<DateFormatter>::define(native)?;
    native.set("dateFormat", Function::new(ctx.clone(), create)?)?;
    native.set(
        "defaultCalendar",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, tag: String| {
            default_calendar(&tag).map_err(|error| internal(&ctx, error))
        })?,
    )?;
    native.set(
        "defaultNumbering",
        Function::new(ctx.clone(), |ctx: Ctx<'js>, tag: String| {
            default_numbering(&tag).map_err(|error| internal(&ctx, error))
        })?,
    )
}
