//! Imports of things that a worker cannot have, and how that is said.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::diagnostic::{Diagnostic, Location, draw_frame};

/// An import that cannot be given what it asks for.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub importer: PathBuf,
    pub specifier: String,
    pub refusal: Refusal,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A module of Node.js.
    NodeBuiltIn,
    /// A `cloudflare:` module that is not there yet.
    RuntimeModule,
    /// A URL.
    Remote,
    /// A WebAssembly file that workers cannot run, and why.
    Wasm(String),
    /// A file that is not JavaScript and has no rule.
    NoRule,
    /// A file with options for some bundler after a question mark.
    Query,
}

impl Refusal {
    /// Whether the worker is built all the same: a package may import such a module and never use it here.
    pub fn is_tolerable(&self) -> bool {
        matches!(self, Self::NodeBuiltIn | Self::RuntimeModule)
    }
}

/// One diagnostic for each thing refused, at the first place that imports it, and one for each package that imports
/// what it may never use: the author cannot change those places.
pub(super) fn diagnostics(imports: Vec<Import>, root: &Path) -> Vec<(Refusal, Diagnostic)> {
    let mut by_specifier: BTreeMap<String, Vec<Import>> = BTreeMap::new();
    let mut by_package: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for import in imports {
        match package_of_file(&import.importer).filter(|_| import.refusal.is_tolerable()) {
            Some(package) => by_package.entry(package).or_default().insert(import.specifier),
            None => {
                by_specifier.entry(import.specifier.clone()).or_default().push(import);
                true
            }
        };
    }
    let of_files = by_specifier.into_values().filter_map(|mut imports| {
        imports.sort_by_key(|import| (is_package(&import.importer), import.importer.clone()));
        imports.dedup_by(|a, b| a.importer == b.importer);
        let others = imports.len() - 1;
        imports.into_iter().next().map(|import| (import.refusal.clone(), diagnostic(&import, others, root)))
    });
    let of_packages =
        by_package.iter().map(|(package, specifiers)| (Refusal::NodeBuiltIn, of_package(package, specifiers)));
    of_files.chain(of_packages).collect()
}

fn of_package(package: &str, specifiers: &BTreeSet<String>) -> Diagnostic {
    let names: Vec<String> = specifiers.iter().map(|specifier| format!("`{specifier}`")).collect();
    Diagnostic {
        message: format!("the package `{package}` imports what workers do not have: {}", names.join(", ")),
        location: None,
        frame: None,
        hint: Some(
            "it works as long as it does not use them; compatibility_flags = [\"nodejs_compat\"] in wrangler.toml \
             adds the modules of Node.js"
                .to_owned(),
        ),
    }
}

fn diagnostic(import: &Import, others: usize, root: &Path) -> Diagnostic {
    let specifier = &import.specifier;
    let (message, label, hint) = match &import.refusal {
        Refusal::NodeBuiltIn => (
            format!("`{specifier}` is a Node.js module, which this worker does not have; using it will throw"),
            "not available",
            "add compatibility_flags = [\"nodejs_compat\"] to wrangler.toml, or use a web API (fetch, crypto, URL, streams)"
                .to_owned(),
        ),
        Refusal::RuntimeModule => (
            format!("`{specifier}` is not supported yet; using it will throw"),
            "not available",
            "of the `cloudflare:` modules there is only `cloudflare:workers`".to_owned(),
        ),
        Refusal::Remote => (
            format!("cannot import `{specifier}`: imports from the network are not fetched"),
            "a URL",
            "install the package with npm and import it by name".to_owned(),
        ),
        Refusal::Wasm(reason) => (
            format!("cannot import `{specifier}`: {reason}"),
            "not a WebAssembly module that workers can run",
            "workers run core modules of WebAssembly 2.0 without SIMD, and tail calls; not exceptions, threads or garbage collection"
                .to_owned(),
        ),
        Refusal::Query => (
            format!("cannot import `{specifier}`: there are no import options after `?`"),
            "has a `?`",
            "remove the question mark and what follows; `rules` in wrangler.toml say what an import of a file gives"
                .to_owned(),
        ),
        Refusal::NoRule => {
            let extension = Path::new(specifier).extension().unwrap_or_default().to_string_lossy().into_owned();
            (
                format!("cannot import `{specifier}`: no rule says what an import of a .{extension} file gives"),
                "not JavaScript",
                format!(
                    "to import it as a string, add to wrangler.toml: rules = [{{ type = \"Text\", globs = [\"**/*.{extension}\"] }}]"
                ),
            )
        }
    };
    let message = match others {
        0 => message,
        1 => format!("{message} (and 1 other import)"),
        _ => format!("{message} (and {others} other imports)"),
    };
    let place = find(import, root);
    let frame = place.as_ref().map(|(location, line)| draw_frame(location, line, specifier.chars().count() + 2, label));
    Diagnostic { message, location: place.map(|(location, _)| location), frame, hint: Some(hint) }
}

/// The place of the import, and its line. The bundler does not tell plugins, but a quoted specifier is easy to find.
fn find(import: &Import, root: &Path) -> Option<(Location, String)> {
    let text = fs::read_to_string(&import.importer).ok()?;
    let quoted = ['"', '\'', '`'].map(|quote| format!("{quote}{}{quote}", import.specifier));
    let mut places = text.lines().enumerate().filter_map(|(index, line)| {
        let offset = quoted.iter().filter_map(|quoted| line.find(quoted)).min()?;
        Some((index, line, offset))
    });
    let is_import = |line: &str| line.contains("import") || line.contains("from") || line.contains("require");
    let first = places.next()?;
    let (index, line, offset) = match is_import(first.1) {
        true => first,
        false => places.find(|(_, line, _)| is_import(line)).unwrap_or(first),
    };
    let file = relative(&import.importer, root);
    let column = line[..offset].encode_utf16().count() + 1;
    Some((Location { file, line: index + 1, column }, line.to_owned()))
}

/// A file's path as messages name it: relative to the root where it is below it.
pub(super) fn relative(file: &Path, root: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

/// Whether the file belongs to an installed package.
pub(super) fn is_package(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "node_modules")
}

/// The name of the package that the file belongs to: what follows the last `node_modules`.
fn package_of_file(file: &Path) -> Option<String> {
    let names: Vec<_> = file.iter().map(|name| name.to_string_lossy()).collect();
    let start = names.iter().rposition(|name| name == "node_modules")? + 1;
    let name = names.get(start)?;
    match names.get(start + 1).filter(|_| name.starts_with('@')) {
        Some(rest) => Some(format!("{name}/{rest}")),
        None => Some(name.clone().into_owned()),
    }
}
