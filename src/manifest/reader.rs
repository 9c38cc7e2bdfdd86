//! Values of a document's tree, each of the type that its key wants.
//!
//! A [`Reader`] goes on after what is wrong, so that an author sees all of it at once.

use std::ops::Range;
use std::path::Path;

use serde_json::Value as Json;

use super::document::{Node, Table, TableEntry, Value};
use super::{Position, Problem, Warning, nearest};

/// A value and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// Reads a tree, keeping all that is wrong or odd.
pub(super) struct Reader<'a> {
    pub file: &'a Path,
    pub text: &'a str,
    pub problems: Vec<Problem>,
    pub unsupported: Vec<Problem>,
    pub warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    /// Has read nothing yet.
    pub fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text, problems: Vec::new(), unsupported: Vec::new(), warnings: Vec::new() }
    }
}

impl Reader<'_> {
    /// A string.
    pub fn string(&mut self, entry: &TableEntry, key: &str) -> Option<At<String>> {
        match &entry.node.value {
            Value::String(text) => Some(At { value: text.clone(), span: entry.node.span.clone() }),
            Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Date(_) => {
                let written = self.text.get(entry.node.span.clone()).unwrap_or_default();
                let hint = format!("add quotes: {}", self.assignment(&entry.key, &format!("\"{written}\"")));
                self.wrong_type(&entry.node, key, "a string", Some(hint));
                None
            }
            _ => {
                self.wrong_type(&entry.node, key, "a string", None);
                None
            }
        }
    }

    /// A list of strings; those of its items that are.
    pub fn strings(&mut self, entry: &TableEntry, key: &str) -> Vec<At<String>> {
        let Value::Array(items) = &entry.node.value else {
            let hint = match &entry.node.value {
                Value::String(text) => {
                    Some(format!("put it in a list: {}", self.assignment(&entry.key, &format!("[{text:?}]"))))
                }
                _ => None,
            };
            self.wrong_type(&entry.node, key, "a list of strings", hint);
            return Vec::new();
        };
        let mut strings = Vec::new();
        for item in items {
            match &item.value {
                Value::String(text) => strings.push(At { value: text.clone(), span: item.span.clone() }),
                _ => self.wrong_type(item, key, "a list of strings", None),
            }
        }
        strings
    }

    /// A whole number.
    pub fn whole_number(&mut self, entry: &TableEntry, key: &str) -> Option<i64> {
        let hint = match &entry.node.value {
            Value::Integer(number) => return Some(*number),
            Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => return Some(*number as i64),
            Value::String(text) if text.trim().parse::<i64>().is_ok() => {
                Some(format!("remove the quotes: {}", self.assignment(&entry.key, text.trim())))
            }
            _ => None,
        };
        self.wrong_type(&entry.node, key, "a whole number", hint);
        None
    }

    /// A table; `example` is a line that has one.
    pub fn table(&mut self, entry: TableEntry, key: &str, example: &str) -> Option<Table> {
        match entry.node.value {
            Value::Table(table) => Some(table),
            _ => {
                self.wrong_type(&entry.node, key, "a table", Some(format!("for example `{example}`")));
                None
            }
        }
    }

    /// Any value, as JSON.
    pub fn json(&mut self, node: &Node, key: &str) -> Option<Json> {
        Some(match &node.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Integer(number) => Json::from(*number),
            Value::Float(number) if number.is_finite() => Json::from(*number),
            Value::String(text) => Json::String(text.clone()),
            Value::Array(items) => Json::Array(items.iter().map(|item| self.json(item, key)).collect::<Option<_>>()?),
            Value::Table(table) => Json::Object(
                table
                    .iter()
                    .map(|entry| Some((entry.key.clone(), self.json(&entry.node, &format!("{key}.{}", entry.key))?)))
                    .collect::<Option<_>>()?,
            ),
            Value::Date(text) => {
                let hint = format!("JSON has no dates, so make it a string: \"{text}\"");
                self.wrong_type(node, key, "a string, number, boolean, list or table", Some(hint));
                return None;
            }
            Value::Float(_) => {
                self.wrong_type(node, key, "a number that JSON can hold", None);
                return None;
            }
        })
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, entry: &TableEntry, key: &str) -> Option<bool> {
        let hint = match &entry.node.value {
            Value::Bool(value) => return Some(*value),
            Value::String(text) if matches!(text.trim(), "true" | "false") => {
                Some(format!("remove the quotes: {}", self.assignment(&entry.key, text.trim())))
            }
            _ => None,
        };
        self.wrong_type(&entry.node, key, "true or false", hint);
        None
    }

    /// A string that is one of a few.
    pub fn one_of<T: Copy>(&mut self, entry: &TableEntry, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let At { value, span } = self.string(entry, key)?;
        let chosen = choices.iter().find(|(name, _)| *name == value);
        if chosen.is_none() {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let hint = nearest(&value, choices.iter().map(|(name, _)| *name));
            self.problem(
                &span,
                format!("`{key}` is {value:?}, but must be {}", listed(&names, "or")),
                hint.map(|near| format!("did you mean \"{near}\"?")),
            );
        }
        chosen.map(|(_, value)| *value)
    }

    /// A list of tables, each with the place of its item; `example` is a line that has one.
    pub fn tables(&mut self, entry: TableEntry, key: &str, example: &str) -> Vec<(Range<usize>, Table)> {
        let hint = || Some(format!("for example `{example}`"));
        let Value::Array(items) = entry.node.value else {
            self.wrong_type(&entry.node, key, "a list of tables", hint());
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match item.value {
                Value::Table(table) => tables.push((item.span, table)),
                _ => self.wrong_type(&item, key, "a list of tables", hint()),
            }
        }
        tables
    }

    /// Warns of a key that is none of the `known`.
    pub fn unknown<'k>(&mut self, entry: &TableEntry, prefix: &str, known: impl IntoIterator<Item = &'k str>) {
        let hint = nearest(&entry.key, known).map(|near| format!("did you mean `{prefix}{near}`?"));
        self.warn(&entry.key_span, format!("unknown key `{prefix}{}`", entry.key), hint);
    }

    /// Records that `node` is not what it must be.
    pub fn wrong_type(&mut self, node: &Node, key: &str, expected: &str, hint: Option<String>) {
        let message = format!("`{key}` must be {expected}, found {}", node.value.describe());
        self.problem(&node.span, message, hint);
    }

    /// `key = value` as it is written in this file.
    pub fn assignment(&self, key: &str, value: &str) -> String {
        match self.is_toml() {
            true => format!("`{key} = {value}`"),
            false => format!("`\"{key}\": {value}`"),
        }
    }

    /// Whether the file is TOML, and not JSON.
    pub fn is_toml(&self) -> bool {
        self.file.extension().is_some_and(|extension| extension == "toml")
    }

    /// Records something that stops the worker from being built.
    pub fn problem(&mut self, span: &Range<usize>, message: String, hint: Option<String>) {
        let position = Some(Position::of(self.text, span.start));
        self.problems.push(Problem { position, message, hint });
    }

    /// Records something that the worker needs and does not get here.
    pub fn unsupported(&mut self, span: &Range<usize>, message: String, hint: Option<String>) {
        let position = Some(Position::of(self.text, span.start));
        self.unsupported.push(Problem { position, message, hint });
    }

    /// Records something that is only odd.
    pub fn warn(&mut self, span: &Range<usize>, message: String, hint: Option<String>) {
        let position = Some(Position::of(self.text, span.start));
        self.warnings.push(Warning { file: self.file.to_owned(), position, message, hint });
    }
}

/// `a, b or c`.
pub(super) fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., end] => format!("{} {last} {end}", words.join(", ")),
    }
}
