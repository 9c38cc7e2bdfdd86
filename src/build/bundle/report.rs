//! The bundler's own errors and warnings, in our words.

use std::fs;
use std::path::Path;

use rolldown_error::{BuildDiagnostic, DiagnosticOptions, EventKind};

use super::diagnostic::{Diagnostic, Location};
use super::imports::is_package;
use crate::manifest::nearest;

/// Whether a worker can be built in spite of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    Error,
    Warning,
}

/// Rewrites an error of the bundler.
pub(super) fn error(event: &BuildDiagnostic, root: &Path) -> Diagnostic {
    let rendered = event.to_diagnostic_with(&DiagnosticOptions { cwd: root.to_owned() });
    let location =
        rendered.get_primary_location().map(|(file, line, column, _)| Location { file, line, column: column + 1 });
    let text = rendered.convert_to_string(false);
    let (title, frame) = split_title(&text);
    let plain = Diagnostic { message: plain_message(&title), location, frame, hint: None };
    match event.kind() {
        EventKind::UnresolvedImport | EventKind::ResolveError => match (event.exporter(), event.id()) {
            (Some(specifier), Some(importer)) => unresolved(plain, &specifier, Path::new(&importer), root),
            _ => plain,
        },
        EventKind::MissingExportError => Diagnostic { message: plain.message.replace('"', "`"), ..plain },
        EventKind::JsonParseError => {
            let cause = plain.message.split(" at line ").next().unwrap_or_default();
            Diagnostic { message: format!("invalid JSON: {cause}"), ..plain }
        }
        EventKind::RequireTlaError => Diagnostic {
            hint: Some("use `import` instead of `require`, or move the `await` into a function".to_owned()),
            ..plain
        },
        _ => plain,
    }
}

/// Rewrites a warning of the bundler; `None` for those that are of no use to the author.
pub(super) fn warning(event: &BuildDiagnostic, root: &Path) -> Option<(Severity, Diagnostic)> {
    let diagnostic = error(event, root);
    if matches!(event.kind(), EventKind::UnresolvedImport) {
        // The bundler leaves such imports to the runtime, where only a dynamic one can be caught.
        let severity = if is_dynamic(event, &diagnostic) { Severity::Warning } else { Severity::Error };
        return Some((severity, diagnostic));
    }
    let in_package = event.id().is_some_and(|file| is_package(Path::new(&file)))
        || diagnostic.location.as_ref().is_some_and(|location| is_package(Path::new(&location.file)));
    (!in_package).then_some((Severity::Warning, diagnostic))
}

/// Splits what the bundler prints into its title and its frame.
fn split_title(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let start = lines.iter().position(|line| line.trim_start().starts_with("╭─")).unwrap_or(lines.len());
    let title = lines[..start].join("\n");
    // The kind comes first, as `[PARSE_ERROR] `.
    let title = title
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .map_or(title.clone(), |(_, title)| title.to_owned());
    let frame = lines[start..].join("\n").trim_end().to_owned();
    (title, Some(frame).filter(|frame| !frame.is_empty()))
}

/// Our form of a message: lower case, no full stop.
fn plain_message(title: &str) -> String {
    let title = title.trim().trim_end_matches('.');
    let mut characters = title.chars();
    match (characters.next(), characters.clone().next()) {
        // A word in capitals is a name.
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => title.to_owned(),
    }
}

/// The import is `import(...)`.
fn is_dynamic(event: &BuildDiagnostic, diagnostic: &Diagnostic) -> bool {
    let (Some(file), Some(location)) = (event.id(), &diagnostic.location) else { return false };
    let Ok(text) = fs::read_to_string(file) else { return false };
    let Some(line) = text.lines().nth(location.line - 1) else { return false };
    let before: Vec<u16> = line.encode_utf16().take(location.column - 1).collect();
    String::from_utf16_lossy(&before).trim_end().ends_with("import(")
}

fn unresolved(plain: Diagnostic, specifier: &str, importer: &Path, root: &Path) -> Diagnostic {
    if specifier.starts_with(['.', '/']) {
        let hint = neighbour(specifier, importer).map(|near| format!("did you mean `{near}`?"));
        return Diagnostic { message: format!("cannot find `{specifier}`"), hint, ..plain };
    }
    let package = package_of(specifier);
    if root.join("node_modules").join(package).is_dir() {
        let message = format!("cannot find `{specifier}`: {}", resolve_cause(&plain));
        let hint = format!("see \"exports\" in node_modules/{package}/package.json for what can be imported");
        return Diagnostic { message, hint: Some(hint), ..plain };
    }
    let frame = plain.frame.map(|frame| {
        frame.replace("Module not found, treating it as an external dependency", "not in any node_modules folder")
    });
    let hint = match (package, specifier.contains("/jsx-")) {
        ("react", true) => {
            "JSX needs a library: set \"jsx\": \"react-jsx\" and \"jsxImportSource\" in tsconfig.json, or install react"
                .to_owned()
        }
        _ if is_declared(package, root) => {
            format!("package.json has `{package}`, but it is not installed: run `npm install`")
        }
        _ => format!("run `npm install {package}`"),
    };
    Diagnostic { message: format!("cannot find the package `{package}`"), frame, hint: Some(hint), ..plain }
}

/// Why a package that is there does not resolve.
fn resolve_cause(plain: &Diagnostic) -> &'static str {
    match plain.frame.as_deref() {
        Some(frame) if frame.contains("not defined by exports") => "the package does not export it",
        _ => "the package has no such file",
    }
}

/// `@scope/name` or `name` of an import of a package or of a file in it.
fn package_of(specifier: &str) -> &str {
    let names = if specifier.starts_with('@') { 2 } else { 1 };
    specifier.match_indices('/').nth(names - 1).map_or(specifier, |(end, _)| &specifier[..end])
}

/// Whether package.json asks for the package.
fn is_declared(package: &str, root: &Path) -> bool {
    let Ok(text) = fs::read_to_string(root.join("package.json")) else { return false };
    let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
    ["dependencies", "devDependencies"].iter().any(|key| json[key].get(package).is_some())
}

/// The file beside the one asked for whose name is nearest to it, as it would be imported.
fn neighbour(specifier: &str, importer: &Path) -> Option<String> {
    let wanted = importer.parent()?.join(specifier);
    let name = wanted.file_name()?.to_str()?;
    let files: Vec<String> = fs::read_dir(wanted.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|file| Some(file.as_str()) != importer.file_name().and_then(|name| name.to_str()))
        .collect();
    let stems: Vec<&str> =
        files.iter().map(|file| file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem)).collect();
    let near = match name.contains('.') {
        true => nearest(name, files.iter().map(String::as_str))?,
        false => nearest(name, stems)?,
    };
    Some(format!("{}{near}", specifier.strip_suffix(name)?))
}
