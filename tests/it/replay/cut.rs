//! Invocations that were cut off: by the clock, by their client, by their fuel.

use super::{recordings, replayed};
use crate::support::{Server, project};
use http_body_util::BodyExt;

const WORKER: &str = r#"
export default {
    async fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/loop") for (;;) {}
        if (pathname === "/hog") { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); }
        if (pathname === "/wait") await new Promise((resolve) => setTimeout(resolve, 60_000));
        if (pathname === "/hang") await new Promise(() => {});
        let n = 0;
        const body = new ReadableStream({
            async pull(controller) {
                await new Promise((resolve) => setTimeout(resolve, 5));
                controller.enqueue(new TextEncoder().encode(`${n++} ${"y".repeat(30_000)}\n`));
            },
        });
        return new Response(body);
    },
};
"#;

const CONFIG: &str =
    "name = \"cut\"\nmain = \"worker.js\"\ncompatibility_date = \"2025-01-01\"\n[limits]\ncpu_ms = 50\nwall_ms = 400\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_for_work_that_was_cut_off_can_be_checked_too() {
    let dir = project(&[("wrangler.toml", CONFIG), ("worker.js", WORKER)]);
    let folder = dir.path().join("recordings");
    let server = Server::start_with(dir.path(), &["--record", folder.to_str().unwrap()]).await;
    for path in ["/loop", "/hog", "/wait", "/hang"] {
        assert!(server.breaks_off(path).await || server.get(path).await.status.is_server_error(), "{path}");
    }
    assert!(server.breaks_off("/endless").await, "the clock ends it");
    // A client that leaves after the first piece.
    let request = server.request(http::Method::GET, "/endless").body(Default::default()).unwrap();
    let mut response = server.open(request).await;
    response.body_mut().frame().await.unwrap().unwrap();
    drop(response);
    server.printed("canceled").await;
    server.stop().await;
    let outcomes: Vec<_> = replayed(&[folder.to_str().unwrap()])
        .await
        .into_iter()
        .map(|value| {
            assert_eq!(value["equal"], true, "{value}");
            assert_eq!(value["fuel"]["recorded"], value["fuel"]["now"]);
            value["receipt"]["outcome"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(recordings(&folder).len() >= 6);
    for outcome in ["exceededCpu", "exceededMemory", "exceededWallTime", "canceled", "exception"] {
        assert!(outcomes.iter().any(|found| found == outcome), "no {outcome} in {outcomes:?}");
    }
}
