//! How old a response is, and how long it is fresh (RFC 9111, 4.2).

use super::control::{MOST_SECONDS, ResponseControl, seconds};
use http::header::{AGE, DATE, EXPIRES, LAST_MODIFIED, PRAGMA};
use http::{HeaderMap, HeaderName, StatusCode};
use std::time::{Duration, SystemTime};

/// Of the time since the last change, one part in so many is taken for a lifetime where none is given.
const HEURISTIC_PART: u64 = 10;
/// No lifetime that is only guessed is longer: a day.
const LONGEST_GUESS: u64 = 86_400;

/// A lifetime in seconds, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// The response states it.
    Explicit(u64),
    /// It is guessed from the last change.
    Heuristic(u64),
    /// Nothing says anything.
    None,
}

impl Lifetime {
    pub fn seconds(self) -> u64 {
        match self {
            Self::Explicit(seconds) | Self::Heuristic(seconds) => seconds,
            Self::None => 0,
        }
    }
}

/// A field's date; the first, if there are several.
pub fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

/// How long a response is fresh (4.2.1), that was received at `received`.
pub fn lifetime(status: StatusCode, headers: &HeaderMap, control: &ResponseControl, received: SystemTime) -> Lifetime {
    if let Some(seconds) = control.s_maxage.or(control.max_age) {
        return Lifetime::Explicit(seconds);
    }
    let made = date(headers, &DATE).unwrap_or(received);
    if !control.targeted && headers.contains_key(EXPIRES) {
        // What is no date, above all `0`, has passed (5.3).
        let left = date(headers, &EXPIRES).and_then(|expires| expires.duration_since(made).ok());
        return Lifetime::Explicit(left.map_or(0, |left| left.as_secs().min(MOST_SECONDS)));
    }
    if !(is_heuristic(status) || control.public) || control.targeted {
        return Lifetime::None;
    }
    // HTTP/1.0 caches took `Pragma: no-cache` for `no-cache`; nothing is guessed against that.
    if !control.present && headers.contains_key(PRAGMA) {
        return Lifetime::None;
    }
    match date(headers, &LAST_MODIFIED).and_then(|changed| made.duration_since(changed).ok()) {
        Some(unchanged) => Lifetime::Heuristic((unchanged.as_secs() / HEURISTIC_PART).min(LONGEST_GUESS)),
        None => Lifetime::None,
    }
}

/// Statuses whose responses may be kept without a stated lifetime (RFC 9110, 15.1).
pub fn is_heuristic(status: StatusCode) -> bool {
    matches!(status.as_u16(), 200 | 203 | 204 | 206 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
}

/// A response's age when it was received (4.2.3), which was asked for at `asked`.
pub fn initial_age(headers: &HeaderMap, asked: SystemTime, received: SystemTime) -> Duration {
    let whole = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let made = date(headers, &DATE).unwrap_or(received);
    // Dates have whole seconds: what is left of one would make everything older than it is.
    let apparent = Duration::from_secs(whole(received).saturating_sub(whole(made)));
    let delay = received.duration_since(asked).unwrap_or_default();
    apparent.max(stated_age(headers) + delay)
}

/// The age that a response states. Several are taken for the first; what is no number says nothing (5.1).
fn stated_age(headers: &HeaderMap) -> Duration {
    let text = headers.get(AGE).and_then(|value| value.to_str().ok());
    let first = text.and_then(|text| text.split(',').next()).map(str::trim);
    Duration::from_secs(seconds(first).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const NOW: u64 = 1_800_000_000;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn headers(lines: &[(&'static str, String)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn dated(seconds: u64) -> String {
        httpdate::fmt_http_date(at(seconds))
    }

    fn life(status: u16, lines: &[(&'static str, String)]) -> Lifetime {
        let headers = headers(lines);
        lifetime(StatusCode::from_u16(status).unwrap(), &headers, &ResponseControl::of(&headers), at(NOW))
    }

    #[test]
    fn lifetimes_are_stated_or_guessed_from_the_last_change() {
        let cc = |text: &str| ("cache-control", text.to_owned());
        assert_eq!(life(200, &[cc("max-age=5, s-maxage=7")]), Lifetime::Explicit(7));
        assert_eq!(life(200, &[cc("max-age=5"), ("expires", dated(NOW + 99))]), Lifetime::Explicit(5));
        assert_eq!(life(200, &[("expires", dated(NOW + 99)), ("date", dated(NOW - 1))]), Lifetime::Explicit(100));
        assert_eq!(life(200, &[("expires", dated(NOW + 99))]), Lifetime::Explicit(99));
        assert_eq!(life(200, &[("expires", "0".into())]), Lifetime::Explicit(0));
        assert_eq!(life(200, &[("expires", dated(NOW - 5))]), Lifetime::Explicit(0));
        let changed = ("last-modified", dated(NOW - 1000));
        assert_eq!(life(200, std::slice::from_ref(&changed)), Lifetime::Heuristic(100));
        assert_eq!(life(200, &[("last-modified", dated(NOW - 100 * 86_400))]), Lifetime::Heuristic(LONGEST_GUESS));
        assert_eq!(life(200, &[("last-modified", dated(NOW + 9))]), Lifetime::None);
        assert_eq!(life(201, std::slice::from_ref(&changed)), Lifetime::None);
        assert_eq!(life(599, &[changed.clone(), cc("public")]), Lifetime::Heuristic(100));
        assert_eq!(life(200, &[changed, ("pragma", "no-cache".into())]), Lifetime::None);
        assert_eq!(life(200, &[]), Lifetime::None);
        let targeted = [("cdn-cache-control", "public".into()), ("expires", dated(NOW + 99))];
        assert_eq!(life(200, &targeted), Lifetime::None);
    }

    #[test]
    fn age_is_the_larger_of_what_is_stated_and_what_the_date_says() {
        let age = |lines: &[(&'static str, String)], asked| initial_age(&headers(lines), at(asked), at(NOW)).as_secs();
        assert_eq!(age(&[("age", "30".into())], NOW - 2), 32);
        assert_eq!(age(&[("date", dated(NOW - 50)), ("age", "30".into())], NOW - 2), 50);
        assert_eq!(age(&[("date", dated(NOW + 50))], NOW), 0);
        assert_eq!(age(&[("age", "7200, 0".into())], NOW), 7200);
        for invalid in ["abc", "-7200", "7200.0"] {
            assert_eq!(age(&[("age", invalid.into())], NOW), 0, "{invalid}");
        }
    }
}
