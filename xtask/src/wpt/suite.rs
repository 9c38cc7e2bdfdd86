//! The tests of a folder: `*.any.js` files, each once for each of its variants.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

/// One test, in one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Path of the file, from the folder of all tests, with `/` between its parts.
    pub path: String,
    /// The query that chooses a part of the test, `?` included; empty for none.
    pub variant: String,
    /// Scripts to run before the test, from the folder of all tests.
    pub scripts: Vec<String>,
    /// The test's own source.
    pub source: String,
}

impl Test {
    /// Path and variant.
    pub fn name(&self) -> String {
        format!("{}{}", self.path, self.variant)
    }

    /// How long its subtests may take, all together: what testharness.js gives it, and as much again for a busy machine.
    pub fn limit(&self) -> Duration {
        let is_long = meta(&self.source, "timeout").any(|timeout| timeout == "long");
        Duration::from_secs(if is_long { 240 } else { 25 })
    }

    /// When it is given up, with whatever it may be doing: some spin until a clock moves.
    pub fn patience(&self) -> Duration {
        self.limit() + Duration::from_secs(35)
    }

    /// What the test belongs to in the table of results.
    pub fn area(&self) -> &str {
        if self.path.contains("idlharness") {
            return "idlharness";
        }
        let parts = match self.path.split('/').next() {
            Some("html") => 3,
            Some("dom" | "fetch" | "wasm" | "xhr") => 2,
            _ => 1,
        };
        let end = self.path.match_indices('/').nth(parts - 1).map_or(self.path.len(), |(index, _)| index);
        let area = &self.path[..end];
        match area {
            "fetch/api" => self.path.rsplit_once('/').map_or(area, |(folder, _)| folder),
            _ => area,
        }
    }
}

/// All tests under `folder` whose path begins with one of `areas`, or simply all, in the order of their paths.
pub fn find(folder: &Path, areas: &[String]) -> Result<Vec<Test>> {
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    files.sort();
    let mut tests = Vec::new();
    for file in files {
        let path = relative(folder, &file);
        if !areas.is_empty() && !areas.iter().any(|area| path.starts_with(area.as_str())) {
            continue;
        }
        let source = fs::read_to_string(&file).with_context(|| format!("failed to read `{path}`"))?;
        tests.extend(variants(folder, &path, &source));
    }
    Ok(tests)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("failed to read `{}`", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.to_str().is_some_and(|path| path.ends_with(".any.js")) {
            files.push(path);
        }
    }
    Ok(())
}

fn relative(folder: &Path, file: &Path) -> String {
    let path = file.strip_prefix(folder).unwrap_or(file);
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The values of one key of the test's `// META: key=value` lines.
fn meta<'a>(source: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = source.lines().filter_map(|line| line.strip_prefix("// META: ")?.split_once('='));
    lines.filter(move |(name, _)| *name == key).map(|(_, value)| value.trim())
}

/// The test once for each variant; none if it is for windows only or needs a script that is not there.
fn variants(folder: &Path, path: &str, source: &str) -> Vec<Test> {
    let mut globals = meta(source, "global").flat_map(|value| value.split(',')).peekable();
    if globals.peek().is_some() && globals.all(|global| global.starts_with("window")) {
        return Vec::new();
    }
    let scripts: Vec<String> = meta(source, "script").map(|script| resolve(path, script)).collect();
    if scripts.iter().any(|script| !folder.join(script).is_file()) {
        return Vec::new();
    }
    let mut queries: Vec<&str> = meta(source, "variant").collect();
    if queries.is_empty() {
        queries.push("");
    }
    let test = |variant: &str| Test {
        path: path.to_owned(),
        variant: variant.to_owned(),
        scripts: scripts.clone(),
        source: source.to_owned(),
    };
    queries.into_iter().map(test).collect()
}

/// The path, from the folder of all tests, of what the test at `path` calls `reference`.
pub fn resolve(path: &str, reference: &str) -> String {
    // The server of the Web Platform Tests gives the parser under this name.
    if reference == "/resources/WebIDLParser.js" {
        return "resources/webidl2/lib/webidl2.js".to_owned();
    }
    let mut parts: Vec<&str> = match reference.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => path.split('/').collect(),
    };
    parts.pop();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_urls_are() {
        assert_eq!(resolve("url/a.any.js", "resources/b.js"), "url/resources/b.js");
        assert_eq!(resolve("url/sub/a.any.js", "../b.js"), "url/b.js");
        assert_eq!(resolve("url/a.any.js", "/common/b.js"), "common/b.js");
    }

    #[test]
    fn a_test_runs_once_for_each_variant() {
        let source = "// META: variant=?a\n// META: variant=?b\n// META: global=window,worker\ntest();\n";
        let tests = variants(Path::new("."), "url/a.any.js", source);
        assert_eq!(tests.iter().map(Test::name).collect::<Vec<_>>(), ["url/a.any.js?a", "url/a.any.js?b"]);
        assert!(variants(Path::new("."), "url/a.any.js", "// META: global=window\n").is_empty());
        assert!(variants(Path::new("."), "url/a.any.js", "// META: script=none.js\n").is_empty());
    }

    #[test]
    fn areas_are_those_of_the_table() {
        let area = |path: &str| variants(Path::new("."), path, "")[0].area().to_owned();
        assert_eq!(area("url/a.any.js"), "url");
        assert_eq!(area("dom/abort/a.any.js"), "dom/abort");
        assert_eq!(area("html/webappapis/timers/a.any.js"), "html/webappapis/timers");
        assert_eq!(area("fetch/api/headers/a.any.js"), "fetch/api/headers");
        assert_eq!(area("streams/idlharness.any.js"), "idlharness");
    }
}
