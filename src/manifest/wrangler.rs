//! From a document's tree to what the file says, key by key.

use std::ops::Range;

use serde_json::Value as Json;

use super::assets::RawAssets;
use super::bindings::RawBinding;
use super::document::{Table, TableEntry, Value};
use super::keys::{self, Treatment};
use super::reader::{At, Reader};
use super::routes::Route;
use crate::cron::Cron;
use crate::limits::Settings;

const LIMITS: [&str; 4] = ["cpu_ms", "wall_ms", "memory_mb", "subrequests"];

/// What the file says, of the right types, not yet checked.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub name: Option<At<String>>,
    pub main: Option<At<String>>,
    pub compatibility_date: Option<At<String>>,
    pub compatibility_flags: Vec<At<String>>,
    pub vars: Vec<(At<String>, Json)>,
    pub secrets: Vec<At<String>>,
    pub bindings: Vec<RawBinding>,
    pub assets: Option<RawAssets>,
    pub routes: Vec<Route>,
    pub subdomain: Option<bool>,
    pub previews: Option<bool>,
    pub crons: Vec<At<String>>,
    pub tail_consumers: Vec<String>,
    pub limits: Settings,
    /// Where each of the limits is.
    pub limit_spans: Vec<(String, Range<usize>)>,
    pub rules: Vec<RawRule>,
    /// What wrangler would run first.
    pub build_command: Option<String>,
}

/// One of the `rules`.
#[derive(Debug)]
pub(super) struct RawRule {
    pub kind: At<String>,
    pub globs: Vec<String>,
}

impl Reader<'_> {
    /// Reads the keys of one environment, or of the top level. Keys that are not known have been taken out.
    pub fn read(&mut self, table: Table) -> Raw {
        let mut raw = Raw::default();
        for entry in table {
            match entry.key.as_str() {
                "name" => raw.name = self.string(&entry, "name"),
                "main" => raw.main = self.string(&entry, "main"),
                "compatibility_date" => raw.compatibility_date = self.date(&entry),
                "compatibility_flags" => raw.compatibility_flags = self.strings(&entry, "compatibility_flags"),
                "limits" => self.limits(entry, &mut raw),
                "rules" => raw.rules = self.rules(entry),
                "vars" => raw.vars = self.vars(entry),
                "secrets" => raw.secrets = self.required_secrets(entry),
                "kv_namespaces" => raw.bindings.extend(self.kv_namespaces(entry)),
                "services" => raw.bindings.extend(self.services(entry)),
                "version_metadata" => raw.bindings.extend(self.version_metadata(entry)),
                "assets" => raw.assets = self.assets(entry),
                "route" => raw.routes.extend(self.route(entry)),
                "routes" => raw.routes.extend(self.routes(entry)),
                "workers_dev" => raw.subdomain = self.boolean(&entry, "workers_dev"),
                "preview_urls" => raw.previews = self.boolean(&entry, "preview_urls"),
                "triggers" => raw.crons = self.triggers(&entry),
                "tail_consumers" => raw.tail_consumers = self.tail_consumers(entry),
                "build" => raw.build_command = self.build(&entry),
                _ => self.without_effect(&entry, &mut raw),
            }
        }
        raw
    }

    /// Keys that are ignored or refused.
    fn without_effect(&mut self, entry: &TableEntry, raw: &mut Raw) {
        if entry.node.value.says_nothing() {
            return;
        }
        let Some(key) = keys::key(&entry.key) else { return };
        match key.treatment {
            Treatment::Read => {}
            Treatment::Ignored(_) => self.ignore(&entry.key_span, key.name, None),
            Treatment::Refused { what, instead } => raw.bindings.extend(self.refused(entry, key, what, instead)),
        }
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
        let mut rules = Vec::new();
        for (span, table) in self.tables(entry, "rules", example) {
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
                None => {
                    self.problem(&span, "a rule has no `type`".to_owned(), Some(format!("for example `{example}`")))
                }
            }
        }
        rules
    }

    /// Cron triggers.
    fn triggers(&mut self, entry: &TableEntry) -> Vec<At<String>> {
        let Value::Table(table) = &entry.node.value else {
            self.wrong_type(&entry.node, "triggers", "a table", None);
            return Vec::new();
        };
        let mut crons = Vec::new();
        for entry in table {
            match (entry.key.as_str(), &entry.node.value) {
                ("crons", Value::Null) => {}
                ("crons", _) => crons = self.strings(entry, "triggers.crons"),
                _ => self.unknown(entry, "triggers.", ["crons"]),
            }
        }
        for cron in &crons {
            if let Err(why) = Cron::parse(&cron.value) {
                let message = format!("`triggers.crons` has {:?}: {why}", cron.value);
                let hint =
                    "minute, hour, day of the month, month and day of the week, such as \"*/30 * * * *\"; in UTC";
                self.problem(&cron.span, message, Some(hint.to_owned()));
            }
        }
        crons
    }

    /// Workers that are told of this one's invocations.
    fn tail_consumers(&mut self, entry: TableEntry) -> Vec<String> {
        let example = "tail_consumers = [{ service = \"logger\" }]";
        let mut consumers = Vec::new();
        for (span, table) in self.tables(entry, "tail_consumers", example) {
            for entry in &table {
                match entry.key.as_str() {
                    "service" => consumers.extend(self.worker_name(entry, "tail_consumers.service")),
                    // wrangler's environments make other workers, whose names are theirs
                    "environment" if entry.node.value.is_empty() => {}
                    "environment" => {
                        let hint = "name the worker as it is deployed: `NAME-ENVIRONMENT`";
                        self.problem(
                            &entry.key_span,
                            "`tail_consumers.environment` is not supported".to_owned(),
                            Some(hint.to_owned()),
                        );
                    }
                    _ => self.unknown(entry, "tail_consumers.", ["service", "environment"]),
                }
            }
            self.required(&span, &table, "a tail consumer", "service", example);
        }
        consumers
    }

    fn build(&mut self, entry: &TableEntry) -> Option<String> {
        let command = entry.node.get("command").map(|node| &node.value);
        let Some(Value::String(command)) = command.filter(|value| **value != Value::String(String::new())) else {
            return None;
        };
        let hint = format!("run `{command}` yourself, before glowplug");
        self.ignore(&entry.key_span, "build", Some(hint));
        Some(command.clone())
    }

    /// Warns that the key has no effect, with the reason from the table.
    fn ignore(&mut self, span: &Range<usize>, name: &str, hint: Option<String>) {
        if let Some(Treatment::Ignored(why)) = keys::key(name).map(|key| key.treatment) {
            self.warn(span, format!("`{name}` has no effect: {why}"), hint);
        }
    }

    /// A date may also be one of TOML's own.
    fn date(&mut self, entry: &TableEntry) -> Option<At<String>> {
        match &entry.node.value {
            Value::Date(text) => Some(At { value: text.clone(), span: entry.node.span.clone() }),
            _ => self.string(entry, "compatibility_date"),
        }
    }
}
