//! `Cache-Status`: what the cache did with a request (RFC 9211).

use super::lookups::Lookup;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::fmt::Write as _;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// Why a request was sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forward {
    /// Its method is not answered from a cache.
    Method,
    /// Nothing is kept for its URL.
    UriMiss,
    /// Nothing that is kept for its URL answers it.
    VaryMiss,
    /// What is kept is only a part, and not that which it asks for.
    Partial,
    /// It asked for that.
    Request,
    /// What is kept had to be validated.
    Stale,
    /// It is of a kind that the cache has nothing to do with.
    Bypass,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handled {
    /// Why it was sent on; nothing for a hit.
    pub forward: Option<Forward>,
    /// Status of the answer to what was sent on.
    pub forward_status: Option<StatusCode>,
    /// The answer is being kept.
    pub stored: bool,
    /// Another request's answer was used.
    pub collapsed: bool,
    /// Seconds that the response is fresh yet.
    pub ttl: Option<i64>,
    /// More to say.
    pub detail: Option<&'static str>,
}

impl Handled {
    /// What is kept answers.
    pub fn hit(ttl: i64) -> Self {
        Self { ttl: Some(ttl), ..Self::forwarded_for(None) }
    }

    pub fn forwarded(why: Forward) -> Self {
        Self::forwarded_for(Some(why))
    }

    fn forwarded_for(forward: Option<Forward>) -> Self {
        Self { forward, forward_status: None, stored: false, collapsed: false, ttl: None, detail: None }
    }

    /// The same in a word.
    pub fn lookup(&self) -> Lookup {
        match (self.forward, self.forward_status) {
            (None, _) if self.ttl.is_some_and(|ttl| ttl <= 0) => Lookup::Stale,
            (None, _) => Lookup::Hit,
            (Some(_), _) if self.collapsed => Lookup::Hit,
            (Some(Forward::Stale | Forward::Request), Some(StatusCode::NOT_MODIFIED)) => Lookup::Revalidated,
            (Some(Forward::Stale), _) if self.detail.is_some() => Lookup::Stale,
            (Some(Forward::Stale), _) => Lookup::Expired,
            (Some(_), _) if self.stored => Lookup::Miss,
            (Some(Forward::Method | Forward::Bypass), _) => Lookup::Dynamic,
            (Some(_), _) => Lookup::Bypass,
        }
    }

    /// Adds it to a response's `Cache-Status`.
    pub fn write(&self, headers: &mut HeaderMap) {
        let mut text = String::from("glowplug");
        match self.forward {
            None => text.push_str("; hit"),
            Some(why) => {
                text.push_str("; fwd=");
                text.push_str(match why {
                    Forward::Method => "method",
                    Forward::UriMiss => "uri-miss",
                    Forward::VaryMiss => "vary-miss",
                    Forward::Partial => "partial",
                    Forward::Request => "request",
                    Forward::Stale => "stale",
                    Forward::Bypass => "bypass",
                });
            }
        }
        if let Some(status) = self.forward_status {
            let _ = write!(text, "; fwd-status={}", status.as_u16());
        }
        if self.stored {
            text.push_str("; stored");
        }
        if self.collapsed {
            text.push_str("; collapsed");
        }
        if let Some(ttl) = self.ttl {
            let _ = write!(text, "; ttl={ttl}");
        }
        if let Some(detail) = self.detail {
            let _ = write!(text, "; detail={detail}");
        }
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.append(CACHE_STATUS, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_what_the_header_says() {
        let forwarded = |why, status: u16| Handled {
            forward_status: Some(StatusCode::from_u16(status).unwrap()),
            ..Handled::forwarded(why)
        };
        let stored = |why| Handled { stored: true, ttl: Some(60), ..forwarded(why, 200) };
        for (handled, came, header) in [
            (Handled::hit(57), Lookup::Hit, "hit; ttl=57"),
            (Handled::hit(-3), Lookup::Stale, "hit; ttl=-3"),
            (
                Handled { collapsed: true, ..Handled::forwarded(Forward::UriMiss) },
                Lookup::Hit,
                "fwd=uri-miss; collapsed",
            ),
            (forwarded(Forward::Stale, 304), Lookup::Revalidated, "fwd=stale; fwd-status=304"),
            (
                Handled { detail: Some("origin-error"), ..Handled::forwarded(Forward::Stale) },
                Lookup::Stale,
                "fwd=stale; detail=origin-error",
            ),
            (stored(Forward::Stale), Lookup::Expired, "fwd=stale; fwd-status=200; stored; ttl=60"),
            (stored(Forward::VaryMiss), Lookup::Miss, "fwd=vary-miss; fwd-status=200; stored; ttl=60"),
            (forwarded(Forward::UriMiss, 200), Lookup::Bypass, "fwd=uri-miss; fwd-status=200"),
            (forwarded(Forward::Method, 200), Lookup::Dynamic, "fwd=method; fwd-status=200"),
        ] {
            let mut headers = HeaderMap::new();
            handled.write(&mut headers);
            assert_eq!(handled.lookup(), came, "{header}");
            assert_eq!(headers["cache-status"], format!("glowplug; {header}"));
        }
    }
}
