//! How much more a request may cost than it did.

use std::fmt;
use std::str::FromStr;

/// Decimals that a percentage may have.
const DECIMALS: usize = 4;
/// One percent, in the unit that percentages are kept in.
const PERCENT: u64 = 10_000;

/// `5%` of what a request cost, or so much fuel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// In millionths.
    Share(u64),
    Fuel(u64),
}

impl Allowed {
    /// Whether what cost `before` may cost `now`. Exact: no rounding decides.
    pub fn allows(self, before: u64, now: u64) -> bool {
        let growth = now.saturating_sub(before);
        match self {
            Self::Fuel(fuel) => growth <= fuel,
            Self::Share(millionths) => u128::from(growth) * 1_000_000 <= u128::from(before) * u128::from(millionths),
        }
    }
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = match text.strip_suffix('%') {
            Some(percent) => millionths(percent.trim_end()).map(Self::Share),
            None => whole(&text.replace([',', '_'], "")).map(Self::Fuel),
        };
        parsed.ok_or_else(|| format!("write a percentage as in `5%` or `0.25%`, or fuel as in `20000`; not `{text}`"))
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuel(fuel) => write!(f, "{fuel} fuel"),
            Self::Share(millionths) => {
                let decimals = format!("{:04}", millionths % PERCENT);
                let text = format!("{}.{decimals}", millionths / PERCENT);
                write!(f, "{}%", text.trim_end_matches('0').trim_end_matches('.'))
            }
        }
    }
}

fn millionths(percent: &str) -> Option<u64> {
    let (units, decimals) = percent.split_once('.').unwrap_or((percent, "0"));
    if decimals.len() > DECIMALS {
        return None;
    }
    whole(units)?
        .checked_mul(PERCENT)?
        .checked_add(whole(&format!("{decimals:0<DECIMALS$}")).filter(|_| !decimals.is_empty())?)
}

/// Digits and nothing else.
fn whole(digits: &str) -> Option<u64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_and_fuel_are_read_exactly() {
        let read = |text: &str| text.parse::<Allowed>();
        assert_eq!(read("5%"), Ok(Allowed::Share(50_000)));
        assert_eq!(read("0.25 %"), Ok(Allowed::Share(2_500)));
        assert_eq!([read("0"), read("20,000")], [Ok(Allowed::Fuel(0)), Ok(Allowed::Fuel(20_000))]);
        for wrong in ["", "%", "-5%", "5%%", ".5%", "5.%", "0.00001%", "+5", "five", "1e3", "99999999999999999999%"] {
            assert!(read(wrong).unwrap_err().contains("as in `5%`"), "{wrong}");
        }
        assert_eq!(
            ["5%", "0.25%", "0%", "100%"].map(|text| read(text).unwrap().to_string()),
            ["5%", "0.25%", "0%", "100%"]
        );
    }

    #[test]
    fn the_last_unit_decides() {
        let five = Allowed::Share(50_000);
        assert!(five.allows(1_000, 1_050) && !five.allows(1_000, 1_051));
        assert!(five.allows(19, 19) && !five.allows(19, 20), "a twentieth of 19 is less than one");
        assert!(Allowed::Fuel(10).allows(5, 15) && !Allowed::Fuel(10).allows(5, 16));
        assert!(Allowed::Share(0).allows(u64::MAX, 1) && !Allowed::Share(0).allows(0, 1));
    }
}
