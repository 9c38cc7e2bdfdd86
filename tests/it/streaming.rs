//! Bodies that are streams, subrequests in flight, work after the response: JavaScript's event loop.

use crate::origin::Origin;
use crate::support::Server;
use http::Method;
use http_body_util::{BodyExt, Full};
use std::time::{Duration, Instant};

const WORKER: &str = r#"
const encoder = new TextEncoder();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const routes = {
  "/parallel": async (url) => {
    const start = Date.now();
    const texts = await Promise.all(url.searchParams.getAll("url").map(async (u) => (await fetch(u)).text()));
    return Response.json({ texts, took: Date.now() - start });
  },
  "/pass": (url) => fetch(url.searchParams.get("url")),
  "/through": async (url) => new Response((await fetch(url.searchParams.get("url"))).body.pipeThrough(new TransformStream({
    transform(chunk, controller) { controller.enqueue(chunk); },
  }))),
  "/gzip": async (url) => new Response((await fetch(url.searchParams.get("url"))).body.pipeThrough(new CompressionStream("gzip"))),
  "/count": async (url) => {
    let bytes = 0;
    for await (const chunk of (await fetch(url.searchParams.get("url"))).body) bytes += chunk.byteLength;
    return new Response(String(bytes));
  },
  "/echo": (url, request) => new Response(request.body, { headers: { "x-type": request.headers.get("content-type") ?? "" } }),
  "/upper": (url, request) => new Response(request.body.pipeThrough(new TransformStream({
    transform(chunk, controller) { controller.enqueue(encoder.encode(new TextDecoder().decode(chunk).toUpperCase())); },
  }))),
  "/slowly": () => {
    let number = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        if (number === 5) return controller.close();
        await sleep(40);
        controller.enqueue(encoder.encode(`chunk ${number++}\n`));
      },
    }));
  },
  "/broken": () => new Response(new ReadableStream({
    async pull(controller) { controller.enqueue(encoder.encode("part")); await sleep(20); controller.error(new Error("source broke")); },
  })),
  "/later": (url, request, env, ctx) => {
    ctx.waitUntil(sleep(200).then(() => fetch(url.searchParams.get("url"))).then((r) => console.log("later:", r.status)));
    return new Response("now");
  },
  "/fails-first": (url, request, env, ctx) => {
    ctx.waitUntil(sleep(1500).then(() => console.log("still done")));
    throw new Error("too bad");
  },
  "/rejects-early": async (url, request, env, ctx) => {
    ctx.waitUntil(Promise.reject(new Error("not so important")));
    await sleep(20);
    return new Response("answered");
  },
  "/abort": async (url) => {
    try {
      await fetch(url.searchParams.get("url"), { signal: AbortSignal.timeout(50) });
    } catch (error) {
      return new Response(error.name);
    }
  },
  "/refused": async () => {
    try {
      await fetch("http://127.0.0.1:1/");
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`);
    }
  },
  "/timers": async () => {
    const order = [];
    await Promise.all([sleep(30).then(() => order.push("c")), sleep(10).then(() => order.push("a")), sleep(20).then(() => order.push("b"))]);
    let ticks = 0;
    await new Promise((resolve) => { const id = setInterval(() => { if (++ticks === 3) { clearInterval(id); resolve(); } }, 5); });
    return new Response(order.join("") + ticks);
  },
  "/clock": async () => {
    const before = [Date.now(), performance.now()];
    for (let i = 0; i < 1e6; i++);
    const still = Date.now() === before[0] && performance.now() === before[1];
    await sleep(60);
    return Response.json({ still, moved: Date.now() - before[0] >= 60 && performance.now() - before[1] >= 60 });
  },
};
export default {
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    return routes[url.pathname](url, request, env, ctx);
  },
};
"#;

async fn started() -> (Server, Origin) {
    (Server::script(WORKER).await, Origin::start().await)
}

#[tokio::test]
async fn subrequests_are_in_flight_together() {
    let (server, origin) = started().await;
    let url = origin.url("/wait/300");
    let answer = server.get(&format!("/parallel?url={url}&url={url}&url={url}&url={url}&url={url}")).await.json();
    assert_eq!(answer["texts"], serde_json::json!(vec!["waited 300"; 5]), "{answer}");
    assert!(answer["took"].as_u64().unwrap() < 900, "{answer}");
}

#[tokio::test]
async fn waiting_costs_no_fuel() {
    let (server, origin) = started().await;
    let quick = server.get(&format!("/parallel?url={}", origin.url("/wait/111"))).await;
    let slow = server.get(&format!("/parallel?url={}", origin.url("/wait/888"))).await;
    assert_eq!((quick.status.as_u16(), slow.status.as_u16()), (200, 200));
    assert_eq!(quick.fuel(), slow.fuel());
}

#[tokio::test]
async fn bodies_stream_through_and_can_be_changed_on_the_way() {
    let (server, _) = started().await;
    let body = "some text ".repeat(200_000);
    let echoed = server
        .send(
            server.request(Method::POST, "/echo").header("content-type", "a/b").body(Full::from(body.clone())).unwrap(),
        )
        .await;
    assert_eq!((echoed.text() == body, echoed.header("x-type")), (true, Some("a/b")));
    assert_eq!(server.post("/upper", body.clone()).await.text(), body.to_uppercase());
}

#[tokio::test]
async fn chunks_arrive_as_they_are_made() {
    let (server, _) = started().await;
    let mut response = server.open(server.request(Method::GET, "/slowly").body(Full::default()).unwrap()).await;
    let (mut text, mut times, start) = (String::new(), Vec::new(), Instant::now());
    while let Some(frame) = response.frame().await {
        text.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        times.push(start.elapsed());
    }
    assert_eq!(text, "chunk 0\nchunk 1\nchunk 2\nchunk 3\nchunk 4\n");
    assert!(times.len() >= 4 && *times.last().unwrap() - times[0] > Duration::from_millis(100), "{times:?}");
}

#[tokio::test]
async fn a_stream_that_fails_breaks_the_connection_off() {
    let (server, _) = started().await;
    assert!(server.breaks_off("/broken").await);
    server.printed("source broke").await;
}

#[tokio::test]
async fn wait_until_goes_on_after_the_response() {
    let (server, origin) = started().await;
    let start = Instant::now();
    assert_eq!(server.get(&format!("/later?url={}", origin.url("/x"))).await.text(), "now");
    assert!(start.elapsed() < Duration::from_millis(190), "{:?}", start.elapsed());
    server.printed("later: 200").await;
    assert_eq!(origin.requests(), 1);
}

#[tokio::test]
async fn a_failure_is_answered_at_once_while_wait_until_goes_on() {
    let (server, _) = started().await;
    let start = Instant::now();
    let page = server.get("/fails-first").await;
    assert!(start.elapsed() < Duration::from_millis(1400), "{:?}", start.elapsed());
    assert_eq!(page.header("x-glowplug-error"), Some("1101"));
    assert!(page.text().contains("too bad"), "{}", page.text());
    server.printed("still done").await;
}

#[tokio::test]
async fn what_wait_until_was_given_fails_beside_the_response() {
    let (server, _) = started().await;
    let answer = server.get("/rejects-early").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "answered"));
    server.printed("not so important").await;
}

#[tokio::test]
async fn a_subrequest_can_be_given_up_and_a_refused_one_is_a_type_error() {
    let (server, origin) = started().await;
    let start = Instant::now();
    assert_eq!(server.get(&format!("/abort?url={}", origin.url("/wait/5000"))).await.text(), "TimeoutError");
    assert!(start.elapsed() < Duration::from_secs(3));
    let refused = server.get("/refused").await;
    assert!(refused.text().starts_with("TypeError: "), "{}", refused.text());
}

#[tokio::test]
async fn timers_fire_in_order() {
    let (server, _) = started().await;
    assert_eq!(server.get("/timers").await.text(), "abc3");
}

#[tokio::test]
async fn the_clock_moves_with_io_only() {
    let (server, _) = started().await;
    assert_eq!(server.get("/clock").await.text(), r#"{"still":true,"moved":true}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_passes_through_in_constant_memory() {
    const TOTAL: u64 = 1 << 30;
    assert_eq!(read_in_constant_memory("/pass", TOTAL).await, TOTAL);
}

#[tokio::test(flavor = "multi_thread")]
async fn javascript_changes_a_long_body_in_constant_memory() {
    const TOTAL: u64 = 100_000_000;
    assert_eq!(read_in_constant_memory("/through", TOTAL).await, TOTAL);
    let compressed = read_in_constant_memory("/gzip", TOTAL).await;
    assert!((1_000..TOTAL / 10).contains(&compressed), "{compressed} bytes");
}

/// Bytes that the worker's route gives for a body of `total` bytes.
async fn read_in_constant_memory(route: &str, total: u64) -> u64 {
    let (server, origin) = started().await;
    server.get(&format!("{route}?url={}", origin.url("/bytes/100"))).await;
    let before = server.resident();
    let path = format!("{route}?url={}", origin.url(&format!("/bytes/{total}")));
    let mut response = server.open(server.request(Method::GET, &path).body(Full::default()).unwrap()).await;
    let (mut read, mut peak) = (0, before);
    let mut measured = Instant::now();
    while let Some(frame) = response.frame().await {
        read += frame.unwrap().into_data().unwrap().len() as u64;
        if measured.elapsed() > Duration::from_millis(50) {
            measured = Instant::now();
            peak = peak.max(server.resident());
        }
    }
    peak = peak.max(server.resident());
    assert!(peak < before + 32, "{route}: memory went from {before} to {peak} MiB");
    read
}
