//! The modules of Node.js that a worker may ask for with the flag `nodejs_compat`: they come with this program, and become part
//! of the workers that import them (`js-shim/node`).

use std::path::{Component, Path, PathBuf};

use crate::manifest::{NodeCompat, NodeModules};

/// Names and texts of the modules and of the chunks they share.
const FILES: &[(&str, &str)] = include!("../../../js-shim/dist/node/files.rs");

/// Before the names of these files, as the bundler knows them.
const PREFIX: &str = "\0glowplug:node/";

/// Before the name of a module that is asked for with `require`.
const REQUIRED: &str = "\0glowplug:node-required/";

/// What the modules know of the worker.
const FLAGS: &str = "glowplug:flags";

/// What follows the stores of `AsyncLocalStorage`.
pub(super) const ASYNC_CONTEXT: &str = "glowplug:async-context";

/// What makes `Buffer`, `process` and others global.
pub(super) const GLOBALS: &str = "glowplug:node-globals";

/// What the runtime provides to these modules alone.
pub(super) const RUNTIME: &str = "glowplug:node";

/// Whether there is a module `node:NAME`.
pub(super) fn is_module(name: &str) -> bool {
    !name.starts_with("internal/") && !name.starts_with("chunks/") && name != "globals" && text(&file(name)).is_some()
}

/// How the bundler knows the module `node:NAME`; CommonJS gets its default export.
pub(super) fn id(name: &str, is_required: bool) -> String {
    if is_required { format!("{REQUIRED}{name}") } else { format!("{PREFIX}{name}.js") }
}

/// Whether the module is one of these.
pub(super) fn is_ours(id: &str) -> bool {
    id.starts_with(PREFIX) || id.starts_with(REQUIRED)
}

/// What one of these modules, or what the bundler added to a module of the worker, means by `specifier`.
pub(super) fn resolve(specifier: &str, importer: Option<&str>) -> Option<String> {
    match specifier {
        FLAGS => Some(format!("\0{FLAGS}")),
        ASYNC_CONTEXT => Some(format!("{PREFIX}internal/async-context.js")),
        GLOBALS => Some(format!("{PREFIX}globals.js")),
        _ if specifier.starts_with(PREFIX) => Some(specifier.to_owned()),
        _ => {
            let importer = Path::new(importer?.strip_prefix(PREFIX)?);
            let relative = specifier.starts_with('.').then_some(specifier)?;
            Some(format!("{PREFIX}{}", join(importer.parent()?, relative)))
        }
    }
}

fn join(folder: &Path, relative: &str) -> String {
    let mut path = PathBuf::new();
    for part in folder.join(relative).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    path.to_string_lossy().replace('\\', "/")
}

/// The text of a module that `resolve` or `id` named.
pub(super) fn load(id: &str, node: NodeCompat) -> Option<String> {
    if let Some(name) = id.strip_prefix(REQUIRED) {
        return Some(format!("module.exports = require({:?}).default;", format!("{PREFIX}{name}.js")));
    }
    if id.strip_prefix('\0') == Some(FLAGS) {
        return Some(format!("export const populateEnv = {};", node.process_env));
    }
    let file = id.strip_prefix(PREFIX)?;
    if node.modules == NodeModules::External {
        return Some(format!("export {{ default }} from \"node:{}\";", file.strip_suffix(".js")?));
    }
    text(file).map(str::to_owned)
}

fn file(name: &str) -> String {
    format!("{name}.js")
}

fn text(file: &str) -> Option<&'static str> {
    let index = FILES.binary_search_by_key(&file, |(name, _)| name).ok()?;
    Some(FILES[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_and_complete() {
        assert!(FILES.is_sorted_by_key(|(name, _)| *name));
        for (name, text) in FILES {
            for specifier in
                text.split(['"', '`', '\'']).filter(|part| part.starts_with("./") || part.starts_with("../"))
            {
                if !specifier.ends_with(".js") {
                    continue;
                }
                let resolved = resolve(specifier, Some(&format!("{PREFIX}{name}")));
                let found = resolved.as_deref().and_then(|id| load(id, NodeCompat::default()));
                assert!(found.is_some(), "{name} imports {specifier}, which is not there");
            }
        }
    }

    #[test]
    fn only_modules_of_node_are_modules() {
        for name in ["buffer", "fs/promises", "path/posix", "stream/web", "util/types", "async_hooks"] {
            assert!(is_module(name), "{name}");
        }
        for name in ["", "globals", "internal/async-context", "chunks/buffer", "no_such", "buffer/", "../node/buffer"] {
            assert!(!is_module(name), "{name}");
        }
    }
}
