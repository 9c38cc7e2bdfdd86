//! Why KV did not do what was asked.

use crate::storage;
use http::StatusCode;
use std::borrow::Cow;
use std::fmt;

/// Why an operation was not done. The sentences are those of Workers KV, since code looks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// No key can have this name.
    IllegalKey(String),
    /// A key or a prefix has this many bytes, more than [`super::limits::KEY`].
    KeyTooLong(usize),
    /// A value, metadata or a bulk read is larger than its limit.
    TooLarge(String),
    /// An option is outside of its range, or has another form.
    InvalidOption(String),
    /// The value of this key cannot be incremented.
    NotANumber(String),
    /// Others changed this key at every attempt.
    Contended(String),
    /// The storage failed.
    Storage(storage::Error),
}

impl Error {
    /// The status that stands before the message: `KV PUT failed: 400 …`.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::IllegalKey(_) | Self::InvalidOption(_) | Self::NotANumber(_) => StatusCode::BAD_REQUEST,
            Self::KeyTooLong(_) => StatusCode::URI_TOO_LONG,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Contended(_) => StatusCode::CONFLICT,
            Self::Storage(storage::Error::Full) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What a worker may know of it: `Display` without what the machine's storage says of itself, which is logged here.
    pub fn public_message(&self) -> Cow<'static, str> {
        match self {
            Self::Storage(error @ storage::Error::Full) => error.to_string().into(),
            Self::Storage(error) => {
                tracing::error!(%error, "KV storage failed");
                "the storage failed; the server's log says how".into()
            }
            other => other.to_string().into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IllegalKey(message) | Self::TooLarge(message) | Self::InvalidOption(message) => f.write_str(message),
            Self::KeyTooLong(length) => write!(
                f,
                "UTF-8 encoded length of {length} exceeds key length limit of {}.",
                super::limits::KEY.default
            ),
            Self::NotANumber(key) => write!(f, "the value of `{key}` is not a whole number of 64 bits"),
            Self::Contended(key) => write!(f, "`{key}` was changed by others at every attempt\nhint: try again"),
            Self::Storage(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        Self::Storage(error)
    }
}
