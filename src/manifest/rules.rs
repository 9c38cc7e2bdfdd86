//! How a file that is not JavaScript is imported.

use std::path::Path;

/// What an import of a file gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleKind {
    /// A string: the file's text.
    Text,
    /// An `ArrayBuffer`: the file's bytes.
    Data,
    /// A `WebAssembly.Module`.
    CompiledWasm,
}

impl ModuleKind {
    /// The kind that the manifest calls `name`.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "Text" => Some(Self::Text),
            "Data" => Some(Self::Data),
            "CompiledWasm" => Some(Self::CompiledWasm),
            _ => None,
        }
    }
}

/// Files whose path matches the glob are of this kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleRule {
    /// What an import gives.
    pub kind: ModuleKind,
    /// `**` is any folders, `*` any characters but `/`, `?` one of these.
    pub glob: String,
}

/// The rules that hold when the manifest has none for a file; the same as wrangler's.
pub(super) fn defaults() -> Vec<ModuleRule> {
    [
        (ModuleKind::Text, "**/*.txt"),
        (ModuleKind::Text, "**/*.html"),
        (ModuleKind::Text, "**/*.sql"),
        (ModuleKind::Data, "**/*.bin"),
        (ModuleKind::CompiledWasm, "**/*.wasm"),
    ]
    .map(|(kind, glob)| ModuleRule { kind, glob: glob.to_owned() })
    .into()
}

/// The kind of the file at `path`, relative to the project's root, by the first rule that matches.
pub fn kind_of_file(rules: &[ModuleRule], path: &Path) -> Option<ModuleKind> {
    let text = path.to_string_lossy().replace('\\', "/");
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    rules.iter().find(|rule| matches_path(&folders(&rule.glob), &names)).map(|rule| rule.kind)
}

fn folders(glob: &str) -> Vec<&str> {
    glob.split('/').filter(|name| !name.is_empty() && *name != ".").collect()
}

fn matches_path(glob: &[&str], path: &[&str]) -> bool {
    match (glob, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => (0..=path.len()).any(|skipped| matches_path(rest, &path[skipped..])),
        ([first, rest @ ..], [name, names @ ..]) => {
            matches_name(first.as_bytes(), name.as_bytes()) && matches_path(rest, names)
        }
        _ => false,
    }
}

fn matches_name(glob: &[u8], name: &[u8]) -> bool {
    match (glob, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=name.len()).any(|skipped| matches_name(rest, &name[skipped..])),
        ([b'?', rest @ ..], [_, names @ ..]) => matches_name(rest, names),
        ([first, rest @ ..], [byte, bytes @ ..]) => first == byte && matches_name(rest, bytes),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        let rule = ModuleRule { kind: ModuleKind::Text, glob: glob.to_owned() };
        kind_of_file(&[rule], Path::new(path)).is_some()
    }

    #[test]
    fn globs_match_as_in_wrangler() {
        assert!(matches("**/*.txt", "a.txt"));
        assert!(matches("**/*.txt", "src/deep/a.txt"));
        assert!(matches("**/*.txt", "../outside/a.txt"));
        assert!(!matches("**/*.txt", "a.txt.js"));
        assert!(matches("*.md", "a.md"));
        assert!(!matches("*.md", "src/a.md"));
        assert!(matches("src/**/*.t?t", "src/x/y/a.txt"));
        assert!(matches("src/**/*.t?t", "src/a.tft"));
        assert!(!matches("src/**", "lib/a.txt"));
        assert!(matches("./templates/*", "templates/a.hbs"));
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let mut rules = vec![ModuleRule { kind: ModuleKind::Data, glob: "**/raw/*.txt".to_owned() }];
        rules.extend(defaults());
        assert_eq!(kind_of_file(&rules, Path::new("raw/a.txt")), Some(ModuleKind::Data));
        assert_eq!(kind_of_file(&rules, Path::new("a.txt")), Some(ModuleKind::Text));
        assert_eq!(kind_of_file(&rules, Path::new("a.wasm")), Some(ModuleKind::CompiledWasm));
        assert_eq!(kind_of_file(&rules, Path::new("a.md")), None);
    }
}
