//! What becomes of JavaScript and TypeScript.

use std::fs;

use super::{HANDLER, assert_text, project};
use crate::build::bundle::SCRIPT_NAME;
use crate::source_map::SourceMap;

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

#[test]
fn what_is_made_to_make_more_stays_two_steps() {
    let source = "export default { fetch: (X) => new (new X(1))(2) };\n";
    let code = project(&[("index.ts", source)]).code();
    assert!(code.contains("new [new X(1)][0](2)"), "{code}");
}
