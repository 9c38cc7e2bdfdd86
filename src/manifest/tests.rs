use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::limits::FUEL_PER_CPU_MS;

mod bindings;
mod document_of_keys;
mod environments;
mod variables;

/// A folder with these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

/// A project with a script and this `wrangler.toml`.
fn toml(text: &str) -> TempDir {
    project(&[("wrangler.toml", text), ("worker.js", "")])
}

/// Loads the project's folder and gives the error's text, with the folder's name taken out.
fn error_of(folder: &TempDir) -> String {
    error_at(folder, folder.path())
}

fn error_at(folder: &TempDir, path: &Path) -> String {
    let error = Manifest::load(path, None).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "").replace(&folder.path().display().to_string(), "FOLDER")
}

fn warnings_of(folder: &TempDir) -> Vec<String> {
    let manifest = Manifest::load(folder.path(), None).unwrap();
    let prefix = format!("{}/", folder.path().display());
    manifest.warnings.iter().map(|warning| warning.to_string().replace(&prefix, "")).collect()
}

#[test]
fn a_whole_wrangler_toml_is_read() {
    let folder = project(&[
        (
            "wrangler.toml",
            r#"
name = "my-worker"
main = "src/index.ts"
compatibility_date = "2025-06-01"
compatibility_flags = []

[vars]
GREETING = "hello"
RETRIES = 3
RATIO = 0.5
DEBUG = false
LIST = [1, "two"]
[vars.NESTED]
deep = { deeper = true }

[limits]
cpu_ms = 50
wall_ms = 2000
memory_mb = 64
subrequests = 10

[[rules]]
type = "Text"
globs = ["**/*.md", "templates/*"]
fallthrough = true
"#,
        ),
        ("src/index.ts", ""),
    ]);
    let manifest = Manifest::load(folder.path(), None).unwrap();
    let root = folder.path().canonicalize().unwrap();
    assert_eq!(manifest.name, "my-worker");
    assert_eq!(manifest.entry, Entry::Script(root.join("src/index.ts")));
    assert_eq!(manifest.root, root);
    assert_eq!(manifest.file, Some(folder.path().join("wrangler.toml")));
    assert_eq!(manifest.compatibility_date.to_string(), "2025-06-01");
    assert_eq!(manifest.env["GREETING"], json!("hello"));
    assert_eq!(manifest.env["RETRIES"], json!(3));
    assert_eq!(manifest.env["RATIO"], json!(0.5));
    assert_eq!(manifest.env["DEBUG"], json!(false));
    assert_eq!(manifest.env["LIST"], json!([1, "two"]));
    assert_eq!(manifest.env["NESTED"], json!({"deep": {"deeper": true}}));
    assert_eq!(manifest.limits.fuel, 50 * FUEL_PER_CPU_MS);
    assert_eq!(manifest.limits.wall, Duration::from_secs(2));
    assert_eq!(manifest.limits.memory, 64 << 20);
    assert_eq!(manifest.limits.subrequests, 10);
    assert_eq!(kind_of_file(&manifest.rules, Path::new("docs/a.md")), Some(ModuleKind::Text));
    assert_eq!(kind_of_file(&manifest.rules, Path::new("a.bin")), Some(ModuleKind::Data));
    assert_eq!(manifest.warnings, []);
}

#[test]
fn a_wrangler_jsonc_is_read_with_comments_and_trailing_commas() {
    let folder = project(&[
        (
            "wrangler.jsonc",
            r#"{
  "$schema": "node_modules/wrangler/config-schema.json",
  // the name
  "name": "json-worker", /* more */
  "main": "worker.mjs",
  "compatibility_date": "2025-06-01",
  "vars": { "A": "b", "NOTHING": null, "BIG": 1e3, "URL": "http://x/{y" },
  "limits": { "cpu_ms": 10, },
}"#,
        ),
        ("worker.mjs", ""),
    ]);
    let manifest = Manifest::load(folder.path(), None).unwrap();
    assert_eq!(manifest.name, "json-worker");
    assert_eq!(manifest.env["NOTHING"], json!(null));
    assert_eq!(manifest.env["BIG"], json!(1000.0));
    assert_eq!(manifest.env["URL"], json!("http://x/{y"));
    assert_eq!(manifest.limits.fuel, 10 * FUEL_PER_CPU_MS);
    assert_eq!(manifest.warnings, []);
}

#[test]
fn a_script_needs_no_configuration() {
    let folder = project(&[("examples/Hello World!/worker.js", ""), ("api.ts", ""), ("main.wasm", "")]);
    let manifest = Manifest::load(&folder.path().join("examples/Hello World!/worker.js"), None).unwrap();
    assert_eq!(manifest.name, "hello-world");
    assert!(matches!(&manifest.entry, Entry::Script(path) if path.is_absolute()));
    assert_eq!(manifest.root, folder.path().canonicalize().unwrap().join("examples/Hello World!"));
    assert_eq!(manifest.file, None);
    assert_eq!(manifest.limits, Limits::default());
    assert_eq!(manifest.warnings, []);

    assert_eq!(Manifest::load(&folder.path().join("api.ts"), None).unwrap().name, "api");
    let component = Manifest::load(&folder.path().join("main.wasm"), None).unwrap();
    assert!(matches!(component.entry, Entry::Component(_)));
}

#[test]
fn a_folder_without_configuration_gives_its_usual_script() {
    let folder = project(&[("site/src/index.ts", ""), ("site/src/worker.js", "")]);
    let manifest = Manifest::load(&folder.path().join("site"), None).unwrap();
    assert_eq!(manifest.entry, Entry::Script(folder.path().canonicalize().unwrap().join("site/src/index.ts")));
    assert_eq!(manifest.name, "site");
}

#[test]
fn main_may_be_left_out_when_the_script_has_a_usual_name() {
    let folder = toml("compatibility_date = 2026-01-01");
    let manifest = Manifest::load(folder.path(), None).unwrap();
    assert!(manifest.entry.path().unwrap().ends_with("worker.js"));
    assert_eq!(manifest.compatibility_date, CompatibilityDate::LATEST);
    assert!(!manifest.name.is_empty());
}

#[test]
fn main_may_be_a_component() {
    let folder =
        project(&[("glowplug.toml", "main = \"app.wasm\"\ncompatibility_date = \"2026-01-01\""), ("app.wasm", "")]);
    assert!(matches!(Manifest::load(folder.path(), None).unwrap().entry, Entry::Component(_)));
}

#[test]
fn a_configuration_file_may_be_given_itself_and_one_hides_the_others() {
    let folder = project(&[
        ("glowplug.toml", "name = \"ours\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\""),
        ("wrangler.toml", "name = \"theirs\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\""),
        ("worker.js", ""),
    ]);
    assert_eq!(Manifest::load(folder.path(), None).unwrap().name, "ours");
    assert_eq!(
        warnings_of(&folder),
        ["manifest `wrangler.toml`: not read: `glowplug.toml` comes first\nhint: keep one of them"]
    );
    let theirs = Manifest::load(&folder.path().join("wrangler.toml"), None).unwrap();
    assert_eq!((theirs.name.as_str(), theirs.warnings.len()), ("theirs", 0));
}

#[test]
fn missing_and_unknown_files_say_so() {
    let folder = project(&[("readme.md", ""), ("empty/x.py", "")]);
    assert_eq!(error_at(&folder, &folder.path().join("gone.js")), "failed to read `gone.js`: no such file or folder");
    assert_eq!(
        error_at(&folder, &folder.path().join("readme.md")),
        "failed to read `readme.md`: neither a script, nor a component, nor a configuration file\n\
         hint: give a .js, .mjs, .cjs, .ts, .mts, .cts, .jsx, .tsx or .wasm file, or a folder with a `wrangler.toml`"
    );
    assert_eq!(
        error_at(&folder, &folder.path().join("empty")),
        "failed to find a worker in `empty`: looked for `glowplug.toml`, `wrangler.json`, `wrangler.jsonc`, `wrangler.toml`, \
         `index.{ts,tsx,js,mjs,jsx}`, `worker.{ts,tsx,js,mjs,jsx}`, `src/index.{ts,tsx,js,mjs,jsx}`, `src/worker.{ts,tsx,js,mjs,jsx}`\n\
         hint: give the script's own path, or add a `wrangler.toml` with `main = \"path/to/script.js\"`"
    );
}

#[test]
fn syntax_errors_have_line_and_column() {
    assert_eq!(
        error_of(&toml("name = \"x\"\nmain = \n")),
        "failed to read manifest `wrangler.toml:2:8`: string values must be quoted, expected literal string"
    );
    assert_eq!(
        error_of(&toml("name = \"x\"\nname = \"y\"\n")),
        "failed to read manifest `wrangler.toml:2:1`: duplicate key"
    );
    assert_eq!(
        error_of(&project(&[("wrangler.jsonc", "{\n  \"name\": \"x\"\n  \"main\" \"y\"\n}")])),
        "failed to read manifest `wrangler.jsonc:3:10`: expected colon after the string or word in object property"
    );
    assert_eq!(
        error_of(&project(&[("wrangler.json", "{\"name\": \"x\", \"name\": \"y\"}")])),
        "failed to read manifest `wrangler.json:1:15`: `name` is given twice"
    );
    assert_eq!(
        error_of(&project(&[("wrangler.json", "[]")])),
        "failed to read manifest `wrangler.json:1:1`: expected an object: `{ ... }`"
    );
}

#[test]
fn files_that_are_not_text_or_nested_without_end_are_refused() {
    let folder = toml("");
    fs::write(folder.path().join("wrangler.toml"), b"name = \"x\"\nmain = \"\xff\"").unwrap();
    assert_eq!(error_of(&folder), "failed to read manifest `wrangler.toml:2:9`: not UTF-8 text");
    for (file, text) in [
        ("wrangler.jsonc", format!("{{\"vars\": {}", "[".repeat(1_000_000))),
        ("wrangler.toml", format!("vars = {}", "[".repeat(1_000_000))),
    ] {
        let error = error_of(&project(&[(file, &text)]));
        assert!(error.ends_with("nested deeper than 64 levels"), "{error}");
    }
}

#[test]
fn a_byte_order_mark_is_ignored() {
    let folder = toml("\u{feff}name = \"with-mark\"");
    assert_eq!(Manifest::load(folder.path(), None).unwrap().name, "with-mark");
}

#[test]
fn wrong_types_name_the_key_what_was_found_and_the_fix() {
    assert_eq!(
        error_of(&toml(
            "name = 5\nmain = \"worker.js\"\ncompatibility_flags = \"x\"\nvars = 3\n\n[limits]\n  cpu_ms = \"50\"\n"
        )),
        "failed to read manifest `wrangler.toml:1:8`: `name` must be a string, found the number 5\n\
         hint: add quotes: `name = \"5\"`\n\
         failed to read manifest `wrangler.toml:3:23`: `compatibility_flags` must be a list of strings, found the string \"x\"\n\
         hint: put it in a list: `compatibility_flags = [\"x\"]`\n\
         failed to read manifest `wrangler.toml:4:8`: `vars` must be a table, found the number 3\n\
         hint: for example `vars = { NAME = \"value\" }`\n\
         failed to read manifest `wrangler.toml:7:12`: `limits.cpu_ms` must be a whole number, found the string \"50\"\n\
         hint: remove the quotes: `cpu_ms = 50`"
    );
    assert_eq!(
        error_of(&project(&[(
            "wrangler.json",
            "{\n\t\"limits\": { \"cpu_ms\": true },\n\t\"main\": [\"worker.js\"]}"
        )])),
        "failed to read manifest `wrangler.json:2:24`: `limits.cpu_ms` must be a whole number, found the boolean true\n\
         failed to read manifest `wrangler.json:3:10`: `main` must be a string, found a list"
    );
    assert_eq!(
        error_of(&toml("[vars]\nSINCE = 2026-01-01\nX = nan")),
        "failed to read manifest `wrangler.toml:2:9`: `vars.SINCE` must be a string, number, boolean, list or table, found the date 2026-01-01\n\
         hint: JSON has no dates, so make it a string: \"2026-01-01\"\n\
         failed to read manifest `wrangler.toml:3:5`: `vars.X` must be a number that JSON can hold, found the number NaN"
    );
}

#[test]
fn limits_out_of_range_name_the_range() {
    assert_eq!(
        error_of(&toml("[limits]\ncpu_ms = 300001\nmemory_mb = 0")),
        "failed to read manifest `wrangler.toml:2:10`: `limits.cpu_ms` is 300001, but must be from 1 to 300000 milliseconds\n\
         hint: why there is a limit: ends loops that never finish; five minutes is also the most that Cloudflare allows\n\
         failed to read manifest `wrangler.toml:3:13`: `limits.memory_mb` is 0, but must be from 8 to 512 megabytes\n\
         hint: why there is a limit: bounds what one request can take from the machine; the sum counts, so more memories do not help"
    );
    assert!(Manifest::load(toml("[limits]\ncpu_ms = 300000").path(), None).is_ok());
}

#[test]
fn values_that_cannot_be_are_refused() {
    assert_eq!(
        error_of(&toml("name = \"My Worker\"\ncompatibility_date = \"2026-02-30\"")),
        "failed to read manifest `wrangler.toml:1:8`: `name` is \"My Worker\", but must be 1 to 63 lower-case letters, digits, `-` and `_`, not starting with `-`\n\
         hint: for example \"my-worker\"\n\
         failed to read manifest `wrangler.toml:2:22`: `compatibility_date` is \"2026-02-30\", but must be a day, written YYYY-MM-DD\n\
         hint: for example \"2026-01-01\""
    );
    assert_eq!(
        error_of(&toml("rules = [{ type = \"text\", globs = [\"*.md\"] }, { globs = [] }]")),
        "failed to read manifest `wrangler.toml:1:19`: `rules.type` is \"text\", but must be \"Text\", \"Data\" or \"CompiledWasm\"\n\
         hint: did you mean \"Text\"?\n\
         failed to read manifest `wrangler.toml:1:47`: a rule has no `type`\n\
         hint: for example `rules = [{ type = \"Text\", globs = [\"**/*.md\"] }]`"
    );
}

#[test]
fn a_main_that_is_not_there_is_named_and_its_neighbour_suggested() {
    assert_eq!(
        error_of(&project(&[("wrangler.toml", "main = \"src/index.ts\""), ("src/index.tsx", "")])),
        "failed to read manifest `wrangler.toml:1:8`: `main` is \"src/index.ts\", which cannot be read: no such file\n\
         hint: did you mean \"src/index.tsx\"?"
    );
    assert_eq!(
        error_of(&project(&[("wrangler.toml", "main = \"src\""), ("src/index.tsx", "")])),
        "failed to read manifest `wrangler.toml:1:8`: `main` is \"src\", which is a folder"
    );
    assert_eq!(
        error_of(&project(&[("wrangler.toml", "name = \"x\"")])),
        "failed to read manifest `wrangler.toml`: `main` is missing, and there is no script with a usual name (`index.js`, `src/index.ts`, ...)\n\
         hint: add `main`, the path of the worker's script"
    );
}

#[test]
fn variables_are_limited_in_number_and_size() {
    let many = |count: usize| {
        let lines: String = (0..count).map(|index| format!("V{index} = \"x\"\n")).collect();
        toml(&format!("[vars]\n{lines}"))
    };
    assert!(Manifest::load(many(128).path(), None).is_ok());
    assert!(error_of(&many(129)).contains("wrangler.toml:130:1`: more than 128 `vars`"));

    let long = |length: usize| toml(&format!("[vars]\nLONG = \"{}\"", "x".repeat(length)));
    assert!(Manifest::load(long(5 * 1024 - 2).path(), None).is_ok());
    assert!(error_of(&long(5 * 1024 - 1)).contains("`vars.LONG` has 5121 bytes, more than the 5120 allowed"));
}

#[test]
fn keys_that_have_no_effect_are_warned_about_with_the_reason() {
    let folder = toml(
        "compatibility_date = \"2026-01-01\"\nminify = false\ncompatibility_flags = [\"nodejs_compat\", \"x\"]\nminify_ = 1\n\
         observability = { enabled = true }\nbuild = { command = \"make\" }\n",
    );
    assert_eq!(
        warnings_of(&folder),
        [
            "manifest `wrangler.toml:4:1`: unknown key `minify_`\nhint: did you mean `minify`?",
            "manifest `wrangler.toml:5:1`: `observability` has no effect: logs are always there: `glowplug tail`",
            "manifest `wrangler.toml:6:1`: `build` has no effect: glowplug runs no build commands\nhint: run `make` yourself, before glowplug",
            "manifest `wrangler.toml:3:41`: compatibility flag `x` has no effect yet",
        ]
    );
}

#[test]
fn cron_triggers_and_tail_consumers_are_read_and_checked() {
    let manifest = Manifest::load(
        toml("triggers = { crons = [\"*/5 * * * *\", \"0 0 L * *\"] }\ntail_consumers = [{ service = \"logger\" }]\n")
            .path(),
        None,
    )
    .unwrap();
    assert_eq!(manifest.crons, ["*/5 * * * *", "0 0 L * *"]);
    assert_eq!(manifest.tail_consumers, ["logger"]);
    let error = error_of(&toml("triggers = { crons = [\"* * * *\"] }\n"));
    assert!(error.contains("`triggers.crons` has \"* * * *\": it has 4 fields instead of 5"), "{error}");
    let error = error_of(&toml("tail_consumers = [{ environment = \"x\" }]\n"));
    assert!(error.contains("`tail_consumers.environment` is not supported"), "{error}");
}

#[test]
fn unknown_keys_are_warned_about_with_the_nearest_one() {
    let folder = toml("nmae = \"x\"\ncompatability_date = \"2026-01-01\"\nzebra = 1\n[limits]\ncpums = 5\n");
    assert_eq!(
        warnings_of(&folder),
        [
            "manifest `wrangler.toml:1:1`: unknown key `nmae`\nhint: did you mean `name`?",
            "manifest `wrangler.toml:2:1`: unknown key `compatability_date`\nhint: did you mean `compatibility_date`?",
            "manifest `wrangler.toml:3:1`: unknown key `zebra`",
            "manifest `wrangler.toml:5:1`: unknown key `limits.cpums`\nhint: did you mean `limits.cpu_ms`?",
            "manifest `wrangler.toml`: no `compatibility_date`, so 2026-01-01 is used\nhint: add one, so that an upgrade does not change how the worker behaves",
        ]
    );
}

#[test]
fn names_are_made_from_files_and_folders() {
    assert_eq!(discover::sanitised("Hello, World"), "hello-world");
    assert_eq!(discover::sanitised("--__a"), "__a");
    assert_eq!(discover::sanitised("!!!"), "");
    assert_eq!(discover::sanitised(&"x".repeat(80)).len(), 63);
    let name = |file: &str, root: &str| discover::name_of(&Entry::Script(PathBuf::from(file)), Path::new(root));
    assert_eq!(name("/p/shop/api.ts", "/p/shop"), "api");
    assert_eq!(name("/p/shop/src/index.ts", "/p/shop/src"), "shop");
    assert_eq!(name("/index.ts", "/"), "worker");
}
