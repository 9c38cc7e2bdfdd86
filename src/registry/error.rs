//! Why an operation was refused or failed.

use crate::storage;
use std::fmt;

/// Why an operation was refused or failed. Nothing was changed then. Messages are for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no such thing: `what` is a word such as `worker`.
    NotFound { what: &'static str, name: String },
    /// It contradicts something else that is stored.
    Conflict(String),
    /// What was asked for is wrong in itself: every problem that was found.
    Invalid(Vec<String>),
    /// Others kept changing the same thing; asking again may help.
    Busy,
    /// The storage failed.
    Storage(storage::Error),
    /// Stored data is not as this module leaves it: what and where.
    Damaged(String),
}

impl Error {
    pub(super) fn invalid(problem: impl Into<String>) -> Self {
        Self::Invalid(vec![problem.into()])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { what, name } => write!(f, "there is no {what} `{name}`"),
            Self::Conflict(what) => f.write_str(what),
            Self::Invalid(problems) => f.write_str(&problems.join("\n")),
            Self::Busy => f.write_str("the same thing was changed by others again and again\nhint: try again"),
            Self::Storage(error) => error.fmt(f),
            Self::Damaged(what) => write!(f, "stored data is damaged: {what}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        Self::Storage(error)
    }
}
