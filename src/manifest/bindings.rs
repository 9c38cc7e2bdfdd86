//! What a worker finds in its `env` besides variables: KV namespaces, other workers, its version, secrets.

use std::ops::Range;

use serde_json::Value as Json;

use super::discover;
use super::document::{Table, TableEntry, Value};
use super::reader::{At, Reader};
use super::validate::is_worker_name;
use super::{LONGEST_NAME, Position};

/// One capability in a worker's `env`, by the name it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// A KV namespace.
    Kv {
        /// The namespace; without one it is found, or made, by the names of the worker and the binding.
        id: Option<String>,
        /// The namespace that wrangler's remote development uses.
        preview_id: Option<String>,
    },
    /// Another worker, called with `fetch`.
    Service {
        /// Its name.
        worker: String,
    },
    /// The worker's own static assets.
    Assets,
    /// The version's id, tag and time.
    VersionMetadata,
}

impl Binding {
    /// Its kind in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Kv { .. } => "kv",
            Self::Service { .. } => "service",
            Self::Assets => "assets",
            Self::VersionMetadata => "version-metadata",
        }
    }
}

/// A name in `env`, and what it stands for.
#[derive(Debug)]
pub(super) struct RawBinding {
    pub name: At<String>,
    /// With an article.
    pub what: &'static str,
    /// None for what is not to be had here: it takes the name all the same.
    pub binding: Option<Binding>,
}

const KV_EXAMPLE: &str = "kv_namespaces = [{ binding = \"CACHE\" }]";
const SERVICE_EXAMPLE: &str = "services = [{ binding = \"AUTH\", service = \"auth-worker\" }]";

impl Reader<'_> {
    /// `kv_namespaces`
    pub fn kv_namespaces(&mut self, entry: TableEntry) -> Vec<RawBinding> {
        let mut bindings = Vec::new();
        for (span, table) in self.tables(entry, "kv_namespaces", KV_EXAMPLE) {
            let (mut name, mut id, mut preview_id) = (None, None, None);
            for entry in &table {
                match entry.key.as_str() {
                    "binding" => name = self.name(entry, "kv_namespaces.binding"),
                    "id" => id = self.filled(entry, "kv_namespaces.id").map(|id| id.value),
                    "preview_id" => preview_id = self.filled(entry, "kv_namespaces.preview_id").map(|id| id.value),
                    "remote" => self.not_remote(entry, "kv_namespaces.remote"),
                    _ => self.unknown(entry, "kv_namespaces.", ["binding", "id", "preview_id", "remote"]),
                }
            }
            self.required(&span, &table, "a KV namespace", "binding", KV_EXAMPLE);
            let binding = Some(Binding::Kv { id, preview_id });
            bindings.extend(name.map(|name| RawBinding { name, what: "a KV namespace", binding }));
        }
        bindings
    }

    /// `services`
    pub fn services(&mut self, entry: TableEntry) -> Vec<RawBinding> {
        let mut bindings = Vec::new();
        for (span, table) in self.tables(entry, "services", SERVICE_EXAMPLE) {
            let (mut name, mut service, mut beyond) = (None, None, Vec::new());
            for entry in &table {
                match entry.key.as_str() {
                    "binding" => name = self.name(entry, "services.binding"),
                    "service" => service = self.worker_name(entry, "services.service"),
                    "entrypoint" | "props" | "environment" if entry.node.value.is_empty() => {}
                    "entrypoint" | "props" | "environment" => beyond.push(entry),
                    "remote" => self.not_remote(entry, "services.remote"),
                    _ => self.unknown(
                        entry,
                        "services.",
                        ["binding", "service", "entrypoint", "props", "environment", "remote"],
                    ),
                }
            }
            self.required(&span, &table, "a service binding", "binding", SERVICE_EXAMPLE);
            self.required(&span, &table, "a service binding", "service", SERVICE_EXAMPLE);
            let Some(name) = name else { continue };
            for entry in &beyond {
                self.service_beyond_fetch(entry, &name.value, service.as_deref());
            }
            let binding = service.filter(|_| beyond.is_empty()).map(|worker| Binding::Service { worker });
            bindings.push(RawBinding { name, what: "a service binding", binding });
        }
        bindings
    }

    /// What a service binding may say in wrangler, and would make it another one than it is here.
    fn service_beyond_fetch(&mut self, entry: &TableEntry, name: &str, service: Option<&str>) {
        let (message, hint) = match (entry.key.as_str(), &entry.node.value) {
            ("entrypoint", value) => (
                format!(
                    "the service binding `{name}` has an `entrypoint`{}: only a worker's default export can be called, with `fetch`",
                    match value {
                        Value::String(text) => format!(", `{text}`"),
                        _ => String::new(),
                    }
                ),
                format!("remove it, and answer what `env.{name}` is asked in the other worker's `fetch`"),
            ),
            ("props", _) => (
                format!("the service binding `{name}` has `props`: the worker called cannot be given any"),
                format!("remove them, and send what they say with each request to `env.{name}`"),
            ),
            (_, value) => {
                let (service, environment) = (
                    service.unwrap_or("NAME"),
                    match value {
                        Value::String(text) => text.as_str(),
                        _ => "ENVIRONMENT",
                    },
                );
                let line = self.assignment("service", &format!("\"{service}-{environment}\""));
                (
                    format!(
                        "the service binding `{name}` has an `environment`: each environment is a worker of its own"
                    ),
                    format!("remove it, and name that worker: {line}"),
                )
            }
        };
        self.unsupported(&entry.key_span, message, Some(hint));
    }

    /// `version_metadata`
    pub fn version_metadata(&mut self, entry: TableEntry) -> Option<RawBinding> {
        let example = "version_metadata = { binding = \"VERSION\" }";
        let span = entry.node.span.clone();
        let table = self.table(entry, "version_metadata", example)?;
        let mut name = None;
        for entry in &table {
            match entry.key.as_str() {
                "binding" => name = self.name(entry, "version_metadata.binding"),
                _ => self.unknown(entry, "version_metadata.", ["binding"]),
            }
        }
        self.required(&span, &table, "`version_metadata`", "binding", example);
        Some(RawBinding { name: name?, what: "the version's metadata", binding: Some(Binding::VersionMetadata) })
    }

    /// `secrets`: the names of those that must be there.
    pub fn required_secrets(&mut self, entry: TableEntry) -> Vec<At<String>> {
        let Some(table) = self.table(entry, "secrets", "secrets = { required = [\"API_KEY\"] }") else {
            return Vec::new();
        };
        let mut names = Vec::new();
        for entry in &table {
            match entry.key.as_str() {
                "required" => names = self.strings(entry, "secrets.required"),
                _ => self.unknown(entry, "secrets.", ["required"]),
            }
        }
        for name in &names {
            self.check_identifier(name, "secrets.required");
        }
        names
    }

    /// A name in `env`.
    pub fn name(&mut self, entry: &TableEntry, key: &str) -> Option<At<String>> {
        let name = self.string(entry, key)?;
        self.check_identifier(&name, key);
        Some(name)
    }

    fn check_identifier(&mut self, name: &At<String>, key: &str) {
        if !is_identifier(&name.value) {
            let message = format!("`{key}` is {:?}, but must be a JavaScript identifier", name.value);
            let hint = as_identifier(&name.value).map(|name| format!("for example \"{name}\", found as `env.{name}`"));
            self.problem(&name.span, message, hint);
        }
    }

    pub fn worker_name(&mut self, entry: &TableEntry, key: &str) -> Option<String> {
        let At { value, span } = self.string(entry, key)?;
        if !is_worker_name(&value) {
            let message = format!(
                "`{key}` is {value:?}, but a worker's name has 1 to {LONGEST_NAME} lower-case letters, digits, `-` and `_`, not starting with `-`"
            );
            let suggestion = Some(discover::sanitised(&value)).filter(|name| !name.is_empty());
            self.problem(&span, message, suggestion.map(|name| format!("did you mean \"{name}\"?")));
        }
        Some(value)
    }

    /// A string that is not empty.
    pub fn filled(&mut self, entry: &TableEntry, key: &str) -> Option<At<String>> {
        let text = self.string(entry, key)?;
        if text.value.trim().is_empty() {
            self.problem(&text.span, format!("`{key}` is empty"), Some("fill it in, or leave it out".to_owned()));
            return None;
        }
        Some(text)
    }

    fn not_remote(&mut self, entry: &TableEntry, key: &str) {
        if self.boolean(entry, key) == Some(true) {
            self.warn(&entry.key_span, format!("`{key}` has no effect: `glowplug dev` works on data of its own"), None);
        }
    }

    /// Records that `what` lacks `field`, unless it has one of the wrong type, which has been recorded.
    pub fn required(&mut self, span: &Range<usize>, table: &Table, what: &str, field: &str, example: &str) {
        if !table.iter().any(|entry| entry.key == field) {
            self.problem(span, format!("{what} has no `{field}`"), Some(format!("for example `{example}`")));
        }
    }
}

/// Checks that every name in `env` stands for one thing. All of `taken` is in the order in which it was read.
pub(super) fn check_unique(
    reader: &mut Reader<'_>,
    vars: &[(At<String>, Json)],
    bindings: &[RawBinding],
    secrets: &[At<String>],
) {
    let vars = vars.iter().map(|(name, _)| (name, "a variable"));
    let bindings = bindings.iter().map(|binding| (&binding.name, binding.what));
    let secrets = secrets.iter().map(|name| (name, "a required secret"));
    let mut taken: Vec<(&At<String>, &str)> = vars.chain(bindings).chain(secrets).collect();
    // So that the second one in the file is the one too many.
    taken.sort_by_key(|(name, _)| name.span.start);
    for (index, (name, what)) in taken.iter().enumerate() {
        let Some((first, first_what)) = taken[..index].iter().find(|(other, _)| other.value == name.value) else {
            continue;
        };
        let line = Position::of(reader.text, first.span.start).line;
        let message = format!("`{}` is {what}, and {first_what} at line {line}", name.value);
        reader.problem(&name.span, message, Some("give each a name of its own".to_owned()));
    }
}

/// Whether JavaScript can say `env.NAME`.
fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '$'))
        && characters.all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

/// `text` with `_` for what cannot be in an identifier, if something of it is left.
fn as_identifier(text: &str) -> Option<String> {
    let replaced: String = text.trim().chars().map(|c| if is_identifier(&format!("_{c}")) { c } else { '_' }).collect();
    let name = match is_identifier(&replaced) {
        true => replaced,
        false => format!("_{replaced}"),
    };
    name.chars().any(char::is_alphanumeric).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_told_from_other_names() {
        for name in ["KV", "_x", "$", "camelCase2", "größe"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["", "1ST", "MY-KV", "a b", "a.b", "-"] {
            assert!(!is_identifier(name), "{name}");
        }
        assert_eq!(as_identifier("MY-KV").as_deref(), Some("MY_KV"));
        assert_eq!(as_identifier("1ST").as_deref(), Some("_1ST"));
        assert_eq!(as_identifier("--"), None);
    }
}
