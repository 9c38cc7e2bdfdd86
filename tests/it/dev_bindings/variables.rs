//! What else is in `env`: variables and the version's metadata; environments; what does not exist here.

use crate::support::{Server, project, run};
use serde_json::json;

const WORKER: &str = r#"
import { env } from "cloudflare:workers";

const early = JSON.stringify(env);
let version;
try {
  version = env.VERSION.id;
} catch (error) {
  version = error.message;
}

export default {
  fetch(request, given) {
    const { VERSION, ...rest } = given;
    return Response.json({ early, rest, same: env === given, version, VERSION, again: env.VERSION === VERSION });
  },
};
"#;

#[tokio::test]
async fn variables_keep_their_types_and_are_there_at_the_top_level() {
    let config = r#"{
      // a comment
      "name": "typed", "main": "worker.js",
      "vars": { "TEXT": "ü\n", "NUMBER": 1.5, "LARGE": 9007199254740991, "FLAG": false, "LIST": [1, "two", null], "TABLE": { "a": { "b": [] } }, "EMPTY": "" },
    }"#;
    let worker = WORKER.replace("version = env.VERSION.id", "version = 'none'");
    let server = Server::project(&[("wrangler.jsonc", config), ("worker.js", &worker)], "").await;
    let seen = server.get("/").await.json();
    let expected = json!({
        "TEXT": "ü\n", "NUMBER": 1.5, "LARGE": 9007199254740991_u64, "FLAG": false, "LIST": [1, "two", null],
        "TABLE": { "a": { "b": [] } }, "EMPTY": "",
    });
    assert_eq!(seen["rest"], expected);
    assert_eq!(serde_json::from_str::<serde_json::Value>(seen["early"].as_str().unwrap()).unwrap(), expected);
    assert_eq!(seen["same"], true);
}

#[tokio::test]
async fn the_version_has_an_id_and_a_time_and_is_not_known_before_a_request() {
    let config = "name = \"known\"\nmain = \"worker.js\"\nversion_metadata = { binding = \"VERSION\" }\n";
    let worker = WORKER.replace("const early = JSON.stringify(env);", "const early = null;");
    let server = Server::project(&[("wrangler.toml", config), ("worker.js", &worker)], "").await;
    let answer = server.get("/").await;
    let seen = answer.json();
    assert_eq!(seen["VERSION"]["id"].as_str(), answer.header("x-glowplug-version"));
    assert_eq!(seen["VERSION"]["tag"], "");
    let timestamp = seen["VERSION"]["timestamp"].as_str().unwrap();
    assert!(timestamp.starts_with("20") && timestamp.ends_with('Z'), "{timestamp}");
    assert_eq!(seen["again"], true);
    let told = seen["version"].as_str().unwrap();
    assert!(told.contains("env.VERSION") && told.contains("metadata"), "{told}");
}

#[tokio::test]
async fn an_environment_has_its_own_variables_and_namespaces() {
    let config = "name = \"shop\"\nmain = \"worker.js\"\nkv_namespaces = [{ binding = \"KV\" }]\nvars = { WHERE = \"top\" }\n\
        [env.staging]\nvars = { WHERE = \"staging\" }\nkv_namespaces = [{ binding = \"KV\" }]\n[env.bare]\n";
    let worker = "export default { async fetch(request, env) { const before = (await env.KV?.get('k')) ?? null; \
        await env.KV?.put('k', env.WHERE); return Response.json([env.WHERE ?? null, before]); } };";
    let dir = project(&[("wrangler.toml", config), ("worker.js", worker)]);
    let server = Server::start(dir.path()).await;
    assert_eq!(server.get("/").await.json(), json!(["top", null]));
    assert_eq!(server.get("/").await.json(), json!(["top", "top"]));
    server.stop().await;
    let server = Server::start_with(dir.path(), &["--env", "staging"]).await;
    assert_eq!(server.get("/").await.json(), json!(["staging", null]), "the namespace is the top level's");
    let server = Server::start_with(dir.path(), &["--env", "bare"]).await;
    assert_eq!(server.get("/").await.json(), json!([null, null]));
    assert!(server.stderr().contains("kv_namespaces"), "{}", server.stderr());
    let server = Server::start_with(dir.path(), &["--env", "produktion"]).await;
    server.printed("error: ").await;
    let stderr = server.stderr();
    assert!(stderr.contains("produktion") && stderr.contains("staging") && stderr.contains("bare"), "{stderr}");
}

const FOREIGN: &str = "name = \"foreign\"\nmain = \"worker.js\"\n\
    kv_namespaces = [{ binding = \"KV\" }]\n\
    [[d1_databases]]\nbinding = \"DATABASE\"\ndatabase_name = \"x\"\ndatabase_id = \"y\"\n\
    [[r2_buckets]]\nbinding = \"BUCKET\"\nbucket_name = \"z\"\n\
    [durable_objects]\nbindings = [{ name = \"ROOM\", class_name = \"Room\" }]\n";

#[tokio::test]
async fn dev_goes_on_without_bindings_that_do_not_exist_here_and_build_refuses() {
    let worker = "export default { fetch: (request, env) => Response.json([typeof env.KV, typeof env.DATABASE, typeof env.BUCKET, typeof env.ROOM]) };";
    let dir = project(&[("wrangler.toml", FOREIGN), ("worker.js", worker)]);
    let server = Server::start(dir.path()).await;
    assert_eq!(server.get("/").await.json(), json!(["object", "undefined", "undefined", "undefined"]));
    let stderr = server.stderr();
    let warnings: Vec<_> = stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    for (name, kind) in [("DATABASE", "D1"), ("BUCKET", "R2"), ("ROOM", "Durable Object")] {
        assert!(warnings.iter().any(|line| line.contains(name) && line.contains(kind)), "{name}: {stderr}");
    }
    let out = dir.path().join("out.wasm");
    let output = run(&["build", dir.path().to_str().unwrap(), "-o", out.to_str().unwrap()]).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && !out.exists());
    for name in ["DATABASE", "BUCKET", "ROOM"] {
        assert!(stderr.contains(name), "{name}: {stderr}");
    }
}

#[tokio::test]
async fn a_binding_that_is_mistyped_is_named_with_its_line() {
    for (line, expected) in [
        ("kv_namespaces = [{ bindng = \"KV\" }]", "a KV namespace has no `binding`"),
        ("kv_namespaces = [{ binding = \"MY-KV\" }]", "MY-KV"),
        ("kv_namespaces = [{ binding = 3 }]", "kv_namespaces.binding"),
        ("services = [{ binding = \"OTHER\" }]", "service"),
        ("services = [{ binding = \"OTHER\", service = \"Not A Name\" }]", "Not A Name"),
        ("vars = { KV = \"1\" }\nkv_namespaces = [{ binding = \"KV\" }]", "KV"),
        ("assets = { directory = \"nowhere\" }", "nowhere"),
    ] {
        let config = format!("name = \"x\"\nmain = \"worker.js\"\n{line}\n");
        let dir = project(&[("wrangler.toml", &config), ("worker.js", "export default { fetch() {} };")]);
        let out = dir.path().join("out.wasm");
        let output = run(&["build", dir.path().to_str().unwrap(), "-o", out.to_str().unwrap()]).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{line}: {stderr}");
        assert!(stderr.contains(expected) && stderr.contains("wrangler.toml:"), "{line}: {stderr}");
    }
}

#[tokio::test]
async fn a_namespace_may_be_bound_under_any_identifier() {
    let long = format!("name = \"{}\"\n", "w".repeat(63));
    let config = long
        + "main = \"worker.js\"\nkv_namespaces = [{ binding = \"$STORE\" }, { binding = \"GRÖSSE\" }, { binding = \"KV\" }]\n";
    let worker = "export default { async fetch(request, env) { for (const name of ['$STORE', 'GRÖSSE', 'KV']) await env[name].put('k', name); \
        return Response.json([await env.$STORE.get('k'), await env.GRÖSSE.get('k'), await env.KV.get('k')]); } };";
    let server = Server::project(&[("wrangler.toml", &config), ("worker.js", worker)], "").await;
    assert_eq!(server.get("/").await.json(), json!(["$STORE", "GRÖSSE", "KV"]));
}
