//! `examples/bindings`, as it is in the repository.

use crate::support::{Answer, Server};
use http::Method;
use http_body_util::Full;
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;

/// A copy of the example, so that no data is left in it. Its secrets are those of the file that it comes with.
pub fn copy() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bindings");
    for file in super::files_below(&source) {
        let name = file.strip_prefix(&source).unwrap();
        if name.components().any(|part| part.as_os_str() == ".glowplug" || part.as_os_str() == ".dev.vars") {
            continue;
        }
        let target = dir.path().join(name);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
    std::fs::copy(dir.path().join("links/.dev.vars.example"), dir.path().join("links/.dev.vars")).unwrap();
    dir
}

async fn add(server: &Server, token: &str, url: &'static str) -> Answer {
    let request = server.request(Method::POST, "/api/links").header("authorization", format!("Bearer {token}"));
    server.send(request.body(Full::from(url)).unwrap()).await
}

#[tokio::test]
async fn links_are_made_followed_and_counted() {
    let dir = copy();
    let start = async || Server::start_in(dir.path(), &[Path::new("links"), Path::new("visits")], &[]).await;
    let server = start().await;

    assert!(server.get("/").await.text().contains("<h1>Short links</h1>"));
    assert_eq!(server.get("/style.css").await.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(server.get("/api/links").await.json(), json!({ "links": [] }));
    assert_eq!(add(&server, "guessed", "https://example.com/").await.status, 401);
    assert_eq!(add(&server, "only-for-dev", "javascript:alert(1)").await.status, 400);

    let added = add(&server, "only-for-dev", "https://example.com/a/long/path").await;
    assert_eq!(added.status, 201, "{added:?}");
    let slug = added.json()["slug"].as_str().unwrap().to_owned();
    assert_eq!((slug.len(), added.json()["short"].as_str()), (6, Some(&*format!("{}/go/{slug}", server.base))));
    for _ in 0..2 {
        let followed = server.get(&format!("/go/{slug}")).await;
        assert_eq!(
            (followed.status.as_u16(), followed.header("location")),
            (302, Some("https://example.com/a/long/path"))
        );
    }
    let short = server.get(&format!("/l/{slug}")).await;
    assert_eq!((short.status.as_u16(), short.header("location")), (301, Some(&*format!("/go/{slug}"))));
    let lost = server.get("/go/nowhere").await;
    assert_eq!(lost.status, 404);
    assert!(lost.text().contains("No such link"), "{}", lost.text());

    // Visits are counted after the response.
    let counted = |answer: &Answer| answer.json()["links"][0]["visits"].as_u64().is_some_and(|visits| visits > 0);
    server.until("/api/links", counted).await;
    assert!(server.stop().await.success());

    let server = start().await;
    let listed = server.get("/api/links").await.json();
    assert_eq!(
        (&listed["links"][0]["slug"], &listed["links"][0]["url"]),
        (&json!(slug), &json!("https://example.com/a/long/path"))
    );
    let version = server.get("/api/version").await;
    assert_eq!(version.json()["title"], "Short links");
    assert_eq!(version.json()["version"]["id"].as_str(), version.header("x-glowplug-version"));
    assert_eq!(server.get("/api/other").await.status, 404);
}

#[tokio::test]
async fn a_change_of_any_file_is_live_where_paths_are_relative() {
    let dir = copy();
    let start = async |folder: &Path, paths: &[&str]| {
        let paths: Vec<&Path> = paths.iter().map(Path::new).collect();
        Server::start_in(folder, &paths, &[]).await
    };
    let write = |file: &str, text: &str| std::fs::write(dir.path().join(file), text).unwrap();
    for (folder, paths) in [("", ["links", "visits"].as_slice()), ("links", &["."]), ("links", &[])] {
        let server = start(&dir.path().join(folder), paths).await;
        assert_eq!(server.get("/api/version").await.json()["title"], "Short links");
        let config = std::fs::read_to_string(dir.path().join("links/wrangler.toml")).unwrap();
        write("links/wrangler.toml", &config.replace("Short links", "Changed"));
        server.until("/api/version", |answer| answer.json()["title"] == "Changed").await;
        write("links/wrangler.toml", &config);
        write("links/public/index.html", &format!("served from {folder:?} {paths:?}"));
        server.until("/", |answer| answer.text() == format!("served from {folder:?} {paths:?}")).await;
        assert!(server.stop().await.success());
    }
}
