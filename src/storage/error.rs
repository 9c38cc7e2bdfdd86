//! Why storage did not do what was asked.

use crate::digest::Digest;
use std::fmt;
use std::io;
use std::path::Path;

/// Why storage did not do what was asked. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// An entry was not as [`Expected`](super::Expected).
    Conflict { bucket: String, key: String },
    /// A blob's bytes are not those of its digest.
    WrongDigest { expected: Digest, found: Digest },
    /// There is no room left: on the disk, in a quota, or in the largest file the system allows.
    Full,
    /// What is stored cannot be read: the text says what and where.
    Corrupt(String),
    /// Another process has it open.
    InUse(String),
    /// The system failed, or the folder is not one to work with: the text says at what and how.
    Io(String),
}

impl Error {
    /// What to make of the system's failure to do `doing` ("read", "write") with the file or folder at `path`.
    pub(super) fn from_system(doing: &str, path: &Path, cause: &io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full,
            _ => Self::Io(format!("failed to {doing} `{}`: {cause}", path.display())),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { bucket, key } => write!(f, "`{key}` in `{bucket}` was changed meanwhile"),
            Self::WrongDigest { expected, found } => {
                write!(f, "the content's digest is {found}, not {expected} as was said")
            }
            Self::Full => f.write_str("there is no room left on the disk"),
            Self::Corrupt(what) => write!(f, "stored data is damaged: {what}"),
            Self::InUse(what) | Self::Io(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {}
