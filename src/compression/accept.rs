//! `Accept-Encoding` (RFC 9110, 12.5.3).

use http::HeaderValue;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Zstd,
    Brotli,
    Gzip,
}

impl Coding {
    /// Its name in `Content-Encoding`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn is_called(self, name: &str) -> bool {
        name.eq_ignore_ascii_case(self.name()) || (self == Self::Gzip && name.eq_ignore_ascii_case("x-gzip"))
    }
}

/// The coding of `offered`, preferred ones first, that the client likes best. None if it likes none better than the
/// plain form, or if the header is not well-formed.
pub(super) fn choose<'a>(header: impl Iterator<Item = &'a HeaderValue>, offered: &[Coding]) -> Option<Coding> {
    let mut qualities = vec![None; offered.len()];
    let (mut any, mut identity) = (None, None);
    for value in header {
        for element in value.to_str().ok()?.split(',').map(str::trim).filter(|element| !element.is_empty()) {
            let (name, quality) = parse(element)?;
            if name == "*" {
                any = Some(quality);
            } else if name.eq_ignore_ascii_case("identity") {
                identity = Some(quality);
            } else if let Some(place) = offered.iter().position(|coding| coding.is_called(name)) {
                qualities[place] = Some(quality);
            }
        }
    }
    let mut best = None;
    for (coding, quality) in offered.iter().zip(qualities) {
        let quality = quality.or(any).unwrap_or(0);
        if quality > 0 && best.is_none_or(|(_, liked)| quality > liked) {
            best = Some((*coding, quality));
        }
    }
    // The plain form is always acceptable, but liked better only where the client says so.
    best.filter(|(_, quality)| identity.is_none_or(|identity| *quality >= identity)).map(|(coding, _)| coding)
}

/// Name and quality in thousandths.
fn parse(element: &str) -> Option<(&str, u16)> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next()?;
    let mut quality = 1000;
    for parameter in parts {
        let (key, value) = parameter.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("q") {
            quality = thousandths(value.trim())?;
        }
    }
    Some((name, quality))
}

/// A `qvalue`: 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_and_then_the_server_chooses() {
        use Coding::{Brotli, Gzip, Zstd};
        let all = [Zstd, Brotli, Gzip];
        let cases: &[(&[&str], Option<Coding>)] = &[
            (&["gzip, deflate, br, zstd"], Some(Zstd)),
            (&["gzip, deflate, br"], Some(Brotli)),
            (&["gzip"], Some(Gzip)),
            (&["x-gzip"], Some(Gzip)),
            (&["GZIP"], Some(Gzip)),
            (&["deflate"], None),
            (&[""], None),
            (&["identity"], None),
            (&["*"], Some(Zstd)),
            (&["*;q=0"], None),
            (&["gzip;q=0"], None),
            (&["gzip;q=0, *"], Some(Zstd)),
            (&["zstd;q=0, *;q=0.5"], Some(Brotli)),
            (&["gzip;q=1.0, br;q=0.8, zstd;q=0.1"], Some(Gzip)),
            (&["br;q=0.5, gzip;q=0.501"], Some(Gzip)),
            (&["identity;q=1, gzip;q=0.5"], None),
            (&["identity;q=0.5, gzip;q=0.5"], Some(Gzip)),
            (&["identity;q=0, gzip;q=0.1"], Some(Gzip)),
            (&["identity;q=0"], None),
            (&["gzip ; q = 0.5 , br ; Q=0.9"], Some(Brotli)),
            (&["gzip", "br"], Some(Brotli)),
            (&[",, gzip,,"], Some(Gzip)),
            (&["gzip;q=2"], None),
            (&["gzip;q=0.1234"], None),
            (&["gzip;q=1.001"], None),
            (&["gzip;q=-1"], None),
            (&["gzip;q"], None),
        ];
        for (values, expected) in cases {
            let values: Vec<_> = values.iter().map(|value| HeaderValue::from_str(value).unwrap()).collect();
            assert_eq!(choose(values.iter(), &all), *expected, "{values:?}");
        }
        let value = HeaderValue::from_static("zstd, br, gzip");
        assert_eq!(choose([&value].into_iter(), &[Gzip]), Some(Gzip));
        assert_eq!(choose([&value].into_iter(), &[]), None);
    }
}
