//! A rate limit as it is written, and the headers that tell clients of it.

use super::{Rate, Verdict};
use http::header::{COOKIE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// Says what the limit is.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// Of an IPv6 address: whoever has one has the whole network that it is in.
const V6_NETWORK: u128 = !0 << 64;

/// How often requests with the same key may come.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests in each window.
    pub requests: NonZeroU32,
    /// Length of the window; a minute if nothing is said.
    #[serde(default = "a_minute")]
    pub window_seconds: NonZeroU32,
    /// Requests that may come at once; as many as in a window if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<NonZeroU32>,
    /// What requests are told apart by.
    #[serde(default)]
    pub key: Key,
}

fn a_minute() -> NonZeroU32 {
    NonZeroU32::new(60).expect("60 is not zero")
}

/// What requests are told apart by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Key {
    /// The client's address; of an IPv6 address the network of 64 bits.
    #[default]
    Client,
    /// The path without its query.
    Path,
    /// The value of a header; requests without it share a key.
    Header(HeaderName),
    /// The value of a cookie; requests without it share a key.
    Cookie(Box<str>),
    /// Nothing: all requests share a key.
    All,
}

impl FromStr for Key {
    type Err = String;

    /// The error says what is wrong, and how to write it.
    fn from_str(text: &str) -> Result<Self, String> {
        let header = |name: &str| name.trim().parse().map(Self::Header).ok();
        let cookie = |name: &str| {
            // Its name is a token, as that of a header is, but for its case (RFC 6265, 4.1.1).
            let name = name.trim();
            HeaderName::from_bytes(name.as_bytes()).is_ok().then(|| Self::Cookie(name.into()))
        };
        match text.split_once(':') {
            None if text == "client" => Some(Self::Client),
            None if text == "path" => Some(Self::Path),
            None if text == "all" => Some(Self::All),
            Some(("header", name)) => header(name),
            Some(("cookie", name)) => cookie(name),
            _ => None,
        }
        .ok_or_else(|| {
            let shown: String = text.chars().take(100).flat_map(char::escape_debug).collect();
            format!("`{shown}` is no key of a rate limit\nhint: write `client`, `path`, `all`, `header:NAME` or `cookie:NAME`")
        })
    }
}

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client => f.write_str("client"),
            Self::Path => f.write_str("path"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Cookie(name) => write!(f, "cookie:{name}"),
            Self::All => f.write_str("all"),
        }
    }
}

/// The value of a request's key.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum KeyValue<'a> {
    Address(Option<IpAddr>),
    Bytes(&'a [u8]),
}

impl RateLimit {
    /// The rate that its buckets have.
    pub fn rate(&self) -> Rate {
        Rate {
            requests: self.requests.get(),
            window: Duration::from_secs(self.window_seconds.get().into()),
            burst: self.burst.unwrap_or(self.requests).get(),
        }
    }

    /// What the request with these parts is told apart by.
    pub fn key<'a>(&self, client: Option<IpAddr>, parts: &'a Parts) -> KeyValue<'a> {
        match &self.key {
            Key::Client => KeyValue::Address(client.map(network)),
            Key::Path => KeyValue::Bytes(parts.uri.path().as_bytes()),
            Key::Header(name) => KeyValue::Bytes(parts.headers.get(name).map_or(b"", HeaderValue::as_bytes)),
            Key::Cookie(name) => KeyValue::Bytes(cookie(&parts.headers, name).unwrap_or_default()),
            Key::All => KeyValue::Bytes(b""),
        }
    }

    /// Tells a client what it may do, as in draft-ietf-httpapi-ratelimit-headers; when it has done too much, also in
    /// `Retry-After`.
    pub fn tell(&self, verdict: &Verdict, headers: &mut HeaderMap) {
        let seconds = seconds_up(verdict.wait);
        let policy = format!("\"default\";q={};w={}", self.requests, self.window_seconds);
        let limit = format!("\"default\";r={};t={seconds}", verdict.remaining);
        for (name, text) in [(POLICY, policy), (LIMIT, limit)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
        if !verdict.allowed {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

/// The value of the cookie `name`, the first if there are several.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let lines = headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    lines.map(<[u8]>::trim_ascii).find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & V6_NETWORK).into()),
        v4 => v4,
    }
}

/// Whole seconds, at least one.
fn seconds_up(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Result<RateLimit, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| error.to_string())
    }

    #[test]
    fn what_is_not_said_has_a_default_and_what_is_wrong_is_told() {
        let limit = rule("requests = 100").unwrap();
        assert_eq!(limit.rate(), Rate { requests: 100, window: Duration::from_secs(60), burst: 100 });
        for key in ["header:x-key", "cookie:Session", "path", "all", "client"] {
            assert_eq!(key.parse::<Key>().map(|key| key.to_string()).as_deref(), Ok(key));
        }
        let all = rule("requests = 5\nwindow_seconds = 10\nburst = 2\nkey = \"header:X-Api-Key\"").unwrap();
        assert_eq!(all.key, Key::Header(HeaderName::from_static("x-api-key")));
        assert_eq!(rule(&toml::to_string(&all).unwrap()), Ok(all));
        for (text, said) in [
            ("requests = 0", "nonzero"),
            ("window_seconds = 1", "requests"),
            ("requests = 1\nkey = \"ip\"", "header:NAME"),
            ("requests = 1\nkey = \"header:a b\"", "header:NAME"),
            ("requests = 1\nkey = \"cookie:\"", "cookie:NAME"),
            ("requests = 1\nper = 2", "per"),
        ] {
            let error = rule(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn keys_tell_requests_apart() {
        let request = http::Request::get("http://a/p?q").header("x-key", "k").header("cookie", "idle=1; id=a=b; id=c");
        let request = request.body(()).unwrap().into_parts().0;
        let key = |key, client: &str| {
            let limit = RateLimit { key, ..rule("requests = 1").unwrap() };
            format!("{:?}", limit.key(Some(client.parse().unwrap()), &request))
        };
        assert_eq!(key(Key::Client, "2001:db8::1"), key(Key::Client, "2001:db8::2:3"));
        assert_ne!(key(Key::Client, "2001:db8::1"), key(Key::Client, "2001:db8:0:1::1"));
        assert_ne!(key(Key::Client, "192.0.2.1"), key(Key::Client, "192.0.2.2"));
        assert_eq!(key(Key::Path, "192.0.2.1"), key(Key::Path, "192.0.2.2"));
        assert_eq!(key(Key::Cookie("id".into()), "192.0.2.1"), format!("{:?}", KeyValue::Bytes(b"a=b")));
        assert_eq!(key(Key::Cookie("i".into()), "192.0.2.1"), format!("{:?}", KeyValue::Bytes(b"")));
    }
}
