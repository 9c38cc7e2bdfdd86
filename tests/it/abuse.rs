//! Too much of everything, over real sockets: what is refused, with what, and that others are served meanwhile.

use crate::node::Node;
use crate::otlp::Collector;
use crate::support::project;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use std::time::{Duration, Instant};

const SLOW: &str = "export default { async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/headers') return fetch(searchParams.get('to'), { headers: { 'cdn-loop': 'forged' } });
    await new Promise((done) => setTimeout(done, Number(searchParams.get('ms') ?? 0)));
    return new Response('done');
} };";

async fn node(settings: &str, flags: &[&str]) -> (Node, tempfile::TempDir) {
    let dir = project(&[("glowplug-server.toml", settings)]);
    let path = dir.path().join("glowplug-server.toml");
    let node = Node::start_with(&[&["--config", path.to_str().unwrap()], flags].concat()).await;
    node.deploy_script("slow", SLOW).await;
    (node, dir)
}

#[tokio::test]
async fn past_the_in_flight_limit_requests_wait_and_past_the_queue_they_come_again() {
    let (node, _dir) = node("[limits]\nin_flight = 2\nqueue = 2\nqueue_seconds = 20", &[]).await;
    // The first request loads the worker.
    assert_eq!(node.get("slow", "/").await.status, StatusCode::OK);
    let start = Instant::now();
    let answers = futures_util::future::join_all((0..8).map(|_| node.get("slow", "/?ms=700"))).await;
    let (served, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((served.len(), refused.len()), (4, 4), "two are in, two wait");
    assert!(start.elapsed() > Duration::from_millis(1300), "those that waited came after those before them");
    for answer in refused {
        let told = (answer.status, answer.header("x-glowplug-error"), answer.header("retry-after"));
        assert_eq!(told, (StatusCode::SERVICE_UNAVAILABLE, Some("1106"), Some("1")));
    }
    assert_eq!(node.get("slow", "/").await.status, StatusCode::OK, "places are given back");
    let metrics = node.api(Method::GET, "/metrics", None).await;
    assert!(metrics.text().contains(r#"glowplug_rejected_requests_total{reason="in_flight"} 4"#), "{}", metrics.text());
}

#[tokio::test]
async fn a_busy_worker_leaves_the_others_their_places() {
    let (node, _dir) = node("[limits]\nin_flight_per_worker = 1\nqueue = 0", &[]).await;
    node.deploy_script("other", SLOW).await;
    assert_eq!(node.get("slow", "/").await.status, StatusCode::OK);
    let (busy, refused, other) = tokio::join!(
        node.get("slow", "/?ms=1500"),
        async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            node.get("slow", "/").await
        },
        async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            node.get("other", "/").await
        }
    );
    assert_eq!((busy.status.as_u16(), refused.status.as_u16(), other.status.as_u16()), (200, 503, 200));
}

#[tokio::test]
async fn a_client_that_left_gives_its_place_back() {
    let (node, _dir) = node("[limits]\nin_flight = 1\nqueue = 0", &[]).await;
    assert_eq!(node.get("slow", "/").await.status, StatusCode::OK);
    let left = tokio::time::timeout(Duration::from_millis(300), node.get("slow", "/?ms=20000")).await;
    assert!(left.is_err());
    let start = Instant::now();
    while node.get("slow", "/").await.status != StatusCode::OK {
        assert!(start.elapsed() < Duration::from_secs(10), "the place is kept though nobody waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_client_that_comes_too_often_is_told_when_to_come_again() {
    let settings =
        "[proxies]\ntrusted = [\"127.0.0.1\"]\n[limits.rate_limit]\nrequests = 60\nwindow_seconds = 60\nburst = 3";
    let (node, _dir) = node(settings, &[]).await;
    let from = async |client: &str| {
        let request = node.to("slow", Method::GET, "/").header("x-forwarded-for", client);
        node.send(request.body(Full::default()).unwrap()).await
    };
    for left in ["2", "1", "0"] {
        let answer = from("203.0.113.1").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("ratelimit-policy"), Some("\"default\";q=60;w=60"));
        let limit = answer.header("ratelimit").unwrap();
        assert!(limit.starts_with(&format!("\"default\";r={left};t=")), "{limit}");
    }
    let refused = from("203.0.113.1").await;
    let told = (refused.status, refused.header("x-glowplug-error"), refused.header("retry-after"));
    assert_eq!(told, (StatusCode::TOO_MANY_REQUESTS, Some("1015"), Some("1")));
    assert_eq!(from("203.0.113.2").await.status, StatusCode::OK, "others are not held to it");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(from("203.0.113.1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_route_has_a_limit_of_its_own_by_cookie_and_others_do_not() {
    let (node, _dir) = node("[limits.rate_limit]\nrequests = 1000", &[]).await;
    let limit = serde_json::json!({"requests": 60, "burst": 2, "key": "cookie:id"});
    let routes = serde_json::json!({"routes": [{"pattern": "slow.localhost/limited/*", "rate_limit": limit}]});
    let set = node.api(Method::PUT, "/v1/workers/slow/routes", Some(routes)).await;
    assert!(set.status.is_success(), "{set:?}");
    let with = async |path: &str, id: &str| {
        let request = node.to("slow", Method::GET, path).header("cookie", format!("theme=dark; id={id}"));
        node.send(request.body(Full::default()).unwrap()).await
    };
    for left in ["1", "0"] {
        let answer = with("/limited/a", "one").await;
        assert_eq!((answer.status, answer.header("ratelimit-policy")), (StatusCode::OK, Some("\"default\";q=60;w=60")));
        assert!(answer.header("ratelimit").unwrap().starts_with(&format!("\"default\";r={left};t=")), "{answer:?}");
    }
    let refused = with("/limited/b", "one").await;
    let told = (refused.status, refused.header("x-glowplug-error"), refused.header("retry-after"));
    assert_eq!(told, (StatusCode::TOO_MANY_REQUESTS, Some("1015"), Some("1")));
    assert_eq!(with("/limited/a", "two").await.status, StatusCode::OK, "another cookie");
    let elsewhere = with("/", "one").await;
    let told = (elsewhere.status, elsewhere.header("ratelimit-policy"));
    assert_eq!(told, (StatusCode::OK, Some("\"default\";q=1000;w=60")), "the server's limit alone");
    let metrics = node.api(Method::GET, "/metrics", None).await;
    assert!(
        metrics.text().contains(r#"glowplug_rejected_requests_total{reason="rate_limit"} 1"#),
        "{}",
        metrics.text()
    );
}

#[tokio::test]
async fn a_request_that_has_come_by_too_often_is_stopped_and_workers_cannot_hide_it() {
    let (node, _dir) = node("[limits]\nloops = 3", &["--private-egress"]).await;
    let origin = Collector::start().await;
    let asks = async |seen_before: Option<&str>| {
        let mut request = node.to("slow", Method::GET, &format!("/headers?to={}", origin.base));
        if let Some(value) = seen_before {
            request = request.header("cdn-loop", value);
        }
        node.send(request.body(Full::default()).unwrap()).await.status.as_u16()
    };
    assert_eq!(asks(None).await, 200);
    assert_eq!(asks(Some("other; v=1, glowplug, glowplug, x;glowplug, glowplug")).await, 200);
    assert_eq!(asks(Some("glowplug,glowplug, glowplug;v=1, GLOWPLUG")).await, 508);
    let told: Vec<_> = origin.others().iter().map(|headers| headers["cdn-loop"].to_str().unwrap().to_owned()).collect();
    assert_eq!(told, ["glowplug", "other; v=1, glowplug, glowplug, x;glowplug, glowplug, glowplug"]);
}

#[tokio::test]
async fn requests_that_are_too_large_are_refused_with_the_status_that_says_so() {
    let (node, _dir) = node("", &[]).await;
    let long = "a".repeat(17 * 1024);
    for (what, path, header, status) in [
        ("a long URL", format!("/{long}"), None, 414),
        ("a header that fits", "/".to_owned(), Some("a".repeat(8 * 1024)), 200),
    ] {
        let mut request = node.to("slow", Method::GET, &path);
        if let Some(value) = header {
            request = request.header("x-long", value);
        }
        let response = node.open(request.body(Full::default()).unwrap()).await;
        assert_eq!(response.status().as_u16(), status, "{what}");
        let _ = response.into_body().collect().await;
    }
}
