//! Compatibility dates.

use std::fmt;
use std::str::FromStr;

/// The day whose runtime behaviour a worker expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CompatibilityDate {
    year: u16,
    month: u8,
    day: u8,
}

impl CompatibilityDate {
    /// What a worker gets that names no date.
    pub const LATEST: Self = Self::of(2026, 1, 1);

    /// A day that exists.
    pub(super) const fn of(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }
}

impl FromStr for CompatibilityDate {
    type Err = ();

    /// Accepts `YYYY-MM-DD` of a day that exists.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
            part.parse::<u16>().ok()
        };
        let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else { return Err(()) };
        if parts.next().is_some() || day == 0 || day > days_in(year, month) {
            return Err(());
        }
        Ok(Self { year, month: month as u8, day: day as u8 })
    }
}

impl fmt::Display for CompatibilityDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Days of a month; 0 for a month that does not exist.
fn days_in(year: u16, month: u16) -> u16 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_exist_are_read_and_printed() {
        for text in ["2026-01-01", "2024-02-29", "2000-02-29", "1999-12-31"] {
            assert_eq!(text.parse::<CompatibilityDate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "2026",
            "2026-1-1",
            "2026-13-01",
            "2026-02-30",
            "1900-02-29",
            "2026-01-01-01",
            "26-01-001",
            "+026-01-01",
            "2026-00-10",
            "2026-01-00",
            "2026/01/01",
        ] {
            assert!(text.parse::<CompatibilityDate>().is_err(), "{text}");
        }
    }

    #[test]
    fn dates_are_ordered() {
        assert!("2025-12-31".parse::<CompatibilityDate>().unwrap() < CompatibilityDate::LATEST);
    }
}
