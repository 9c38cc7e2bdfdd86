//! The file `_headers`: which headers answers get, by path.

use super::bounds;
use super::pattern::{Pattern, PatternProblem};
use super::rule_url::{Keep, RuleUrl};
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What marks a header to be removed.
const REMOVE: &str = "! ";

/// Headers that state how a message is framed; a rule that could set them could break connections.
const FRAMING: &[&str] = &[
    "connection",
    "content-length",
    "content-range",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers for the answers of some paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderRule {
    /// Which paths.
    pub(super) path: Pattern,
    /// Removed first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unset: Vec<Name>,
    /// Added then. Values may have placeholders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) set: Vec<(Name, Value)>,
}

/// The name of a header that a rule may touch, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Name(pub(super) HeaderName);

/// A value of a header, with placeholders not filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Value(pub(super) String);

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeaderProblem {
    TooLong,
    TooManyRules,
    NotAUrl,
    HasPort,
    Pattern(PatternProblem),
    NoHeaders(String),
    NoRule,
    NotAHeader,
    BadName(String),
    Framing(String),
    NoValue(String),
    BadValue(String),
}

impl fmt::Display for HeaderProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the line is longer than {} characters", bounds::HEADER_LINE.maximum),
            Self::TooManyRules => {
                write!(
                    f,
                    "there are more than {} rules; this one and the rest are left out",
                    bounds::HEADER_RULES.maximum
                )
            }
            Self::NotAUrl => f.write_str("a rule is for a path that begins with `/`, or a URL with `https://`"),
            Self::HasPort => f.write_str("the host of a rule cannot have a port"),
            Self::Pattern(problem) => problem.fmt(f),
            Self::NoHeaders(path) => write!(f, "the rule for `{path}` has no headers"),
            Self::NoRule => f.write_str("a header must come after the path it is for"),
            Self::NotAHeader => f.write_str("expected `name: value`, or `! name` to remove a header"),
            Self::BadName(name) => write!(f, "`{name}` cannot be the name of a header"),
            Self::Framing(name) => write!(f, "`{name}` is set by the server alone"),
            Self::NoValue(name) => write!(f, "the header `{name}` has no value"),
            Self::BadValue(name) => write!(f, "the value of `{name}` has a control character"),
        }
    }
}

impl TryFrom<String> for Name {
    type Error = HeaderProblem;

    fn try_from(text: String) -> Result<Self, HeaderProblem> {
        let name = HeaderName::from_bytes(text.as_bytes()).map_err(|_| HeaderProblem::BadName(text.clone()))?;
        if FRAMING.contains(&name.as_str()) { Err(HeaderProblem::Framing(text)) } else { Ok(Self(name)) }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.as_str().to_owned()
    }
}

impl TryFrom<String> for Value {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        // Placeholders are filled in with parts of URLs, which have no control characters.
        match HeaderValue::from_bytes(text.as_bytes()) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err("the value of a header has a control character"),
        }
    }
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        value.0
    }
}

/// Reads the file. What cannot be used is left out and told, with its line counted from 1.
///
/// Of two rules with the same path, the second stands in the place of the first.
pub(super) fn parse(text: &str) -> (Vec<HeaderRule>, Vec<(usize, HeaderProblem)>) {
    let mut file = HeadersFile { rules: Vec::new(), problems: Vec::new(), open: None };
    for (index, line) in text.lines().enumerate() {
        let (number, line) = (index + 1, line.trim());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.chars().count() as u64 > bounds::HEADER_LINE.maximum {
            file.problems.push((number, HeaderProblem::TooLong));
        } else if looks_like_url(line) {
            file.close();
            if file.rules.len() as u64 >= bounds::HEADER_RULES.maximum {
                file.problems.push((number, HeaderProblem::TooManyRules));
                break;
            }
            file.open_rule(number, line);
        } else if let Err(problem) = file.header(line) {
            file.problems.push((number, problem));
        }
    }
    file.close();
    (file.rules, file.problems)
}

struct HeadersFile {
    rules: Vec<HeaderRule>,
    problems: Vec<(usize, HeaderProblem)>,
    /// The rule that headers are added to, and its line.
    open: Option<(usize, HeaderRule)>,
}

impl HeadersFile {
    fn open_rule(&mut self, number: usize, line: &str) {
        let path = match RuleUrl::parse(line, Keep::Path) {
            RuleUrl::Path(path) => Pattern::new(&path).map_err(HeaderProblem::Pattern),
            RuleUrl::Url { port: true, .. } => Err(HeaderProblem::HasPort),
            RuleUrl::Url { url, .. } => Pattern::new(&url).map_err(HeaderProblem::Pattern),
            RuleUrl::Neither => Err(HeaderProblem::NotAUrl),
        };
        match path {
            Ok(path) => self.open = Some((number, HeaderRule { path, unset: Vec::new(), set: Vec::new() })),
            Err(problem) => self.problems.push((number, problem)),
        }
    }

    /// Ends the open rule.
    fn close(&mut self) {
        let Some((number, rule)) = self.open.take() else { return };
        if rule.set.is_empty() && rule.unset.is_empty() {
            self.problems.push((number, HeaderProblem::NoHeaders(rule.path.text().to_owned())));
        } else if let Some(same) = self.rules.iter_mut().find(|other| other.path == rule.path) {
            *same = rule;
        } else {
            self.rules.push(rule);
        }
    }

    fn header(&mut self, line: &str) -> Result<(), HeaderProblem> {
        let Some((name, value)) = line.split_once(':') else {
            let name = line.strip_prefix(REMOVE);
            let Some((_, rule)) = &mut self.open else { return Err(HeaderProblem::NoRule) };
            let name = name.ok_or(HeaderProblem::NotAHeader)?.trim();
            rule.unset.push(Name::try_from(name.to_owned())?);
            return Ok(());
        };
        let (name, value) = (name.trim(), value.trim());
        let Some((_, rule)) = &mut self.open else { return Err(HeaderProblem::NoRule) };
        let name = Name::try_from(name.to_owned())?;
        if value.is_empty() {
            return Err(HeaderProblem::NoValue(name.into()));
        }
        let value = Value::try_from(value.to_owned()).map_err(|_| HeaderProblem::BadValue(name.clone().into()))?;
        match rule.set.iter_mut().find(|(other, _)| *other == name) {
            Some((_, values)) => {
                values.0.push_str(", ");
                values.0.push_str(&value.0);
            }
            None => rule.set.push((name, value)),
        }
        Ok(())
    }
}

/// Whether a line is the start of a rule: a slash first, or `scheme://` ahead of any space.
fn looks_like_url(line: &str) -> bool {
    let word = line.split(char::is_whitespace).next().unwrap_or_default();
    line.starts_with('/') || word.find("://").is_some_and(|at| at > 0)
}
