//! Requests: the client's, and those a worker sends.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode, Uri};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasip2::http::types::{self as wasi, IncomingRequest};

use crate::body::{Body, BodyError, Incoming, Inner, Side};
use crate::{Caching, Error, OrError, cache, headers};

/// A request: what the client sent, or what [`fetch`](crate::fetch) is to send.
#[derive(Debug)]
pub struct Request {
    method: Method,
    url: Uri,
    headers: HeaderMap,
    body: Body,
    pub(crate) timeout: Option<Duration>,
}

impl Request {
    /// A request to send. The URL must be absolute, with `http` or `https`.
    pub fn new<U: TryInto<Uri>>(method: Method, url: U) -> Result<Self, Error> {
        Ok(Self { method, url: absolute(url)?, headers: HeaderMap::new(), body: Body::empty(), timeout: None })
    }

    /// A `GET` request to send.
    pub fn get<U: TryInto<Uri>>(url: U) -> Result<Self, Error> {
        Self::new(Method::GET, url)
    }

    /// A `POST` request to send.
    pub fn post<U: TryInto<Uri>>(url: U, body: impl Into<Body>) -> Result<Self, Error> {
        Ok(Self::new(Method::POST, url)?.with_body(body))
    }

    /// A `POST` request to send, with `value` as JSON.
    pub fn post_json<U: TryInto<Uri>>(url: U, value: &impl Serialize) -> Result<Self, Error> {
        let mut request = Self::post(url, serde_json::to_vec(value)?)?;
        let json = HeaderValue::from_static("application/json");
        request.headers.insert(header::CONTENT_TYPE, json);
        Ok(request)
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The whole URL, with scheme and host.
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// The URL's path, as it was sent: percent-encoded, beginning with `/`.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        self.query_pairs().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// All query parameters, decoded, in their order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.url.query().unwrap_or_default().as_bytes())
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers, to be changed.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// A header's first value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        headers::text(&self.headers, name)
    }

    /// Set a header, in place of any of that name.
    pub fn with_header<N, V>(mut self, name: N, value: V) -> Result<Self, Error>
    where
        N: TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        headers::set(&mut self.headers, name, value)?;
        Ok(self)
    }

    /// Send this request to another URL; method, headers and body stay.
    pub fn with_url<U: TryInto<Uri>>(mut self, url: U) -> Result<Self, Error> {
        self.url = absolute(url)?;
        Ok(self)
    }

    /// Replace the body.
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        // Both described the former body.
        self.headers.remove(header::CONTENT_LENGTH);
        self.headers.remove(header::CONTENT_ENCODING);
        self
    }

    /// Let [`fetch`](crate::fetch) wait at most so long for the connection, for the first byte, and
    /// between two bytes. The host has limits of its own.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Let the shared cache answer [`fetch`](crate::fetch), and keep what the origin answers.
    pub fn with_caching(mut self, caching: &Caching) -> Result<Self, Error> {
        self.headers.insert(cache::HEADER, caching.header()?);
        Ok(self)
    }

    /// The next chunk of the body, or `None` at the end.
    pub async fn read(&mut self) -> Result<Option<Bytes>, BodyError> {
        self.body.read().await
    }

    /// The whole body. It can be read once.
    pub async fn bytes(&mut self) -> Result<Bytes, BodyError> {
        self.body.take().bytes().await
    }

    /// The whole body as text. It can be read once.
    pub async fn text(&mut self) -> Result<String, BodyError> {
        self.body.take().text().await
    }

    /// The whole body as JSON. It can be read once.
    pub async fn json<T: DeserializeOwned>(&mut self) -> Result<T, BodyError> {
        self.body.take().json().await
    }

    /// Take the body, for example to make it a response's.
    pub fn take_body(&mut self) -> Body {
        self.body.take()
    }

    /// The client's request. One that the host accepted and the `http` crate does not is a 400.
    pub(crate) fn from_wasi(request: &IncomingRequest) -> Result<Self, Error> {
        let method = method_from_wasi(request.method())?;
        let url = url_from_wasi(request)?;
        let headers = headers::from_wasi(&request.headers());
        let body = request
            .consume()
            .ok()
            .and_then(|body| Incoming::new(body, Side::Client))
            .map_or(Body::empty(), |incoming| Body(Inner::Incoming(incoming)));
        Ok(Self { method, url, headers, body, timeout: None })
    }
}

/// Anything [`fetch`](crate::fetch) takes: a [`Request`], or the URL of a `GET`.
pub trait IntoRequest {
    /// The request to send.
    fn into_request(self) -> Result<Request, Error>;
}

impl IntoRequest for Request {
    fn into_request(self) -> Result<Request, Error> {
        Ok(self)
    }
}

impl IntoRequest for Uri {
    fn into_request(self) -> Result<Request, Error> {
        Request::get(self)
    }
}

impl IntoRequest for &str {
    fn into_request(self) -> Result<Request, Error> {
        Request::get(self)
    }
}

impl IntoRequest for String {
    fn into_request(self) -> Result<Request, Error> {
        Request::get(self)
    }
}

fn absolute<U: TryInto<Uri>>(url: U) -> Result<Uri, Error> {
    let url: Uri = url.try_into().map_err(|_| Error::internal("a request's URL is not valid"))?;
    match (url.scheme_str(), url.authority()) {
        (Some("http" | "https"), Some(_)) => Ok(url),
        _ => Err(Error::internal(format!("`{url}` is not an absolute http or https URL"))),
    }
}

fn method_from_wasi(method: wasi::Method) -> Result<Method, Error> {
    Ok(match method {
        wasi::Method::Get => Method::GET,
        wasi::Method::Head => Method::HEAD,
        wasi::Method::Post => Method::POST,
        wasi::Method::Put => Method::PUT,
        wasi::Method::Delete => Method::DELETE,
        wasi::Method::Connect => Method::CONNECT,
        wasi::Method::Options => Method::OPTIONS,
        wasi::Method::Trace => Method::TRACE,
        wasi::Method::Patch => Method::PATCH,
        wasi::Method::Other(name) => {
            Method::from_bytes(name.as_bytes()).or_error(StatusCode::BAD_REQUEST, "the method is not valid")?
        }
    })
}

fn url_from_wasi(request: &IncomingRequest) -> Result<Uri, Error> {
    let scheme = match request.scheme() {
        Some(wasi::Scheme::Http) | None => "http".to_owned(),
        Some(wasi::Scheme::Https) => "https".to_owned(),
        Some(wasi::Scheme::Other(scheme)) => scheme,
    };
    let path = request.path_with_query();
    // Only HTTP/1.0 knows requests for no host.
    let authority = request.authority().unwrap_or("localhost".to_owned());
    Uri::builder()
        .scheme(scheme.as_str())
        .authority(authority)
        .path_and_query(path.as_deref().unwrap_or("/"))
        .build()
        .or_error(StatusCode::BAD_REQUEST, "the URL is not valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_parameters_are_decoded() {
        let request = Request::get("https://a.example/?q=a%20b+c&empty&q=2").expect("valid");
        assert_eq!(request.query("q").as_deref(), Some("a b c"));
        assert_eq!(request.query("empty").as_deref(), Some(""));
        assert_eq!(request.query("absent"), None);
        assert_eq!(request.query_pairs().count(), 3);
    }

    #[test]
    fn a_url_without_a_host_cannot_be_fetched() {
        for url in ["/path", "a.example", "ftp://a.example/", "https://a b/"] {
            assert!(Request::get(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_new_body_forgets_what_described_the_old_one() {
        let request = Request::post("https://a.example/", "old")
            .and_then(|request| request.with_header("content-length", "3"))
            .expect("valid")
            .with_body("longer");
        assert_eq!(request.header("content-length"), None);
    }
}
