//! Files that are not JavaScript.

use std::fs;

use super::{HANDLER, project};
use crate::build::bundle::plugin;
use crate::manifest::{ModuleKind, ModuleRule};

/// `(module (func (export "f")))`
const WASM: &str =
    "\0asm\u{1}\0\0\0\u{1}\u{4}\u{1}\u{60}\0\0\u{3}\u{2}\u{1}\0\u{7}\u{5}\u{1}\u{1}f\0\0\u{a}\u{4}\u{1}\u{2}\0\u{b}";

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
fn names_with_dots_are_not_taken_for_extensions() {
    project(&[
        ("worker.ts", &format!("import {{ x }} from './app.module';\n{HANDLER}")),
        ("app.module.ts", "export const x = 1;\n"),
    ])
    .code();
}
