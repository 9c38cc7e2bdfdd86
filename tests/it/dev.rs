//! `glowplug dev`: serving, errors, changes.

use crate::support::{Server, glowplug, project, run};
use http::Method;
use http_body_util::Full;

#[tokio::test]
async fn a_script_answers_with_its_price_and_version() {
    let server = Server::script("export default { async fetch() { return new Response('Hello'); } };").await;
    let answer = server.get("/").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "Hello"));
    assert!(answer.fuel() > 0);
    assert_eq!(answer.header("x-glowplug-version").map(str::len), Some(12));
    assert_eq!(answer.header("content-type"), Some("text/plain;charset=UTF-8"));
    let line = server.printed("GET / 200").await;
    assert!(line.contains("fuel") && line.contains("wall"), "{line}");
    assert!(server.stop().await.success());
}

#[tokio::test]
async fn both_worker_shapes_and_the_class_form_answer() {
    for source in [
        "export default { fetch: (request) => new Response(request.method) };",
        "addEventListener('fetch', (event) => event.respondWith(new Response(event.request.method)));",
        "import { WorkerEntrypoint } from 'cloudflare:workers';\n\
         export default class extends WorkerEntrypoint { fetch(request) { return new Response(request.method); } }",
    ] {
        let server = Server::script(source).await;
        assert_eq!(server.post("/", "x").await.text(), "POST", "{source}");
    }
}

#[tokio::test]
async fn an_uncaught_exception_shows_the_typescript_line() {
    let server = Server::project(
        &[(
            "worker.ts",
            "interface Shape { sides: number }\n\nfunction area(shape: Shape): number {\n  throw new TypeError(`no area for ${shape.sides} sides`);\n}\n\n\
             export default { async fetch(): Promise<Response> { return new Response(String(area({ sides: 3 }))); } };\n",
        )],
        "worker.ts",
    )
    .await;
    let page = server.get("/").await;
    assert_eq!((page.status.as_u16(), page.header("x-glowplug-error")), (500, Some("1101")));
    assert!(page.text().contains("TypeError: no area for 3 sides"), "{}", page.text());
    assert!(page.text().contains("area") && page.text().contains("worker.ts:4"), "{}", page.text());
    let json = server
        .send(server.request(Method::GET, "/").header("accept", "application/json").body(Full::default()).unwrap())
        .await
        .json();
    assert_eq!(json["code"], 1101);
    assert!(json["stack"][0].as_str().unwrap().contains("worker.ts:4"), "{json}");
    server.printed("worker.ts:4").await;
}

#[tokio::test]
async fn a_request_without_a_body_gives_the_worker_none() {
    let server = Server::script(
        "export default { fetch: async (request) => new Response(`${request.body} ${(await request.text()).length}`) };",
    )
    .await;
    for method in [Method::GET, Method::DELETE] {
        let request = server.request(method, "/").body(Full::default()).unwrap();
        assert_eq!(server.send(request).await.text(), "null 0");
    }
    // Their length is 0, which is not the same: what is stored of it is empty, and not `null`.
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let request = server.request(method, "/").header("content-length", "0").body(Full::default()).unwrap();
        assert_eq!(server.send(request).await.text(), "[object ReadableStream] 0");
    }
    assert_eq!(server.post("/", "x").await.text(), "[object ReadableStream] 1");
}

#[tokio::test]
async fn a_handler_that_returns_no_response_is_an_exception() {
    for source in ["export default { fetch: () => 'text' };", "export default { fetch: async () => undefined };"] {
        let page = Server::script(source).await.get("/").await;
        assert_eq!(page.header("x-glowplug-error"), Some("1101"), "{source}: {}", page.text());
    }
}

#[tokio::test]
async fn a_promise_that_cannot_settle_ends_at_once_and_lists_what_is_pending() {
    let server = Server::script(
        "export default { async fetch() {\n  await new Promise(() => {});\n  return new Response('never'); } };",
    )
    .await;
    let start = std::time::Instant::now();
    let page = server.get("/").await;
    assert!(start.elapsed().as_secs() < 5);
    assert_eq!(page.header("x-glowplug-error"), Some("1101"));
    assert!(page.text().contains("never generate a response"), "{}", page.text());
}

#[tokio::test]
async fn console_output_reaches_the_terminal_with_level_and_request() {
    let server = Server::script(
        "export default { fetch() { console.log('plain', { a: 1 }); console.warn('careful'); console.error(new Error('broken')); return new Response(); } };",
    )
    .await;
    server.get("/").await;
    let printed = server.printed("GET / 200").await;
    assert!(printed.contains("worker.js:1:"), "logged stacks name the author's file: {printed}");
    let line = printed.lines().find(|line| line.contains("plain")).unwrap();
    let id = line.split(']').next().unwrap().trim_start_matches('[');
    assert_eq!(id.len(), 16, "{line}");
    assert!(line.contains("log") && line.contains("{ a: 1 }"), "{line}");
    assert!(
        printed.lines().any(|line| line.contains(id) && line.contains("warn") && line.contains("careful")),
        "{printed}"
    );
}

#[tokio::test]
async fn a_change_goes_live_and_a_broken_one_keeps_the_last_good_version() {
    let server = Server::script("export default { fetch: () => new Response('one') };").await;
    let first = server.get("/").await;
    let write = |text: &str| std::fs::write(server.path("worker.js"), text).unwrap();

    write("export default { fetch: () => new Response('two') };");
    server.printed("is live").await;
    let second = server.get("/").await;
    assert_eq!(second.text(), "two");
    assert_ne!(first.header("x-glowplug-version"), second.header("x-glowplug-version"));

    write("export default { fetch: () => new Response('three' };");
    let printed = server.printed("the last good version goes on serving").await;
    assert!(printed.contains("worker.js"), "{printed}");
    assert_eq!(server.get("/").await.text(), "two");

    write("export default { fetch: () => new Response('four') };");
    for _ in 0..500 {
        if server.get("/").await.text() == "four" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the mended version never went live:\n{}", server.stderr());
}

#[tokio::test]
async fn a_worker_broken_from_the_start_shows_its_error_until_it_is_mended() {
    let server = Server::script("export default {").await;
    let page = server.get("/").await;
    assert_eq!(page.header("x-glowplug-error"), Some("1105"));
    assert!(page.text().contains("worker.js"), "{}", page.text());
    std::fs::write(server.path("worker.js"), "export default { fetch: () => new Response('mended') };").unwrap();
    server.printed("is live").await;
    assert_eq!(server.get("/").await.text(), "mended");
}

#[tokio::test]
async fn variables_and_limits_come_from_the_configuration() {
    let server = Server::project(
        &[
            ("wrangler.toml", "name = \"vars\"\nmain = \"src/index.ts\"\ncompatibility_date = \"2026-01-01\"\n[vars]\nGREETING = \"hi\"\nLIST = [1, 2]\n[limits]\ncpu_ms = 50\n"),
            ("src/index.ts", "export default { fetch(request: Request, env: any) { if (request.url.endsWith('/loop')) for (;;); return Response.json(env); } };"),
        ],
        "",
    )
    .await;
    assert_eq!(server.get("/").await.text(), r#"{"GREETING":"hi","LIST":[1,2]}"#);
    let page = server.get("/loop").await;
    assert_eq!(page.header("x-glowplug-error"), Some("1102"));
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_flag_to_use() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = project(&[("worker.js", "export default { fetch: () => new Response() };")]);
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["dev", "--port", &port, dir.path().join("worker.js").to_str().unwrap()]).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && stderr.contains(&port) && stderr.contains("--port"), "{stderr}");
}

#[tokio::test]
async fn wrong_paths_and_files_are_explained() {
    let dir = project(&[
        ("empty/readme.md", "nothing here"),
        ("broken/wrangler.toml", "name = \"x\"\nmain = 3\n"),
        ("core.wasm", "\0asm\x01\0\0\0"),
        ("text.wasm", "hello"),
    ]);
    let component = b"\0asm\x0d\0\x01\0";
    std::fs::write(dir.path().join("nothing.wasm"), component).unwrap();
    std::fs::write(dir.path().join("truncated.wasm"), [component.as_slice(), &[7, 200, 1]].concat()).unwrap();
    let out = dir.path().join("out.wasm");
    for (path, expected) in [
        ("missing.js", "missing.js"),
        ("empty", "wrangler.toml"),
        ("broken", "wrangler.toml:2"),
        ("core.wasm", "core WebAssembly module, not a component"),
        ("text.wasm", "not a WebAssembly file"),
        ("nothing.wasm", "wasi:http/incoming-handler@0.2"),
        ("truncated.wasm", "damaged or truncated"),
    ] {
        let path = dir.path().join(path);
        let output = run(&["build", path.to_str().unwrap(), "-o", out.to_str().unwrap()]).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(expected), "{}: {stderr}", path.display());
    }
    let missing = glowplug().args(["dev", "--port", "0", "no/such/worker.js"]).output().await.unwrap();
    assert!(!missing.status.success() && String::from_utf8_lossy(&missing.stderr).contains("no/such/worker.js"));
}
