//! Why a folder cannot be collected, or an index not be taken.

use super::bounds;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why there is no [`Collected`](super::Collected) or no [`Index`](super::Index).
#[derive(Debug)]
pub enum Error {
    /// The folder is not there, or is no folder.
    NotAFolder {
        /// The path given.
        path: PathBuf,
    },
    /// A file or folder cannot be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A symbolic link points out of the folder.
    LinkOutside {
        /// The link.
        link: PathBuf,
        /// What it points to.
        target: PathBuf,
    },
    /// A symbolic link points to a folder that it lies in.
    LinkLoop {
        /// The link.
        link: PathBuf,
    },
    /// A socket, a pipe or a device, or a folder where a file must be.
    NotAFile {
        /// Which.
        path: PathBuf,
    },
    /// No URL could name the file.
    BadName {
        /// The file.
        path: PathBuf,
        /// What is wrong with its name.
        problem: PathProblem,
    },
    /// A file is over [`FILE`](super::FILE).
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        size: u64,
    },
    /// There are more than [`FILES`](super::FILES).
    TooManyFiles {
        /// The folder.
        folder: PathBuf,
        /// How many are allowed.
        limit: u64,
        /// The first file over the limit.
        first_over: PathBuf,
    },
    /// `_worker.js`, which holds a server's code, is among the files.
    PagesWorker {
        /// The file or folder.
        path: PathBuf,
    },
    /// `run_worker_first` says something that cannot be.
    WorkerFirst {
        /// All that is wrong.
        problems: Vec<String>,
    },
    /// The bytes are no index.
    BadIndex {
        /// What is wrong, and at which line and column if that is known.
        message: String,
    },
    /// The index is of another version of the format.
    UnknownFormat {
        /// The version it says.
        found: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFolder { path } => write!(f, "the assets folder `{}` is not there", path.display()),
            Self::Unreadable { path, cause } => write!(f, "cannot read `{}`: {cause}", path.display()),
            Self::LinkOutside { link, target } => write!(
                f,
                "`{}` is a link to `{}`, which is outside of the assets folder\nhint: copy the file, or name the link \
                 in `.assetsignore`",
                link.display(),
                target.display()
            ),
            Self::LinkLoop { link } => write!(
                f,
                "`{}` is a link to a folder that it lies in\nhint: remove the link, or name it in `.assetsignore`",
                link.display()
            ),
            Self::NotAFile { path } => {
                write!(f, "`{}` is not a regular file\nhint: remove it, or name it in `.assetsignore`", path.display())
            }
            Self::BadName { path, problem } => {
                write!(f, "`{}` cannot be an asset: its path {problem}", path.display())
            }
            Self::TooLarge { path, size } => write!(
                f,
                "`{}` has {size} bytes, but an asset may have {} (25 MiB) at most\nhint: name it in `.assetsignore`, \
                 and serve it from elsewhere",
                path.display(),
                bounds::FILE.maximum
            ),
            Self::TooManyFiles { folder, limit, first_over } => write!(
                f,
                "`{}` has more than {limit} files; the first over the limit is `{}`\nhint: name what need not be \
                 served in `.assetsignore`",
                folder.display(),
                first_over.display()
            ),
            Self::PagesWorker { path } => write!(
                f,
                "`{}` is the code of a Pages project, and everybody could read it as an asset\nhint: name \
                 `_worker.js` in `.assetsignore`; an empty `.assetsignore` lets it be served",
                path.display()
            ),
            Self::WorkerFirst { problems } => {
                write!(f, "`assets.run_worker_first` cannot be used: {}", problems.join("; "))
            }
            Self::BadIndex { message } => write!(f, "the index of assets is not valid: {message}"),
            Self::UnknownFormat { found } => write!(
                f,
                "the index of assets has format {found}, which this glowplug does not know\nhint: use the same \
                 glowplug to deploy and to serve"
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { cause, .. } => Some(cause),
            _ => None,
        }
    }
}

/// Why a text cannot be the path of an asset. Said after "its path".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathProblem {
    /// The first character is no slash, or there is nothing after it.
    NotAbsolute,
    /// Two slashes in a row, or one at the end.
    EmptyPart,
    /// A part is `.` or `..`.
    DotPart,
    /// There is a backslash, which browsers take for a slash.
    Backslash,
    /// There is a zero byte.
    Nul,
    /// It is over [`PATH`](super::PATH).
    TooLong,
    /// It is not UTF-8.
    NotUnicode,
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute => f.write_str("must begin with a slash and name a file"),
            Self::EmptyPart => f.write_str("has an empty part"),
            Self::DotPart => f.write_str("has a part `.` or `..`"),
            Self::Backslash => f.write_str("has a backslash"),
            Self::Nul => f.write_str("has a zero byte"),
            Self::TooLong => write!(f, "is longer than {} bytes", bounds::PATH.maximum),
            Self::NotUnicode => f.write_str("is not UTF-8"),
        }
    }
}

impl std::error::Error for PathProblem {}
