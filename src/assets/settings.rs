//! How an author wants paths answered: the `assets` table of a manifest.

use super::bounds;
use super::error::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashSet;

/// How paths are answered. Names and values in JSON and TOML are wrangler's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// At which URL an HTML file is served.
    pub html_handling: HtmlHandling,
    /// What a path without a file gets.
    pub not_found_handling: NotFoundHandling,
    /// Which paths go to the worker, even when there is a file.
    pub run_worker_first: WorkerFirst,
}

/// At which URL an HTML file is served; its other URLs are redirected there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HtmlHandling {
    /// `/page.html` at `/page`, `/folder/index.html` at `/folder/`.
    #[default]
    AutoTrailingSlash,
    /// Both with a slash at the end.
    ForceTrailingSlash,
    /// Both without a slash at the end.
    DropTrailingSlash,
    /// Each file at its own path only.
    None,
}

/// What a path without a file gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotFoundHandling {
    /// 404 and nothing else.
    #[default]
    #[serde(rename = "none")]
    None,
    /// 404 with the nearest `404.html`, from the path's folder upwards.
    #[serde(rename = "404-page")]
    NotFoundPage,
    /// 200 with `/index.html`.
    #[serde(rename = "single-page-application")]
    SinglePageApplication,
}

/// Which paths go to the worker before assets are looked at. In JSON and TOML: `false`, `true`, or a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WorkerFirst {
    /// None.
    #[default]
    Never,
    /// All.
    Always,
    /// Those that match one of the rules, unless one with `!` in front matches: then assets alone answer. A rule
    /// begins with `/`, and `*` stands for any text.
    Paths(Vec<String>),
}

/// What [`WorkerFirst`] says of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The worker, and nothing else.
    Worker,
    /// Assets, and nothing else.
    Assets,
    /// Assets, and the worker when they have nothing.
    AssetsThenWorker,
}

impl Settings {
    /// Refuses rules of `run_worker_first` that cannot be.
    pub(super) fn check(&self) -> Result<(), Error> {
        let problems = self.run_worker_first.problems();
        if problems.is_empty() { Ok(()) } else { Err(Error::WorkerFirst { problems }) }
    }
}

impl WorkerFirst {
    /// What to do with the normalised `path`.
    pub(super) fn order(&self, path: &str) -> Order {
        match self {
            Self::Never => Order::AssetsThenWorker,
            Self::Always => Order::Worker,
            Self::Paths(rules) => {
                let matches = |rule: &str| glob_matches(rule, path);
                if rules.iter().filter_map(|rule| rule.strip_prefix('!')).any(matches) {
                    Order::Assets
                } else if rules.iter().any(|rule| matches(rule)) {
                    Order::Worker
                } else {
                    Order::AssetsThenWorker
                }
            }
        }
    }

    /// All that is wrong with the rules.
    fn problems(&self) -> Vec<String> {
        let Self::Paths(rules) = self else { return Vec::new() };
        let mut problems = Vec::new();
        if rules.is_empty() {
            problems.push("the list has no rule".to_owned());
        } else if rules.iter().all(|rule| rule.starts_with('!')) {
            problems.push("there are rules with `!` only, so the worker would never run first".to_owned());
        }
        if rules.len() as u64 > bounds::WORKER_FIRST_RULES.maximum {
            let limit = bounds::WORKER_FIRST_RULES.maximum;
            problems.push(format!("there are {} rules, but {limit} is the most", rules.len()));
            return problems;
        }
        let mut seen = HashSet::new();
        for rule in rules {
            if !rule.strip_prefix('!').unwrap_or(rule).starts_with('/') {
                problems.push(format!("`{rule}` must begin with `/` or `!/`"));
            }
            if rule.chars().count() as u64 > bounds::WORKER_FIRST_RULE.maximum {
                let limit = bounds::WORKER_FIRST_RULE.maximum;
                problems.push(format!("`{rule}` is longer than {limit} characters"));
            }
            if !seen.insert(rule) {
                problems.push(format!("`{rule}` is there twice"));
            }
            // `!` is part of the text, so rules of one kind are compared with their own kind only.
            let covering = rules
                .iter()
                .find(|other| *other != rule && other.strip_suffix('*').is_some_and(|start| rule.starts_with(start)));
            if let Some(covering) = covering {
                problems.push(format!("`{rule}` has no effect, since `{covering}` covers it"));
            }
        }
        problems
    }
}

impl Serialize for WorkerFirst {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_bool(false),
            Self::Always => serializer.serialize_bool(true),
            Self::Paths(rules) => rules.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for WorkerFirst {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "`run_worker_first` must be true, false or a list of texts")]
        enum Written {
            Switch(bool),
            Rules(Vec<String>),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Switch(false) => Self::Never,
            Written::Switch(true) => Self::Always,
            Written::Rules(rules) => Self::Paths(rules),
        })
    }
}

/// Whether `glob`, in which `*` stands for any text, is all of `text`.
fn glob_matches(glob: &str, text: &str) -> bool {
    let Some((start, rest)) = glob.split_once('*') else { return glob == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    // The first place a part fits leaves the most for those after it.
    for part in parts {
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let cases = [
            ("/api/*", "/api/", true),
            ("/api/*", "/api/a/b", true),
            ("/api/*", "/api", false),
            ("/*.html", "/a/b.html", true),
            ("/*.html", "/a/b.htm", false),
            ("/a*b*c", "/abc", true),
            ("/a*b*c", "/a-b-b-c", true),
            ("/a*b*c", "/acb", false),
            ("/a**", "/a", true),
            ("/ab*ba", "/aba", false),
            ("/a.c", "/abc", false),
            ("/exact", "/exact", true),
        ];
        for (glob, text, expected) in cases {
            assert_eq!(glob_matches(glob, text), expected, "{glob} on {text}");
        }
    }
}
