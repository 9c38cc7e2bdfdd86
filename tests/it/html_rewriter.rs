//! `HTMLRewriter` on documents that stream through a worker.

use crate::origin::Origin;
use crate::support::Server;
use http::Method;
use http_body_util::{BodyExt, Full};
use std::time::Duration;

const WORKER: &str = r##"
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const page = (body) => new Response(body, { headers: { "content-type": "text/html", "content-length": "1000" } });

/** `count` chunks of some 64 KB, each with links in it. */
function long(count) {
  const row = `<p>${"text ".repeat(180)}<a href="http://example.com/">link</a></p>\n`;
  const chunk = new TextEncoder().encode(row.repeat(64));
  return new ReadableStream({
    pull(controller) {
      if (count-- <= 0) controller.close();
      else controller.enqueue(chunk);
    },
  });
}

class Https {
  element(a) { a.setAttribute("href", a.getAttribute("href").replace("http:", "https:")); }
}

const routes = {
  "/long": (url) => new HTMLRewriter().on("a[href]", new Https()).transform(page(long(Number(url.searchParams.get("n"))))),
  "/upload": (url, request) => new HTMLRewriter().on("a[href]", new Https()).transform(new Response(request.body)),
  "/includes": (url) => new HTMLRewriter()
    .on("include", {
      async element(element) {
        const response = await fetch(url.searchParams.get("origin") + element.getAttribute("src"));
        element.replace(await response.text(), { html: true });
      },
    })
    .transform(page('<h1>x</h1><include src="/wait/20"></include><include src="/a"></include>')),
  "/streams": (url) => new HTMLRewriter()
    .on("main", { async element(main) { main.setInnerContent(await fetch(url.searchParams.get("origin") + "/bytes/300000"), { html: true }); } })
    .transform(page("<main></main>")),
  "/waits": () => new HTMLRewriter()
    .on("b", { async element(b) { await sleep(Number(b.getAttribute("ms"))); b.after("!"); } })
    .transform(page("<i>now</i><b ms=600></b><i>then</i>")),
  "/throws": () => new HTMLRewriter().on("b", { async element() { await sleep(1); throw new Error("no luck"); } }).transform(page("<i>first</i><b></b>")),
  "/hangs": () => new HTMLRewriter().on("b", { element: () => new Promise(() => {}) }).transform(page("<i>first</i><b></b>")),
};
export default {
  fetch(request) {
    const url = new URL(request.url);
    return routes[url.pathname](url, request);
  },
};
"##;

const CONFIG: &str =
    "name = \"w\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\nlimits = { memory_mb = 24 }\n";

async fn started() -> Server {
    Server::project(&[("wrangler.toml", CONFIG), ("worker.js", WORKER)], ".").await
}

#[tokio::test]
async fn a_long_document_goes_through_in_little_memory() {
    let server = started().await;
    let answer = server.get("/long?n=260").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-length")), (200, None));
    assert!(answer.body.len() > 15 << 20, "{}", answer.body.len());
    assert_eq!(answer.text().matches("https://example.com/").count(), 260 * 64);
    assert_eq!(answer.text().matches("http://example.com/").count(), 0);
}

#[tokio::test]
async fn an_upload_is_rewritten_on_its_way_back() {
    let server = started().await;
    let rows = format!("<p>{}<a href=http://x/>x</a></p>", "t".repeat(2000)).repeat(6000);
    let request = server.request(Method::POST, "/upload").body(Full::from(rows.clone())).unwrap();
    let answer = server.send(request).await;
    assert!(rows.len() > 10 << 20);
    assert!(answer.text() == rows.replace("href=http://x/", "href=\"https://x/\""));
}

#[tokio::test]
async fn handlers_may_wait_for_subrequests() {
    let (server, origin) = (started().await, Origin::start().await);
    let text = server.get(&format!("/includes?origin={}", origin.base)).await;
    assert_eq!(text.text(), "<h1>x</h1>waited 20GET /a");
    let text = server.get(&format!("/streams?origin={}", origin.base)).await;
    assert_eq!(text.text(), format!("<main>{}</main>", "x".repeat(300_000)));
}

#[tokio::test]
async fn what_came_before_goes_out_while_a_handler_waits() {
    let server = started().await;
    let response = server.open(server.request(Method::GET, "/waits").body(Full::default()).unwrap()).await;
    let mut body = response.into_body();
    let first =
        tokio::time::timeout(Duration::from_millis(400), body.frame()).await.expect("it does not wait").unwrap();
    assert_eq!(first.unwrap().into_data().unwrap(), "<i>now</i>");
    let rest = body.collect().await.unwrap().to_bytes();
    assert_eq!(rest, "<b ms=600></b>!<i>then</i>");
}

#[tokio::test]
async fn a_handler_that_fails_breaks_the_body_off() {
    let server = started().await;
    assert!(server.breaks_off("/throws").await);
    server.printed("no luck").await;
    assert!(server.breaks_off("/hangs").await);
    server.printed("can never settle").await;
}
