//! Date patterns (UTS 35, part 4): which one a locale has for the fields asked for, taken apart.

use icu_datetime::fieldbag::DateTimeFieldBag;
use icu_datetime::fieldsets::builder::{DateFields, FieldSetBuilder, ZoneStyle};
use icu_datetime::fieldsets::enums::CompositeFieldSet;
use icu_datetime::input::{Date, DateTime, Time, ZonedDateTime};
use icu_datetime::options::{Length, TimePrecision};
use icu_datetime::{DateTimeFormatter, DateTimeFormatterPreferences};
use icu_locale::Locale;
use icu_time::zone::TimeZoneInfo;

use super::data;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A pattern letter and how often it stands there.
    Field(char, usize),
    Literal(String),
    /// Between seconds and their fraction.
    DecimalSeparator,
}

/// The fields asked for, as the prelude passes them.
#[derive(Debug, Default)]
pub struct Wanted {
    pub date_style: Option<String>,
    pub time_style: Option<String>,
    /// Without styles: a skeleton of UTS 35, with the widths that were asked for.
    pub skeleton: String,
    pub with_zone: bool,
}

/// The pattern of a locale, whose keywords say calendar and hour cycle.
pub fn find(locale: &Locale, wanted: &Wanted) -> Result<Vec<Token>, String> {
    if wanted.date_style.is_some() || wanted.time_style.is_some() {
        return pattern_of(locale, wanted);
    }
    let asked = fields(&wanted.skeleton);
    let month = asked.iter().find(|(letter, _)| *letter == 'M').map(|(_, width)| *width);
    let mut tokens = pattern_of(locale, wanted)?;
    if month.is_some_and(|width| width >= 3) && !tokens.iter().any(|token| is_text_month(token)) {
        // Medium dates have numbers for months in some languages; where the long ones have names, those are meant.
        let skeleton = with_month(&asked, 4);
        tokens = pattern_of(locale, &Wanted { skeleton, with_zone: wanted.with_zone, ..Wanted::default() })?;
    }
    if is_unpadded(locale) {
        for token in &mut tokens {
            if let Token::Field('M' | 'L' | 'd', width @ 2) = token {
                *width = 1;
            }
        }
    }
    adjust(&mut tokens, &wanted.skeleton);
    Ok(tokens)
}

/// Where CLDR's numeric dates (the skeletons `yMd`, `Md` and `yM`) have no zeros in front though the short style has:
/// ICU4X has the short style only.
const UNPADDED: &[&str] = &[
    "am", "cs", "cy", "da", "de", "en-HK", "en-IE", "en-IN", "es-MX", "et", "gl", "id", "ja", "ka", "ms", "nl", "sl",
    "sw", "te", "vi",
];

fn is_unpadded(locale: &Locale) -> bool {
    let language = locale.id.language.as_str();
    let region = locale.id.region.map_or(String::new(), |region| format!("{language}-{region}"));
    UNPADDED.contains(&language) || UNPADDED.contains(&region.as_str())
}

fn is_text_month(token: &Token) -> bool {
    matches!(token, Token::Field('M' | 'L', 3..))
}

fn with_month(asked: &[(char, usize)], width: usize) -> String {
    asked.iter().map(|(letter, own)| letter.to_string().repeat(if *letter == 'M' { width } else { *own })).collect()
}

fn pattern_of(locale: &Locale, wanted: &Wanted) -> Result<Vec<Token>, String> {
    let fields = field_set(wanted)?;
    let provider = data::data().map_err(|error| error.to_string())?;
    let preferences = DateTimeFormatterPreferences::from(locale);
    let formatter = DateTimeFormatter::try_new_with_buffer_provider(provider, preferences, fields)
        .map_err(|error| error.to_string())?;
    // ICU4X may choose another pattern for years far away; ECMA-402 has one per format
    let date = Date::try_new_iso(2024, 6, 15).map_err(|error| error.to_string())?;
    let time = Time::try_new(10, 20, 30, 0).map_err(|error| error.to_string())?;
    let zone = TimeZoneInfo::utc().at_date_time(DateTime { date, time });
    let pattern = formatter.format(&ZonedDateTime { date, time, zone }).pattern().to_string();
    // V8 and the other engines write plain spaces: programs that take times apart broke when CLDR began to use narrow ones
    Ok(parse(&pattern.replace('\u{202f}', " ")))
}

fn field_set(wanted: &Wanted) -> Result<CompositeFieldSet, String> {
    let mut builder = if wanted.date_style.is_some() || wanted.time_style.is_some() {
        let mut builder = FieldSetBuilder::new();
        let (date_fields, length) = match wanted.date_style.as_deref() {
            Some("full") => (Some(DateFields::YMDE), Some(Length::Long)),
            Some("long") => (Some(DateFields::YMD), Some(Length::Long)),
            Some("medium") => (Some(DateFields::YMD), Some(Length::Medium)),
            Some(_) => (Some(DateFields::YMD), Some(Length::Short)),
            None => (None, None),
        };
        builder.date_fields = date_fields;
        builder.length = length;
        builder.time_precision = wanted.time_style.as_deref().map(|style| match style {
            "short" => TimePrecision::Minute,
            _ => TimePrecision::Second,
        });
        builder
    } else {
        // Only what kind of field it is counts here; `adjust` sees to the widths.
        DateTimeFieldBag::from_skeleton(&plain(&wanted.skeleton)).to_field_set_builder()
    };
    if wanted.with_zone {
        builder.zone_style = Some(ZoneStyle::LocalizedOffsetShort);
    }
    builder.build_composite().map_err(|error| error.to_string())
}

/// The skeleton with two-digit fields as numeric ones.
fn plain(skeleton: &str) -> String {
    let mut plain = String::new();
    for (letter, width) in fields(skeleton) {
        // a two-digit year is another pattern in some locales
        let width = if width == 2 && letter != 'y' && letter != 'S' { 1 } else { width };
        plain.extend(std::iter::repeat_n(letter, width));
    }
    plain
}

fn fields(skeleton: &str) -> Vec<(char, usize)> {
    let mut fields: Vec<(char, usize)> = Vec::new();
    for letter in skeleton.chars() {
        match fields.last_mut() {
            Some((last, width)) if *last == letter => *width += 1,
            _ => fields.push((letter, 1)),
        }
    }
    fields
}

fn is_text(letter: char, width: usize) -> bool {
    matches!(letter, 'E' | 'c' | 'G') || (matches!(letter, 'M' | 'L') && width >= 3)
}

/// Gives the fields of a pattern the widths asked for, as ICU does: numbers become two-digit but never less wide than the
/// locale has them, texts take the width asked for.
fn adjust(tokens: &mut Vec<Token>, skeleton: &str) {
    let asked = fields(skeleton);
    let width_of =
        |letters: &[char]| asked.iter().find(|(letter, _)| letters.contains(letter)).map(|(_, width)| *width);
    for token in tokens.iter_mut() {
        let Token::Field(letter, width) = token else { continue };
        let wanted = match letter {
            'M' | 'L' => width_of(&['M']),
            'E' | 'c' | 'e' => width_of(&['E']).map(|width| width.max(3)),
            'G' => width_of(&['G']),
            'h' | 'H' | 'K' | 'k' => width_of(&['j', 'h', 'H']),
            'y' | 'd' | 'm' | 's' => width_of(&[*letter]),
            _ => None,
        };
        let Some(wanted) = wanted else { continue };
        if is_text(*letter, *width) {
            if is_text(*letter, wanted) {
                *width = wanted;
            }
        } else if wanted == 2 && *width == 1 {
            *width = 2;
        }
    }
    if let Some(width) = width_of(&['B']) {
        for token in tokens.iter_mut() {
            if matches!(token, Token::Field('a' | 'b', _)) {
                *token = Token::Field('B', width);
            }
        }
    }
    drop_time_fields(tokens, &asked);
}

/// ICU4X has no times without hours: takes those fields out that came for the sake of the others.
fn drop_time_fields(tokens: &mut Vec<Token>, asked: &[(char, usize)]) {
    let has = |letters: &[char]| asked.iter().any(|(letter, _)| letters.contains(letter));
    let time = ['j', 'h', 'H', 'm', 's', 'S'];
    if has(&['j', 'h', 'H']) || !has(&time) {
        return;
    }
    let is_wanted = |token: &Token| match token {
        Token::Field('m', _) => has(&['m']),
        Token::Field('s', _) => has(&['s']),
        Token::Field('S', _) => true,
        _ => false,
    };
    let is_time =
        |token: &Token| matches!(token, Token::Field('h' | 'H' | 'K' | 'k' | 'm' | 's' | 'S' | 'a' | 'b' | 'B', _));
    let (Some(from), Some(to)) = (tokens.iter().position(is_time), tokens.iter().rposition(is_time)) else { return };
    let (Some(first), Some(last)) = (tokens.iter().position(is_wanted), tokens.iter().rposition(is_wanted)) else {
        return;
    };
    tokens.drain(last + 1..=to.max(last));
    tokens.drain(from..first.max(from));
    if has(&['m']) != has(&['s'])
        && let Some(Token::Field('m' | 's', width)) = tokens.iter_mut().find(|token| is_wanted(token))
    {
        // a lone number is not padded, whatever was asked for
        *width = 1;
    }
}

/// Takes a pattern apart.
fn parse(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut literal = String::new();
    let mut quoted = false;
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // ICU4X escapes a quote by a backslash
            '\\' if letters.peek() == Some(&'\'') => literal.extend(letters.next()),
            '\'' => quoted = !quoted,
            _ if !quoted && letter.is_ascii_alphabetic() => {
                let mut width = 1;
                while letters.next_if_eq(&letter).is_some() {
                    width += 1;
                }
                let is_fraction =
                    letter == 'S' && literal == "." && matches!(tokens.last(), Some(Token::Field('s', _)));
                if is_fraction {
                    literal.clear();
                    tokens.push(Token::DecimalSeparator);
                } else if !literal.is_empty() {
                    tokens.push(Token::Literal(std::mem::take(&mut literal)));
                }
                tokens.push(Token::Field(letter, width));
            }
            _ => literal.push(letter),
        }
    }
    if !literal.is_empty() {
        tokens.push(Token::Literal(literal));
    }
    tokens
}
