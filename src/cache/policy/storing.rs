//! Which responses may be kept (RFC 9111, 3), and what of them.

use super::control::{Extent, RequestControl, ResponseControl};
use super::freshness::{Lifetime, is_heuristic};
use super::part::Part;
use http::header::{self, AUTHORIZATION, ETAG, EXPIRES, LAST_MODIFIED, RANGE, VARY};
use http::{HeaderMap, HeaderName, Method, StatusCode};

/// Fields that belong to one connection or to the proxy that sent them (3.1), besides those that `Connection` names.
const NEVER_KEPT: [HeaderName; 10] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-authentication-info"),
    header::TRAILER,
];

/// Statuses that this cache knows the caching of, for `must-understand`.
pub fn is_understood(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        200 | 203 | 204 | 206 | 300 | 301 | 302 | 303 | 307 | 308 | 400..=417 | 421 | 422 | 426 | 500..=505
    )
}

/// What is known of a response that may be kept.
pub struct Asked<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
    pub control: &'a RequestControl,
}

/// Whether a response may be kept, and it is of use to keep it.
pub fn is_storable(
    asked: &Asked<'_>,
    status: StatusCode,
    headers: &HeaderMap,
    control: &ResponseControl,
    lifetime: Lifetime,
) -> bool {
    let understood = control.must_understand && is_understood(status);
    let forbidden = ((control.no_store || control.must_understand) && !understood)
        || control.private == Extent::Whole
        || asked.control.no_store;
    if forbidden || *asked.method != Method::GET || status.is_informational() {
        return false;
    }
    // A 304 is for the one who asked with a condition.
    if status == StatusCode::NOT_MODIFIED || varies_always(headers) {
        return false;
    }
    if status == StatusCode::PARTIAL_CONTENT && !(asked.headers.contains_key(RANGE) && Part::of(headers).is_some()) {
        return false;
    }
    let shared = control.public || control.must_revalidate || control.s_maxage.is_some();
    if asked.headers.contains_key(AUTHORIZATION) && !shared {
        return false;
    }
    let allowed = control.public
        || control.s_maxage.is_some()
        || control.max_age.is_some()
        || (headers.contains_key(EXPIRES) && !control.targeted)
        || is_heuristic(status);
    // What is stale at once and cannot be validated would only take room.
    let validated_each_time = control.no_cache == Extent::Whole;
    let stands_in = !control.must_revalidate && !control.proxy_revalidate && control.s_maxage.is_none();
    let useful = (headers.contains_key(ETAG) || headers.contains_key(LAST_MODIFIED))
        || (lifetime.seconds() > 0 && !validated_each_time)
        || (matches!(lifetime, Lifetime::Explicit(_)) && !validated_each_time && stands_in)
        || control.stale_while_revalidate.is_some()
        || control.stale_if_error.is_some();
    allowed && useful
}

/// Whether no request is ever like another, to this response.
pub fn varies_always(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(VARY).iter();
    // What cannot be read cannot be told apart either.
    lines.any(|value| value.to_str().map_or(true, |line| line.split(',').any(|name| name.trim() == "*")))
}

/// Takes out what is not kept: what belongs to the connection, and what `no-cache` and `private` name.
pub fn strip(headers: &mut HeaderMap, control: &ResponseControl) {
    strip_connection(headers);
    for name in control.no_cache.fields().iter().chain(control.private.fields()) {
        headers.remove(name);
    }
}

/// Takes out what belongs to the connection.
pub fn strip_connection(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().to_ascii_lowercase().parse().ok())
        .collect();
    for name in NEVER_KEPT.iter().chain(&named) {
        headers.remove(name);
    }
}

/// Methods that change nothing (RFC 9110, 9.2.1); one that is not known may change anything.
pub fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(method)
}
