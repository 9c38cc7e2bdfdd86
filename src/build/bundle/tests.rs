use std::fs;

use tempfile::TempDir;

use super::*;
use crate::manifest::{Manifest, ModuleKind, NodeCompat, NodeModules};
use crate::source_map::SourceMap;

/// A project whose first file is the entry.
struct Project {
    folder: TempDir,
    root: PathBuf,
    entry: PathBuf,
    options: BundleOptions,
}

fn project(files: &[(&str, &str)]) -> Project {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for (name, text) in files {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let entry = root.join(files[0].0);
    // The rules of a worker without a manifest.
    let rules = Manifest::load(&entry, None).unwrap().rules;
    Project { folder, root, entry, options: BundleOptions { rules, ..BundleOptions::default() } }
}

impl Project {
    fn bundle(&self) -> Result<Bundle, BundleError> {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(bundle(
            &self.entry,
            &self.root,
            &self.options,
        ))
    }

    fn ok(&self) -> Bundle {
        self.bundle().unwrap_or_else(|error| panic!("{error}"))
    }

    fn code(&self) -> String {
        let bundle = self.ok();
        assert_eq!(bundle.warnings, []);
        bundle.code
    }

    fn error(&self) -> String {
        let text = self.bundle().expect_err("it must not bundle").to_string();
        assert!(!text.contains('\x1b'), "no colours: {text}");
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

/// Says what differs in a readable way.
#[track_caller]
fn assert_text(found: &str, expected: &str) {
    assert!(found == expected, "found:\n{found}\n\nexpected:\n{expected}");
}

const HANDLER: &str = "export default { fetch() { return new Response(String(x)) } };\n";

#[test]
fn typescript_becomes_one_module() {
    let code = project(&[
        (
            "src/worker.ts",
            "import { double } from './lib';\n\
             import type { Only } from 'a-package-of-types';\n\
             enum Color { Red, Green }\n\
             class Box<T> { constructor(private readonly value: T) {} get(): T { return this.value } }\n\
             export default { async fetch(request: Request): Promise<Response> {\n\
               return new Response(`${double(2)} ${Color.Green} ${new Box<number>(1).get()} ${request.url satisfies string}`);\n\
             } };\n",
        ),
        ("src/lib.ts", "export const double = (n: number): number => n * 2;\nexport const unused: string = 'dropped';\n"),
    ])
    .code();
    assert!(code.contains("const double = (n) => n * 2;"), "{code}");
    assert!(code.contains("export { worker_default as default };"), "{code}");
    assert!(!code.contains("dropped") && !code.contains("import "), "{code}");
}

#[test]
fn jsx_follows_the_pragma_and_tsconfig() {
    let runtime =
        "export const jsx = (tag, props) => [tag, props];\nexport const jsxs = jsx;\nexport const Fragment = '';\n";
    let package = r#"{"name": "mini", "exports": {"./jsx-runtime": "./runtime.js"}}"#;
    let by_pragma = project(&[
        ("worker.tsx", "/** @jsxImportSource mini */\nexport default { fetch: () => <p class=\"x\">{1}</p> };\n"),
        ("node_modules/mini/package.json", package),
        ("node_modules/mini/runtime.js", runtime),
    ]);
    let by_tsconfig = project(&[
        ("worker.tsx", "export default { fetch: () => <p class=\"x\">{1}</p> };\n"),
        ("tsconfig.json", r#"{"compilerOptions": {"jsx": "react-jsx", "jsxImportSource": "mini"}}"#),
        ("node_modules/mini/package.json", package),
        ("node_modules/mini/runtime.js", runtime),
    ]);
    for project in [&by_pragma, &by_tsconfig] {
        let code = project.code();
        assert!(code.contains("jsx(\"p\", {"), "{code}");
        assert!(code.contains("const jsx = (tag, props) => [tag, props];"), "{code}");
    }
    let inputs = by_tsconfig.ok().inputs;
    assert!(inputs.contains(&by_tsconfig.root.join("tsconfig.json")), "{inputs:?}");
}

#[test]
fn packages_are_found_by_the_conditions_of_workers() {
    for (exports, expected) in [
        (r#""exports": {"node": "./node.js", "workerd": "./workerd.js", "default": "./default.js"}"#, "workerd"),
        (r#""exports": {"node": "./node.js", "worker": "./worker.js", "default": "./default.js"}"#, "worker"),
        (
            r#""exports": {".": {"browser": {"import": "./browser.js", "require": "./node.js"}, "default": "./default.js"}}"#,
            "browser",
        ),
        (r#""exports": {"node": "./node.js", "module": "./module.js", "default": "./default.js"}"#, "module"),
        (r#""exports": {"node": "./node.js", "default": "./default.js"}"#, "default"),
        (r#""main": "./node.js", "module": "./module.js""#, "module"),
        (r#""main": "./default.js""#, "default"),
        (r#""main": "./node.js", "browser": {"./node.js": "./browser.js"}"#, "browser"),
    ] {
        let package = format!("{{\"name\": \"@scope/pkg\", {exports}}}");
        let mut files = vec![
            ("worker.js".to_owned(), format!("import x from '@scope/pkg';\n{HANDLER}")),
            ("node_modules/@scope/pkg/package.json".to_owned(), package),
        ];
        for name in ["node", "workerd", "worker", "browser", "module", "default"] {
            files.push((format!("node_modules/@scope/pkg/{name}.js"), format!("export default 'chosen: {name}';\n")));
        }
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let code = project(&files).code();
        assert!(code.contains(&format!("\"chosen: {expected}\"")), "{exports}\n{code}");
    }
}

#[test]
fn commonjs_packages_and_process_env_are_understood() {
    let code = project(&[
        ("worker.js", "import x, { named } from 'old';\nexport default { fetch: () => new Response(x + named) };\n"),
        ("node_modules/old/package.json", r#"{"name": "old", "main": "index.js"}"#),
        (
            "node_modules/old/index.js",
            "if (process.env.NODE_ENV === 'production') module.exports = require('./small');\nelse module.exports = require('./big');\n",
        ),
        ("node_modules/old/small.js", "exports.named = 'small';\n"),
        ("node_modules/old/big.js", "exports.named = 'big';\n"),
    ])
    .code();
    assert!(code.contains("\"small\"") && !code.contains("\"big\"") && !code.contains("process.env"), "{code}");
}

#[test]
fn json_text_and_binary_files_are_imported() {
    let mut project = project(&[
        (
            "worker.js",
            "import json from './data.json';\nimport text from './a.txt';\nimport page from './a.html';\nimport query from './a.sql';\nimport bytes from './a.bin';\nimport doc from './a.md';\nexport default { fetch: () => [json.n, text, page, query, bytes, doc] };\n",
        ),
        ("data.json", r#"{"n": [1, 2], "secret": "unused"}"#),
        ("a.txt", "line 1\n\"quoted\" ${x} `\n"),
        ("a.html", "<p>"),
        ("a.sql", "SELECT 1"),
        ("a.md", "# title"),
        ("a.bin", ""),
    ]);
    project.options.rules.push(ModuleRule { kind: ModuleKind::Text, glob: "*.md".to_owned() });
    fs::write(project.root.join("a.bin"), [0, 255, 128, 7]).unwrap();
    let bundle = project.ok();
    let code = bundle.code;
    assert_eq!(bundle.warnings, []);
    assert!(code.contains("[1, 2]"), "{code}");
    assert!(code.contains(r#""line 1\n\"quoted\" ${x} `\n""#), "{code}");
    assert!(code.contains("\"<p>\"") && code.contains("\"SELECT 1\"") && code.contains("\"# title\""), "{code}");
    assert!(code.contains("atob(\"AP+ABw==\")"), "{code}");
    for file in ["data.json", "a.txt", "a.html", "a.sql", "a.md", "a.bin", "worker.js"] {
        assert!(bundle.inputs.contains(&project.root.join(file)), "{file} of {:?}", bundle.inputs);
    }
}

#[test]
fn base64_is_padded_as_it_must_be() {
    for (bytes, base64) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
        assert!(plugin::data_module(bytes.as_bytes()).contains(&format!("atob(\"{base64}\")")), "{bytes}");
    }
}

#[test]
fn dynamic_imports_are_inlined() {
    let code = project(&[
        ("worker.js", "export default { async fetch() { return (await import('./lazy.js')).answer() } };\n"),
        ("lazy.js", "export const answer = () => new Response('lazy');\n"),
    ])
    .code();
    assert!(!code.contains("import(") && code.contains("\"lazy\""), "{code}");
}

#[test]
fn paths_may_have_any_characters() {
    for folder in ["with space", "with#hash", "ünïcode", "a%20b", "{braces}[*]"] {
        let worker = format!("{folder}/worker.js");
        let lib = format!("{folder}/lib.js");
        let code = project(&[
            (&worker, &format!("import {{ x }} from './lib.js';\n{HANDLER}")),
            (&lib, "export const x = 'found';\n"),
        ])
        .code();
        assert!(code.contains("\"found\""), "{folder}");
    }
}

#[test]
fn circular_imports_are_no_error() {
    let code = project(&[
        ("worker.js", "import { a } from './a.js';\nexport default { fetch: () => new Response(a()) };\n"),
        ("a.js", "import { b } from './b.js';\nexport function a() { return b(0) }\n"),
        ("b.js", "import { a } from './a.js';\nexport function b(n) { return n > 3 ? 'end' : a() }\n"),
    ])
    .code();
    assert!(code.contains("function a()") && code.contains("function b(n)"), "{code}");
}

#[test]
fn names_survive_and_nothing_is_minified() {
    let code = project(&[
        ("worker.js", "import { handle } from './other.js';\nfunction same() { return 1 }\nexport default { fetch: () => handle(same.name) };\n"),
        ("other.js", "function same() { return 2 }\nexport function handle(name) { return new Response(name + same.name) }\n"),
    ])
    .code();
    assert!(code.contains("__name(same$1, \"same\")"), "{code}");
    assert!(code.contains("return new Response(name + same$1.name);"), "{code}");
}

#[test]
fn syntax_newer_than_the_engine_is_compiled() {
    let code = project(&[(
        "worker.js",
        "export default { fetch() { using file = { [Symbol.dispose]() {} }; return new Response(String(file)) } };\n",
    )])
    .code();
    assert!(!code.contains("using file") && !code.contains("import "), "{code}");
}

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
fn a_service_worker_and_a_script_without_code_bundle() {
    let code =
        project(&[("worker.js", "addEventListener('fetch', (event) => event.respondWith(new Response('')));\n")])
            .code();
    assert!(code.contains("addEventListener(\"fetch\""), "{code}");
    let empty = project(&[("worker.js", "")]).ok();
    assert_eq!(empty.code.trim(), "");
    SourceMap::parse(&empty.source_map).unwrap();
}

#[test]
fn the_source_map_leads_back_to_the_sources() {
    let project = project(&[
        (
            "src/worker.ts",
            "import { check } from './check';\ninterface Unused { x: number }\n\nexport default {\n  fetch(request: Request): Response {\n    return check(request);\n  },\n};\n",
        ),
        (
            "src/check.ts",
            "type T = Request;\n\nexport function check(request: T): Response {\n  throw new TypeError(request.url);\n}\n",
        ),
    ]);
    let bundle = project.ok();
    let map = SourceMap::parse(&bundle.source_map).unwrap();
    let place = |needle: &str| {
        let offset = bundle.code.find(needle).unwrap();
        let line = bundle.code[..offset].lines().count();
        let column = offset - bundle.code[..offset].rfind('\n').map_or(0, |newline| newline + 1) + 1;
        format!("    at f ({SCRIPT_NAME}:{line}:{column})")
    };
    let throwing = map.map_stack(&place("new TypeError"));
    assert_eq!(throwing[0].to_string(), "at f (src/check.ts:4:9)");
    assert_eq!(map.map_stack(&place("check(request);"))[0].to_string(), "at f (src/worker.ts:6:12)");
    assert_text(
        &map.excerpt(&throwing[0]).unwrap(),
        "  2 |\n  3 | export function check(request: T): Response {\n> 4 |   throw new TypeError(request.url);\n    |         ^\n  5 | }",
    );
    assert!(!bundle.code.contains("sourceMappingURL"));
}

#[test]
fn syntax_errors_show_the_place() {
    let project = project(&[(
        "src/worker.ts",
        "export default {\n  fetch(request: Request) {\n    return new Response(foo(1;\n  }\n}\n",
    )]);
    assert_text(
        &project.error(),
        "expected `,` or `)` but found `;`\n   \
         ╭─[ src/worker.ts:3:30 ]\n   \
         │\n \
         3 │     return new Response(foo(1;\n   \
         │                            ┬ ┬\n   \
         │                            ╰──── Opened here\n   \
         │                              │\n   \
         │                              ╰── `,` or `)` expected\n\
         ───╯",
    );
    let error = project.bundle().unwrap_err();
    let location = error.diagnostics[0].location.clone().unwrap();
    assert_eq!(location, Location { file: "src/worker.ts".to_owned(), line: 3, column: 30 });
    assert!(error.inputs.contains(&project.entry));
}

#[test]
fn typescript_that_cannot_be_compiled_is_an_error() {
    let error = project(&[("worker.ts", "const x: number = ;\nexport default {};\n")]).error();
    assert!(error.starts_with("unexpected token\n   ╭─[ worker.ts:1:19 ]"), "{error}");
    let error = project(&[("worker.js", "let a = 1;\nlet a = 2;\n")]).error();
    assert!(error.starts_with("identifier `a` has already been declared\n   ╭─[ worker.js:1:5 ]"), "{error}");
}

#[test]
fn a_missing_file_is_named_and_its_neighbour_suggested() {
    let project =
        project(&[("src/worker.ts", &format!("import x from \"./utlis\";\n{HANDLER}")), ("src/utils.ts", "")]);
    assert_text(
        &project.error(),
        "cannot find `./utlis`\n   \
         ╭─[ src/worker.ts:1:15 ]\n   \
         │\n \
         1 │ import x from \"./utlis\";\n   \
         │               ────┬────\n   \
         │                   ╰────── Module not found.\n\
         ───╯\n\
         hint: did you mean `./utils`?",
    );
}

#[test]
fn a_missing_package_tells_how_to_install_it() {
    let not_declared = project(&[("worker.js", &format!("import {{ x }} from \"@scope/pkg/deep\";\n{HANDLER}"))]);
    assert_text(
        &not_declared.error(),
        "cannot find the package `@scope/pkg`\n   \
         ╭─[ worker.js:1:19 ]\n   \
         │\n \
         1 │ import { x } from \"@scope/pkg/deep\";\n   \
         │                   ────────┬────────\n   \
         │                           ╰────────── not in any node_modules folder\n\
         ───╯\n\
         hint: run `npm install @scope/pkg`",
    );
    let declared = project(&[
        ("worker.js", &format!("import x from 'hono';\n{HANDLER}")),
        ("package.json", r#"{"dependencies": {"hono": "^4"}}"#),
    ]);
    let error = declared.error();
    assert!(error.ends_with("hint: package.json has `hono`, but it is not installed: run `npm install`"), "{error}");
    let jsx = project(&[("worker.jsx", "export default { fetch: () => <p /> };\n")]).error();
    assert!(jsx.starts_with("cannot find the package `react`"), "{jsx}");
    assert!(jsx.contains("hint: JSX needs a library: set \"jsx\": \"react-jsx\" and \"jsxImportSource\""), "{jsx}");
}

#[test]
fn a_path_that_a_package_does_not_export_is_an_error() {
    let error = project(&[
        ("worker.js", &format!("import x from 'pkg/internal';\n{HANDLER}")),
        ("node_modules/pkg/package.json", r#"{"name": "pkg", "exports": {".": "./index.js"}}"#),
        ("node_modules/pkg/index.js", ""),
    ])
    .error();
    assert!(
        error.starts_with("cannot find `pkg/internal`: the package does not export it\n   ╭─[ worker.js:1:15 ]"),
        "{error}"
    );
    assert!(
        error.ends_with("hint: see \"exports\" in node_modules/pkg/package.json for what can be imported"),
        "{error}"
    );
}

#[test]
fn a_missing_export_is_an_error() {
    let error = project(&[
        ("worker.js", "import { nope } from './other.js';\nexport default { fetch: () => nope() };\n"),
        ("other.js", "export const yes = 1;\n"),
    ])
    .error();
    assert!(error.starts_with("`nope` is not exported by `other.js`\n   ╭─[ worker.js:1:10 ]"), "{error}");
}

#[test]
fn several_errors_are_reported_together() {
    let error = project(&[
        ("worker.js", &format!("import x from 'one';\nimport 'two';\nimport './a.wasm';\n{HANDLER}")),
        ("a.wasm", ""),
    ])
    .bundle()
    .unwrap_err();
    let messages: Vec<_> = error.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "cannot find the package `one`",
            "cannot find the package `two`",
            "cannot import `./a.wasm`: unexpected end-of-file (at byte 0)",
        ]
    );
    assert_eq!(error.to_string().matches("\n\nerror: ").count(), 2);
}

/// `(module (func (export "f")))`
const WASM: &str =
    "\0asm\u{1}\0\0\0\u{1}\u{4}\u{1}\u{60}\0\0\u{3}\u{2}\u{1}\0\u{7}\u{5}\u{1}\u{1}f\0\0\u{a}\u{4}\u{1}\u{2}\0\u{b}";

#[test]
fn a_wasm_file_is_imported_from_the_engine() {
    let bundle = project(&[
        ("worker.js", "import a from './a.wasm';\nimport b from './b.wasm?module';\nconst x = a === b;\nexport default { fetch() { return new Response(String(x)) } };\n"),
        ("a.wasm", WASM),
        ("b.wasm", WASM),
    ])
    .ok();
    let names: Vec<&String> = bundle.wasm.keys().collect();
    assert_eq!(names.len(), 1, "the same bytes are one module");
    assert_eq!(bundle.wasm[names[0]], WASM.as_bytes());
    assert!(bundle.code.contains(&format!("from \"{}\"", names[0])), "{}", bundle.code);
    assert!(bundle.inputs.iter().any(|input| input.ends_with("b.wasm")), "{:?}", bundle.inputs);
}

#[test]
fn a_wasm_file_that_workers_cannot_run_is_refused() {
    let error = |wasm: &str| {
        project(&[("worker.js", &format!("import x from './a.wasm';\n{HANDLER}")), ("a.wasm", wasm)]).error()
    };
    assert!(error("hello").starts_with("cannot import `./a.wasm`: magic header not detected"), "{}", error("hello"));
    let component = "\0asm\r\0\u{1}\0";
    assert!(
        error(component)
            .starts_with("cannot import `./a.wasm`: it is a component, and only core modules can be imported")
    );
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

#[test]
fn files_that_no_rule_covers_tell_which_rule_to_add() {
    let error =
        project(&[("worker.js", &format!("import x from './notes.md';\n{HANDLER}")), ("notes.md", "# hello")]).error();
    assert_text(
        &error,
        "cannot import `./notes.md`: no rule says what an import of a .md file gives\n   \
         ╭─[ worker.js:1:15 ]\n   \
         │\n \
         1 │ import x from './notes.md';\n   \
         │               ─────┬──────\n   \
         │                    ╰──────── not JavaScript\n\
         ───╯\n\
         hint: to import it as a string, add to wrangler.toml: rules = [{ type = \"Text\", globs = [\"**/*.md\"] }]",
    );
}

#[test]
fn imports_with_options_are_refused() {
    let error =
        project(&[("worker.js", &format!("import x from './notes.txt?raw';\n{HANDLER}")), ("notes.txt", "hello")])
            .error();
    assert!(
        error.starts_with(
            "cannot import `./notes.txt?raw`: there are no import options after `?`\n   ╭─[ worker.js:1:15 ]"
        ),
        "{error}"
    );
}

#[test]
fn a_folder_without_an_index_is_an_error() {
    for specifier in [".", "./lib/", "./lib"] {
        let worker = format!("import x from '{specifier}';\n{HANDLER}");
        let error = project(&[("worker.js", &worker), ("lib/a.js", "")]).error();
        assert!(error.starts_with(&format!("cannot find `{specifier}`\n   ╭─[ worker.js:1:15 ]")), "{error}");
    }
}

#[test]
fn deeply_nested_source_bundles() {
    let nested = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
    let chained = vec!["'x'"; 10_000].join(" + ");
    let arrays = format!("{}{}", "[".repeat(3_000), "]".repeat(3_000));
    project(&[(
        "worker.js",
        &format!("let a = globalThis.a;\nexport default {{ fetch: () => [{nested}, a + {chained}, {arrays}] }};\n"),
    )])
    .code();
}

#[test]
fn imports_from_the_network_are_refused() {
    let error = project(&[("worker.js", &format!("import x from 'https://esm.sh/hono';\n{HANDLER}"))]).error();
    assert!(
        error.starts_with(
            "cannot import `https://esm.sh/hono`: imports from the network are not fetched\n   ╭─[ worker.js:1:15 ]"
        ),
        "{error}"
    );
}

#[test]
fn names_with_dots_are_not_taken_for_extensions() {
    project(&[
        ("worker.ts", &format!("import {{ x }} from './app.module';\n{HANDLER}")),
        ("app.module.ts", "export const x = 1;\n"),
    ])
    .code();
}

#[test]
fn broken_json_and_tsconfig_are_errors() {
    let error = project(&[
        ("worker.js", &format!("import x from './x.json';\n{HANDLER}")),
        ("x.json", "{\"a\": 1,\n \"b\": }"),
    ])
    .error();
    assert!(error.starts_with("invalid JSON: expected value\n   ╭─[ x.json:2:7 ]"), "{error}");
    let error = project(&[("worker.ts", HANDLER), ("tsconfig.json", "{ \"compilerOptions\": {")]).error();
    assert!(error.starts_with("failed to load tsconfig 'tsconfig.json': "), "{error}");
}

#[test]
fn files_that_cannot_be_read_are_errors() {
    let project = project(&[("worker.js", &format!("import x from './x.js';\n{HANDLER}")), ("x.js", "")]);
    fs::write(project.root.join("x.js"), b"export default '\xff';").unwrap();
    let error = project.error();
    assert!(error.starts_with("could not load x.js"), "{error}");
    assert!(error.contains("valid UTF-8") && error.contains("worker.js:1:15"), "{error}");
    let gone = Project { entry: project.root.join("gone.js"), ..project };
    assert_eq!(gone.error(), "cannot resolve entry module gone.js");
}

#[test]
fn a_bundle_just_over_the_limit_is_refused_and_names_its_largest_parts() {
    let mut project = project(&[
        ("worker.js", "import { x } from './big.js';\nexport default { fetch: () => x };\n"),
        ("big.js", &format!("export const x = '{}';\n", "x".repeat(10_000))),
    ]);
    let size = project.code().len() as u64;
    project.options.largest = size;
    project.code();
    project.options.largest = size - 1;
    let error = project.error();
    assert!(
        error.starts_with(&format!(
            "the bundle has {size} bytes, more than the {} allowed\nhint: the largest parts are `big.js` (10",
            size - 1
        )),
        "{error}"
    );
}

#[test]
fn a_rebuild_sees_the_change() {
    let project = project(&[
        ("worker.js", "import { x } from './x.js';\nexport default { fetch: () => x };\n"),
        ("x.js", "export const x = 'before';\n"),
    ]);
    assert!(project.code().contains("\"before\""));
    fs::write(project.root.join("x.js"), "export const x = 'after';\n").unwrap();
    assert!(project.code().contains("\"after\""));
    fs::write(project.root.join("x.js"), "export const x = ;\n").unwrap();
    assert!(project.bundle().is_err());
}

#[test]
fn the_same_sources_give_the_same_bundle() {
    let files: Vec<(String, String)> = (0..30)
        .map(|n| (format!("m{n}.js"), format!("export const x{n} = () => {n};\nexport const same = '{n}';\n")))
        .collect();
    let imports: String = (0..30).map(|n| format!("import {{ x{n}, same as s{n} }} from './m{n}.js';\n")).collect();
    let uses: String = (0..30).map(|n| format!("x{n}(), s{n}, ")).collect();
    let entry = format!("{imports}export default {{ fetch: () => [{uses}] }};\n");
    let mut all = vec![("worker.js", entry.as_str())];
    all.extend(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let (first, second) = (project(&all).ok(), project(&all).ok());
    assert_eq!(first.code, second.code);
    assert_eq!(first.source_map, second.source_map);
}
