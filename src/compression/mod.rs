//! Compression of responses (RFC 9110, 8.4 and 12.5.3): which coding, whether at all, and the body.
//!
//! ## Why
//! The body is encoded here and not by a layer of another crate, since what matters of a worker's response is when it
//! goes out: what a worker has written must reach its client though the next part may take minutes. So the encoder is
//! flushed whenever the worker pauses ([`body::Compressed`]), which keeps event streams alive and costs plain pages nothing.

mod accept;
mod body;
mod rules;

pub use self::accept::Coding;
pub use self::body::Compressed;
use self::body::Encoder;

use http::header::{ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use http_body::Body;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const DIGEST: HeaderName = HeaderName::from_static("digest");
const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// What is compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compression {
    /// Codings that may be used, the ones preferred first.
    pub codings: Vec<Coding>,
    /// Bytes that a body must have at least, as far as its length is known.
    pub minimum: u64,
}

impl Default for Compression {
    fn default() -> Self {
        Self { codings: vec![Coding::Zstd, Coding::Brotli, Coding::Gzip], minimum: 256 }
    }
}

/// What of a request decides on compression.
#[derive(Debug, Clone)]
pub struct Wanted {
    coding: Option<Coding>,
    head: bool,
}

impl Compression {
    /// A response that no coding is wanted for.
    pub fn none<B>(response: Response<B>) -> Response<Compressed<B>> {
        response.map(Compressed::plain)
    }

    /// What the client takes. Asked of the request, whose headers go to the worker.
    pub fn wanted(&self, method: &Method, headers: &HeaderMap) -> Wanted {
        let coding = match headers.get(ACCEPT_ENCODING) {
            Some(_) => accept::choose(headers.get_all(ACCEPT_ENCODING).iter(), &self.codings),
            None => None,
        };
        Wanted { coding, head: method == Method::HEAD }
    }

    /// The response as the client gets it.
    pub fn apply<B: Body>(&self, wanted: &Wanted, response: Response<B>) -> Response<Compressed<B>> {
        let (mut head, body) = response.into_parts();
        let length = body.size_hint().exact().filter(|_| !wanted.head).or_else(|| content_length(&head.headers));
        if !rules::may_encode(head.status, &head.headers) || length.is_some_and(|length| length < self.minimum) {
            return Response::from_parts(head, Compressed::plain(body));
        }
        // Caches must know, whichever form this client gets.
        add_vary(&mut head.headers);
        let encoder = wanted.coding.and_then(|coding| match Encoder::new(coding, length) {
            Ok(encoder) => Some((coding, encoder)),
            Err(error) => {
                tracing::warn!(%error, "a response is not compressed");
                None
            }
        });
        let Some((coding, encoder)) = encoder else { return Response::from_parts(head, Compressed::plain(body)) };
        let headers = &mut head.headers;
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        // They are of the bytes before.
        for name in [CONTENT_LENGTH, ACCEPT_RANGES, CONTENT_DIGEST, DIGEST, CONTENT_MD5] {
            headers.remove(name);
        }
        weaken(headers);
        let body = if wanted.head { Compressed::plain(body) } else { Compressed::encoded(body, encoder) };
        Response::from_parts(head, body)
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn add_vary(headers: &mut HeaderMap) {
    let named = headers.get_all(VARY).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|name| name == "*" || name.eq_ignore_ascii_case("accept-encoding"))
    });
    if !named {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// The bytes are others than the entity tag was made for; what they mean is the same.
fn weaken(headers: &mut HeaderMap) {
    let Some(tag) = headers.get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\"")) else { return };
    let weak = [b"W/", tag.as_bytes()].concat();
    match HeaderValue::from_bytes(&weak) {
        Ok(weak) => _ = headers.insert(ETAG, weak),
        Err(_) => _ = headers.remove(ETAG),
    }
}

#[cfg(test)]
mod tests;
