//! The files of the tests' folder that a test fetches: there is no server to ask, so they are in the worker.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::suite::{Test, resolve};

/// Extensions of files that tests fetch, and the types that the tests' own server gives them.
const TYPES: &[(&str, &str)] = &[
    ("bin", "application/octet-stream"),
    ("gif", "image/gif"),
    ("idl", "text/plain"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("vtt", "text/vtt"),
    ("wasm", "application/wasm"),
    ("webm", "video/webm"),
];

/// Bytes of the largest file that goes into a worker.
const LARGEST: u64 = 4 << 20;

/// One file, as `worker.js` reads it.
#[derive(Debug, Serialize)]
pub struct File {
    #[serde(rename = "type")]
    mime_type: &'static str,
    #[serde(flatten)]
    content: Content,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    Text(String),
    Base64(String),
}

/// The files whose names stand in quotes somewhere in `scripts`, by their paths on the tests' server.
pub fn named(tests: &Path, test: &Test, scripts: &str) -> Result<BTreeMap<String, File>> {
    let mut files = BTreeMap::new();
    for quoted in scripts.split(['"', '\'', '`']) {
        let reference = quoted.split(['?', '#']).next().unwrap_or_default();
        if reference.contains(['\n', '$']) {
            continue;
        }
        add(tests, &resolve(&test.path, reference), &mut files)?;
        // idlharness.js fetches the interfaces that a test names.
        if test.path.contains("idlharness") && !quoted.contains(['/', ' ', '\n']) {
            add(tests, &format!("interfaces/{quoted}.idl"), &mut files)?;
        }
    }
    Ok(files)
}

fn add(tests: &Path, path: &str, files: &mut BTreeMap<String, File>) -> Result<()> {
    let Some((_, extension)) = path.rsplit_once('.') else { return Ok(()) };
    let Some((_, mime_type)) = TYPES.iter().find(|(known, _)| *known == extension) else { return Ok(()) };
    let file = tests.join(path);
    if !file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST) {
        return Ok(());
    }
    let bytes = fs::read(&file).with_context(|| format!("failed to read `{path}`"))?;
    let content = match String::from_utf8(bytes) {
        Ok(text) => Content::Text(text),
        Err(error) => Content::Base64(STANDARD.encode(error.as_bytes())),
    };
    files.insert(format!("/{path}"), File { mime_type, content });
    Ok(())
}
