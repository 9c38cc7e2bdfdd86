//! Requests as JSON lines.
//!
//! ```json
//! {"method": "POST", "url": "/items", "headers": {"content-type": "application/json"}, "body": "{}"}
//! ```

use super::TrialRequest;
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Line {
    method: Option<String>,
    /// A path with its query, or an absolute URL.
    url: String,
    /// Names with a text each, or with a list of texts.
    #[serde(default)]
    headers: Map<String, Value>,
    body: Option<String>,
    body_base64: Option<String>,
}

/// All requests of `text`; empty lines say nothing.
pub fn parse(text: &str) -> Result<Vec<TrialRequest>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| parse_line(line).with_context(|| format!("line {} is no request", index + 1))).collect()
}

fn parse_line(line: &str) -> Result<TrialRequest> {
    let Line { method, url, headers, body, body_base64 } = serde_json::from_str(line)?;
    let body = match (body, body_base64) {
        (None, None) => Bytes::new(),
        (Some(text), None) => text.into(),
        (None, Some(encoded)) => BASE64_STANDARD.decode(encoded).context("`bodyBase64` is not base64")?.into(),
        (Some(_), Some(_)) => bail!("it has both `body` and `bodyBase64`\nhint: keep one of them"),
    };
    let method = method.as_deref().unwrap_or(if body.is_empty() { "GET" } else { "POST" });
    TrialRequest::new(method, &url, flat(headers)?, body)
}

fn flat(headers: Map<String, Value>) -> Result<Vec<(String, String)>> {
    let mut flat = Vec::new();
    for (name, value) in headers {
        match value {
            Value::String(text) => flat.push((name, text)),
            Value::Array(values) => {
                for value in values {
                    let Value::String(text) = value else { bail!("the header `{name}` has a value that is no text") };
                    flat.push((name.clone(), text));
                }
            }
            _ => bail!("the header `{name}` is neither a text nor a list of texts"),
        }
    }
    Ok(flat)
}
