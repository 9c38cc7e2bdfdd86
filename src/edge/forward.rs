//! What an intermediary changes in a message that it passes on (RFC 9110, 7.6; RFC 7239's predecessors).

use super::exchange::Exchange;
use http::header::{self, HOST, VIA};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, Version};
use std::net::SocketAddr;
use std::sync::Arc;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Fields that belong to one connection, besides those that `Connection` names.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
    HeaderName::from_static("http2-settings"),
];

/// Makes a client's request one for the origin.
pub(super) fn request(parts: &mut Parts) {
    let host = parts.headers.remove(HOST);
    let host = parts.uri.authority().and_then(|it| HeaderValue::from_str(it.as_str()).ok()).or(host);
    let scheme = parts.uri.scheme_str().unwrap_or("http");
    let proto = HeaderValue::from_str(scheme).unwrap_or_else(|_| HeaderValue::from_static("http"));
    strip(&mut parts.headers);
    add_via(&mut parts.headers, parts.version);
    // What a client says of itself is not passed on as if it were known.
    let exchange = parts.extensions.get::<Arc<Exchange>>().and_then(|exchange| exchange.client);
    match exchange.or_else(|| parts.extensions.get::<SocketAddr>().map(SocketAddr::ip)) {
        Some(client) => _ = parts.headers.insert(FORWARDED_FOR, text(&client.to_canonical().to_string())),
        None => _ = parts.headers.remove(FORWARDED_FOR),
    }
    parts.headers.insert(FORWARDED_PROTO, proto);
    if let Some(host) = host {
        parts.headers.insert(FORWARDED_HOST, host);
    }
    // The client's version says nothing of the connection to the origin.
    parts.version = Version::HTTP_11;
}

/// Makes an origin's response one for the client.
pub(super) fn response<B>(response: &mut Response<B>) {
    let version = response.version();
    strip(response.headers_mut());
    add_via(response.headers_mut(), version);
    *response.version_mut() = Version::HTTP_11;
}

fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
}

fn add_via(headers: &mut HeaderMap, version: Version) {
    let version = match version {
        Version::HTTP_09 | Version::HTTP_10 => "1.0 glowplug",
        Version::HTTP_2 => "2 glowplug",
        Version::HTTP_3 => "3 glowplug",
        _ => "1.1 glowplug",
    };
    headers.append(VIA, HeaderValue::from_static(version));
}

fn text(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_connection_is_not_passed_on() {
        let request_of = http::Request::builder()
            .uri("https://shop.example:8443/a?b")
            .header("host", "other.example")
            .header("connection", "keep-alive, X-Mine")
            .header("x-mine", "1")
            .header("x-forwarded-for", "6.6.6.6")
            .header("te", "trailers")
            .header("via", "1.0 before")
            .header("x-kept", "1")
            .extension(SocketAddr::from(([192, 0, 2, 1], 5)))
            .body(())
            .unwrap();
        let (mut parts, ()) = request_of.into_parts();
        request(&mut parts);
        let lines: Vec<_> =
            parts.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        for line in [
            "via: 1.0 before",
            "via: 1.1 glowplug",
            "x-kept: 1",
            "x-forwarded-for: 192.0.2.1",
            "x-forwarded-proto: https",
            "x-forwarded-host: shop.example:8443",
        ] {
            assert!(lines.iter().any(|it| it == line), "{line} in {lines:?}");
        }
        assert_eq!(lines.len(), 6, "{lines:?}");
    }
}
