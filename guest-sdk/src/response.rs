//! Responses: the worker's, and those of subrequests.

use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::body::{Body, BodyError};
use crate::{Error, headers};

const TEXT: &str = "text/plain; charset=utf-8";

/// A response: what the worker answers, or what [`fetch`](crate::fetch) got.
#[derive(Debug)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
}

impl Response {
    /// A 200 with this body and no headers.
    pub fn new(body: impl Into<Body>) -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body: body.into() }
    }

    /// Plain text.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self::typed(TEXT, text.into())
    }

    /// An HTML page.
    pub fn from_html(page: impl Into<String>) -> Self {
        Self::typed("text/html; charset=utf-8", page.into())
    }

    /// `value` as JSON; an error if it cannot be written as such.
    pub fn from_json(value: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        Ok(Self::typed("application/json", serde_json::to_vec(value)?))
    }

    /// A redirect, 302.
    pub fn redirect(location: &str) -> Result<Self, Error> {
        Self::new(()).with_status(StatusCode::FOUND).with_header("location", location)
    }

    fn typed(content_type: &'static str, body: impl Into<Body>) -> Self {
        let mut response = Self::new(body);
        let value = HeaderValue::from_static(content_type);
        response.headers.insert(header::CONTENT_TYPE, value);
        response
    }

    pub(crate) fn received(status: StatusCode, headers: HeaderMap, body: Body) -> Self {
        Self { status, headers, body }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Set the status.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
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

    /// Take the body, for example to make it another response's.
    pub fn take_body(&mut self) -> Body {
        self.body.take()
    }
}

/// What a handler may return.
pub trait IntoResponse {
    /// The response to send.
    fn into_response(self) -> Response;
}

impl IntoResponse for Response {
    fn into_response(self) -> Response {
        self
    }
}

impl<T: IntoResponse, E: IntoResponse> IntoResponse for Result<T, E> {
    fn into_response(self) -> Response {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => error.into_response(),
        }
    }
}

/// An empty response with this status.
impl IntoResponse for StatusCode {
    fn into_response(self) -> Response {
        Response::new(()).with_status(self)
    }
}

/// Plain text.
impl IntoResponse for &'static str {
    fn into_response(self) -> Response {
        Response::typed(TEXT, self)
    }
}

/// Plain text.
impl IntoResponse for String {
    fn into_response(self) -> Response {
        Response::typed(TEXT, self)
    }
}

/// A value to be sent as JSON.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        Response::from_json(&self.0).into_response()
    }
}
