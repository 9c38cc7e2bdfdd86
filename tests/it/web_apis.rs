//! `docs/web-apis.md` is written from what a running worker finds: each interface and member, there or not.
//!
//! `web_apis/surface.json` has what Ecma-429, the standards behind it and Workers name; `web_apis/deviations.json` the
//! reasons for what is not there, and what behaves otherwise; `web_apis/intro.md` how the document begins.

use crate::support::Server;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

const SURFACE: &str = include_str!("web_apis/surface.json");
const DEVIATIONS: &str = include_str!("web_apis/deviations.json");
const INTRO: &str = include_str!("web_apis/intro.md");

#[derive(Deserialize)]
struct Surface {
    globals: Vec<String>,
    /// Group, interface, members.
    interfaces: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct Deviations {
    /// Why a name of the surface is not there. `Interface: *` stands for several of its members.
    missing: BTreeMap<String, String>,
    /// What is there and differs from the standard: an API, and how and why.
    differing: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Found {
    missing: BTreeSet<String>,
    others: BTreeSet<String>,
}

#[tokio::test]
async fn the_document_says_what_a_worker_finds() {
    let server = Server::script(include_str!("web_apis/surface.js")).await;
    let found: Found = serde_json::from_value(server.post("/", SURFACE).await.json()).unwrap();
    let surface: Surface = serde_json::from_str(SURFACE).unwrap();
    let deviations: Deviations = serde_json::from_str(DEVIATIONS).unwrap();

    let unexplained: Vec<_> = found.missing.iter().filter(|name| reason(&deviations, name).is_none()).collect();
    assert!(unexplained.is_empty(), "missing, and `deviations.json` does not say why: {unexplained:?}");
    let there: Vec<_> =
        deviations.missing.keys().filter(|name| !found.missing.iter().any(|missing| matches(name, missing))).collect();
    assert!(there.is_empty(), "there, though `deviations.json` says they are missing: {there:?}");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/web-apis.md");
    let document = document(&surface, &deviations, &found);
    if std::env::var_os("GLOWPLUG_WRITE").is_some() {
        std::fs::write(&path, document).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, document, "write it anew with `GLOWPLUG_WRITE=1 cargo test --test it web_apis`");
}

fn reason<'a>(deviations: &'a Deviations, missing: &str) -> Option<&'a str> {
    deviations.missing.iter().find(|(name, _)| matches(name, missing)).map(|(_, reason)| reason.as_str())
}

/// Whether the name of a reason stands for what is missing.
fn matches(name: &str, missing: &str) -> bool {
    match name.strip_suffix('*') {
        Some(beginning) => missing.starts_with(beginning),
        None => name == missing,
    }
}

fn document(surface: &Surface, deviations: &Deviations, found: &Found) -> String {
    let mut text = format!("{}\n\n## What is there\n", INTRO.trim_end());
    text.push_str("\nAttributes and methods of each interface, static ones marked so; inherited ones are listed with their own interface.\n");
    for (group, interfaces) in &surface.interfaces {
        let _ = write!(text, "\n### {group}\n\n| interface | there | not there |\n|---|---|---|\n");
        for (name, members) in interfaces.as_object().expect("a group is an object") {
            let members: Vec<&str> = members.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let gone =
                |member: &str| found.missing.contains(name) || found.missing.contains(&format!("{name}: {member}"));
            let (not_there, there): (Vec<&str>, Vec<&str>) = members.iter().partition(|member| gone(member));
            let there = if found.missing.contains(name) { "no".to_owned() } else { list(&there, "yes") };
            let _ = writeln!(text, "| `{name}` | {there} | {} |", list(&not_there, ""));
        }
    }
    let globals: Vec<&str> =
        surface.globals.iter().map(String::as_str).filter(|name| !found.missing.contains(*name)).collect();
    let _ = write!(text, "\n### Globals\n\n{}\n", list(&globals, ""));
    let others: Vec<&str> = found.others.iter().map(String::as_str).collect();
    let _ = write!(text, "\nBesides these, mostly the language's own: {}\n", list(&others, ""));

    text.push_str("\n## What is not there, and why\n\n| | reason |\n|---|---|\n");
    for (name, reason) in &deviations.missing {
        let _ = writeln!(text, "| `{name}` | {reason} |");
    }
    text.push_str("\n## What differs\n\n| | how, and why |\n|---|---|\n");
    for (name, how) in &deviations.differing {
        let _ = writeln!(text, "| {name} | {how} |");
    }
    text
}

fn list(names: &[&str], none: &str) -> String {
    if names.is_empty() {
        return none.to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
