//! Durations and times as they are written on the command line, and as they are shown.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

const SECONDS: [(char, u64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];

/// A duration such as `90`, `90s`, `15m`, `12h`, `30d` or `2w`; a number alone counts seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration: write a number with s, m, h, d or w, such as `30d`");
    let (digits, factor) = match text.chars().last() {
        Some(unit) if unit.is_ascii_alphabetic() => {
            let (_, factor) = SECONDS.iter().find(|(letter, _)| *letter == unit).ok_or_else(wrong)?;
            (&text[..text.len() - 1], *factor)
        }
        _ => (text, 1),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).map(Duration::from_secs).ok_or_else(wrong)
}

/// A time to come: a duration from now, or a date or time such as `2030-01-31T12:00:00Z`.
pub fn time(text: &str) -> Result<Timestamp, String> {
    if text.contains('-') {
        let text = if text.contains(['T', 't', ' ']) { text.to_owned() } else { format!("{text}T00:00:00Z") };
        return text.parse().map_err(|_| format!("`{text}` is no time: write it as in `2030-01-31T12:00:00Z`"));
    }
    let duration = duration(text)?;
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| Timestamp::now().checked_add(duration).ok())
        .ok_or_else(|| format!("`{text}` is too long"))
}

/// A time that is past: a duration before now, or a date or time.
pub fn past(text: &str) -> Result<Timestamp, String> {
    if text.contains('-') {
        return time(text);
    }
    SignedDuration::try_from(duration(text)?)
        .ok()
        .and_then(|duration| Timestamp::now().checked_sub(duration).ok())
        .ok_or_else(|| format!("`{text}` is too long"))
}

/// Seconds since the epoch: a number of them, or a date or time.
pub fn epoch_seconds(text: &str) -> Result<u64, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map_err(|_| format!("`{text}` is too large"));
    }
    if !text.contains('-') {
        return Err(format!("`{text}` is no time: write seconds since the epoch, or as in `2030-01-31T12:00:00Z`"));
    }
    u64::try_from(time(text)?.as_second()).map_err(|_| format!("`{text}` is before the epoch"))
}

/// A time of the API as people read it, to the second and in UTC; what is none is shown as it is.
pub fn shown(time: &str) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, seconds) in [("0", 0), ("90", 90), ("90s", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "d", "-1d", "1.5h", "1 d", "1y", "1dd", "99999999999999999999", "99999999999999999w", "é"] {
            assert!(duration(wrong).unwrap_err().contains("30d"), "{wrong}");
        }
    }

    #[test]
    fn times_are_durations_or_dates() {
        assert_eq!(time("2030-01-31").unwrap().to_string(), "2030-01-31T00:00:00Z");
        assert_eq!(epoch_seconds("2030-01-31T00:00:01+01:00"), Ok(1_896_044_401));
        assert_eq!(epoch_seconds("1700000000"), Ok(1_700_000_000));
        let day = time("1d").unwrap().as_second() - Timestamp::now().as_second();
        assert!((86_398..=86_400).contains(&day), "{day}");
        for wrong in ["2030-13-01", "tomorrow", "99999999999d", ""] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
        let day = Timestamp::now().as_second() - past("1d").unwrap().as_second();
        assert!((86_400..=86_402).contains(&day), "{day}");
        assert_eq!(past("2020-01-31"), time("2020-01-31"));
        assert!(past("99999999w").is_err() && past("x").is_err());
        assert!(epoch_seconds("30d").is_err() && epoch_seconds("1960-01-01").is_err());
        assert_eq!(shown("2030-01-31T12:00:01.123456789Z"), "2030-01-31 12:00:01");
        assert_eq!(shown("?"), "?");
    }
}
