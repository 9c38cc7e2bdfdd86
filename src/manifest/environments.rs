//! Environments: one file, several workers.
//!
//! `[env.NAME]` changes what the top level says. wrangler's rules hold: some keys are inherited unless the environment
//! has its own, others are not inherited at all, and the worker's name gets `-NAME` unless the environment has one.

use std::collections::BTreeSet;

use super::document::{Table, TableEntry, Value};
use super::keys::{self, KEYS, Level};
use super::nearest;
use super::reader::{Reader, listed};

/// What the file says for one environment, or for the top level.
#[derive(Debug)]
pub(super) struct Selected {
    /// Known keys only.
    pub table: Table,
    /// All environments of the file.
    pub environments: Vec<String>,
    /// Where `name` comes from.
    pub name: NameSource,
}

/// Where a worker's name comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NameSource {
    /// The name is used as it is.
    AsWritten,
    /// The top level has it, or nobody: the environment's is appended.
    WithEnvironment(String),
}

impl Reader<'_> {
    /// Chooses from the whole file what holds in `environment`.
    pub fn select(&mut self, mut table: Table, environment: Option<&str>) -> Selected {
        let env = table.iter().position(|entry| entry.key == "env").map(|index| table.remove(index));
        let mut top = self.known_keys(table, "");
        let mut available = self.environments(env);
        let environments = available.iter().map(|entry| entry.key.clone()).collect();
        let Some(wanted) = environment else {
            return Selected { table: top, environments, name: NameSource::AsWritten };
        };
        let own = available.iter().position(|entry| entry.key == wanted).map(|index| available.remove(index));
        let Some(own) = own else {
            self.unknown_environment(wanted, &available);
            return Selected { table: top, environments, name: NameSource::AsWritten };
        };
        let TableEntry { key_span, node, .. } = own;
        let Value::Table(own) = node.value else {
            return Selected { table: top, environments, name: NameSource::AsWritten };
        };
        let prefix = format!("env.{wanted}.");
        let mut own = self.known_keys(own, &prefix);
        own.retain(|entry| {
            let fits = keys::key(&entry.key).is_some_and(|key| key.level != Level::TopOnly);
            if !fits {
                let message = format!("`{prefix}{}` has no effect: its place is the top level", entry.key);
                self.warn(&entry.key_span, message, None);
            }
            // Nothing is said by `null`: what the top level says holds.
            fits && entry.node.value != Value::Null
        });
        self.left_behind(&top, &own, wanted, &key_span);

        let names_itself = own.iter().any(|entry| entry.key == "name");
        let name = match names_itself {
            true => NameSource::AsWritten,
            false => NameSource::WithEnvironment(wanted.to_owned()),
        };
        top.retain(|entry| {
            keys::key(&entry.key).is_some_and(|key| key.level != Level::PerEnvironment)
                && !own.iter().any(|other| same_setting(&other.key, &entry.key))
        });
        top.append(&mut own);
        Selected { table: top, environments, name }
    }

    /// The entries whose keys there are; the others are warned about.
    fn known_keys(&mut self, table: Table, prefix: &str) -> Table {
        let (known, unknown): (Table, Table) = table.into_iter().partition(|entry| keys::key(&entry.key).is_some());
        for entry in unknown {
            self.unknown(&entry, prefix, KEYS.iter().map(|key| key.name));
        }
        known
    }

    /// The entries of `env` that are tables.
    fn environments(&mut self, env: Option<TableEntry>) -> Table {
        let Some(env) = env else { return Table::new() };
        if env.node.value == Value::Null {
            return Table::new();
        }
        let Some(table) = self.table(env, "env", "[env.staging]") else { return Table::new() };
        let (environments, others): (Table, Table) =
            table.into_iter().partition(|entry| matches!(entry.node.value, Value::Table(_)));
        for entry in others {
            let hint = "variables have their place in `vars`".to_owned();
            self.wrong_type(&entry.node, &format!("env.{}", entry.key), "an environment, which is a table", Some(hint));
        }
        environments
    }

    fn unknown_environment(&mut self, wanted: &str, available: &Table) {
        let names: Vec<&str> = available.iter().map(|entry| entry.key.as_str()).collect();
        let section = match self.is_toml() {
            true => format!("`[env.{wanted}]`"),
            false => format!("`\"env\": {{ \"{wanted}\": {{ }} }}`"),
        };
        let (message, hint) = match names.as_slice() {
            [] => (format!("there is no environment `{wanted}`: the file has no `env`"), format!("add {section}")),
            names => {
                let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let near = nearest(wanted, names.iter().copied());
                (
                    format!("there is no environment `{wanted}`, only {}", listed(&quoted, "and")),
                    near.map_or_else(|| format!("add {section}"), |near| format!("did you mean `{near}`?")),
                )
            }
        };
        self.problems.push(super::Problem { position: None, message, hint: Some(hint) });
    }

    /// Warns of what the top level has, and the environment has to have for itself.
    fn left_behind(&mut self, top: &Table, own: &Table, environment: &str, span: &std::ops::Range<usize>) {
        for key in KEYS.iter().filter(|key| key.level == Level::PerEnvironment) {
            let Some(above) = top.iter().find(|entry| entry.key == key.name) else { continue };
            if above.node.value.is_empty() {
                continue;
            }
            let path = format!("env.{environment}.{}", key.name);
            let Some(own) = own.iter().find(|entry| entry.key == key.name) else {
                let message = format!("`{}` of the top level does not hold in `env.{environment}`", key.name);
                self.warn(span, message, Some(format!("add `{path}`; an empty one if it is meant so")));
                continue;
            };
            if own.node.value.is_empty() {
                continue;
            }
            let own_names: BTreeSet<String> = key.names.find(&own.node).into_iter().map(|name| name.value).collect();
            let missing: Vec<String> = key
                .names
                .find(&above.node)
                .into_iter()
                .filter(|name| !own_names.contains(&name.value))
                .map(|name| format!("`{}`", name.value))
                .collect();
            if !missing.is_empty() {
                let message =
                    format!("`{path}` lacks {}, which `{}` of the top level has", listed(&missing, "and"), key.name);
                self.warn(&own.key_span, message, Some(format!("`{}` is not inherited: add what is needed", key.name)));
            }
        }
    }
}

/// `route` and `routes` are one setting: an environment that has the one does not inherit the other, or it would
/// take over what is meant for the top level's worker.
fn same_setting(a: &str, b: &str) -> bool {
    let setting = |key| if key == "route" { "routes" } else { key };
    setting(a) == setting(b)
}
