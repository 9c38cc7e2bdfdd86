//! The cache over HTTP: what a sandbox's `caches` speaks.
//!
//! ```text
//! GET     200, 206, 304, … and `cf-cache-status: HIT`, or 504 and `cf-cache-status: MISS`
//! PUT     the response: its headers, its body, `glowplug-cache-response-status`   204, or 413 if it is not kept
//! DELETE  200, or 404
//! ```
//!
//! `glowplug-cache` names the cache, `glowplug-cache-request-NAME` is a field NAME of the request that a response was
//! made for, as far as its `Vary` names it. The URL that a response is kept under is that of the request, whose method is
//! `GET` in effect: the guest has seen to that.
//!
//! It is the worker that decides to put a response there. So `Authorization` is not looked at, as in Workers, and a
//! response that no server has dated, since the worker made it, is kept for a while even if it says nothing of that.

use super::entry::{Use, Variant};
use super::policy::control::{Extent, RequestControl, ResponseControl};
use super::policy::freshness::{self, Lifetime};
use super::policy::{plan, storing, vary};
use super::{CacheBody, Lookup, Place, Position, Space, bytes_body};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, DATE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use std::pin::pin;
use std::sync::Arc;
use std::time::SystemTime;

/// Names the cache.
const CACHE: HeaderName = HeaderName::from_static("glowplug-cache");
/// Status of the response that is put.
const STATUS: HeaderName = HeaderName::from_static("glowplug-cache-response-status");
/// Begins the names of fields of the request that it was made for.
const REQUEST_FIELD: &str = "glowplug-cache-request-";
/// Whether the cache had the response; as with Cloudflare.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cf-cache-status");

/// Answers `request` for `url` at the time `now`.
pub async fn serve<B>(space: &Space, url: &str, request: Request<B>, now: SystemTime) -> Response<CacheBody>
where
    B: Body<Data = Bytes>,
{
    let (mut head, body) = request.into_parts();
    let cache = head.headers.remove(CACHE);
    let cache = cache.as_ref().and_then(|name| name.to_str().ok()).unwrap_or_default();
    let place = space.place(cache, url.split('#').next().unwrap_or_default());
    match head.method {
        Method::GET => {
            let found = found(space, &place, &head, now).await;
            space.count(Position::Caches, if found.is_some() { Lookup::Hit } else { Lookup::Miss });
            found.unwrap_or_else(missing)
        }
        Method::PUT => match keep(space, &place, head, body, now).await {
            Some(()) => empty(StatusCode::NO_CONTENT),
            None => empty(StatusCode::PAYLOAD_TOO_LARGE),
        },
        Method::DELETE => {
            let there = fresh(space, &place, &head, now).await.is_some();
            space.cache.forget(place.key()).await;
            empty(if there { StatusCode::OK } else { StatusCode::NOT_FOUND })
        }
        _ => empty(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn missing() -> Response<CacheBody> {
    let mut response = empty(StatusCode::GATEWAY_TIMEOUT);
    response.headers_mut().insert(CACHE_STATUS, HeaderValue::from_static(Lookup::Miss.word()));
    response
}

/// What is kept for a request, if it is fresh. Nothing else is ever given out: there is nobody to validate it with.
async fn fresh(space: &Space, place: &Place, head: &Parts, now: SystemTime) -> Option<Arc<Variant>> {
    let found = space.cache.find(place.key(), place, &Method::GET, &head.headers).await.variant?;
    (found.use_for(&RequestControl::default(), now) == Use::AsIs).then_some(found)
}

async fn found(space: &Space, place: &Place, head: &Parts, now: SystemTime) -> Option<Response<CacheBody>> {
    let variant = fresh(space, place, head, now).await?;
    let mut response = space.cache.hit(&variant, head, now).await?.response;
    response.headers_mut().insert(CACHE_STATUS, HeaderValue::from_static(Lookup::Hit.word()));
    Some(response)
}

/// Keeps the response that a PUT brings; nothing if it is not kept.
async fn keep<B>(space: &Space, place: &Place, head: Parts, body: B, now: SystemTime) -> Option<()>
where
    B: Body<Data = Bytes>,
{
    let mut headers = head.headers;
    let status = StatusCode::from_bytes(headers.remove(STATUS)?.as_bytes()).ok()?;
    let request = fields_of_request(&mut headers);
    let turn = space.cache.invalidated.now();
    let mut variant = variant(status, headers, &request, space.cache.purges.number(), now)?;
    let bytes = collect(body, space.cache.settings.object).await?;
    variant.headers.insert(CONTENT_LENGTH, bytes.len().into());
    variant.body = space.cache.store.put_body(bytes).await?;
    let key = place.key();
    // It was deleted meanwhile, or purged.
    if !space.cache.invalidated.since(key, turn) && !space.cache.is_purged(place, &variant) {
        space.cache.store.put(key, Arc::new(variant)).await;
    }
    Some(())
}

/// Takes the fields of the request that the response was made for out of those of the response.
fn fields_of_request(headers: &mut HeaderMap) -> HeaderMap {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with(REQUEST_FIELD)).cloned().collect();
    let mut request = HeaderMap::new();
    for name in names {
        let value = headers.remove(&name);
        if let (Some(value), Ok(name)) = (value, name.as_str()[REQUEST_FIELD.len()..].parse::<HeaderName>()) {
            request.insert(name, value);
        }
    }
    request
}

/// A response as it is kept; nothing if it may not be, or is stale.
fn variant(
    status: StatusCode,
    mut headers: HeaderMap,
    request: &HeaderMap,
    sequence: u64,
    now: SystemTime,
) -> Option<Variant> {
    let control = ResponseControl::of(&headers);
    let understood = control.must_understand && storing::is_understood(status);
    let forbidden = (control.no_store || control.must_understand) && !understood;
    if forbidden || control.private == Extent::Whole || control.no_cache == Extent::Whole {
        return None;
    }
    if storing::varies_always(&headers) || status == StatusCode::PARTIAL_CONTENT || status == StatusCode::NOT_MODIFIED {
        return None;
    }
    let lifetime = match freshness::lifetime(status, &headers, &control, now) {
        Lifetime::None if !headers.contains_key(DATE) && !control.present => {
            Lifetime::Heuristic(plan::usual_lifetime(status)?)
        }
        stated => stated,
    };
    let initial_age = freshness::initial_age(&headers, now, now);
    let tags = plan::tags(&headers);
    storing::strip(&mut headers, &control);
    // A cookie is for the first client alone: the response must say that the others get it without (`private=Set-Cookie`).
    if headers.contains_key(SET_COOKIE) || initial_age.as_secs() >= lifetime.seconds() {
        return None;
    }
    Some(Variant {
        status,
        selecting: vary::selecting(&headers, request),
        headers,
        received: now,
        initial_age,
        rules: plan::rules(&control, lifetime),
        sequence,
        tags,
        body: super::entry::BodyRef { id: 0, length: 0 },
    })
}

/// The whole body; nothing if it has more than `most` bytes or breaks off.
async fn collect<B>(body: B, most: u64) -> Option<Bytes>
where
    B: Body<Data = Bytes>,
{
    let mut body = pin!(body);
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

fn empty(status: StatusCode) -> Response<CacheBody> {
    let mut response = Response::new(bytes_body(Bytes::new()));
    *response.status_mut() = status;
    response
}
