//! The cache over HTTP: what a sandbox's `caches` speaks.
//!
//! ```text
//! GET     200, 206, 304, … and `cf-cache-status: HIT`, or 504 and `cf-cache-status: MISS`
//! PUT     the response: its headers, its body, `glowplug-cache-response-status`   204, or 413 if it is not kept
//! DELETE  200, or 404
//! ```
//!
//! `glowplug-cache` names the cache. The URL that a response is kept under is that of the request, whose method is `GET` in
//! effect: the guest has seen to that.

use super::Space;
use super::policy::{Cookies, Keep, keep};
use super::store::Entry;
use crate::condition::{self, Extent};
use crate::limits;
use bytes::Bytes;
use http::header::{
    AGE, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, SET_COOKIE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Names the cache.
const CACHE: HeaderName = HeaderName::from_static("glowplug-cache");
/// Status of the response that is put.
const STATUS: HeaderName = HeaderName::from_static("glowplug-cache-response-status");
/// Whether the cache had the response; as with Cloudflare.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cf-cache-status");

/// Answers `request` for `url` at the time `now`.
pub async fn serve<B>(space: &Space, url: &str, request: Request<B>, now: SystemTime) -> Response<Full<Bytes>>
where
    B: Body<Data = Bytes>,
{
    let (mut head, body) = request.into_parts();
    let cache = head.headers.remove(CACHE);
    let cache = cache.as_ref().and_then(|name| name.to_str().ok()).unwrap_or_default();
    let url = url.split('#').next().unwrap_or_default();
    let key = space.key(cache, url);
    match head.method {
        Method::GET => match space.cache.lock().get(&key, now) {
            Some(entry) => found(&entry, &head, now),
            None => missing(),
        },
        Method::PUT => {
            let Some(entry) = entry(head, body, now).await else { return empty(StatusCode::PAYLOAD_TOO_LARGE) };
            space.cache.lock().put(key, entry);
            empty(StatusCode::NO_CONTENT)
        }
        Method::DELETE => match space.cache.lock().remove(&key) {
            Some(entry) if entry.expires > now => empty(StatusCode::OK),
            _ => empty(StatusCode::NOT_FOUND),
        },
        _ => empty(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn missing() -> Response<Full<Bytes>> {
    let mut response = empty(StatusCode::GATEWAY_TIMEOUT);
    response.headers_mut().insert(CACHE_STATUS, HeaderValue::from_static("MISS"));
    response
}

/// What `head` asks of `entry`: all of it, a part, or nothing since the client has it.
fn found(entry: &Entry, head: &Parts, now: SystemTime) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = entry.status;
    *response.headers_mut() = HeaderMap::clone(&entry.headers);
    let headers = response.headers_mut();
    let age = now.duration_since(entry.stored).unwrap_or_default().as_secs() + entry.initial_age;
    headers.insert(AGE, age.into());
    headers.insert(CACHE_STATUS, HeaderValue::from_static("HIT"));
    let mut body = entry.body.clone();
    if entry.status == StatusCode::OK {
        if has_current(&head.headers, &entry.headers) {
            headers.remove(CONTENT_LENGTH);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        // Only a strong tag may tell that a part belongs to a whole.
        let etag = text(&entry.headers, &ETAG).filter(|etag| !etag.starts_with("W/")).unwrap_or_default();
        let size = body.len() as u64;
        let part = match condition::extent(&head.headers, etag, size) {
            Extent::Whole => None,
            Extent::Part(part) => {
                body = body.slice(part.start as usize..part.end as usize);
                let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                Some((StatusCode::PARTIAL_CONTENT, range))
            }
            Extent::Unsatisfiable => {
                body = Bytes::new();
                Some((StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{size}")))
            }
        };
        if let Some((status, range)) = part {
            if let Ok(range) = HeaderValue::try_from(range) {
                headers.insert(CONTENT_RANGE, range);
            }
            headers.insert(CONTENT_LENGTH, body.len().into());
            *response.status_mut() = status;
        }
    }
    response.map(|_| Full::new(body))
}

/// Whether the client has what is kept (RFC 9110, 13.2.2).
fn has_current(request: &HeaderMap, kept: &HeaderMap) -> bool {
    if request.contains_key(IF_NONE_MATCH) {
        let etag = text(kept, &ETAG).unwrap_or_default();
        return condition::has_current(request, etag.strip_prefix("W/").unwrap_or(etag));
    }
    let date = |headers: &HeaderMap, name| httpdate::parse_http_date(text(headers, name)?).ok();
    match (date(request, &IF_MODIFIED_SINCE), date(kept, &LAST_MODIFIED)) {
        (Some(since), Some(modified)) => modified <= since,
        _ => false,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The entry that a PUT asks for; nothing if it cannot be kept.
async fn entry<B>(head: Parts, body: B, now: SystemTime) -> Option<Entry>
where
    B: Body<Data = Bytes>,
{
    let mut headers = head.headers;
    let status = StatusCode::from_bytes(headers.remove(STATUS)?.as_bytes()).ok()?;
    let Keep { fresh, age, cookies } = keep(status, &headers, now)?;
    if cookies == Cookies::Dropped {
        headers.remove(SET_COOKIE);
    }
    let body = collect(body).await?;
    headers.insert(CONTENT_LENGTH, body.len().into());
    Some(Entry {
        status,
        headers: Arc::new(headers),
        body,
        stored: now,
        initial_age: age,
        expires: now + Duration::from_secs(fresh),
    })
}

/// The whole body; nothing if it is too large or breaks off.
async fn collect<B>(body: B) -> Option<Bytes>
where
    B: Body<Data = Bytes>,
{
    let mut body = pin!(body);
    let most = limits::CACHED_RESPONSE.default;
    if body.size_hint().lower() > most {
        return None;
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        // Trailers are not kept.
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if (bytes.len() + data.len()) as u64 > most {
            return None;
        }
        bytes.extend_from_slice(&data);
    }
    Some(bytes.into())
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
