//! Taking a request apart, and what is answered when that does not go well.

use crate::kv::{Error, METADATA_HEADER, rules};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::fmt;
use std::pin::pin;
use url::form_urlencoded;

/// A request that is not carried out.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: Cow<'static, str>,
    /// Methods that would do, when this one does not.
    allow: Option<&'static str>,
}

impl Refusal {
    pub(super) fn method(allow: &'static str) -> Self {
        let message = format!("this path takes {allow}").into();
        Self { status: StatusCode::METHOD_NOT_ALLOWED, message, allow: Some(allow) }
    }

    pub(super) fn not_found() -> Self {
        let message = "there is `/values`, `/values/KEY` and `/keys`".into();
        Self { status: StatusCode::NOT_FOUND, message, allow: None }
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::from(self.message.into_owned()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { status: error.status(), message: error.public_message(), allow: None }
    }
}

/// The key that a percent-encoded path names.
pub(super) fn key_of(encoded: &str) -> Result<Cow<'_, str>, Error> {
    decode(encoded).ok_or_else(|| Error::IllegalKey("Could not URL-decode key name".into()))
}

/// The metadata that a PUT brings along.
pub(super) fn metadata_of(headers: &HeaderMap) -> Result<Option<serde_json::Value>, Error> {
    let Some(value) = headers.get(METADATA_HEADER) else { return Ok(None) };
    let invalid =
        |why: &dyn fmt::Display| Error::InvalidOption(format!("Invalid metadata. Please specify JSON: {why}"));
    let text = value.to_str().ok().and_then(decode).ok_or_else(|| invalid(&"it is not percent-encoded text"))?;
    rules::check_metadata_length(text.len())?;
    serde_json::from_str(&text).map(Some).map_err(|error| invalid(&error))
}

/// Percent-decodes strictly: a stray `%` is not taken for itself, since a key must have one spelling in a client.
fn decode(encoded: &str) -> Option<Cow<'_, str>> {
    let mut rest = encoded;
    while let Some((_, after)) = rest.split_once('%') {
        let digits = after.as_bytes().get(..2)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        rest = after.get(2..)?;
    }
    percent_decode_str(encoded).decode_utf8().ok()
}

/// The pairs of a form-encoded query.
pub(super) fn query_of(query: Option<&str>) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
}

/// A whole number: digits, and a sign at most.
pub(super) fn number_of(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Reads the body, of which at most `limit` bytes are held. `too_long` says what is wrong with a length, which is the
/// announced one if there is one, and otherwise what had come when it was too much.
pub(super) async fn collect<B>(
    headers: &HeaderMap,
    body: B,
    limit: u64,
    too_long: impl Fn(u64) -> Option<Error>,
) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes>,
    B::Error: fmt::Display,
{
    let mut body = pin!(body);
    let header = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let announced = header.unwrap_or(0).max(body.size_hint().lower());
    if let Some(error) = too_long(announced) {
        return Err(error.into());
    }
    let mut bytes = Vec::with_capacity(announced.min(limit) as usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refusal {
            status: StatusCode::BAD_REQUEST,
            message: format!("the body did not arrive whole: {error}").into(),
            allow: None,
        })?;
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if let Some(error) = too_long((bytes.len() + data.len()) as u64) {
            return Err(error.into());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.into())
}
