//! What a program is asked: requests from flags and files, and recordings. The lock file keeps where they come from.

use super::lock::{Inline, Source};
use crate::cli::replay;
use crate::cli::trial::TrialRequest;
use crate::cli::trial::request::RequestArgs;
use crate::recording::Base64;
use anyhow::{Context, Result};
use clap::{ArgMatches, Args, Command, FromArgMatches};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// The flags for requests, which are those of `compare`. Besides the requests, the lock file wants to know which files
/// they are from.
#[derive(Debug, Clone)]
pub struct Given {
    requests: RequestArgs,
    /// Requests that are written out on the command line.
    inline: usize,
    files: Vec<PathBuf>,
}

impl Given {
    fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let inline = matches.get_many::<String>("requests").map_or(0, Iterator::count);
        let files = matches.get_many::<PathBuf>("files").into_iter().flatten().cloned().collect();
        Ok(Self { requests: RequestArgs::from_arg_matches(matches)?, inline, files })
    }

    /// Whether no flag names a request.
    pub fn is_empty(&self) -> bool {
        self.inline == 0 && self.files.is_empty()
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Self::of(matches)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::of(matches)?;
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        RequestArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        RequestArgs::augment_args_for_update(command)
    }
}

/// Where requests come from; paths lead there from the working directory.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    inline: Vec<TrialRequest>,
    files: Vec<PathBuf>,
    recordings: Vec<PathBuf>,
}

/// Something to run.
#[derive(Debug, Clone)]
pub enum Asked {
    Request(TrialRequest),
    /// A recording's file.
    Recording(PathBuf),
}

impl Sources {
    /// What the flags name; one GET for `/` when they name nothing.
    pub fn of_flags(given: &Given, recordings: &[PathBuf]) -> Result<Self> {
        let inline = if given.inline > 0 || (given.is_empty() && recordings.is_empty()) {
            let mut all = given.requests.load()?;
            all.truncate(given.inline.max(1));
            all
        } else {
            Vec::new()
        };
        Ok(Self { inline, files: given.files.clone(), recordings: recordings.to_vec() })
    }

    /// What the lock file in `folder` names.
    pub fn of_lock(source: &Source, folder: &Path) -> Result<Self> {
        let inline = source.request.iter().map(|Inline { method, url, headers, body }| {
            TrialRequest::new(method, url, headers.clone(), body.0.clone().into())
                .with_context(|| format!("the lock file's request `{method} {url}` cannot be sent"))
        });
        let there = |paths: &[String]| paths.iter().map(|path| folder.join(path)).collect();
        Ok(Self {
            inline: inline.collect::<Result<_>>()?,
            files: there(&source.requests),
            recordings: there(&source.recordings),
        })
    }

    /// What the lock file in `folder` is to keep of this.
    pub fn to_lock(&self, folder: &Path) -> Result<Source> {
        let inline = self.inline.iter().map(|request| Inline {
            method: request.method.to_string(),
            url: request.target.clone(),
            headers: request.headers.clone(),
            body: Base64(request.body.to_vec()),
        });
        let from = |paths: &[PathBuf]| paths.iter().map(|path| relative(path, folder)).collect::<Result<_>>();
        Ok(Source { requests: from(&self.files)?, recordings: from(&self.recordings)?, request: inline.collect() })
    }

    /// All there is to run, always in the same order.
    pub fn asked(&self) -> Result<Vec<Asked>> {
        let mut all: Vec<_> = self.inline.iter().cloned().map(Asked::Request).collect();
        for file in &self.files {
            all.extend(read_requests(file)?.into_iter().map(Asked::Request));
        }
        all.extend(replay::recordings(&self.recordings)?.into_iter().map(Asked::Recording));
        Ok(all)
    }
}

/// A file of requests, as `--requests FILE` has them.
fn read_requests(file: &Path) -> Result<Vec<TrialRequest>> {
    let mut flag = OsString::from("--requests=");
    flag.push(file);
    let command = RequestArgs::augment_args(Command::new("requests").no_binary_name(true));
    RequestArgs::from_arg_matches(&command.try_get_matches_from([flag])?)?.load()
}

/// The way to `path` from `folder`, with `/` on every system, so that it holds wherever the repository is.
fn relative(path: &Path, folder: &Path) -> Result<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let real = |path: &Path| path.canonicalize().with_context(|| format!("failed to find `{}`", path.display()));
    let (path, folder) = (real(path)?, real(folder)?);
    let common = path.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common).map(|part| match part {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    });
    let parts: Option<Vec<_>> = up.map(Some).chain(down).collect();
    let parts = parts.with_context(|| format!("the lock file cannot hold the path `{}`", path.display()))?;
    Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Flags {
        #[command(flatten)]
        given: Given,
    }

    fn sources(flags: &[&str], recordings: &[PathBuf]) -> Sources {
        let flags = Flags::try_parse_from(std::iter::once(&"x").chain(flags)).unwrap();
        Sources::of_flags(&flags.given, recordings).unwrap()
    }

    fn titles(sources: &Sources) -> Vec<String> {
        let title = |asked: Asked| match asked {
            Asked::Request(request) => request.title(),
            Asked::Recording(path) => path.file_name().unwrap().to_str().unwrap().to_owned(),
        };
        sources.asked().unwrap().into_iter().map(title).collect()
    }

    #[test]
    fn sources_come_back_from_the_lock_file() {
        let dir = tempfile::tempdir().unwrap();
        let (file, recordings) = (dir.path().join("asked/all.jsonl"), dir.path().join("recorded"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::create_dir_all(&recordings).unwrap();
        std::fs::write(&file, "{\"url\": \"/file\"}\n").unwrap();
        std::fs::write(recordings.join("b.json"), "").unwrap();
        std::fs::write(recordings.join("a.json"), "").unwrap();
        let flags = ["--requests", file.to_str().unwrap(), "--request", "/inline", "--body", "\0é", "--header", "a: b"];
        let given = sources(&flags, std::slice::from_ref(&recordings));
        let all = ["POST /inline", "GET /file", "a.json", "b.json"];
        assert_eq!(titles(&given), all);
        let folder = dir.path().join("locks");
        std::fs::create_dir(&folder).unwrap();
        let kept = given.to_lock(&folder).unwrap();
        assert_eq!(
            (&kept.requests[..], &kept.recordings[..]),
            (&["../asked/all.jsonl".to_owned()][..], &["../recorded".to_owned()][..])
        );
        let read = Sources::of_lock(&kept, &folder).unwrap();
        assert_eq!((titles(&read), &read.inline), (all.map(str::to_owned).to_vec(), &given.inline));
    }

    #[test]
    fn without_flags_the_root_is_asked_for() {
        assert_eq!(titles(&sources(&[], &[])), ["GET /"]);
        assert_eq!(titles(&sources(&[], &[PathBuf::from("some.json")])), ["some.json"]);
    }
}
