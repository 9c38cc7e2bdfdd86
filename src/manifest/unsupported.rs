//! Keys that a worker would not run right without, and that are not to be had here.
//!
//! ## Why
//! To go on without them would only move the error: from deploying to the first request that needs the binding.
//! `dev` goes on all the same, since most of a worker can be worked on without.

use super::bindings::RawBinding;
use super::document::{Node, TableEntry, Value};
use super::keys::{Key, Names};
use super::reader::Reader;

/// Values that wrangler has when nothing is said. Tools that generate configurations write them out.
const DEFAULTS: [(&str, &str); 2] = [("jsx_factory", "React.createElement"), ("jsx_fragment", "React.Fragment")];

impl Reader<'_> {
    /// Records each binding of a key that is refused, or the key itself. Gives back the names that are taken by it.
    pub fn refused(&mut self, entry: &TableEntry, key: &Key, what: &'static str, instead: &str) -> Vec<RawBinding> {
        if key.names == Names::Nowhere {
            if DEFAULTS.contains(&(key.name, entry.node.value.text().unwrap_or_default())) {
                return Vec::new();
            }
            let hint = self.replacement(entry).or_else(|| Some(instead.to_owned()).filter(|text| !text.is_empty()));
            self.unsupported(&entry.key_span, format!("`{}` is not supported: {what}", key.name), hint);
            return Vec::new();
        }
        let names = key.names.find(&entry.node);
        if names.is_empty() {
            self.without_names(entry, key, what);
        }
        for name in &names {
            let hint = match instead.is_empty() {
                true => format!("remove the binding and what uses `env.{}`", name.value),
                false => format!("remove the binding; {instead}"),
            };
            let message = format!("`{}` is {what} (`{}`), which glowplug does not have", name.value, key.name);
            self.unsupported(&name.span, message, Some(hint));
        }
        names.into_iter().map(|name| RawBinding { name, what, binding: None }).collect()
    }

    /// A kind of binding with no name in it: consumers of queues, or something that is written wrongly.
    fn without_names(&mut self, entry: &TableEntry, key: &Key, what: &str) {
        let list = match key.names {
            Names::Within(list, _) => entry.node.get(list),
            _ => Some(&entry.node),
        };
        if list.is_none_or(|list| list.value.says_nothing()) {
            self.warn(&entry.key_span, format!("`{}` has no effect: glowplug has no such thing", key.name), None);
        } else {
            let message = format!("`{}` names {what}, which glowplug does not have", key.name);
            self.unsupported(&entry.key_span, message, Some("remove it".to_owned()));
        }
    }

    /// The lines that stand for static assets of older kinds.
    fn replacement(&self, entry: &TableEntry) -> Option<String> {
        let folder = |node: Option<&Node>| node.and_then(|node| node.value.text()).unwrap_or("./public").to_owned();
        let (folder, binding, more) = match entry.key.as_str() {
            "site" => (
                folder(entry.node.get("bucket")),
                Some("ASSETS"),
                ", and in the script `env.ASSETS.fetch(request)` for `@cloudflare/kv-asset-handler`",
            ),
            "pages_build_output_dir" => (
                folder(Some(&entry.node)),
                None,
                ", with `main` for the script that `functions/` is compiled to, if there is one",
            ),
            _ => return None,
        };
        let line = match (self.is_toml(), binding) {
            (true, Some(binding)) => format!("`assets = {{ directory = {folder:?}, binding = {binding:?} }}`"),
            (true, None) => format!("`assets = {{ directory = {folder:?} }}`"),
            (false, Some(binding)) => {
                format!("`\"assets\": {{ \"directory\": {folder:?}, \"binding\": {binding:?} }}`")
            }
            (false, None) => format!("`\"assets\": {{ \"directory\": {folder:?} }}`"),
        };
        Some(format!("replace it by {line}{more}"))
    }
}

impl Value {
    fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}
