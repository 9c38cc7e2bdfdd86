//! Modules that the runtime has, replaces or lacks.

use super::{Project, assert_text, project};
use crate::build::bundle::BundleOptions;
use crate::manifest::{NodeCompat, NodeModules};
use crate::source_map::SourceMap;

#[test]
fn the_runtime_s_own_module_stays_an_import() {
    let code = project(&[(
        "worker.js",
        "import { WorkerEntrypoint } from 'cloudflare:workers';\nexport default class extends WorkerEntrypoint { fetch() { return new Response('') } }\n",
    )])
    .code();
    assert!(code.starts_with("import { WorkerEntrypoint } from \"cloudflare:workers\";"), "{code}");
}

#[test]
fn a_dynamic_import_of_a_missing_package_is_only_a_warning() {
    let bundle = project(&[(
        "worker.js",
        "export default { fetch: () => import('optional').catch(() => new Response('')) };\n",
    )])
    .ok();
    assert!(bundle.code.contains("import(\"optional\")"), "{}", bundle.code);
    assert_eq!(bundle.warnings.len(), 1);
    assert_eq!(bundle.warnings[0].message, "cannot find the package `optional`");
}

#[test]
fn a_required_package_that_may_be_missing_is_no_warning() {
    project(&[(
        "worker.cjs",
        "let x = null;\ntry { x = require('optional') } catch {}\nmodule.exports = { fetch: () => x };\n",
    )])
    .code();
}

#[test]
fn modules_of_node_are_replaced_with_a_warning() {
    let project = project(&[
        (
            "src/worker.ts",
            "import x from 'pkg';\n// not \"node:fs\"\nimport { readFileSync } from \"node:fs\";\nimport './more';\nexport default { fetch: () => new Response(x + readFileSync) };\n",
        ),
        ("src/more.ts", "import fs from \"node:fs\";\nconsole.log(fs);\n"),
        ("node_modules/pkg/package.json", r#"{"name": "pkg", "main": "index.js"}"#),
        (
            "node_modules/pkg/index.js",
            "const fs = require('node:fs'), events = require('events'), util = require('util/types');\nmodule.exports = { fs, events, util };\n",
        ),
        ("node_modules/events/package.json", r#"{"name": "events", "main": "index.js"}"#),
        ("node_modules/events/index.js", "module.exports = 'events from npm';\n"),
    ]);
    let bundle = project.ok();
    assert!(bundle.code.contains("const specifier = \"node:fs\";"), "{}", bundle.code);
    assert!(bundle.code.contains("const specifier = \"util/types\";"), "{}", bundle.code);
    assert!(bundle.code.contains("\"events from npm\""), "{}", bundle.code);
    let warnings: Vec<_> = bundle.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_text(
        &warnings[0],
        "`node:fs` is a Node.js module, which this worker does not have; using it will throw (and 1 other import)\n   \
         ╭─[ src/more.ts:1:16 ]\n   \
         │\n \
         1 │ import fs from \"node:fs\";\n   \
         │                ────┬────\n   \
         │                    ╰────── not available\n\
         ───╯\n\
         hint: add compatibility_flags = [\"nodejs_compat\"] to wrangler.toml, or use a web API (fetch, crypto, URL, streams)",
    );
    assert_text(
        &warnings[1],
        "the package `pkg` imports what workers do not have: `node:fs`, `util/types`\n\
         hint: it works as long as it does not use them; compatibility_flags = [\"nodejs_compat\"] in wrangler.toml adds the \
         modules of Node.js",
    );
}

#[test]
fn modules_of_node_are_there_with_the_flag() {
    let mut project = project(&[
        (
            "worker.js",
            "import { join } from 'node:path';\nimport pkg from 'pkg';\nexport default { fetch: () => new Response(join('a', pkg)) };\n",
        ),
        ("node_modules/pkg/package.json", r#"{"name": "pkg", "main": "index.js"}"#),
        (
            "node_modules/pkg/index.js",
            "const Events = require('events');\nmodule.exports = new (class extends Events {})().constructor.name;\n",
        ),
        ("node_modules/events/package.json", r#"{"name": "events", "main": "index.js"}"#),
        ("node_modules/events/index.js", "module.exports = 'events from npm';\n"),
    ]);
    project.options.node.modules = NodeModules::All;
    let code = project.code();
    assert!(code.contains("EventEmitter") && !code.contains("events from npm"), "{code}");
    assert!(
        !code.contains("createHmac") && !code.contains("defineProperty(globalThis, name"),
        "more than what is used"
    );
    let imports: Vec<_> = code.lines().filter(|line| line.starts_with("import ")).collect();
    assert!(imports.iter().all(|line| line.contains("\"glowplug:node\"")), "what the engine has: {imports:?}");

    project.options.node.globals = true;
    let code = project.code();
    let place = |text: &str| code.find(text).unwrap_or_else(|| panic!("no {text} in:\n{code}"));
    assert!(place("Object.defineProperty(globalThis, name") < place("worker_default"));

    project.options.node = NodeCompat { modules: NodeModules::Prefixed, ..NodeCompat::default() };
    let code = project.code();
    assert!(code.contains("events from npm"), "{code}");
}

#[test]
fn what_follows_async_local_storage_is_added_where_it_is_used() {
    let worker = "import { AsyncLocalStorage } from 'node:async_hooks';\nimport { f } from './f.ts';\nconst storage = new AsyncLocalStorage();\n\
                  export default { fetch: async () => new Response(await storage.run(1, f)) };\n";
    let mut project = project(&[
        ("worker.js", worker),
        ("f.ts", "export async function f(): Promise<string> {\n  await null;\n  return `${await 1}`;\n}\n"),
    ]);
    project.options.node.modules = NodeModules::AsyncHooks;
    let bundle = project.ok();
    assert!(bundle.warnings.is_empty(), "{:?}", bundle.warnings);
    assert_eq!(bundle.code.matches("resume(capture(), await").count(), 3, "{}", bundle.code);
    let map = SourceMap::parse(&bundle.source_map).unwrap();
    let line = bundle.code.lines().position(|line| line.contains("await null")).unwrap() + 1;
    let frames = map.map_stack(&format!("    at f (worker.js:{line}:20)"));
    assert!(frames[0].to_string().contains("f.ts:2"), "{}", frames[0]);

    let without =
        Project { options: BundleOptions { node: NodeCompat::default(), ..project.options.clone() }, ..project };
    assert!(!without.ok().code.contains("resume(capture()"));
}

#[test]
fn the_place_of_an_import_is_not_one_in_a_comment() {
    let bundle =
        project(&[("worker.js", "// 'node:fs'\nimport fs from 'node:fs';\nexport default { fetch: () => fs };\n")])
            .ok();
    assert_eq!(bundle.warnings[0].location.as_ref().unwrap().to_string(), "worker.js:2:16");
}

#[test]
fn other_modules_of_the_runtime_are_replaced_with_a_warning() {
    let bundle = project(&[(
        "worker.js",
        "import { connect } from 'cloudflare:sockets';\nexport default { fetch: () => connect('x') };\n",
    )])
    .ok();
    assert_eq!(bundle.warnings[0].message, "`cloudflare:sockets` is not supported yet; using it will throw");
    assert!(!bundle.code.contains("import "), "{}", bundle.code);
}
