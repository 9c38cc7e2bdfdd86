//! Requests of a HAR archive (HTTP Archive 1.2), as browsers and proxies save them.

use super::TrialRequest;
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use url::form_urlencoded;

/// Headers that belong to a connection, or are made anew from the body (RFC 9110, section 7.6.1).
const OF_THE_CONNECTION: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Recorded,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
struct PostData {
    text: Option<String>,
    /// Some programs write bodies that are no text in base64, and say so here.
    encoding: Option<String>,
    /// Fields of a form, where the archive has no text.
    #[serde(default)]
    params: Vec<Pair>,
}

/// All requests of the archive, in its order.
pub fn parse(text: &str) -> Result<Vec<TrialRequest>> {
    // Some programs begin the file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let archive: Archive = serde_json::from_str(text).context("it is no HAR archive")?;
    let numbered = archive.log.entries.into_iter().enumerate();
    numbered
        .map(|(index, entry)| of_entry(entry).with_context(|| format!("entry {} cannot be sent", index + 1)))
        .collect()
}

fn of_entry(Entry { request }: Entry) -> Result<TrialRequest> {
    let Recorded { method, url, headers, post_data } = request;
    let headers = headers.into_iter().filter(|header| is_of_request(&header.name));
    let headers = headers.map(|header| (header.name, header.value)).collect();
    // A fragment stays in the browser.
    let url = url.split('#').next().unwrap_or_default();
    TrialRequest::new(&method, url, headers, post_data.map(body).transpose()?.unwrap_or_default())
}

/// Names that begin with a colon are HTTP/2's own.
fn is_of_request(name: &str) -> bool {
    !name.starts_with(':') && !OF_THE_CONNECTION.iter().any(|other| name.eq_ignore_ascii_case(other))
}

fn body(PostData { text, encoding, params }: PostData) -> Result<Bytes> {
    match (text, encoding.as_deref()) {
        (Some(text), Some("base64")) => Ok(BASE64_STANDARD.decode(text).context("the body is not base64")?.into()),
        (Some(text), _) if !text.is_empty() || params.is_empty() => Ok(text.into()),
        _ => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(params.iter().map(|pair| (&pair.name, &pair.value)));
            Ok(form.finish().into())
        }
    }
}
