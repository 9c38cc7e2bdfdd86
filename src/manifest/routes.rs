//! Where a worker is reached besides its own subdomain.

use super::Position;
use super::document::{Node, TableEntry, Value};
use super::reader::{At, Reader};
use crate::rate_limit::RateLimit;
use crate::route_options::{Origin, RouteOptions};

/// One route. Its pattern is as the author wrote it: what patterns there are is for the table of routes to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Not empty.
    pub pattern: String,
    /// A whole host name, all of whose paths are the worker's.
    pub custom_domain: bool,
    /// What it says of its requests.
    pub options: RouteOptions,
    /// Where the pattern is in the configuration file; none for one that came from elsewhere.
    pub position: Option<Position>,
}

const FIELDS: [&str; 10] = [
    "pattern",
    "zone_name",
    "zone_id",
    "custom_domain",
    "enabled",
    "previews_enabled",
    "cache",
    "fail_open",
    "origin",
    "rate_limit",
];
const EXAMPLE: &str = "\"example.com/api/*\"";

impl Reader<'_> {
    /// `route`: one route, the key in the singular.
    pub fn route(&mut self, entry: TableEntry) -> Option<Route> {
        if entry.node.value == Value::String(String::new()) {
            self.warn(&entry.node.span, "`route` is empty and has no effect".to_owned(), Some("remove it".to_owned()));
            return None;
        }
        let hint = match &entry.node.value {
            Value::Array(_) => Some("name it `routes`".to_owned()),
            _ => None,
        };
        self.route_of(&entry.node, "route", hint)
    }

    /// `routes`
    pub fn routes(&mut self, entry: TableEntry) -> Vec<Route> {
        let Value::Array(items) = &entry.node.value else {
            let hint = match &entry.node.value {
                Value::String(text) => {
                    format!("put it in a list: {}", self.assignment("routes", &format!("[{text:?}]")))
                }
                _ => format!("for example {}", self.assignment("routes", &format!("[{EXAMPLE}]"))),
            };
            self.wrong_type(&entry.node, "routes", "a list of routes", Some(hint));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.route_of(item, "routes", None)).collect()
    }

    fn route_of(&mut self, node: &Node, key: &str, hint: Option<String>) -> Option<Route> {
        match &node.value {
            Value::String(text) => {
                let pattern = At { value: text.clone(), span: node.span.clone() };
                self.pattern(pattern, key, false)
            }
            Value::Table(table) => {
                let (mut pattern, mut custom_domain, mut enabled) = (None, false, true);
                let mut options = RouteOptions::default();
                for entry in table {
                    let name = format!("{key}.{}", entry.key);
                    match entry.key.as_str() {
                        "pattern" => pattern = self.string(entry, &name),
                        // A server has no zones: its routes are told apart by their host names alone.
                        "zone_name" | "zone_id" => _ = self.string(entry, &name),
                        "custom_domain" => custom_domain = self.boolean(entry, &name).unwrap_or_default(),
                        "enabled" => enabled = self.boolean(entry, &name).unwrap_or(true),
                        "cache" => options.cache = self.boolean(entry, &name).unwrap_or_default(),
                        "fail_open" => options.fail_open = self.boolean(entry, &name).unwrap_or_default(),
                        "origin" => options.origin = self.origin(entry, &name),
                        "rate_limit" => options.rate_limit = self.rate_limit(entry, &name),
                        "previews_enabled" => {
                            if self.boolean(entry, &name) == Some(true) {
                                let why = "previews are reached under the server's own domain";
                                self.warn(&entry.key_span, format!("`{name}` has no effect: {why}"), None);
                            }
                        }
                        _ => self.unknown(entry, &format!("{key}."), FIELDS),
                    }
                }
                let example = format!("{{ pattern = {EXAMPLE} }}");
                self.required(&node.span, table, "a route", "pattern", &example);
                // An origin that is there and wrong is told by itself.
                if options.origin.is_some() || !table.iter().any(|entry| entry.key == "origin") {
                    for problem in options.problems() {
                        let (message, hint) = split(problem);
                        self.problem(&node.span, message, hint);
                    }
                }
                let route = self.pattern(pattern?, &format!("{key}.pattern"), custom_domain);
                let route = route.map(|route| Route { options, ..route });
                // A custom domain that is switched off is named in the file and not served.
                route.filter(|_| enabled)
            }
            _ => {
                self.wrong_type(node, key, &format!("a pattern such as {EXAMPLE}, or a table with `pattern`"), hint);
                None
            }
        }
    }

    fn origin(&mut self, entry: &TableEntry, key: &str) -> Option<Origin> {
        let At { value, span } = self.string(entry, key)?;
        value
            .parse()
            .inspect_err(|problem: &String| {
                let (message, hint) = split(problem.clone());
                self.problem(&span, message, hint);
            })
            .ok()
    }

    fn rate_limit(&mut self, entry: &TableEntry, key: &str) -> Option<RateLimit> {
        let json = self.json(&entry.node, key)?;
        let read = serde_json::from_value(json).map_err(|error| error.to_string());
        read.inspect_err(|problem| {
            let (problem, hint) = split(problem.clone());
            let usual = "for example `rate_limit = { requests = 100, window_seconds = 60, key = \"client\" }`";
            self.problem(&entry.node.span, format!("`{key}`: {problem}"), hint.or_else(|| Some(usual.to_owned())));
        })
        .ok()
    }

    fn pattern(&mut self, At { value, span }: At<String>, key: &str, custom_domain: bool) -> Option<Route> {
        if value.trim().is_empty() {
            self.problem(&span, format!("`{key}` has an empty pattern"), Some(format!("for example {EXAMPLE}")));
            return None;
        }
        Some(Route {
            pattern: value,
            custom_domain,
            options: RouteOptions::default(),
            position: Some(Position::of(self.text, span.start)),
        })
    }
}

/// A message and the hint on its next line.
fn split(problem: String) -> (String, Option<String>) {
    match problem.split_once("\nhint: ") {
        Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
        None => (problem, None),
    }
}
