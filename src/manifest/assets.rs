//! Static assets: which folder, and how requests are answered from it.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::bindings::{Binding, RawBinding};
use super::document::{TableEntry, Value};
use super::reader::{At, Reader};
use super::{Error, discover};
pub use crate::assets::{HtmlHandling, NotFoundHandling, WorkerFirst};

/// Static assets of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The folder, absolute; it exists.
    pub directory: PathBuf,
    /// How paths and HTML files go together.
    pub html_handling: HtmlHandling,
    /// What a request gets that no file answers.
    pub not_found_handling: NotFoundHandling,
    /// Which requests the script gets before files are looked for.
    pub run_worker_first: WorkerFirst,
}

/// What the file says of `assets`.
#[derive(Debug)]
pub(super) struct RawAssets {
    span: Range<usize>,
    directory: Option<At<String>>,
    binding: Option<At<String>>,
    html_handling: HtmlHandling,
    not_found_handling: NotFoundHandling,
    run_worker_first: At<WorkerFirst>,
    /// Whether `directory` is there, though perhaps of the wrong type.
    has_directory: bool,
}

const EXAMPLE: &str = "assets = { directory = \"./public\" }";
const FIELDS: [&str; 5] = ["directory", "binding", "html_handling", "not_found_handling", "run_worker_first"];
/// Rules of `run_worker_first`, and characters of each: as many as wrangler allows.
const MOST_RULES: usize = 100;

impl Reader<'_> {
    /// `assets`
    pub fn assets(&mut self, entry: TableEntry) -> Option<RawAssets> {
        let html_handling = [
            ("auto-trailing-slash", HtmlHandling::AutoTrailingSlash),
            ("force-trailing-slash", HtmlHandling::ForceTrailingSlash),
            ("drop-trailing-slash", HtmlHandling::DropTrailingSlash),
            ("none", HtmlHandling::None),
        ];
        let not_found_handling = [
            ("none", NotFoundHandling::None),
            ("404-page", NotFoundHandling::NotFoundPage),
            ("single-page-application", NotFoundHandling::SinglePageApplication),
        ];
        let key_span = entry.key_span.clone();
        let table = self.table(entry, "assets", EXAMPLE)?;
        let mut raw = RawAssets {
            run_worker_first: At { value: WorkerFirst::default(), span: key_span.clone() },
            span: key_span,
            directory: None,
            binding: None,
            html_handling: HtmlHandling::default(),
            not_found_handling: NotFoundHandling::default(),
            has_directory: false,
        };
        for entry in &table {
            let key = format!("assets.{}", entry.key);
            match entry.key.as_str() {
                "directory" => {
                    raw.has_directory = true;
                    raw.directory = self.filled(entry, &key);
                }
                "binding" => raw.binding = self.name(entry, &key),
                "html_handling" => {
                    raw.html_handling = self.one_of(entry, &key, &html_handling).unwrap_or_default();
                }
                "not_found_handling" => {
                    raw.not_found_handling = self.one_of(entry, &key, &not_found_handling).unwrap_or_default();
                }
                "run_worker_first" => {
                    let value = self.worker_first(entry, &key);
                    raw.run_worker_first = At { value, span: entry.key_span.clone() };
                }
                _ => self.unknown(entry, "assets.", FIELDS),
            }
        }
        Some(raw)
    }

    fn worker_first(&mut self, entry: &TableEntry, key: &str) -> WorkerFirst {
        match &entry.node.value {
            Value::Bool(true) => WorkerFirst::Always,
            Value::Bool(false) => WorkerFirst::Never,
            Value::Array(items) => {
                let rules = self.strings(entry, key);
                if rules.len() == items.len() {
                    self.check_rules(entry, key, &rules);
                }
                WorkerFirst::Paths(rules.into_iter().map(|rule| rule.value).collect())
            }
            _ => {
                let hint = format!("for example {}", self.assignment("run_worker_first", "[\"/api/*\"]"));
                self.wrong_type(&entry.node, key, "true, false or a list of paths", Some(hint));
                WorkerFirst::Never
            }
        }
    }

    fn check_rules(&mut self, entry: &TableEntry, key: &str, rules: &[At<String>]) {
        if rules.len() > MOST_RULES {
            self.problem(&rules[MOST_RULES].span, format!("`{key}` has more than {MOST_RULES} rules"), None);
        }
        if rules.iter().all(|rule| rule.value.starts_with('!')) {
            let message = format!("`{key}` has no rule that gives the script a path");
            let hint = "add one such as \"/api/*\", or say `true` for all paths".to_owned();
            self.problem(&entry.node.span, message, Some(hint));
        }
        for (index, rule) in rules.iter().enumerate() {
            let At { value, span } = rule;
            let path = value.strip_prefix('!').unwrap_or(value);
            if !path.starts_with('/') {
                let message = format!("`{key}` has the rule {value:?}, but rules start with \"/\" or \"!/\"");
                let (not, path) = (if value.starts_with('!') { "!" } else { "" }, path.trim_start());
                self.problem(span, message, Some(format!("did you mean \"{not}/{path}\"?")));
            }
            if value.chars().count() > MOST_RULES {
                self.problem(span, format!("a rule of `{key}` is longer than {MOST_RULES} characters"), None);
            }
            if rules[..index].iter().any(|other| other.value == *value) {
                self.problem(span, format!("`{key}` has the rule {value:?} twice"), Some("remove one".to_owned()));
            }
        }
    }
}

/// Whether there is a script to go with the assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Main {
    Present,
    Absent,
}

/// Checks what can only be known with the rest of the file, and the folder itself.
pub(super) fn check(
    reader: &mut Reader<'_>,
    raw: RawAssets,
    main: Main,
    folder: &Path,
    build_command: Option<&str>,
) -> Result<(Option<Assets>, Option<RawBinding>), Error> {
    let add_main = Some("remove it, or add `main`, the path of the worker's script".to_owned());
    let first = &raw.run_worker_first;
    if let (Main::Absent, Some(name)) = (main, &raw.binding) {
        reader.problem(&name.span, format!("there is no script that could use `env.{}`", name.value), add_main.clone());
    }
    if main == Main::Absent && first.value != WorkerFirst::Never {
        let message = "`assets.run_worker_first` is set, but there is no script to run".to_owned();
        reader.problem(&first.span, message, add_main);
    }
    if main == Main::Present && first.value == WorkerFirst::Always && raw.binding.is_none() {
        let message =
            "`assets.run_worker_first` is true, so the script gets every request, and has no binding to the files";
        let hint = format!("add {} to `assets`", reader.assignment("binding", "\"ASSETS\""));
        reader.warn(&first.span, message.to_owned(), Some(hint));
    }
    let binding =
        raw.binding.map(|name| RawBinding { name, what: "the static assets", binding: Some(Binding::Assets) });
    let directory = match &raw.directory {
        Some(directory) => check_directory(reader, directory, folder, build_command)?,
        None => {
            if !raw.has_directory {
                // Cloudflare's plugin for Vite leaves it out, and writes a configuration of its own that has it.
                let hint = format!("for example `{EXAMPLE}`; with Vite, give the `wrangler.json` that its build makes");
                reader.problem(&raw.span, "`assets` has no `directory`".to_owned(), Some(hint));
            }
            None
        }
    };
    let RawAssets { html_handling, not_found_handling, run_worker_first, .. } = raw;
    let assets = directory.map(|directory| Assets {
        directory,
        html_handling,
        not_found_handling,
        run_worker_first: run_worker_first.value,
    });
    Ok((assets, binding))
}

fn check_directory(
    reader: &mut Reader<'_>,
    At { value, span }: &At<String>,
    folder: &Path,
    build_command: Option<&str>,
) -> Result<Option<PathBuf>, Error> {
    let path = folder.join(value);
    let problem = match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => {
            let directory = discover::absolute(&path)?;
            if folder.starts_with(&directory) {
                let message = format!(
                    "`assets.directory` is {value:?}, which holds the project itself: its source may become public"
                );
                let hint = "put the files into a folder of their own, or name the others in `.assetsignore`".to_owned();
                reader.warn(span, message, Some(hint));
            }
            return Ok(Some(directory));
        }
        Ok(_) => (format!("`assets.directory` is {value:?}, which is not a folder"), None),
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            (format!("`assets.directory` is {value:?}, which cannot be read: {}", discover::error_text(&cause)), None)
        }
        Err(_) => (
            format!("`assets.directory` is {value:?}, and there is no such folder"),
            build_command.map(|command| format!("does `{command}` make it? run it first")),
        ),
    };
    reader.problem(span, problem.0, problem.1);
    Ok(None)
}
