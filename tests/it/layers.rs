//! Imports go down only: who may use whom is a table, and this holds the code to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Module -> modules of this crate that it may name.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "access_log",
            "admin",
            "assets",
            "build",
            "cache",
            "clients",
            "compression",
            "digest",
            "edge",
            "engine",
            "host",
            "kv",
            "ledger",
            "limits",
            "manifest",
            "meter",
            "metrics",
            "rate_limit",
            "recording",
            "registry",
            "route_options",
            "storage",
            "tail",
            "web",
            "telemetry",
        ],
    ),
    (
        "admin",
        &[
            "assets",
            "build",
            "cache",
            "connection",
            "cron",
            "digest",
            "kv",
            "ledger",
            "limits",
            "manifest",
            "meter",
            "metrics",
            "recording",
            "registry",
            "route_options",
            "storage",
            "tail",
            "web",
        ],
    ),
    (
        "edge",
        &[
            "access_log",
            "assets",
            "cache",
            "clients",
            "compression",
            "cron",
            "connection",
            "digest",
            "engine",
            "host",
            "kv",
            "ledger",
            "limits",
            "meter",
            "metrics",
            "rate_limit",
            "recording",
            "registry",
            "route_options",
            "source_map",
            "storage",
            "tail",
            "websocket",
            "telemetry",
        ],
    ),
    ("build", &["assets", "digest", "engine", "host", "limits", "manifest", "registry", "source_map"]),
    ("engine", &["digest", "host", "limits", "meter", "recording", "registry", "source_map"]),
    ("host", &["assets", "cache", "digest", "kv", "limits", "meter", "recording", "telemetry", "websocket"]),
    ("recording", &["digest", "limits", "meter"]),
    ("registry", &["cron", "digest", "limits", "route_options", "storage"]),
    ("route_options", &["rate_limit"]),
    ("assets", &["condition", "digest", "limits", "storage"]),
    ("cache", &["condition", "limits"]),
    ("condition", &[]),
    ("connection", &[]),
    ("cron", &[]),
    ("kv", &["limits", "storage"]),
    ("ledger", &["digest", "limits", "meter", "storage"]),
    ("tail", &["meter", "recording"]),
    ("storage", &["digest"]),
    ("web", &["digest"]),
    ("websocket", &[]),
    ("meter", &["digest", "limits"]),
    ("manifest", &["assets", "cron", "limits", "rate_limit", "route_options"]),
    ("source_map", &[]),
    ("digest", &[]),
    ("limits", &[]),
    ("clients", &[]),
    ("compression", &[]),
    ("rate_limit", &[]),
    ("telemetry", &[]),
    ("access_log", &["limits", "meter"]),
    ("metrics", &["cache", "meter"]),
    ("main", &["cli"]),
];

#[test]
fn imports_go_down_only() {
    let table: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&root) {
        let relative = file.strip_prefix(&root).unwrap();
        let module = relative.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let allowed = table.get(module).unwrap_or_else(|| panic!("`{module}` is missing from the table"));
        let text = fs::read_to_string(&file).unwrap();
        for used in text
            .split("crate::")
            .skip(1)
            .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        {
            if used != module && !allowed.contains(&used) && table.contains_key(used) {
                wrong.push(format!("{}: `{module}` may not use `{used}`", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
