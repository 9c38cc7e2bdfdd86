//! `fuel.lock`: what a program's requests cost, for people to read in a diff.

use crate::recording::Base64;
use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use std::fmt::Write as _;
use std::path::Path;

/// The form of lock files that this program writes and reads.
pub const FORMAT: &str = "glowplug-fuel/1";

/// Stands for the answer of a request that answers differently each time.
pub const VARIES: &str = "varies";

/// What was measured, and how to measure it again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// [`FORMAT`].
    format: String,
    /// Name of the worker.
    pub program: String,
    /// Id of the fuel schedule.
    pub schedule: String,
    /// Digest of the JavaScript engine; none for components in other languages.
    pub engine: Option<String>,
    /// Version of glowplug.
    pub glowplug: String,
    /// Fuel of the top-level code; none for components in other languages.
    pub start_up: Option<u64>,
    #[serde(default)]
    pub source: Source,
    #[serde(default, rename = "request")]
    pub requests: Vec<Entry>,
}

/// Where requests come from. Paths begin at the lock file's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    pub requests: Vec<String>,
    pub recordings: Vec<String>,
    pub request: Vec<Inline>,
}

/// A request that was written on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inline {
    pub method: String,
    pub url: String,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub body: Base64,
}

/// What tells requests apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Key {
    /// Method and target.
    pub request: String,
    /// Start of the SHA-256 of headers and body, or name of the recording.
    pub input: String,
    /// Among requests that are the same in all of this, which one; the first is 1.
    #[serde(default = "first")]
    pub nth: u32,
}

fn first() -> u32 {
    1
}

/// What a request cost.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    #[serde(flatten)]
    pub key: Key,
    pub status: u16,
    /// Start of the SHA-256 of the answer's body, or [`VARIES`].
    pub answer: String,
    /// The most that it cost.
    pub fuel: u64,
    /// The least, if it does not always cost the same.
    pub least: Option<u64>,
}

impl Lock {
    /// A lock of the present format.
    pub fn new(program: &str, schedule: &str, engine: Option<String>, start_up: Option<u64>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            program: program.to_owned(),
            schedule: schedule.to_owned(),
            engine,
            glowplug: env!("CARGO_PKG_VERSION").to_owned(),
            start_up,
            source: Source::default(),
            requests: Vec::new(),
        }
    }

    /// Reads what [`Lock::save`] wrote; none if there is no file.
    pub fn load(path: &Path) -> Result<Option<Self>> {
        let name = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("failed to read `{name}`")),
        };
        let hint = "hint: mend it, or make it anew with `glowplug check --requests FILE --update`";
        Self::parse(&text).map(Some).map_err(|error| anyhow!("failed to read `{name}`: {error:#}\n{hint}"))
    }

    fn parse(text: &str) -> Result<Self> {
        let lock: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let place = line.map_or_else(String::new, |line| format!("line {line}: "));
            anyhow!("{place}{}", error.message().trim_end())
        })?;
        if lock.format != FORMAT {
            bail!("it has the form `{}`; this glowplug reads `{FORMAT}`", lock.format);
        }
        Ok(lock)
    }

    /// Writes the file, complete or not at all.
    pub fn save(&self, path: &Path) -> Result<()> {
        let partial = path.with_extension("lock.partial");
        let written = std::fs::write(&partial, self.text()).and_then(|()| std::fs::rename(&partial, path));
        written.with_context(|| format!("failed to write `{}`", path.display()))
    }

    fn text(&self) -> String {
        let mut text = String::from(
            "# What requests cost, in fuel. `glowplug check` compares, `glowplug check --update` writes it anew.\n",
        );
        line(&mut text, "format", &quoted(&self.format));
        line(&mut text, "program", &quoted(&self.program));
        line(&mut text, "schedule", &quoted(&self.schedule));
        if let Some(engine) = &self.engine {
            line(&mut text, "engine", &quoted(engine));
        }
        line(&mut text, "glowplug", &quoted(&self.glowplug));
        if let Some(fuel) = self.start_up {
            line(&mut text, "start_up", &digits(fuel));
        }
        self.source.write(&mut text);
        self.requests.iter().for_each(|entry| entry.write(&mut text));
        text
    }
}

impl Source {
    fn write(&self, text: &mut String) {
        let list =
            |paths: &[String]| format!("[{}]", paths.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(", "));
        if !self.requests.is_empty() || !self.recordings.is_empty() {
            text.push_str("\n[source]\n");
        }
        if !self.requests.is_empty() {
            line(text, "requests", &list(&self.requests));
        }
        if !self.recordings.is_empty() {
            line(text, "recordings", &list(&self.recordings));
        }
        for Inline { method, url, headers, body } in &self.request {
            text.push_str("\n[[source.request]]\n");
            line(text, "method", &quoted(method));
            line(text, "url", &quoted(url));
            if !headers.is_empty() {
                let pairs = headers.iter().map(|(name, value)| format!("[{}, {}]", quoted(name), quoted(value)));
                line(text, "headers", &format!("[{}]", pairs.collect::<Vec<_>>().join(", ")));
            }
            if !body.0.is_empty() {
                line(text, "body", &escaped(body));
            }
        }
    }
}

impl Entry {
    fn write(&self, text: &mut String) {
        let Key { request, input, nth } = &self.key;
        text.push_str("\n[[request]]\n");
        line(text, "request", &quoted(request));
        line(text, "input", &quoted(input));
        if *nth > 1 {
            line(text, "nth", &nth.to_string());
        }
        line(text, "status", &self.status.to_string());
        line(text, "answer", &quoted(&self.answer));
        line(text, "fuel", &digits(self.fuel));
        if let Some(least) = self.least {
            line(text, "least", &digits(least));
        }
    }
}

fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {value}");
}

/// A text in quotes. Escapes of JSON are escapes of TOML; only DEL need be escaped in TOML alone.
fn escaped(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a text can be written as JSON").replace('\u{7f}', "\\u007f")
}

fn quoted(value: &str) -> String {
    escaped(&value)
}

/// A number as people read it: `1_234_567`.
fn digits(number: u64) -> String {
    crate::cli::print::grouped(number).replace(',', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let key = |request: &str, nth| Key { request: request.to_owned(), input: "0123456789ab".to_owned(), nth };
        let odd = "a \"quoted\"\\ \u{7f}\u{1}\t text\r\nwith 'é' # [x]";
        let inline = |method: &str, body: &[u8]| Inline {
            method: method.to_owned(),
            url: "/a?b=[c]".to_owned(),
            headers: if body.is_empty() { Vec::new() } else { vec![("x-odd".to_owned(), odd.to_owned())] },
            body: Base64(body.to_vec()),
        };
        let entry = |request: &str, nth, least| Entry {
            key: key(request, nth),
            status: 200,
            answer: VARIES.to_owned(),
            fuel: 1_234_567,
            least,
        };
        Lock {
            start_up: Some(0),
            source: Source {
                requests: vec![odd.to_owned(), "../b.jsonl".to_owned()],
                recordings: vec!["recordings".to_owned()],
                request: vec![inline("GET", b""), inline("POST", b"\xff\x00"), inline("PUT", odd.as_bytes())],
            },
            requests: vec![entry("GET /", 1, None), entry("GET /", 2, Some(7)), entry(odd, 1, None)],
            ..Lock::new("shop", "fuel-0123456789ab", Some("00".to_owned()), None)
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_written_the_same() {
        let text = lock().text();
        assert!(text.contains("\nfuel = 1_234_567\n") && text.ends_with("fuel = 1_234_567\n"), "{text}");
        let read = Lock::parse(&text).unwrap();
        assert_eq!(read, lock());
        assert_eq!(read.text(), text);
        let least = Lock { source: Source::default(), requests: Vec::new(), ..Lock::new("a", "b", None, None) };
        assert_eq!(Lock::parse(&least.text()).unwrap(), least);
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let text = lock().text();
        let wrong = |damaged: String| format!("{:#}", Lock::parse(&damaged).unwrap_err());
        let position = text.lines().position(|line| line == "fuel = 1_234_567").unwrap() + 1;
        for bad in ["fuel = \"much\"", "fuel = -1", "<<<<<<< HEAD"] {
            let found = wrong(text.replacen("fuel = 1_234_567", bad, 1));
            assert!(found.starts_with(&format!("line {position}: ")), "{found}");
        }
        let missing = wrong(text.replacen("fuel = 1_234_567\n", "", 1));
        assert!(missing.starts_with("line ") && missing.contains("`fuel`"), "{missing}");
        assert!(
            wrong(text.replace("glowplug-fuel/1", "glowplug-fuel/2")).contains("this glowplug reads `glowplug-fuel/1`")
        );
        assert!(wrong(text.replacen("[source]", "[source]\nelse = 1", 1)).contains("else"));
    }
}
