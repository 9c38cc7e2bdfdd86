//! Amounts of US dollars, as they are shown and as they are given to programs.

/// An amount without the error that adding up leaves in its last digits.
pub fn tidy(usd: f64) -> f64 {
    format!("{usd:.11e}").parse().unwrap_or(usd)
}

/// An amount as people read it: cents, or as many places as a tiny one takes.
pub fn shown(usd: f64) -> String {
    match usd.abs() {
        0.0 => "0".to_owned(),
        0.01..1e12 => grouped(&format!("{usd:.2}")),
        tiny @ 0.0..0.01 => {
            let places = (2.0 - tiny.log10().floor()).min(20.0) as usize;
            let text = format!("{usd:.places$}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => format!("{usd:.3e}"),
    }
}

/// A number of things as people read it.
pub fn count(number: f64) -> String {
    if number < 1e15 && number.fract() == 0.0 { grouped(&format!("{number:.0}")) } else { number.to_string() }
}

/// A measured number, to four places where it has as many.
pub fn measured(number: f64) -> String {
    let short = (number * 1e4).round() / 1e4;
    count(if short == 0.0 { number } else { short })
}

/// Digits before the point in groups of three.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut text = String::with_capacity(number.len() * 4 / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_numbers_have_four_places_at_most() {
        let numbers = [8.0, 0.025107666666666667, 4.6875, 0.0000012];
        assert_eq!(numbers.map(measured), ["8", "0.0251", "4.6875", "0.0000012"]);
    }

    #[test]
    fn large_and_tiny_amounts_read_well() {
        let amounts = [0.0, 0.000_000_231_25, 0.009, 0.0099999, 0.01, 2.8, 37.855, 5237.3, 1_234_567.891, 2.5e15];
        let shown = amounts.map(shown);
        assert_eq!(
            shown,
            ["0", "0.000000231", "0.009", "0.01", "0.01", "2.80", "37.85", "5,237.30", "1,234,567.89", "2.500e15"]
        );
    }

    #[test]
    fn errors_of_adding_are_left_out() {
        assert_eq!([0.1 + 0.2, 6.992000000000001, 2.3125e-7].map(tidy), [0.3, 6.992, 2.3125e-7]);
    }

    #[test]
    fn counts_keep_their_digits() {
        assert_eq!([15e6, 999.0, 0.5, 1e15].map(count), ["15,000,000", "999", "0.5", "1000000000000000"]);
    }
}
