//! A worker that fetches what visitors tell it to must not become a way to its bindings.

use super::project_with;
use crate::origin::Origin;
use crate::support::Server;
use serde_json::{Value, json};

const WORKER: &str = r#"
const told = async (action) => {
  try {
    const response = await action();
    return `${response.status} ${response.url} ${await response.text()}`;
  } catch (error) {
    return `${error.name}: ${error.message}\n${error.stack}`;
  }
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    await env.KV.put("crown", "jewels");
    if (url.pathname === "/fetch") {
      // The binding is in use, so that its address is there to be guessed.
      const init = url.searchParams.has("header") ? { headers: { "glowplug-url": "http://callee/values/crown" } } : {};
      return Response.json(await told(() => fetch(url.searchParams.get("url"), init)));
    }
    const controller = new AbortController();
    const slow = env.OTHER.fetch("https://other.example/slow", { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    const clone = () => { try { return JSON.stringify(structuredClone(env)); } catch (error) { return `${error.name}: ${error.message}`; } };
    console.log(env, env.KV, env.OTHER, env.ASSETS, [env.KV], request, [request.headers]);
    console.dir(env, { depth: 20 });
    return Response.json({
      told: [
        await told(() => env.OTHER.fetch("https://other.example/")),
        await told(() => env.OTHER.fetch("https://other.example/throw")),
        await told(() => env.OTHER.fetch("https://other.example/break")),
        await told(() => env.MISSING.fetch("https://missing.example/")),
        await told(() => env.ASSETS.fetch("https://assets.example/file.txt")),
        await told(() => env.ASSETS.fetch("https://assets.example/not-there")),
        await told(() => slow),
        await told(() => env.KV.get("x".repeat(600))),
        await told(() => env.KV.put("k", new ReadableStream({ start(controller) { controller.error(new Error("broke")); } }))),
        await told(() => env.OTHER.fetch("https://other.example/" + "x".repeat(200_000))),
        await told(() => env.OTHER.fetch("https://other.example/", { headers: { host: "a b" } })),
      ],
      clone: clone(),
      json: JSON.stringify(env),
      keys: [env.KV, env.OTHER, env.ASSETS].map((binding) => Reflect.ownKeys(binding).concat(Reflect.ownKeys(Object.getPrototypeOf(binding))).map(String)),
      text: [String(env.KV), String(env.OTHER), Object.entries(env.KV), Function.prototype.toString.call(env.KV.get)],
      globals: Reflect.ownKeys(globalThis).map(String).filter((name) => /binding|address|glowplug|native/i.test(name)),
    });
  },
};
"#;

const CALLEE: &str = r#"
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/throw") throw new Error("thrown by the callee");
    if (path === "/slow") return new Promise((resolve) => setTimeout(() => resolve(new Response()), 10_000));
    if (path === "/break") return new Response(new ReadableStream({ pull(controller) { controller.error(new Error("broken")); } }));
    return Response.json([request.url, [...request.headers]]);
  },
};
"#;

async fn server() -> Server {
    let config = "name = \"open\"\nmain = \"worker.js\"\nkv_namespaces = [{ binding = \"KV\" }]\n\
        assets = { directory = \"public\", binding = \"ASSETS\" }\n\
        services = [{ binding = \"OTHER\", service = \"callee\" }, { binding = \"MISSING\", service = \"nobody\" }]\n";
    let files = [
        ("open/wrangler.toml", config),
        ("open/worker.js", WORKER),
        ("open/public/file.txt", "a file"),
        ("callee/wrangler.toml", "name = \"callee\"\nmain = \"worker.js\"\n"),
        ("callee/worker.js", CALLEE),
    ];
    Server::projects(&files, &["open", "callee"]).await
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn no_url_leads_to_a_binding() {
    let server = server().await;
    let token = "a".repeat(32);
    for url in [
        "http://KV/values/crown".to_owned(),
        "http://kv/values/crown".into(),
        "http://env.KV/values/crown".into(),
        "http://callee/".into(),
        "http://binding.invalid/values/crown".into(),
        "http://.binding.invalid/values/crown".into(),
        "http://0.binding.invalid/values/crown".into(),
        "http://KV.binding.invalid/values/crown".into(),
        format!("http://{token}.0.binding.invalid/values/crown"),
        format!("https://{token}.1.binding.invalid/"),
        format!("http://user:pass@{token}.0.binding.invalid/values/crown"),
    ] {
        for header in ["", "&header"] {
            let told = server.get(&format!("/fetch?url={}{header}", encoded(&url))).await.json();
            let told = told.as_str().unwrap();
            assert!(told.starts_with("TypeError: "), "{url}: {told}");
            assert!(!told.contains("jewels"), "{url}: {told}");
        }
    }
}

#[tokio::test]
async fn the_header_that_names_a_url_has_no_effect_on_the_network() {
    let (server, origin) = (server().await, Origin::start().await);
    let told = server.get(&format!("/fetch?header&url={}", encoded(&origin.url("/plain")))).await.json();
    assert_eq!(told, format!("200 {} GET /plain", origin.url("/plain")));
}

#[tokio::test]
async fn the_address_of_a_binding_is_nowhere_to_be_seen() {
    let server = server().await;
    let seen = server.get("/look").await;
    let text = seen.text();
    assert!(!text.contains("binding.invalid") && !text.contains("glowplug-url"), "{text}");
    let seen: Value = seen.json();
    let told = |index: usize| seen["told"][index].as_str().unwrap();
    assert!(told(0).starts_with("200 https://other.example/ [\"https://other.example/\","), "{}", told(0));
    assert!(told(1).contains("thrown by the callee"), "{}", told(1));
    assert!(told(3).contains("`nobody`"), "{}", told(3));
    assert_eq!(told(4), "200 https://assets.example/file.txt a file");
    assert!(told(5).starts_with("404 "), "{}", told(5));
    assert!(told(6).starts_with("AbortError: "), "{}", told(6));
    assert!(seen["clone"].as_str().unwrap().starts_with("DataCloneError: "), "{}", seen["clone"]);
    assert_eq!(seen["json"], r#"{"ASSETS":{},"KV":{},"MISSING":{},"OTHER":{}}"#);
    assert_eq!(seen["text"][0], "[object KvNamespace]");
    assert_eq!(seen["globals"], json!([]));
    let printed = server.printed("GET /look ").await;
    assert!(printed.contains("KvNamespace") && printed.contains("Fetcher"), "{printed}");
    assert!(!printed.contains("binding.invalid"), "{printed}");
}

#[tokio::test]
async fn a_component_cannot_guess_an_address_either() {
    let dir = project_with(
        &[("wrangler.toml", "name = \"rust\"\nmain = \"worker.wasm\"\nkv_namespaces = [{ binding = \"KV\" }]\n")],
        &[("", "bindings.wasm")],
    );
    let server = Server::start(dir.path()).await;
    server.get("/kv/put?key=crown&value=jewels").await;
    for host in ["KV", "0.binding.invalid", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.0.binding.invalid"] {
        let told = server.get(&format!("/escape?url={}", encoded(&format!("http://{host}/values/crown")))).await;
        assert_eq!(told.status, 500, "{host}: {}", told.text());
        assert!(!told.text().contains("jewels"), "{host}: {}", told.text());
    }
}
