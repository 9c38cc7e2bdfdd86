//! Why a request to the admin API is refused, and the one form in which it is said.

use crate::kv;
use crate::registry;
use crate::storage;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What a client whose request failed because of others should wait.
const BUSY_RETRY: Duration = Duration::from_secs(1);

/// Said in place of what the machine's storage says of itself, which is logged.
const STORAGE_FAILED: &str =
    "the storage failed; the server's log says how\nhint: `glowplug store check` looks for damage";

/// What kind of failure it is: the part of an error that programs look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// The request itself is malformed.
    BadRequest,
    /// There is no valid token.
    Unauthorized,
    /// The token may not be used for this.
    Forbidden,
    NotFound,
    MethodNotAllowed,
    /// It contradicts what is stored.
    Conflict,
    TooLarge,
    UnsupportedMediaType,
    /// The request is well-formed, but what it asks for is wrong in itself.
    Invalid,
    RateLimited,
    Internal,
    /// Asking again may help.
    Busy,
    StorageFull,
}

impl Code {
    /// All of them, in the order of their statuses.
    #[cfg(test)]
    pub const ALL: [Self; 13] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::RateLimited,
        Self::Internal,
        Self::Busy,
        Self::StorageFull,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Invalid => "invalid",
            Self::RateLimited => "rate_limited",
            Self::Internal => "internal",
            Self::Busy => "busy",
            Self::StorageFull => "storage_full",
        }
    }

    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        }
    }
}

/// A refusal or a failure, as a client is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    pub code: Code,
    message: String,
    hint: Option<String>,
    problems: Vec<String>,
    retry_after: Option<Duration>,
}

impl ApiError {
    /// `text` may have lines that begin with `hint:`.
    pub fn new(code: Code, text: impl fmt::Display) -> Self {
        let text = text.to_string();
        let (hints, lines): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with("hint: "));
        let hints: Vec<_> = hints.iter().map(|hint| &hint["hint: ".len()..]).collect();
        Self {
            code,
            message: lines.join("\n"),
            hint: (!hints.is_empty()).then(|| hints.join("\n")),
            problems: Vec::new(),
            retry_after: None,
        }
    }

    pub fn bad_request(text: impl fmt::Display) -> Self {
        Self::new(Code::BadRequest, text)
    }

    pub fn too_large(text: impl fmt::Display) -> Self {
        Self::new(Code::TooLarge, text)
    }

    /// Everything that is wrong with what was asked for, each with its hint; one at least.
    pub fn invalid(problems: Vec<String>) -> Self {
        match problems.as_slice() {
            [problem] => Self::new(Code::Invalid, problem),
            _ => {
                let message = format!("there are {} problems", problems.len());
                Self { problems, ..Self::new(Code::Invalid, message) }
            }
        }
    }

    /// The server has too much to do.
    pub fn busy(text: impl fmt::Display) -> Self {
        Self::new(Code::Busy, text).retry_after(BUSY_RETRY)
    }

    /// A fault of the server: the cause is logged, not told.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "the admin API failed");
        Self::new(Code::Internal, "the server failed; its log says how")
    }

    /// Says when to ask again, in whole seconds.
    pub fn retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }
}

impl From<registry::Error> for ApiError {
    fn from(error: registry::Error) -> Self {
        match error {
            registry::Error::NotFound { .. } => Self::new(Code::NotFound, error),
            registry::Error::Conflict(text) => Self::new(Code::Conflict, text),
            registry::Error::Invalid(problems) => Self::invalid(problems),
            registry::Error::Busy => Self::busy(error),
            registry::Error::Storage(error) => error.into(),
            registry::Error::Damaged(_) => {
                tracing::error!(%error, "the admin API met damaged data");
                Self::new(Code::Internal, STORAGE_FAILED)
            }
        }
    }
}

impl From<storage::Error> for ApiError {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Full => Self::new(Code::StorageFull, error),
            storage::Error::WrongDigest { .. } => Self::bad_request(error),
            storage::Error::Conflict { .. } => Self::busy(error),
            storage::Error::Corrupt(_) | storage::Error::InUse(_) | storage::Error::Io(_) => {
                tracing::error!(%error, "the storage failed");
                Self::new(Code::Internal, STORAGE_FAILED)
            }
        }
    }
}

impl From<kv::Error> for ApiError {
    fn from(error: kv::Error) -> Self {
        match error {
            kv::Error::Storage(error) => error.into(),
            other => Self::of_status(other.status(), other),
        }
    }
}

impl ApiError {
    /// What a refusal by KV is here, which says more with its status than other parts do.
    pub fn of_status(status: StatusCode, text: impl fmt::Display) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::CONFLICT => Code::Conflict,
            StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
            StatusCode::INSUFFICIENT_STORAGE => Code::StorageFull,
            status if status.is_server_error() => Code::Internal,
            _ => Code::BadRequest,
        };
        Self::new(code, text)
    }
}

/// The body of every error.
#[derive(Serialize)]
struct Envelope<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    problems: &'a [String],
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { code, message, hint, problems, retry_after } = &self;
        let error = Inner { code: code.as_str(), message, hint: hint.as_deref(), problems };
        let mut response = (code.status(), axum::Json(Envelope { error })).into_response();
        let headers = response.headers_mut();
        if let Some(after) = retry_after {
            headers.insert(header::RETRY_AFTER, (after.as_secs_f64().ceil() as u64).max(1).into());
        }
        match code {
            Code::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"glowplug\""));
            }
            Code::UnsupportedMediaType => {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            }
            _ => {}
        }
        // For the audit log, which has no more of it than this.
        response.extensions_mut().insert(*code);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_told_apart_from_messages() {
        let error = ApiError::new(Code::Conflict, "a is so\nb is so\nhint: mend it\nhint: or not");
        assert_eq!((error.message.as_str(), error.hint.as_deref()), ("a is so\nb is so", Some("mend it\nor not")));
        let error = ApiError::invalid(vec!["one\nhint: do".into()]);
        assert_eq!((error.message.as_str(), error.hint.as_deref(), error.problems.len()), ("one", Some("do"), 0));
        let error = ApiError::invalid(vec!["one\nhint: do".into(), "two".into()]);
        assert_eq!((error.message.as_str(), error.problems.len()), ("there are 2 problems", 2));
    }

    #[test]
    fn what_the_machine_says_of_itself_is_not_told() {
        let error = ApiError::from(storage::Error::Io("failed to read `/var/lib/x`".into()));
        assert!(error.code == Code::Internal && !error.message.contains("/var"), "{error:?}");
        let error = ApiError::from(registry::Error::Damaged("`a` in `workers`".into()));
        assert!(error.code == Code::Internal && !error.message.contains('`'), "{error:?}");
    }
}
