//! Who is asked first: assets or the worker.

use super::{Site, brief, request};
use crate::assets::NotFoundHandling::{self, NotFoundPage, SinglePageApplication};
use crate::assets::{Assets, Settings, WorkerFirst};

/// What the edge does with a request to a worker with assets.
async fn answer(assets: &Assets, line: &str, headers: &[(&str, &str)]) -> String {
    let request = request(line, headers);
    if assets.worker_first(request.uri.path()) {
        return "worker first".to_owned();
    }
    match assets.find(&request).await.expect("all blobs are stored") {
        Some(response) => brief(&response),
        None => "worker".to_owned(),
    }
}

const NAVIGATES: (&str, &str) = ("sec-fetch-mode", "navigate");
const CALLS: (&str, &str) = ("sec-fetch-mode", "cors");

#[tokio::test]
async fn the_worker_gets_what_assets_do_not_have() {
    let assets = Site::of(&["/index.html", "/foo.html"]).redirects("/old /new 301\n/gone /nowhere 200").serve().await;
    let cases = [
        ("GET /", "200 /index.html"),
        ("HEAD /foo", "200"),
        ("GET /foo.html", "307 /foo"),
        ("GET //foo", "307 /foo"),
        ("GET /old", "301 /new"),
        ("GET /gone", "404"),
        ("GET /nope", "worker"),
        ("POST /foo", "worker"),
        ("POST /old", "worker"),
        ("OPTIONS *", "worker"),
    ];
    for (line, expected) in cases {
        assert_eq!(answer(&assets, line, &[]).await, expected, "{line}");
        assert_eq!(answer(&assets, line, &[NAVIGATES]).await, expected, "{line}");
    }
}

#[tokio::test]
async fn a_browser_that_navigates_gets_the_application_or_the_page() {
    let cases = [
        (SinglePageApplication, "200 /index.html"),
        (NotFoundPage, "404 /404.html"),
        (NotFoundHandling::None, "worker"),
    ];
    for (not_found, expected) in cases {
        let assets = Site::of(&["/index.html", "/404.html"]).not_found(not_found).serve().await;
        assert_eq!(answer(&assets, "GET /nope", &[NAVIGATES]).await, expected, "{not_found:?}");
        assert_eq!(answer(&assets, "GET /nope", &[CALLS]).await, "worker", "{not_found:?}");
        assert_eq!(answer(&assets, "GET /nope", &[]).await, "worker", "{not_found:?}");
        assert_eq!(answer(&assets, "POST /nope", &[NAVIGATES]).await, "worker", "{not_found:?}");
    }
}

#[tokio::test]
async fn listed_paths_go_to_the_worker_and_no_others() {
    let site = Site::of(&["/index.html", "/foo.html", "/api/static/x"]).not_found(SinglePageApplication);
    let assets = site.worker_first(&["/api/*", "/foo*", "!/api/static/*"]).serve().await;
    let cases = [
        ("GET /api/x", "worker first"),
        ("POST /api/x", "worker first"),
        ("GET /foo", "worker first"),
        ("GET /foo.html", "worker first"),
        ("GET /x/../api/y", "worker first"),
        ("GET /api/static/x", "200 /api/static/x"),
        ("GET /api/static/nope", "200 /index.html"),
        ("POST /api/static/x", "405"),
        ("GET /api", "200 /index.html"),
        ("GET /nope", "200 /index.html"),
        ("GET //api/x", "307 /api/x"),
        ("GET /%61pi/x", "307 /api/x"),
        ("POST /nope", "worker"),
    ];
    for (line, expected) in cases {
        assert_eq!(answer(&assets, line, &[CALLS]).await, expected, "{line}");
    }
}

#[tokio::test]
async fn the_worker_can_be_first_for_all() {
    let settings = Settings { run_worker_first: WorkerFirst::Always, ..Settings::default() };
    let assets = Site { settings, ..Site::of(&["/index.html"]) }.serve().await;
    for path in ["/", "/nope", "*", ""] {
        assert!(assets.worker_first(path), "{path}");
    }
}
