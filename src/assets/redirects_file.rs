//! The file `_redirects`: paths that are answered with a redirect, or with what another path has.

use super::bounds;
use super::pattern::{Pattern, PatternProblem};
use super::rule_url::{Keep, RuleUrl};
use super::settings::HtmlHandling;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;

/// One rule. The first that matches a request is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub(super) struct RedirectRule {
    /// Which paths; it has no host.
    pub(super) from: Pattern,
    /// A path, or a URL with `https://`. It may have placeholders, a query and a fragment.
    pub(super) to: String,
    /// What is done.
    pub(super) action: Action,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Answers with what the path `to` has.
    Proxy,
    /// Answers with this status and a `Location`.
    Redirect(StatusCode),
}

/// A rule as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: Pattern,
    to: String,
    status: u16,
}

/// What is wrong with a line, or a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RedirectProblem {
    TooLong,
    TooManyStatic,
    TooManyDynamic,
    Words(usize),
    FromHasHost,
    Pattern(PatternProblem),
    NotADestination(String),
    Status(String),
    Loop,
    Twice(String),
    ProxyElsewhere(String),
}

impl fmt::Display for RedirectProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the line is longer than {} characters", bounds::REDIRECT_LINE.maximum),
            Self::TooManyStatic => {
                write!(f, "there are more than {} static rules; this one is left out", bounds::STATIC_REDIRECTS.maximum)
            }
            Self::TooManyDynamic => write!(
                f,
                "there are more than {} rules with placeholders or after one with; this one and the rest are left out",
                bounds::DYNAMIC_REDIRECTS.maximum
            ),
            Self::Words(number) => write!(f, "expected `from to` or `from to status`, found {number} words"),
            Self::FromHasHost => f.write_str("a rule is for a path; it cannot have a host"),
            Self::Pattern(problem) => problem.fmt(f),
            Self::NotADestination(to) => {
                write!(f, "`{to}` cannot be the destination: it must begin with `/` or `https://`")
            }
            Self::Status(status) => {
                write!(f, "the status is `{status}`, but must be 200, 301, 302, 303, 307 or 308")
            }
            Self::Loop => f.write_str(
                "the rule would redirect for ever, since the destination is redirected back to where `index` is left out",
            ),
            Self::Twice(from) => write!(f, "there is a rule for `{from}` already"),
            Self::ProxyElsewhere(to) => {
                write!(f, "with status 200 the destination must be a path of the same site, but is `{to}`")
            }
        }
    }
}

impl RedirectRule {
    fn new(from: Pattern, to: String, status: &str) -> Result<Self, RedirectProblem> {
        if from.has_host() {
            return Err(RedirectProblem::FromHasHost);
        }
        let host = match RuleUrl::parse(&to, Keep::All) {
            RuleUrl::Path(_) => false,
            RuleUrl::Url { .. } => true,
            RuleUrl::Neither => return Err(RedirectProblem::NotADestination(to)),
        };
        let action = match status {
            "200" if host => return Err(RedirectProblem::ProxyElsewhere(to)),
            "200" => Action::Proxy,
            "301" => Action::Redirect(StatusCode::MOVED_PERMANENTLY),
            "302" => Action::Redirect(StatusCode::FOUND),
            "303" => Action::Redirect(StatusCode::SEE_OTHER),
            "307" => Action::Redirect(StatusCode::TEMPORARY_REDIRECT),
            "308" => Action::Redirect(StatusCode::PERMANENT_REDIRECT),
            _ => return Err(RedirectProblem::Status(status.to_owned())),
        };
        Ok(Self { from, to, action })
    }
}

impl TryFrom<Written> for RedirectRule {
    type Error = RedirectProblem;

    fn try_from(written: Written) -> Result<Self, RedirectProblem> {
        Self::new(written.from, written.to, &written.status.to_string())
    }
}

impl From<RedirectRule> for Written {
    fn from(rule: RedirectRule) -> Self {
        let status = match rule.action {
            Action::Proxy => StatusCode::OK,
            Action::Redirect(status) => status,
        };
        Self { from: rule.from, to: rule.to, status: status.as_u16() }
    }
}

/// How many rules from the first on are static: they can be looked up, the others are tried one by one.
pub(super) fn count_static(rules: &[RedirectRule]) -> usize {
    rules.iter().take_while(|rule| rule.from.is_static()).count()
}

/// Reads the file. What cannot be used is left out and told, with its line counted from 1.
pub(super) fn parse(text: &str, html: HtmlHandling) -> (Vec<RedirectRule>, Vec<(usize, RedirectProblem)>) {
    let mut rules: Vec<RedirectRule> = Vec::new();
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    let mut dynamic = 0;
    for (index, line) in text.lines().enumerate() {
        let (number, line) = (index + 1, line.trim());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let rule = match parse_line(line, html) {
            Ok(rule) => rule,
            Err(problem) => {
                problems.push((number, problem));
                continue;
            }
        };
        if !seen.insert(rule.from.text().to_owned()) {
            problems.push((number, RedirectProblem::Twice(rule.from.text().to_owned())));
            continue;
        }
        if dynamic == 0 && rule.from.is_static() {
            if rules.len() as u64 >= bounds::STATIC_REDIRECTS.maximum {
                problems.push((number, RedirectProblem::TooManyStatic));
                continue;
            }
        } else if dynamic >= bounds::DYNAMIC_REDIRECTS.maximum {
            problems.push((number, RedirectProblem::TooManyDynamic));
            break;
        } else {
            dynamic += 1;
        }
        rules.push(rule);
    }
    (rules, problems)
}

fn parse_line(line: &str, html: HtmlHandling) -> Result<RedirectRule, RedirectProblem> {
    if line.chars().count() as u64 > bounds::REDIRECT_LINE.maximum {
        return Err(RedirectProblem::TooLong);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let (from, to, status) = match words[..] {
        [from, to] => (from, to, "302"),
        [from, to, status] => (from, to, status),
        _ => return Err(RedirectProblem::Words(words.len())),
    };
    // A path may be written without its first slash.
    let from = match RuleUrl::parse(from, Keep::Path) {
        RuleUrl::Path(path) => path,
        RuleUrl::Url { .. } => return Err(RedirectProblem::FromHasHost),
        RuleUrl::Neither => match RuleUrl::parse(&format!("/{from}"), Keep::Path) {
            RuleUrl::Path(path) => path,
            _ => return Err(RedirectProblem::FromHasHost),
        },
    };
    let from = Pattern::new(&from).map_err(RedirectProblem::Pattern)?;
    let (to, elsewhere) = match RuleUrl::parse(to, Keep::All) {
        RuleUrl::Path(path) => (path, false),
        RuleUrl::Url { url, .. } => (url, true),
        RuleUrl::Neither => return Err(RedirectProblem::NotADestination(to.to_owned())),
    };
    let to_index = to.ends_with("/index") || to.ends_with("/index.html");
    let from_root = from.text().ends_with('/') && html != HtmlHandling::None;
    if !elsewhere && to_index && (from.text().ends_with("/*") || from_root) {
        return Err(RedirectProblem::Loop);
    }
    RedirectRule::new(from, to, status)
}
