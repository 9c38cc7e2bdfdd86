//! Wrangler's schema: which keys there are, and reading them from a document's tree.

use std::ops::Range;
use std::path::Path;

use serde_json::Value as Json;

use super::document::{Node, Table, TableEntry, Value};
use super::{Position, Problem, Warning, nearest};
use crate::limits::Settings;

/// The keys that are read.
const USED: [&str; 8] =
    ["name", "main", "compatibility_date", "compatibility_flags", "vars", "limits", "rules", "$schema"];

const LIMITS: [&str; 4] = ["cpu_ms", "wall_ms", "memory_mb", "subrequests"];

/// Wrangler's other keys.
const NOT_USED: [&str; 86] = [
    "account_id",
    "ai",
    "ai_search",
    "ai_search_namespaces",
    "alias",
    "analytics_engine_datasets",
    "artifacts",
    "assets",
    "base_dir",
    "browser",
    "build",
    "cloudchamber",
    "compliance_region",
    "containers",
    "d1_databases",
    "data_blobs",
    "define",
    "dev",
    "dispatch_namespaces",
    "durable_objects",
    "env",
    "find_additional_modules",
    "first_party_worker",
    "flagship",
    "hyperdrive",
    "images",
    "jsx_factory",
    "jsx_fragment",
    "keep_names",
    "keep_vars",
    "kv_namespaces",
    "legacy_env",
    "logfwdr",
    "logpush",
    "media",
    "migrations",
    "minify",
    "mtls_certificates",
    "no_bundle",
    "node_compat",
    "observability",
    "pages_build_output_dir",
    "pipelines",
    "placement",
    "preserve_file_names",
    "preview_urls",
    "previews",
    "python_modules",
    "queues",
    "r2_buckets",
    "ratelimits",
    "route",
    "routes",
    "secrets",
    "secrets_store_secrets",
    "send_email",
    "send_metrics",
    "services",
    "site",
    "stream",
    "streaming_tail_consumers",
    "tail_consumers",
    "text_blobs",
    "triggers",
    "tsconfig",
    "type",
    "unsafe",
    "unsafe_hello_world",
    "upload_source_maps",
    "usage_model",
    "vectorize",
    "version_metadata",
    "vpc_networks",
    "vpc_services",
    "wasm_modules",
    "webpack_config",
    "worker_loaders",
    "workers_dev",
    "workflows",
    "zone_id",
    "configPath",
    "userConfigPath",
    "topLevelName",
    "miniflare",
    "polyfills",
    "entry-point",
];

/// A value and where it is.
#[derive(Debug)]
pub(super) struct At<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// What the file says, of the right types, not yet checked.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub name: Option<At<String>>,
    pub main: Option<At<String>>,
    pub compatibility_date: Option<At<String>>,
    pub compatibility_flags: Vec<At<String>>,
    pub vars: Vec<(At<String>, Json)>,
    pub limits: Settings,
    /// Where each of the limits is.
    pub limit_spans: Vec<(String, Range<usize>)>,
    pub rules: Vec<RawRule>,
}

/// One of the `rules`.
#[derive(Debug)]
pub(super) struct RawRule {
    pub kind: At<String>,
    pub globs: Vec<String>,
}

/// Reads a tree, keeping all that is wrong or odd.
pub(super) struct Reader<'a> {
    pub file: &'a Path,
    pub text: &'a str,
    pub problems: Vec<Problem>,
    pub warnings: Vec<Warning>,
}

impl Reader<'_> {
    /// Reads the top of the file.
    pub fn read(&mut self, table: Table) -> Raw {
        let mut raw = Raw::default();
        for entry in table {
            match entry.key.as_str() {
                "name" => raw.name = self.string(&entry, "name"),
                "main" => raw.main = self.string(&entry, "main"),
                "compatibility_date" => raw.compatibility_date = self.date(&entry),
                "compatibility_flags" => raw.compatibility_flags = self.strings(&entry, "compatibility_flags"),
                "vars" => raw.vars = self.vars(entry),
                "limits" => self.limits(entry, &mut raw),
                "rules" => raw.rules = self.rules(entry),
                "$schema" => {}
                "env" => self.ignored_environments(&entry),
                other if NOT_USED.contains(&other) => {
                    let message = format!("`{other}` has no effect yet");
                    self.warn(&entry.key_span, message, None);
                }
                _ => self.unknown(&entry, "", USED.iter().chain(&NOT_USED).copied()),
            }
        }
        raw
    }

    fn vars(&mut self, entry: TableEntry) -> Vec<(At<String>, Json)> {
        let Some(table) = self.table(entry, "vars", "vars = { NAME = \"value\" }") else { return Vec::new() };
        let mut vars = Vec::new();
        for entry in table {
            let key = format!("vars.{}", entry.key);
            if let Some(json) = self.json(&entry.node, &key) {
                vars.push((At { value: entry.key, span: entry.key_span }, json));
            }
        }
        vars
    }

    fn limits(&mut self, entry: TableEntry, raw: &mut Raw) {
        let Some(table) = self.table(entry, "limits", "limits = { cpu_ms = 50 }") else { return };
        for entry in table {
            let setting = match entry.key.as_str() {
                "cpu_ms" => &mut raw.limits.cpu_ms,
                "wall_ms" => &mut raw.limits.wall_ms,
                "memory_mb" => &mut raw.limits.memory_mb,
                "subrequests" => &mut raw.limits.subrequests,
                _ => {
                    self.unknown(&entry, "limits.", LIMITS);
                    continue;
                }
            };
            let key = format!("limits.{}", entry.key);
            *setting = self.whole_number(&entry, &key);
            raw.limit_spans.push((key, entry.node.span));
        }
    }

    fn rules(&mut self, entry: TableEntry) -> Vec<RawRule> {
        let example = "rules = [{ type = \"Text\", globs = [\"**/*.md\"] }]";
        let Value::Array(items) = entry.node.value else {
            self.wrong_type(&entry.node, "rules", "a list", Some(example.to_owned()));
            return Vec::new();
        };
        let mut rules = Vec::new();
        for item in items {
            let Value::Table(table) = item.value else {
                self.wrong_type(&item, "rules", "a list of tables", Some(example.to_owned()));
                continue;
            };
            let (mut kind, mut globs) = (None, Vec::new());
            for entry in &table {
                match entry.key.as_str() {
                    "type" => kind = self.string(entry, "rules.type"),
                    "globs" => globs = self.strings(entry, "rules.globs").into_iter().map(|glob| glob.value).collect(),
                    "fallthrough" => {}
                    _ => self.unknown(entry, "rules.", ["type", "globs", "fallthrough"]),
                }
            }
            match kind {
                Some(kind) => rules.push(RawRule { kind, globs }),
                None if table.iter().any(|entry| entry.key == "type") => {}
                None => self.problem(&item.span, "a rule has no `type`".to_owned(), Some(example.to_owned())),
            }
        }
        rules
    }

    fn ignored_environments(&mut self, entry: &TableEntry) {
        let names: Vec<String> = match &entry.node.value {
            Value::Table(table) => table.iter().map(|entry| format!("`{}`", entry.key)).collect(),
            _ => Vec::new(),
        };
        let message = match names.is_empty() {
            true => "`env` has no effect yet".to_owned(),
            false => format!("`env` has no effect yet: the top level is used, not {}", names.join(", ")),
        };
        self.warn(&entry.key_span, message, None);
    }

    fn string(&mut self, entry: &TableEntry, key: &str) -> Option<At<String>> {
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

    /// A date may also be one of TOML's own.
    fn date(&mut self, entry: &TableEntry) -> Option<At<String>> {
        match &entry.node.value {
            Value::Date(text) => Some(At { value: text.clone(), span: entry.node.span.clone() }),
            _ => self.string(entry, "compatibility_date"),
        }
    }

    fn strings(&mut self, entry: &TableEntry, key: &str) -> Vec<At<String>> {
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

    fn whole_number(&mut self, entry: &TableEntry, key: &str) -> Option<i64> {
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

    fn table(&mut self, entry: TableEntry, key: &str, example: &str) -> Option<Table> {
        match entry.node.value {
            Value::Table(table) => Some(table),
            _ => {
                self.wrong_type(&entry.node, key, "a table", Some(format!("for example `{example}`")));
                None
            }
        }
    }

    fn json(&mut self, node: &Node, key: &str) -> Option<Json> {
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

    fn unknown<'k>(&mut self, entry: &TableEntry, prefix: &str, known: impl IntoIterator<Item = &'k str>) {
        let hint = nearest(&entry.key, known).map(|near| format!("did you mean `{prefix}{near}`?"));
        self.warn(&entry.key_span, format!("unknown key `{prefix}{}`", entry.key), hint);
    }

    fn wrong_type(&mut self, node: &Node, key: &str, expected: &str, hint: Option<String>) {
        let message = format!("`{key}` must be {expected}, found {}", node.value.describe());
        self.problem(&node.span, message, hint);
    }

    /// `key = value` as it is written in this file.
    fn assignment(&self, key: &str, value: &str) -> String {
        match self.file.extension().is_some_and(|extension| extension == "toml") {
            true => format!("`{key} = {value}`"),
            false => format!("`\"{key}\": {value}`"),
        }
    }

    /// Records something that stops the worker from being built.
    pub fn problem(&mut self, span: &Range<usize>, message: String, hint: Option<String>) {
        let position = Some(Position::of(self.text, span.start));
        self.problems.push(Problem { position, message, hint });
    }

    /// Records something that is only odd.
    pub fn warn(&mut self, span: &Range<usize>, message: String, hint: Option<String>) {
        let position = Some(Position::of(self.text, span.start));
        self.warnings.push(Warning { file: self.file.to_owned(), position, message, hint });
    }
}
