//! `docs/openapi.json`, and whether answers are as it says.

use crate::support::Answer;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The description, with all objects closed: what is not described must not be answered.
pub struct Description {
    document: Value,
    /// Operations and statuses that were answered.
    seen: BTreeSet<(String, u16)>,
}

impl Description {
    pub fn load() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
        let mut document = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        close(&mut document);
        Self { document, seen: BTreeSet::new() }
    }

    /// Method, path with examples in place of parameters, and scope of every operation.
    pub fn operations(&self) -> Vec<(Method, String, String)> {
        let mut all = Vec::new();
        for (path, operations) in self.document["paths"].as_object().unwrap() {
            let path = path.replace("{name}", "hello").replace("{key}", "k").replace("{digest}", &"0".repeat(64));
            let path = path.replace("{id}", "000000000000");
            for (method, operation) in operations.as_object().unwrap() {
                let scope = operation["security"][0]["token"][0].as_str().unwrap_or("none");
                all.push((method.to_uppercase().parse().unwrap(), path.clone(), scope.to_owned()));
            }
        }
        all
    }

    /// Holds an answer to the description. A request that was accepted must be as described too.
    pub fn check(&mut self, method: &Method, path: &str, body: Option<&Value>, answer: &Answer) {
        let status = answer.status.as_u16();
        let operation = self.operation(method, path);
        let id = operation["operationId"].as_str().unwrap().to_owned();
        let mut response = &operation["responses"][status.to_string()];
        if let Some(reference) = response["$ref"].as_str() {
            response = self.document.pointer(&reference[1..]).unwrap();
        }
        assert!(response.is_object(), "`{id}` answered {status}, which is not described");
        if let (Some(body), true) = (body, answer.status.is_success()) {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_object() {
                self.validate(schema, body, &format!("the body of `{id}`"));
            }
        }
        match response["content"].as_object() {
            None => assert!(answer.body.is_empty(), "`{id}` {status} has a body: {:?}", answer.body),
            Some(content) => {
                let kind = answer.header("content-type").unwrap_or_default().split(';').next().unwrap();
                let described = content.get(kind);
                let described = described.unwrap_or_else(|| panic!("`{id}` answered {status} as `{kind}`"));
                match kind {
                    "application/json" => {
                        self.validate(&described["schema"], &answer.json(), &format!("`{id}` {status}"));
                    }
                    "text/plain" => self.validate(&described["schema"], &json!(answer.text()), &id),
                    _ => {}
                }
            }
        }
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let optional = ["X-Glowplug-Warning", "Glowplug-Kv-Metadata", "Glowplug-Kv-Expiration"];
            let Some(value) = answer.header(name) else {
                assert!(optional.contains(&name.as_str()), "`{id}` {status} lacks `{name}`");
                continue;
            };
            let value = match header["schema"]["type"].as_str() {
                Some("integer") => json!(value.parse::<u64>().unwrap()),
                _ => json!(value),
            };
            self.validate(&header["schema"], &value, name);
        }
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        self.seen.insert((id, status));
    }

    /// Holds a line of a stream to the description.
    pub fn check_line(&mut self, path: &str, kind: &str, line: &Value) {
        let operation = self.operation(&Method::GET, path);
        let id = operation["operationId"].as_str().unwrap().to_owned();
        self.validate(&operation["responses"]["200"]["content"][kind]["schema"], line, &id);
        self.seen.insert((id, 200));
    }

    /// Whether each operation was seen to succeed, and to be refused for more than the want of a token.
    pub fn all_seen(&self) {
        for operations in self.document["paths"].as_object().unwrap().values() {
            for operation in operations.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap();
                let mut seen = self.seen.iter().filter(|(seen, _)| seen == id).map(|(_, status)| *status);
                assert!(seen.clone().any(|status| status < 300), "`{id}` was never seen to succeed");
                let refusals = ["400", "404", "409", "422"];
                let can_be_refused = refusals.iter().any(|status| operation["responses"][*status].is_object());
                assert!(
                    !can_be_refused || seen.any(|status| refusals.contains(&status.to_string().as_str())),
                    "`{id}` was never seen to refuse"
                );
            }
        }
    }

    fn operation(&self, method: &Method, path: &str) -> Value {
        let path = path.split('?').next().unwrap();
        let mut found =
            self.document["paths"].as_object().unwrap().iter().filter(|(template, _)| matches(template, path));
        // The one with the fewest parameters is meant: `/v1/routes/explain`, `/v1/blobs/missing`.
        let (_, first) = found.by_ref().min_by_key(|(template, _)| template.matches('{').count()).expect(path);
        let operation = &first[method.as_str().to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not described");
        operation.clone()
    }

    fn validate(&self, schema: &Value, instance: &Value, what: &str) {
        let mut root = schema.clone();
        root["components"] = self.document["components"].clone();
        let validator = jsonschema::draft202012::new(&root).unwrap_or_else(|error| panic!("{what}: {error}"));
        let errors: Vec<_> =
            validator.iter_errors(instance).map(|error| format!("{} at {}", error, error.instance_path)).collect();
        assert!(errors.is_empty(), "{what} is not as described: {errors:?}\n{instance:#}");
    }
}

/// Whether a path is one of a template, whose last parameter `key` takes all that is left.
fn matches(template: &str, path: &str) -> bool {
    let (mut parts, mut template) = (path.split('/'), template.split('/'));
    loop {
        match (template.next(), parts.next()) {
            (Some("{key}"), Some(part)) => return !part.is_empty(),
            (Some(wanted), Some(part)) if wanted == part || wanted.starts_with('{') => {}
            (None, None) => return true,
            _ => return false,
        }
    }
}

/// Lets no object have members that are not described.
fn close(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) {
                members.entry("additionalProperties").or_insert(false.into());
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
