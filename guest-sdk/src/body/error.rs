//! Why a body could not be read.

use std::fmt;

use http::StatusCode;
use wasip2::http::types::{ErrorCode, http_error_code};
use wasip2::io::error::Error as IoError;

use crate::code;

/// Who sends a body: decides who is to blame, and so the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Origin,
    Worker,
}

/// A body could not be read.
///
/// With `?` it becomes the response that fits: 400 (or 413) when the client's body is at fault, 502 (or
/// 504) when an origin's is, 500 when the worker's own is.
pub struct BodyError {
    side: Side,
    kind: Kind,
}

enum Kind {
    /// The connection, or a limit, ended the body too early.
    Broken(Option<ErrorCode>, String),
    NotUtf8(std::str::Utf8Error),
    Json(serde_json::Error),
    Used,
    /// A stream made by the worker gave an error.
    Stream(String),
}

impl BodyError {
    pub(crate) fn broken(side: Side, error: &IoError) -> Self {
        let code = http_error_code(error);
        let detail = match &code {
            Some(code) => code::describe(code),
            None => error.to_debug_string(),
        };
        Self { side, kind: Kind::Broken(code, detail) }
    }

    pub(crate) fn not_utf8(side: Side, error: std::str::Utf8Error) -> Self {
        Self { side, kind: Kind::NotUtf8(error) }
    }

    pub(crate) fn json(side: Side, error: serde_json::Error) -> Self {
        Self { side, kind: Kind::Json(error) }
    }

    pub(crate) fn used() -> Self {
        Self { side: Side::Worker, kind: Kind::Used }
    }

    pub(crate) fn worker(error: &crate::Error) -> Self {
        Self { side: Side::Worker, kind: Kind::Stream(error.to_string()) }
    }

    /// The status of the response this error becomes.
    pub fn status(&self) -> StatusCode {
        match (self.side, &self.kind) {
            (Side::Client, Kind::Broken(Some(ErrorCode::HttpRequestBodySize(_)), _)) => StatusCode::PAYLOAD_TOO_LARGE,
            (Side::Client, _) => StatusCode::BAD_REQUEST,
            (Side::Origin, Kind::Broken(Some(code), _)) => code::gateway_status(code),
            (Side::Origin, _) => StatusCode::BAD_GATEWAY,
            (Side::Worker, _) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = match self.side {
            Side::Client => "request body",
            Side::Origin => "origin's response body",
            Side::Worker => "body",
        };
        match &self.kind {
            Kind::Broken(_, detail) => write!(formatter, "the {body} broke off: {detail}"),
            Kind::NotUtf8(error) => write!(formatter, "the {body} is not UTF-8: {error}"),
            Kind::Json(error) => write!(formatter, "the {body} is not the JSON expected: {error}"),
            Kind::Used => formatter.write_str("the body has been read already"),
            Kind::Stream(error) => write!(formatter, "the {body} stream failed: {error}"),
        }
    }
}

// Written out: deriving it for `ErrorCode` costs each worker 5 KB.
impl fmt::Debug for BodyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BodyError({self})")
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::NotUtf8(error) => Some(error),
            Kind::Json(error) => Some(error),
            Kind::Broken(..) | Kind::Used | Kind::Stream(_) => None,
        }
    }
}
