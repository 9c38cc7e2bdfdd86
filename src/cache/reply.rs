//! From what is kept to a response for a request: age, conditions, ranges (RFC 9111, 4; RFC 9110, 13 and 14).

use super::entry::Variant;
use super::filling::Filling;
use super::policy::control::OURS;
use super::policy::freshness::date;
use super::policy::part::{self, Part};
use super::{CacheBody, bytes_body};
use crate::condition::{self, Extent};
use bytes::Bytes;
use http::header::{
    AGE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, DATE, ETAG,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Where the body comes from.
pub enum Source {
    Kept(Bytes),
    Filling(Arc<Filling>),
}

/// Whether the age of what is kept is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshly {
    /// It has just come: it has the age that the origin gave it.
    Received,
    /// It was kept.
    Kept,
}

/// The response to a request with this method and these headers. None if the body cannot be read from its beginning.
pub fn reply(
    variant: &Variant,
    method: &Method,
    request: &HeaderMap,
    source: Source,
    freshly: Freshly,
    now: SystemTime,
) -> Option<Response<CacheBody>> {
    let mut headers = variant.headers.clone();
    for name in &OURS {
        headers.remove(name);
    }
    if freshly == Freshly::Kept {
        headers.insert(AGE, variant.age(now).as_secs().into());
    }
    let mut status = variant.status;
    if matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) && has_current(request, variant) {
        for name in [CONTENT_LENGTH, CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_RANGE] {
            headers.remove(name);
        }
        return Some(respond(StatusCode::NOT_MODIFIED, headers, bytes_body(Bytes::new())));
    }
    let body = match source {
        _ if *method == Method::HEAD => bytes_body(Bytes::new()),
        Source::Filling(filling) => filling.body()?,
        Source::Kept(bytes) => {
            let (part, bytes) = match status {
                StatusCode::OK => part_of(variant, request, &mut headers, bytes),
                StatusCode::PARTIAL_CONTENT => {
                    let (own, part) = Part::of(&variant.headers)?.cut(request)?;
                    headers.insert(CONTENT_RANGE, part.field()?);
                    headers.insert(CONTENT_LENGTH, part.length().into());
                    (None, bytes.slice(own.start as usize..own.end as usize))
                }
                _ => (None, bytes),
            };
            status = part.unwrap_or(status);
            bytes_body(bytes)
        }
    };
    Some(respond(status, headers, body))
}

fn respond(status: StatusCode, headers: HeaderMap, body: CacheBody) -> Response<CacheBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Cuts out the range that a request asks for, and gives the status that says so.
fn part_of(
    variant: &Variant,
    request: &HeaderMap,
    headers: &mut HeaderMap,
    bytes: Bytes,
) -> (Option<StatusCode>, Bytes) {
    if !request.contains_key(RANGE) || !may_have_part(variant, request) {
        return (None, bytes);
    }
    let size = bytes.len() as u64;
    let (status, range, bytes) = match condition::range(request, size) {
        Extent::Whole => return (None, bytes),
        Extent::Part(part) => {
            let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            (StatusCode::PARTIAL_CONTENT, range, bytes.slice(part.start as usize..part.end as usize))
        }
        Extent::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{size}"), Bytes::new()),
    };
    if let Ok(range) = HeaderValue::try_from(range) {
        headers.insert(CONTENT_RANGE, range);
    }
    headers.insert(CONTENT_LENGTH, bytes.len().into());
    (Some(status), bytes)
}

/// Whether `variant` has all that a request asks for: a part answers only what lies within it (RFC 9111, 3.3).
pub fn has_wanted(variant: &Variant, method: &Method, request: &HeaderMap) -> bool {
    part::has_wanted(variant, method, request)
        && (variant.status != StatusCode::PARTIAL_CONTENT || may_have_part(variant, request))
}

/// Whether `If-Range` lets a part be sent: a strong tag or a strong date must be the same (RFC 9110, 13.1.5).
fn may_have_part(variant: &Variant, request: &HeaderMap) -> bool {
    let mut conditions = request.get_all(IF_RANGE).iter();
    let Some(condition) = conditions.next() else { return true };
    if conditions.next().is_some() {
        return false;
    }
    let text = condition.as_bytes();
    if text.starts_with(b"\"") {
        return variant.headers.get(ETAG).is_some_and(|etag| etag.as_bytes() == text);
    }
    // A date is strong if it lies well before the response was made (8.8.2.2).
    let (Some(changed), Some(made)) = (date(&variant.headers, &LAST_MODIFIED), date(&variant.headers, &DATE)) else {
        return false;
    };
    let strong = made.duration_since(changed).is_ok_and(|before| before >= Duration::from_secs(1));
    strong && date(request, &IF_RANGE) == Some(changed)
}

/// Whether the client has what is kept (RFC 9110, 13.2.2; RFC 9111, 4.3.2).
pub fn has_current(request: &HeaderMap, variant: &Variant) -> bool {
    if request.contains_key(IF_NONE_MATCH) {
        return matches_tag(request, variant.headers.get(ETAG));
    }
    let Some(since) = date(request, &IF_MODIFIED_SINCE) else { return false };
    let changed = date(&variant.headers, &LAST_MODIFIED).or_else(|| date(&variant.headers, &DATE));
    changed.unwrap_or(variant.received) <= since
}

/// Whether one of the tags in `If-None-Match` is that of the response; compared weakly, as the field asks for.
fn matches_tag(request: &HeaderMap, etag: Option<&HeaderValue>) -> bool {
    let weak = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    let etag = etag.map(|etag| weak(etag.as_bytes()));
    let mut lines = request.get_all(IF_NONE_MATCH).iter();
    lines.any(|line| {
        if line.as_bytes().trim_ascii() == b"*" {
            return true;
        }
        let Some(etag) = &etag else { return false };
        tags(line.as_bytes()).any(|tag| weak(tag) == *etag)
    })
}

/// The tags of a list: a comma within quotes is part of one.
fn tags(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |byte| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    })
    .map(<[u8]>::trim_ascii)
    .filter(|tag| !tag.is_empty())
}

/// Whether a request is answered with all of it or with its head.
pub fn wants_part(request: &HeaderMap) -> bool {
    request.contains_key(RANGE)
}

/// Names that make a request depend on what the client has.
pub fn is_conditional(request: &HeaderMap) -> bool {
    let conditions: [HeaderName; 5] = super::policy::validate::CONDITIONS;
    conditions.iter().any(|name| request.contains_key(name))
}
