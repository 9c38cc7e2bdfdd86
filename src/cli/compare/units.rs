//! Figures as people read them.

use crate::cli::print;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Fuel,
    Milliseconds,
    Bytes,
    /// Requests per second.
    Rate,
    /// US dollars.
    Dollars,
}

impl Unit {
    /// A value with its unit.
    pub fn shown(self, value: f64) -> String {
        match self {
            Self::Fuel => print::grouped(value.round() as u64),
            Self::Milliseconds => format!("{} ms", digits(value)),
            Self::Bytes => print::size(value.round() as usize),
            Self::Rate if value >= 10.0 => format!("{}/s", print::grouped(value.round() as u64)),
            Self::Rate => format!("{}/s", digits(value)),
            Self::Dollars => format!("${}", digits(value)),
        }
    }

    /// A round value for an axis.
    pub fn tick(self, value: f64) -> String {
        match self {
            Self::Fuel => short(value),
            Self::Milliseconds => format!("{} ms", plain(value)),
            Self::Bytes => print::size(value.round() as usize),
            Self::Rate => format!("{}/s", short(value)),
            Self::Dollars => format!("${}", plain(value)),
        }
    }
}

/// Three significant digits at least, and all of those before the point.
fn digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let decimals = (2 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.decimals$}");
    match text.split_once('.') {
        None => text.parse().map_or(text, print::grouped),
        Some(_) => text,
    }
}

fn plain(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `1.5 million` and the like, for axes.
fn short(value: f64) -> String {
    for (unit, name) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if value >= unit {
            return format!("{}{name}", plain(value / unit));
        }
    }
    plain(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_matter() {
        let shown = |value| Unit::Milliseconds.shown(value);
        assert_eq!(
            [0.0, 0.012_34, 1.0, 12.345, 12_345.6].map(shown),
            ["0 ms", "0.0123 ms", "1.00 ms", "12.3 ms", "12,346 ms"]
        );
        assert_eq!(Unit::Fuel.shown(1_234_567.0), "1,234,567");
        assert_eq!((Unit::Rate.shown(1234.4), Unit::Rate.shown(0.5)), ("1,234/s".into(), "0.500/s".into()));
        assert_eq!((Unit::Dollars.shown(0.3), Unit::Bytes.shown(2048.0)), ("$0.300".into(), "2.0 KiB".into()));
        assert_eq!([1e3, 1.5e6, 2e9, 5.0].map(|value| Unit::Fuel.tick(value)), ["1k", "1.5M", "2G", "5"]);
        assert_eq!(Unit::Milliseconds.tick(0.001), "0.001 ms");
    }
}
