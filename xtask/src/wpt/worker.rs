//! The worker that a test becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::files;
use super::suite::Test;
use crate::peers::server::get;

/// What stands around the scripts; the places in it are filled in.
const TEMPLATE: &str = include_str!("worker.js");

/// Writes the worker of `test` into a folder.
pub fn write(tests: &Path, test: &Test, server: Option<&str>, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let path = path(folder, test);
    fs::write(&path, source(tests, test, server)?).with_context(|| format!("failed to write `{}`", path.display()))
}

/// Where the worker of `test` lies.
pub fn path(folder: &Path, test: &Test) -> PathBuf {
    let plain =
        |character: char| if character.is_ascii_alphanumeric() || ".-_".contains(character) { character } else { '_' };
    let name: String = test.name().replace('/', "__").chars().map(plain).collect();
    folder.join(name).with_added_extension("js")
}

fn source(tests: &Path, test: &Test, server: Option<&str>) -> Result<String> {
    let read = |path: &str| fs::read_to_string(tests.join(path)).with_context(|| format!("failed to read `{path}`"));
    // The server fills its own names and ports into some.
    let served = |path: &str| match server {
        Some(server) if path.contains(".sub.") => get(&format!("{server}/{path}"), Duration::from_secs(10)),
        _ => read(path),
    };
    let mut scripts = String::new();
    for script in &test.scripts {
        scripts.push_str(&served(script)?);
        scripts.push('\n');
    }
    scripts.push_str(&served(&test.path)?);
    // A name that only scripts may declare, not modules.
    if ["const arguments =", "...arguments) =>"].iter().any(|declaration| scripts.contains(declaration)) {
        scripts = scripts.replace("arguments", "arguments_");
    }
    let page = test.path.replace(".any.js", ".any.worker.html");
    let url = format!("{}/{page}{}", server.unwrap_or("http://web-platform.test:8000"), test.variant);
    let files = if server.is_some() { BTreeMap::new() } else { files::named(tests, test, &scripts)? };
    let filled = [
        ("\"FILES\"", serde_json::to_string(&files)?),
        ("\"SECONDS\"", test.limit().as_secs().to_string()),
        ("\"URL\"", serde_json::to_string(&url)?),
        ("\"HARNESS\";", read("resources/testharness.js")?),
        ("\"VARIABLES\";", variables(&scripts)),
        ("\"FUNCTIONS\";", functions(&scripts)),
        ("\"EXPRESSIONS\"", expressions(&test.source)),
        // idlharness.js evaluates the expressions that a test names for objects, which a worker may not.
        ("\"TEST\";", scripts.replace("obj = eval(desc);", "obj = evaluateExpression(desc);")),
    ];
    // Split first: what is filled in may hold such a place's text.
    let mut rest = TEMPLATE;
    let mut source = String::new();
    for (place, text) in filled {
        let (before, after) = rest.split_once(place).with_context(|| format!("worker.js has no {place}"))?;
        source.push_str(before);
        source.push_str(&text);
        rest = after;
    }
    Ok(source + rest)
}

/// Makes what scripts assign to and never declare a property of the global object: modules are strict, scripts need not be.
fn variables(scripts: &str) -> String {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    let assigned =
        |line: &'_ str| line.split_once(" = ").map_or(0, |(name, _)| if is_name(name) { name.len() } else { 0 });
    let declared: BTreeSet<&str> = scripts
        .lines()
        .filter_map(|line| ["let ", "const ", "class "].iter().find_map(|keyword| line.strip_prefix(keyword)))
        .filter_map(|rest| rest.split([' ', ';', ',']).next())
        .collect();
    let names: BTreeSet<&str> =
        scripts.lines().map(str::trim_start).filter_map(|line| line.get(..assigned(line))).collect();
    let names = names.into_iter().filter(|name| !name.is_empty() && !declared.contains(name));
    names.map(|name| format!("if (!('{name}' in globalThis)) globalThis.{name} = undefined;\n")).collect()
}

/// Makes functions global that scripts declare at their top level, as they would be in a script of their own. A bundled
/// script may have functions of its own at the beginning of lines, hence the question.
fn functions(scripts: &str) -> String {
    let name = |line: &str| -> Option<std::ops::Range<usize>> {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("function")?;
        let start = line.len() - rest.trim_start_matches(['*', ' ']).len();
        let end = start + line[start..].find(['(', ' '])?;
        (start < end).then_some(start..end)
    };
    let names: BTreeSet<&str> = scripts.lines().filter_map(|line| line.get(name(line)?)).collect();
    names.into_iter().map(|name| format!("if (typeof {name} === 'function') globalThis.{name} = {name};\n")).collect()
}

/// The expressions that a test gives idlharness.js as text, as functions by that text.
fn expressions(source: &str) -> String {
    let mut expressions = BTreeSet::new();
    for call in source.split("add_objects(").skip(1) {
        let mut rest = call;
        // To the parenthesis that ends the call; those inside of texts are passed over with them.
        while let Some(start) = rest.find(['\'', '"', '`', ')']).filter(|start| rest.as_bytes()[*start] != b')') {
            let Some((text, after)) = rest[start + 1..].split_once(&rest[start..=start]) else { break };
            expressions.insert(text);
            rest = after;
        }
    }
    let entry = |text: &str| format!("{}: () => ({text}),", serde_json::Value::from(text));
    expressions.into_iter().map(entry).collect()
}
