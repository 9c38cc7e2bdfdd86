//! Why an operation on a KV namespace failed.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;

use crate::Error;
use crate::body::BodyError;
use crate::fetch::FetchError;

/// An operation on a KV namespace failed: `KV PUT failed: 400 Key names must not be empty`
///
/// With `?` it becomes a 500 whose cause goes to the log, or a 502 or 504 when the namespace did not answer.
pub struct KvError {
    operation: Operation,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Get,
    GetMany,
    Put,
    Delete,
    List,
}

pub(super) enum Reason {
    /// What the namespace answered.
    Refused(StatusCode, String),
    Unanswered(FetchError),
    /// The value, or the answer, broke off.
    Broken(BodyError),
    NotUtf8(std::str::Utf8Error),
    /// What is stored (a value, metadata) is not the JSON that the worker takes it for.
    Json(&'static str, serde_json::Error),
    /// What is to be stored cannot be written as JSON.
    Unwritable(&'static str, serde_json::Error),
    /// The namespace's answer has another form than was agreed on.
    Answer(&'static str),
    /// No request could be made of the arguments.
    Request(String),
}

impl KvError {
    pub(super) fn new(operation: Operation, reason: Reason) -> Self {
        Self { operation, reason }
    }

    pub(super) fn refused(operation: Operation, status: StatusCode, words: &str) -> Self {
        let words = match words.trim() {
            "" => status.canonical_reason().unwrap_or("no reason given"),
            words => words,
        };
        Self::new(operation, Reason::Refused(status, words.to_owned()))
    }

    pub(super) fn request(operation: Operation, error: &Error) -> Self {
        Self::new(operation, Reason::Request(error.to_string()))
    }

    /// What the namespace answered, as a status and its words: 400 for a key or an option that KV does not take, 413 for
    /// a value that is too large, 414 for a key that is too long. `None` when it is not the namespace that refused.
    pub fn refusal(&self) -> Option<(StatusCode, &str)> {
        match &self.reason {
            Reason::Refused(status, words) => Some((*status, words)),
            _ => None,
        }
    }

    /// The status of the response this error becomes.
    pub fn status(&self) -> StatusCode {
        match &self.reason {
            Reason::Unanswered(error) => error.status(),
            Reason::Broken(error) => error.status(),
            // Whatever is wrong with a key or a value, it was the worker that chose it.
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl fmt::Display for KvError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = match self.operation {
            Operation::Get => "GET",
            Operation::GetMany => "GET_BULK",
            Operation::Put => "PUT",
            Operation::Delete => "DELETE",
            Operation::List => "LIST",
        };
        write!(formatter, "KV {operation} failed: ")?;
        match &self.reason {
            Reason::Refused(status, words) => write!(formatter, "{} {words}", status.as_u16()),
            Reason::Unanswered(error) => error.fmt(formatter),
            Reason::Broken(error) => error.fmt(formatter),
            Reason::NotUtf8(error) => write!(formatter, "the value is not UTF-8: {error}"),
            Reason::Json(what, error) => write!(formatter, "the {what} is not the JSON expected: {error}"),
            Reason::Unwritable(what, error) => write!(formatter, "the {what} cannot be written as JSON: {error}"),
            Reason::Answer(what) => write!(formatter, "the host's answer is not understood: {what}"),
            Reason::Request(error) => formatter.write_str(error),
        }
    }
}

impl fmt::Debug for KvError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KvError({self})")
    }
}

impl StdError for KvError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.reason {
            Reason::Unanswered(error) => Some(error),
            Reason::Broken(error) => Some(error),
            Reason::NotUtf8(error) => Some(error),
            Reason::Json(_, error) | Reason::Unwritable(_, error) => Some(error),
            Reason::Refused(..) | Reason::Answer(_) | Reason::Request(_) => None,
        }
    }
}
