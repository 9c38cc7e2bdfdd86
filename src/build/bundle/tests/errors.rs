//! Mistakes in a worker: what the message says, and what it points at.

use std::fs;

use super::{HANDLER, Project, assert_text, project};
use crate::build::bundle::Location;

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
