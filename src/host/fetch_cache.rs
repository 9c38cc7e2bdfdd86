//! The cache behind `fetch()`: what a worker asks for in `cf`, and subrequests that are answered by it.
//!
//! A guest says it in the header `glowplug-cf` of a subrequest: a JSON object with the members that Workers have in `cf`,
//! `cacheTtl`, `cacheTtlByStatus`, `cacheEverything`, `cacheKey` and `cacheTags`. The header never leaves the host. A
//! subrequest without any of them is not cached.

use super::http::OriginClient;
use crate::cache::{Answered, BoxError, CacheBody, Lookup, Overrides, Place, Position, Space, Upstream, bytes_body};
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use http_body::Body as _;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

const CF: HeaderName = HeaderName::from_static("glowplug-cf");
const CACHE_STATUS: HeaderName = HeaderName::from_static("cf-cache-status");

/// The members of `cf` that are about the cache.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Cf {
    cache_ttl: Option<i64>,
    cache_everything: bool,
    cache_key: Option<String>,
    cache_tags: Vec<String>,
    cache_ttl_by_status: BTreeMap<String, i64>,
}

/// What a subrequest asks of the cache.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// In place of its URL.
    key: Option<String>,
    overrides: Overrides,
}

/// Takes what a subrequest asks of the cache out of its headers; nothing if it asks for nothing that can be understood.
pub(super) fn take(headers: &mut HeaderMap) -> Option<Wanted> {
    let value = headers.remove(CF)?;
    let Cf { cache_ttl, cache_everything, cache_key, cache_tags, cache_ttl_by_status } =
        serde_json::from_slice(value.as_bytes()).ok()?;
    let asks = cache_ttl.is_some()
        || cache_everything
        || cache_key.is_some()
        || !cache_tags.is_empty()
        || !cache_ttl_by_status.is_empty();
    let by_status = cache_ttl_by_status.iter().filter_map(|(status, ttl)| Some((range(status)?, *ttl))).collect();
    let overrides = Overrides { by_status, ttl: cache_ttl, tags: cache_tags, unless_stated: cache_everything };
    asks.then_some(Wanted { key: cache_key, overrides })
}

/// `404`, or `200-299`.
fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
}

/// Sends a subrequest through the worker's cache.
pub(super) async fn send(
    space: &Space,
    wanted: Wanted,
    client: OriginClient,
    request: Request<WasiBody>,
    options: RequestOptions,
) -> Result<Response<WasiBody>, Error> {
    let url = wanted.key.unwrap_or_else(|| request.uri().to_string());
    let place = Place { overrides: Arc::new(wanted.overrides), ..Place::new(space.subrequests(), url) };
    let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
    let request = without_empty_body(request).await.map_err(|error| Error::InternalError(Some(error.to_string())))?;
    let network = Arc::new(Network { client, options });
    let answered = space.cache().answer(place, request, network).await;
    let came = answered.as_ref().map_or(Lookup::Failed, |answered| answered.handled.lookup());
    space.count(Position::Fetch, came);
    let Answered { mut response, .. } = answered?;
    response.headers_mut().insert(CACHE_STATUS, HeaderValue::from_static(came.word()));
    Ok(response.map(guest_body))
}

/// The request, its body said to be empty if it is. A guest may take a body for a `GET` too, and end it only when the request is
/// on its way; the cache answers requests without one.
async fn without_empty_body(request: Request<CacheBody>) -> Result<Request<CacheBody>, BoxError> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, mut body) = request.into_parts();
    let body = match body.frame().await.transpose()? {
        None => bytes_body(Bytes::new()),
        Some(first) => {
            let all = futures_util::stream::iter([Ok(first)]).chain(BodyStream::new(body));
            StreamBody::new(all).boxed_unsync()
        }
    };
    Ok(Request::from_parts(parts, body))
}

/// What is behind the cache.
struct Network {
    client: OriginClient,
    options: RequestOptions,
}

impl Upstream for Network {
    type Failure = Error;

    async fn fetch(&self, request: Request<CacheBody>) -> Result<Response<CacheBody>, Error> {
        let response = self.client.clone().send(request.map(guest_body), self.options).await?;
        Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
    }
}

/// A body of the cache as a guest gets it.
pub(super) fn guest_body(body: CacheBody) -> WasiBody {
    body.map_err(|error| Error::InternalError(Some(error.to_string()))).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(cf: &'static str) -> Option<Wanted> {
        let mut headers = HeaderMap::from_iter([(CF, HeaderValue::from_static(cf))]);
        let wanted = take(&mut headers);
        assert!(headers.is_empty());
        wanted
    }

    #[test]
    fn only_what_is_about_the_cache_is_taken() {
        for nothing in ["{}", "{\"cacheEverything\":false,\"image\":{}}", "x", "{\"cacheTtl\":\"1\"}"] {
            assert_eq!(taken(nothing), None, "{nothing}");
        }
        let wanted = taken(
            "{\"cacheTtl\":5,\"cacheKey\":\"k\",\"cacheTags\":[\"a\"],\"cacheTtlByStatus\":{\"200-299\":60,\"404\":-1,\"x\":1}}",
        );
        let overrides = Overrides {
            by_status: vec![(200..=299, 60), (404..=404, -1)],
            ttl: Some(5),
            tags: vec!["a".into()],
            unless_stated: false,
        };
        assert_eq!(wanted, Some(Wanted { key: Some("k".into()), overrides }));
        assert!(taken("{\"cacheEverything\":true}").unwrap().overrides.unless_stated);
    }
}
