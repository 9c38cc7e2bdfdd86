//! What a version is to be, as a client asks for it, and the checks that need nothing else.

use super::Error;
use super::version::{Artifact, Assets, Binding};
use super::worker::WorkerName;
use crate::cron::Cron;
use crate::limits::{self, Limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Characters of a message.
const LONGEST_MESSAGE: usize = 1_000;
/// Characters of a tag, a name, a date or a flag.
const LONGEST_WORD: usize = 128;
/// Number of compatibility flags.
const MOST_FLAGS: usize = 100;
/// Number of cron triggers, and of tail consumers.
const MOST_TRIGGERS: usize = 100;

/// A version to be made. Its blobs are stored already.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// The component, as whoever checked it found it. None for a worker that has static assets only.
    #[serde(default)]
    pub artifact: Option<Artifact>,
    /// Plain variables.
    #[serde(default)]
    pub vars: BTreeMap<String, serde_json::Value>,
    /// Everything else in its `env`, by name.
    #[serde(default)]
    pub bindings: BTreeMap<String, Binding>,
    #[serde(default)]
    pub assets: Option<Assets>,
    #[serde(default)]
    pub limits: limits::Settings,
    #[serde(default)]
    pub compatibility_date: String,
    #[serde(default)]
    pub compatibility_flags: Vec<String>,
    /// Cron expressions, in UTC.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crons: Vec<String>,
    /// Workers that are told of its invocations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tail_consumers: Vec<WorkerName>,
    /// Secrets that must be set before it can be made.
    #[serde(default)]
    pub required_secrets: Vec<String>,
    /// What its author says of it; up to 1,000 characters.
    #[serde(default)]
    pub message: String,
    /// A short name; up to 128 characters.
    #[serde(default)]
    pub tag: String,
}

impl NewVersion {
    /// All that is wrong with it in itself.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.artifact.is_none() && self.assets.is_none() {
            problems.push("a version has a component, static assets, or both; this one has neither".to_owned());
        }
        self.check_vars(&mut problems);
        self.check_bindings(&mut problems);
        if let Err(wrong) = Limits::new(&self.limits) {
            problems.extend(wrong.iter().map(ToString::to_string));
        }
        let mut longest = |what: &str, text: &str, most: usize| {
            if text.chars().count() > most || (most == LONGEST_WORD && text.chars().any(char::is_control)) {
                problems.push(format!("{what} has more than {most} characters, or control characters"));
            }
        };
        longest("the message", &self.message, LONGEST_MESSAGE);
        longest("the tag", &self.tag, LONGEST_WORD);
        longest("`compatibility_date`", &self.compatibility_date, LONGEST_WORD);
        for flag in &self.compatibility_flags {
            longest("a compatibility flag", flag, LONGEST_WORD);
        }
        if self.compatibility_flags.len() > MOST_FLAGS {
            problems.push(format!("there are more than {MOST_FLAGS} compatibility flags"));
        }
        self.check_events(&mut problems);
        problems
    }

    fn check_events(&self, problems: &mut Vec<String>) {
        for cron in &self.crons {
            if let Err(why) = Cron::parse(cron) {
                problems.push(format!("the cron expression `{}` cannot be read: {why}", shown(cron)));
            }
        }
        for (what, count) in [("cron triggers", self.crons.len()), ("tail consumers", self.tail_consumers.len())] {
            if count > MOST_TRIGGERS {
                problems.push(format!("there are {count} {what}, more than the {MOST_TRIGGERS} allowed"));
            }
        }
    }

    fn check_vars(&self, problems: &mut Vec<String>) {
        let most = limits::VARIABLES.maximum;
        if self.vars.len() as u64 > most {
            problems.push(format!("there are {} variables, more than the {most} allowed", self.vars.len()));
        }
        for (name, value) in &self.vars {
            if !is_name(name) {
                problems.push(format!("a variable is named `{}`\nhint: {NAME_HINT}", shown(name)));
            }
            let size = value.to_string().len() as u64;
            if size > limits::VARIABLE.maximum {
                let most = limits::VARIABLE.maximum;
                problems.push(format!("variable `{}` has {size} bytes, more than the {most} allowed", shown(name)));
            }
        }
    }

    fn check_bindings(&self, problems: &mut Vec<String>) {
        let most = limits::VARIABLES.maximum;
        if self.bindings.len() as u64 > most {
            problems.push(format!("there are {} bindings, more than the {most} allowed", self.bindings.len()));
        }
        for (name, binding) in &self.bindings {
            if !is_identifier(name) {
                problems.push(format!("a binding is named `{}`\nhint: {IDENTIFIER_HINT}", shown(name)));
            }
            if self.vars.contains_key(name) {
                problems.push(format!("`{name}` is both a variable and a binding\nhint: rename one of them"));
            }
            if *binding == Binding::Assets && self.assets.is_none() {
                let hint = "set `assets.directory`, or remove the binding";
                problems.push(format!("binding `{name}` is for static assets, but the version has none\nhint: {hint}"));
            }
        }
    }
}

/// Refuses a deployment's message that is too long.
pub(super) fn check_message(message: &str) -> Result<(), Error> {
    match message.chars().count() > LONGEST_MESSAGE {
        true => Err(Error::invalid(format!("the message has more than {LONGEST_MESSAGE} characters"))),
        false => Ok(()),
    }
}

/// What to do about a wrong name of a secret or a binding.
pub(super) const IDENTIFIER_HINT: &str = "it must be a JavaScript identifier: letters, digits, `_` and `$`, \
    not starting with a digit, and up to 128 of them";

const NAME_HINT: &str = "it must have 1 to 128 characters, and no control characters";

/// Whether a name can be written as `env.NAME`, and is of a usual length.
pub(super) fn is_identifier(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '$'));
    first && is_name(name) && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

/// Variables may have names that are written as `env["NAME"]`, since wrangler lets them.
fn is_name(name: &str) -> bool {
    (1..=LONGEST_WORD).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Text from outside as a message shows it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(LONGEST_WORD).flat_map(char::escape_debug).collect()
}
