//! Secrets from `.dev.vars` and `.env`.

use super::{files_below, files_with, guest};
use crate::support::{Server, project};
use serde_json::{Value, json};
use std::path::Path;

const WORKER: &str = r#"
import { env } from "cloudflare:workers";

const early = (() => {
  try {
    return `read: ${env.API_KEY}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
})();

export default {
  fetch(request, given) {
    const { API_KEY = null, OTHER = null, PLAIN = null } = given;
    const names = Object.keys(given).sort();
    return Response.json({ API_KEY, OTHER, PLAIN, early, names, imported: env.API_KEY === given.API_KEY });
  },
};
"#;
const CONFIG: &str = "name = \"keeper\"\nmain = \"worker.js\"\n[vars]\nPLAIN = \"from the file\"\n";

async fn keeper(files: &[(&str, &str)]) -> Server {
    let files = [&[("wrangler.toml", CONFIG), ("worker.js", WORKER)], files].concat();
    Server::project(&files, "").await
}

fn write(server: &Server, file: &str, text: &str) {
    std::fs::write(server.path(file), text).unwrap();
}

#[tokio::test]
async fn dev_vars_are_secrets_in_the_handler_and_not_at_the_top_level() {
    let server = keeper(&[
        (".dev.vars", "API_KEY=\"s3cr3t-one\"\nPLAIN=replaced\n"),
        (".env", "API_KEY=not-read\nOTHER=not-read\n"),
    ])
    .await;
    let seen = server.get("/").await.json();
    assert_eq!(
        (&seen["API_KEY"], &seen["OTHER"], &seen["PLAIN"]),
        (&json!("s3cr3t-one"), &json!(null), &json!("replaced"))
    );
    assert_eq!((&seen["names"], &seen["imported"]), (&json!(["API_KEY", "PLAIN"]), &json!(true)));
    let early = seen["early"].as_str().unwrap();
    assert!(early.starts_with("Error: ") && early.contains("env.API_KEY") && early.contains("secret"), "{early}");
}

#[tokio::test]
async fn env_files_are_read_when_there_is_no_dev_vars_file() {
    let server = keeper(&[
        (".env", "export API_KEY='one'\nOTHER=${API_KEY}-two # said twice\n"),
        (".env.local", "API_KEY=local\n"),
    ])
    .await;
    let seen = server.get("/").await.json();
    assert_eq!((&seen["API_KEY"], &seen["OTHER"]), (&json!("local"), &json!("local-two")));
}

#[tokio::test]
async fn a_change_is_live_and_what_is_removed_is_gone() {
    let server = keeper(&[]).await;
    let value = |name: &'static str, value: Value| move |answer: &crate::support::Answer| answer.json()[name] == value;
    assert_eq!(server.get("/").await.json()["API_KEY"], json!(null));
    write(&server, ".dev.vars", "API_KEY=one\nOTHER=first\n");
    server.until("/", value("API_KEY", json!("one"))).await;
    write(&server, ".dev.vars", "API_KEY=two\n");
    let seen = server.until("/", value("API_KEY", json!("two"))).await.json();
    assert_eq!((&seen["OTHER"], &seen["names"]), (&json!(null), &json!(["API_KEY", "PLAIN"])));
    std::fs::remove_file(server.path(".dev.vars")).unwrap();
    server.until("/", value("API_KEY", json!(null))).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_understood_is_an_error_until_it_is_mended() {
    let server = keeper(&[(".dev.vars", "API_KEY=one\n")]).await;
    write(&server, ".dev.vars", "API_KEY=two\nthis is no assignment\n");
    let printed = server.printed("the last good version goes on serving").await;
    assert!(printed.contains(".dev.vars:2"), "{printed}");
    assert_eq!(server.get("/").await.json()["API_KEY"], "one");
    write(&server, ".dev.vars", "API_KEY=three\n");
    server.until("/", |answer| answer.json()["API_KEY"] == "three").await;
}

#[tokio::test]
async fn a_variable_may_become_a_secret_and_a_secret_a_variable() {
    let server = keeper(&[(".dev.vars", "API_KEY=one\nPLAIN=replaced\n")]).await;
    assert_eq!(server.get("/").await.json()["PLAIN"], "replaced");
    write(&server, "wrangler.toml", "name = \"keeper\"\nmain = \"worker.js\"\n[vars]\nAPI_KEY = \"a variable\"\n");
    // Now the file's `PLAIN` is a secret, and its `API_KEY` replaces a variable.
    server.until("/", |answer| answer.json()["early"] == "read: one").await;
    assert_eq!(server.get("/").await.json()["PLAIN"], "replaced");
    write(&server, "wrangler.toml", CONFIG);
    server.until("/", |answer| answer.json()["early"].as_str().unwrap().contains("secret")).await;
}

#[tokio::test]
async fn a_required_secret_that_is_missing_is_told() {
    let config = format!("secrets = {{ required = [\"API_KEY\", \"OTHER\"] }}\n{CONFIG}");
    let files = [("wrangler.toml", config.as_str()), ("worker.js", WORKER), (".dev.vars", "API_KEY=one\nEXTRA=two\n")];
    let server = Server::project(&files, "").await;
    let stderr = server.stderr();
    assert!(stderr.contains("OTHER") && stderr.contains(".dev.vars"), "{stderr}");
    let seen = server.get("/").await.json();
    assert_eq!((&seen["API_KEY"], &seen["OTHER"]), (&json!("one"), &json!(null)));
    assert_eq!(seen["names"], json!(["API_KEY", "OTHER", "PLAIN"]), "only required names are taken from the file");
    assert!(seen["early"].as_str().unwrap().contains("secret"), "{seen}");
}

#[tokio::test]
async fn a_secret_read_while_the_worker_starts_fails_the_build_and_says_why() {
    let worker = "import { env } from 'cloudflare:workers';\n\nconst key = env.API_KEY.trim();\n\
        export default { fetch: () => new Response(key) };\n";
    let server =
        Server::project(&[("wrangler.toml", CONFIG), ("worker.js", worker), (".dev.vars", "API_KEY=one\n")], "").await;
    let page = server.get("/").await;
    assert_eq!(page.header("x-glowplug-error"), Some("1105"));
    for expected in ["env.API_KEY", "secret", "worker.js:3"] {
        assert!(page.text().contains(expected), "`{expected}`: {}", page.text());
    }
}

#[tokio::test]
async fn secrets_are_in_no_file_and_on_no_line() {
    let config = format!("kv_namespaces = [{{ binding = \"KV\" }}]\n{CONFIG}");
    let dir = project(&[
        ("wrangler.toml", config.as_str()),
        (
            "worker.js",
            "export default { async fetch(request, env) { await env.KV.put('k', 'v'); if (request.url.endsWith('/throw')) throw new Error('no'); return new Response(String(env.API_KEY.length)); } };",
        ),
        (".dev.vars", "API_KEY=\"zq7-marker-of-a-secret\"\n"),
    ]);
    let data = dir.path().join("data");
    let cache = dir.path().join("cache");
    let flags = ["--persist-to", data.to_str().unwrap(), "--cache", cache.to_str().unwrap()];
    let server = Server::start_with(dir.path(), &flags).await;
    assert_eq!(server.get("/").await.text(), "22");
    let page = server.get("/throw").await;
    assert!(!page.text().contains("zq7-marker"), "{}", page.text());
    for folder in [&data, &cache] {
        assert!(!files_below(folder).is_empty(), "{}", folder.display());
        assert_eq!(files_with(folder, "zq7-marker-of-a-secret"), Vec::<std::path::PathBuf>::new());
    }
    assert!(!server.stderr().contains("zq7-marker"), "{}", server.stderr());
}

#[tokio::test]
async fn a_rust_worker_has_the_same_secrets() {
    let dir =
        project(&[("wrangler.toml", "name = \"rust\"\nmain = \"worker.wasm\"\n"), (".dev.vars", "API_KEY=one\n")]);
    std::fs::copy(guest("bindings.wasm"), dir.path().join("worker.wasm")).unwrap();
    let server = Server::start(dir.path()).await;
    assert_eq!(server.get("/secret?name=API_KEY").await.json(), json!({ "value": "one" }));
    assert_eq!(server.get("/secret?name=OTHER").await.json(), json!({ "value": null }));
    std::fs::write(dir.path().join(".dev.vars"), "API_KEY=two\n").unwrap();
    server.until("/secret?name=API_KEY", |answer| answer.json() == json!({ "value": "two" })).await;
}

#[tokio::test]
async fn each_environment_may_have_a_file_of_its_own() {
    let config = format!("{CONFIG}[env.staging.vars]\nPLAIN = \"staging\"\n");
    let files = [
        ("wrangler.toml", config.as_str()),
        ("worker.js", WORKER),
        (".dev.vars", "API_KEY=production\n"),
        (".dev.vars.staging", "API_KEY=staging\n"),
    ];
    let dir = project(&files);
    let seen = |path: &Path, flags: &'static [&'static str]| {
        let path = path.to_owned();
        async move { Server::start_with(&path, flags).await.get("/").await.json() }
    };
    let staging = seen(dir.path(), &["--env", "staging"]).await;
    assert_eq!((&staging["API_KEY"], &staging["PLAIN"]), (&json!("staging"), &json!("staging")));
    let production = seen(dir.path(), &[]).await;
    assert_eq!((&production["API_KEY"], &production["PLAIN"]), (&json!("production"), &json!("from the file")));
}
