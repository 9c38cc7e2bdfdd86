//! What may be kept, and for how long (RFC 9111, and what the Cache API of Workers makes of it).
//!
//! A cache of a worker is a shared one. It is the worker that decides to put a response there, so `Authorization` and
//! `Vary` are not looked at, as in Workers; the guest has refused `Vary: *` and what cannot be cached at all.

use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use std::time::{Duration, SystemTime};

/// How a response is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Seconds that it is fresh from now on; at least one.
    pub fresh: u64,
    /// Its age now, in seconds.
    pub age: u64,
    pub cookies: Cookies,
}

/// What becomes of `Set-Cookie`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookies {
    /// There is none.
    None,
    /// It is for the first client alone, says the response: `private=Set-Cookie`.
    Dropped,
}

/// The directives of `Cache-Control` that matter here.
#[derive(Default)]
struct Directives {
    forbidden: bool,
    private_cookies: bool,
    max_age: Option<u64>,
    shared_max_age: Option<u64>,
}

/// How a response with this head is kept; nothing if it is not.
pub fn keep(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Option<Keep> {
    let directives = directives(headers);
    if directives.forbidden {
        return None;
    }
    let cookies = match (headers.contains_key(SET_COOKIE), directives.private_cookies) {
        (false, _) => Cookies::None,
        (true, true) => Cookies::Dropped,
        (true, false) => return None,
    };
    let age = seconds(headers.get(AGE).and_then(|value| value.to_str().ok())).unwrap_or(0);
    let lifetime = directives.shared_max_age.or(directives.max_age).or_else(|| until_expiry(headers, now));
    let lifetime = lifetime.or_else(|| default_lifetime(status))?;
    let fresh = lifetime.saturating_sub(age);
    (fresh > 0).then_some(Keep { fresh, age, cookies })
}

fn directives(headers: &HeaderMap) -> Directives {
    let mut found = Directives::default();
    let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    for directive in lines.flat_map(split) {
        let (name, value) = match directive.split_once('=') {
            Some((name, value)) => (name, Some(value.trim().trim_matches('"'))),
            None => (directive, None),
        };
        match (name.trim().to_ascii_lowercase().as_str(), value) {
            ("no-store" | "private" | "no-cache", None) => found.forbidden = true,
            ("private" | "no-cache", Some(fields)) => {
                found.private_cookies |= fields.split(',').any(|field| field.trim().eq_ignore_ascii_case("set-cookie"));
            }
            ("max-age", value) => found.max_age = Some(seconds(value).unwrap_or(0)),
            ("s-maxage", value) => found.shared_max_age = Some(seconds(value).unwrap_or(0)),
            _ => {}
        }
    }
    found
}

/// The parts between commas, of which quotes may hold some.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
}

/// Digits alone; more than can be counted are as good as the most.
fn seconds(text: Option<&str>) -> Option<u64> {
    let text = text?.trim();
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.parse().unwrap_or(u64::MAX).min(MOST))
}

/// A year and more, so that no sum with it overflows.
const MOST: u64 = 1 << 31;

/// From `Date`, or else now, to `Expires`; what is no date has passed.
fn until_expiry(headers: &HeaderMap, now: SystemTime) -> Option<u64> {
    let date = |value: &http::HeaderValue| httpdate::parse_http_date(value.to_str().ok()?).ok();
    let expires = headers.get(EXPIRES)?;
    let from = headers.get(DATE).and_then(date).unwrap_or(now);
    let lifetime = date(expires).and_then(|expires| expires.duration_since(from).ok());
    Some(lifetime.map_or(0, |lifetime: Duration| lifetime.as_secs().min(MOST)))
}

/// What Cloudflare gives a response that says nothing of it.
fn default_lifetime(status: StatusCode) -> Option<u64> {
    match status.as_u16() {
        200 | 301 => Some(120 * 60),
        302 | 303 => Some(20 * 60),
        404 | 410 => Some(3 * 60),
        _ => None,
    }
}
