//! Shares of a worker's traffic, as they are written and shown.

use super::client::types::Share;
use crate::registry::VersionId;
use crate::registry::deployment::WHOLE;
use std::str::FromStr;

/// `ID@90%`, `ID@90` or `ID`, in hundredths of a percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub version: VersionId,
    /// None takes what the other leaves.
    pub share: Option<u32>,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, percent) = match text.split_once('@') {
            Some((id, percent)) => (id, Some(percent)),
            None => (text, None),
        };
        let version = id.parse().map_err(|why: String| format!("`{id}` is no version: {why}"))?;
        let share = percent.map(|percent| {
            hundredths(percent.strip_suffix('%').unwrap_or(percent)).ok_or_else(|| {
                format!("`{percent}` is no share: write 0.01% to 100%, with two decimals at most, as in `{id}@90%`")
            })
        });
        Ok(Self { version, share: share.transpose()? })
    }
}

/// Digits with two decimals at most, without a sign or an exponent.
fn hundredths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > 2 {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let decimals: u32 = format!("{decimals:0<2}").parse().ok()?;
    whole.checked_mul(100)?.checked_add(decimals).filter(|share| (1..=WHOLE).contains(share))
}

/// One or two versions, whose shares make up the whole.
pub fn complete(wanted: &[Wanted]) -> Result<Vec<Share>, String> {
    let hint = "hint: as in `glowplug versions deploy 0123456789ab@90% ba9876543210@10%`";
    if !(1..=2).contains(&wanted.len()) {
        return Err(format!("the traffic is for one version or two, not {}\n{hint}", wanted.len()));
    }
    let given: u32 = wanted.iter().filter_map(|wanted| wanted.share).sum();
    let open = wanted.iter().filter(|wanted| wanted.share.is_none()).count();
    let adds_up = match open {
        0 => given == WHOLE,
        1 => given < WHOLE,
        _ => false,
    };
    if !adds_up {
        let what =
            if open > 1 { "no share is given".to_owned() } else { format!("the shares make {}", percent(given)) };
        return Err(format!("{what}; they must make 100%\n{hint}"));
    }
    Ok(wanted
        .iter()
        .map(|Wanted { version, share }| Share {
            version: version.to_string(),
            percent: f64::from(share.unwrap_or(WHOLE - given)) / 100.0,
        })
        .collect())
}

fn percent(hundredths: u32) -> String {
    shown(f64::from(hundredths) / 100.0)
}

/// `90%` or `33.33%`.
pub fn shown(percent: f64) -> String {
    let text = format!("{percent:.2}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Versions and their shares in one line; a version that has everything stands alone.
pub fn shares(shares: &[Share]) -> String {
    match shares {
        [] => "-".to_owned(),
        [only] => only.version.clone(),
        several => {
            let one = |share: &Share| format!("{}@{}", share.version, shown(share.percent));
            several.iter().map(one).collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0123456789ab";
    const B: &str = "ba9876543210";

    fn split(texts: &[String]) -> Result<Vec<(String, f64)>, String> {
        let wanted = texts.iter().map(|text| text.parse()).collect::<Result<Vec<Wanted>, _>>()?;
        Ok(complete(&wanted)?.into_iter().map(|share| (share.version, share.percent)).collect())
    }

    #[test]
    fn shares_are_read_and_made_whole() {
        let whole = |a: f64, b: f64| Ok(vec![(A.to_owned(), a), (B.to_owned(), b)]);
        assert_eq!(split(&[format!("{A}@90%"), format!("{B}@10%")]), whole(90.0, 10.0));
        assert_eq!(split(&[format!("{A}@33.33"), B.to_owned()]), whole(33.33, 66.67));
        assert_eq!(split(&[format!("{A}@0.5%"), format!("{B}@99.50%")]), whole(0.5, 99.5));
        assert_eq!(split(&[A.to_owned()]), Ok(vec![(A.to_owned(), 100.0)]));
    }

    #[test]
    fn wrong_shares_are_told() {
        for wrong in ["0", "0.001", "100.01", "-1", "1e1", "", ".5", "5.", "90%%", "+5", "99999999999"] {
            assert!(split(&[format!("{A}@{wrong}")]).unwrap_err().contains("is no share"), "{wrong}");
        }
        assert!(split(&["xyz@90%".to_owned()]).unwrap_err().contains("`xyz` is no version"));
        assert!(split(&[format!("{A}@90%"), format!("{B}@20%")]).unwrap_err().starts_with("the shares make 110%"));
        assert!(split(&[format!("{A}@100%"), B.to_owned()]).is_err());
        assert!(split(&[A.to_owned(), B.to_owned()]).unwrap_err().starts_with("no share is given"));
        assert!(split(&[format!("{A}@50%")]).is_err());
        assert!(split(&[]).is_err());
    }

    #[test]
    fn shares_are_shown_short() {
        assert_eq!([100.0, 33.33, 0.5, 10.0].map(shown), ["100%", "33.33%", "0.5%", "10%"]);
    }
}
