//! What is asked of requests of HTTP/2 and HTTP/3 beside what their libraries see to: that it is plain which host they are for.

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response, StatusCode};
use http_body_util::Empty;

/// Whether a request has one host (RFC 9113, 8.3.1; RFC 9114, 4.3.1).
pub fn is_sound<B>(request: &Request<B>) -> bool {
    let authority = request.uri().authority();
    if authority.is_some_and(|authority| authority.as_str().contains('@')) {
        return false;
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next(), authority) {
        (None, ..) => true,
        (Some(host), None, Some(authority)) => host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes()),
        (Some(_), None, None) => true,
        (Some(_), Some(_), _) => false,
    }
}

/// What others are answered with.
pub fn refusal() -> Response<Empty<Bytes>> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}
