//! The shared cache behind subrequests.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::Error;

/// The header that tells the host; it is not sent on.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("glowplug-cf");

/// How the shared cache keeps a subrequest's response. A subrequest without it is not cached.
///
/// ```
/// use std::time::Duration;
/// use glowplug_sdk::{Caching, Request, Response, Result, fetch};
///
/// async fn handle(_request: Request) -> Result<Response> {
///     let caching = Caching::ttl(Duration::from_secs(300)).tag("news");
///     Ok(fetch(Request::get("https://api.example/news")?.with_caching(&caching)?).await?)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Caching(Map<String, Value>);

impl Caching {
    /// Keep a response as its headers say; where they say nothing, for as long as the host has for its status (two hours for
    /// a 200).
    pub fn as_stated() -> Self {
        Self(Map::from_iter([("cacheEverything".to_owned(), Value::Bool(true))]))
    }

    /// Keep a response with a status of 2xx or 3xx for so long, in whole seconds, whatever its headers say.
    pub fn ttl(ttl: Duration) -> Self {
        Self(Map::from_iter([("cacheTtl".to_owned(), ttl.as_secs().into())]))
    }

    /// Keep a response with one of these statuses for so long, in whole seconds, or not at all.
    pub fn for_status(mut self, statuses: RangeInclusive<u16>, ttl: Option<Duration>) -> Self {
        let name = format!("{}-{}", statuses.start(), statuses.end());
        let seconds = ttl.map_or(Value::from(-1), |ttl| ttl.as_secs().into());
        let by_status = self.0.entry("cacheTtlByStatus").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(by_status) = by_status {
            by_status.insert(name, seconds);
        }
        self
    }

    /// Find the response by this name in place of the URL.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.insert("cacheKey".to_owned(), Value::String(key.into()));
        self
    }

    /// Purge the response with this tag.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        let tags = self.0.entry("cacheTags").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(tags) = tags {
            tags.push(Value::String(tag.into()));
        }
        self
    }

    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        let text = serde_json::to_vec(&self.0)?;
        HeaderValue::from_bytes(&text)
            .map_err(|_| Error::internal("a key or tag of the cache has a character that no header may have"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_workers_write_in_cf() {
        let caching = Caching::ttl(Duration::from_secs(60))
            .for_status(500..=599, None)
            .for_status(404..=404, Some(Duration::from_secs(1)))
            .key("home")
            .tag("a")
            .tag("b");
        let header: Value = serde_json::from_slice(caching.header().expect("valid").as_bytes()).expect("JSON");
        let wanted = serde_json::json!({
            "cacheTtl": 60, "cacheTtlByStatus": { "500-599": -1, "404-404": 1 }, "cacheKey": "home", "cacheTags": ["a", "b"],
        });
        assert_eq!(header, wanted);
        assert!(Caching::as_stated().key("\u{7f}").header().is_err());
    }
}
