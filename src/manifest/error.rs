//! What can be wrong with a manifest, and how it is said.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A place in a file, both counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Position {
    /// The place of byte `offset` in `text`.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why no worker could be read.
#[derive(Debug)]
pub enum Error {
    /// There is nothing at the path given.
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// The file or folder cannot be read.
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file is neither a script, nor a component, nor a configuration file.
    UnknownKind {
        /// The path.
        path: PathBuf,
    },
    /// The folder has neither a configuration file nor a script with a usual name.
    NothingInFolder {
        /// The folder.
        folder: PathBuf,
        /// The configuration files and scripts looked for.
        looked_for: Vec<String>,
    },
    /// The file is not TOML or JSON.
    Syntax {
        /// The file.
        file: PathBuf,
        /// Where reading stopped.
        position: Position,
        /// What the parser says.
        message: String,
    },
    /// The file says something that cannot be.
    Invalid {
        /// The file.
        file: PathBuf,
        /// All that is wrong, in the order of the file.
        problems: Vec<Problem>,
    },
    /// An environment was asked for, and there is no configuration file that could have one.
    NoEnvironments {
        /// What is to be built.
        path: PathBuf,
        /// The environment.
        environment: String,
    },
    /// A file of variables for `dev` cannot be understood.
    Variables {
        /// The file.
        file: PathBuf,
        /// All that is wrong, in the order of the file.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, unless it is something missing.
    pub position: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// The exact fix.
    pub hint: Option<String>,
}

impl Problem {
    /// The same as something that nothing fails for.
    pub(super) fn into_warning(self, file: PathBuf) -> Warning {
        Warning { file, position: self.position, message: self.message, hint: self.hint }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { path } => {
                write!(f, "failed to read `{}`: no such file or folder", path.display())
            }
            Self::Unreadable { path, cause } => write!(f, "failed to read `{}`: {cause}", path.display()),
            Self::UnknownKind { path } => write!(
                f,
                "failed to read `{}`: neither a script, nor a component, nor a configuration file\n\
                 hint: give a .js, .mjs, .cjs, .ts, .mts, .cts, .jsx, .tsx or .wasm file, or a folder with a `wrangler.toml`",
                path.display()
            ),
            Self::NothingInFolder { folder, looked_for } => write!(
                f,
                "failed to find a worker in `{}`: looked for {}\n\
                 hint: give the script's own path, or add a `wrangler.toml` with `main = \"path/to/script.js\"`",
                folder.display(),
                quoted_list(looked_for)
            ),
            Self::Syntax { file, position, message } => {
                write!(f, "failed to read manifest `{}:{position}`: {message}", file.display())
            }
            Self::Invalid { file, problems } => write_problems(f, "manifest", file, problems),
            Self::NoEnvironments { path, environment } => write!(
                f,
                "failed to find the environment `{environment}`: `{}` has no configuration file\n\
                 hint: add a `wrangler.toml` with `[env.{environment}]`, or choose no environment",
                path.display()
            ),
            Self::Variables { file, problems } => write_problems(f, "variables", file, problems),
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

/// Something the author should know, though the worker can be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub file: PathBuf,
    /// Where in it, if it is about one place.
    pub position: Option<Position>,
    /// What is odd.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "manifest `{}", self.file.display())?;
        write_rest(f, self.position, &self.message, self.hint.as_deref())
    }
}

fn write_problems(f: &mut fmt::Formatter<'_>, what: &str, file: &Path, problems: &[Problem]) -> fmt::Result {
    for (index, problem) in problems.iter().enumerate() {
        let separator = if index == 0 { "" } else { "\n" };
        write!(f, "{separator}failed to read {what} `{}", file.display())?;
        write_rest(f, problem.position, &problem.message, problem.hint.as_deref())?;
    }
    Ok(())
}

/// The position, the end of the quoted path, the message and the hint.
fn write_rest(
    f: &mut fmt::Formatter<'_>,
    position: Option<Position>,
    message: &str,
    hint: Option<&str>,
) -> fmt::Result {
    if let Some(position) = position {
        write!(f, ":{position}")?;
    }
    write!(f, "`: {message}")?;
    match hint {
        Some(hint) => write!(f, "\nhint: {hint}"),
        None => Ok(()),
    }
}

fn quoted_list(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
