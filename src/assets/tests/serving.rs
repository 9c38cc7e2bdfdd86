//! Headers, conditions, ranges and methods.

use super::{Site, brief, fetch, file, header, request};
use crate::assets::{Assets, NotFoundHandling};
use crate::digest::Digest;
use crate::storage::{self, Storage};

const TEN: &str = "0123456789";

fn etag() -> String {
    format!("\"{}\"", Digest::of(TEN.as_bytes()))
}

async fn ten() -> Assets {
    Site::default().file("/ten.txt", TEN).file("/empty.bin", "").serve().await
}

#[tokio::test]
async fn a_file_comes_with_what_caches_and_clients_need() {
    let assets = ten().await;
    let answer = fetch(&assets, "GET /ten.txt", &[]).await;
    assert_eq!(brief(&answer), "200 0123456789");
    let headers = [
        ("etag", etag().as_str()),
        ("cache-control", "public, max-age=0, must-revalidate"),
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", "10"),
        ("accept-ranges", "bytes"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    for (name, value) in &headers {
        assert_eq!(header(&answer, name), value, "{name}");
    }
    assert_eq!(answer.headers().len(), headers.len());

    let head = fetch(&assets, "HEAD /ten.txt", &[]).await;
    assert_eq!(brief(&head), "200");
    assert_eq!(head.headers(), answer.headers());
}

#[tokio::test]
async fn media_types_follow_the_extension() {
    let cases = [
        ("/a.html", "text/html; charset=utf-8"),
        ("/a.css", "text/css; charset=utf-8"),
        ("/a.js", "text/javascript; charset=utf-8"),
        ("/a.json", "application/json"),
        ("/a.svg", "image/svg+xml"),
        ("/a.PNG", "image/png"),
        ("/a.woff2", "font/woff2"),
        ("/a.wasm", "application/wasm"),
        ("/a.nobodyknows", ""),
        ("/a", ""),
    ];
    let paths: Vec<&str> = cases.iter().map(|(path, _)| *path).collect();
    let assets = Site::of(&paths).html(crate::assets::HtmlHandling::None).serve().await;
    for (path, expected) in cases {
        assert_eq!(header(&fetch(&assets, &format!("GET {path}"), &[]).await, "content-type"), expected, "{path}");
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let assets = ten().await;
    let (etag, weak) = (etag(), format!("W/{}", etag()));
    let listed = format!("\"a\", {weak} ,\"b\"");
    for tag in [etag.as_str(), &weak, &listed, "*"] {
        for method in ["GET", "HEAD"] {
            let answer = fetch(&assets, &format!("{method} /ten.txt"), &[("if-none-match", tag)]).await;
            assert_eq!(brief(&answer), "304", "{tag}");
            assert_eq!(header(&answer, "etag"), etag);
            assert_eq!(header(&answer, "cache-control"), "public, max-age=0, must-revalidate");
            assert_eq!(header(&answer, "content-length"), "");
        }
    }
    for tag in ["\"other\"", "", etag.trim_matches('"'), "\"*\""] {
        let answer = fetch(&assets, "GET /ten.txt", &[("if-none-match", tag)]).await;
        assert_eq!(brief(&answer), "200 0123456789", "{tag}");
    }
    let two = [("if-none-match", "\"a\""), ("if-none-match", etag.as_str())];
    assert_eq!(brief(&fetch(&assets, "GET /ten.txt", &two).await), "304");
}

#[tokio::test]
async fn a_range_is_a_part() {
    let assets = ten().await;
    let cases = [
        ("bytes=0-3", "206 0123", "bytes 0-3/10"),
        ("bytes=3-", "206 3456789", "bytes 3-9/10"),
        ("bytes=-4", "206 6789", "bytes 6-9/10"),
        ("bytes=9-100", "206 9", "bytes 9-9/10"),
        ("bytes=10-", "416", "bytes */10"),
        ("bytes=-0", "416", "bytes */10"),
        ("bytes=0-1,4-5", "200 0123456789", ""),
        ("bytes=5-2", "200 0123456789", ""),
        ("lines=0-1", "200 0123456789", ""),
    ];
    for (range, expected, content_range) in cases {
        let answer = fetch(&assets, "GET /ten.txt", &[("range", range)]).await;
        assert_eq!(brief(&answer), expected, "{range}");
        assert_eq!(header(&answer, "content-range"), content_range, "{range}");
        assert_eq!(header(&answer, "content-length"), answer.body().len().to_string(), "{range}");
        assert_eq!(header(&answer, "etag"), etag(), "{range}");
        assert_eq!(header(&answer, "cache-control"), "", "{range}");
    }
    let head = fetch(&assets, "HEAD /ten.txt", &[("range", "bytes=0-3")]).await;
    assert_eq!((brief(&head).as_str(), header(&head, "content-length")), ("200", "10"));
    assert_eq!(brief(&fetch(&assets, "GET /empty.bin", &[("range", "bytes=0-")]).await), "416");
    assert_eq!(brief(&fetch(&assets, "GET /empty.bin", &[("range", "bytes=-5")]).await), "200");
}

#[tokio::test]
async fn a_range_is_for_the_file_that_the_client_knows() {
    let assets = ten().await;
    let (etag, weak) = (etag(), format!("W/{}", etag()));
    let cases = [
        (etag.as_str(), "206 01"),
        (&weak, "200 0123456789"),
        ("\"other\"", "200 0123456789"),
        ("Wed, 21 Oct 2015 07:28:00 GMT", "200 0123456789"),
    ];
    for (validator, expected) in cases {
        let answer = fetch(&assets, "GET /ten.txt", &[("range", "bytes=0-1"), ("if-range", validator)]).await;
        assert_eq!(brief(&answer), expected, "{validator}");
    }
    let both = [("range", "bytes=0-1"), ("if-none-match", etag.as_str())];
    assert_eq!(brief(&fetch(&assets, "GET /ten.txt", &both).await), "304");
}

#[tokio::test]
async fn conditions_and_ranges_are_not_for_the_page_that_nothing_is_there() {
    let assets = Site::of(&["/404.html"]).not_found(NotFoundHandling::NotFoundPage).serve().await;
    for headers in [("if-none-match", "*"), ("range", "bytes=0-1")] {
        let answer = fetch(&assets, "GET /nope", &[headers]).await;
        assert_eq!(brief(&answer), "404 /404.html");
        assert_eq!(header(&answer, "accept-ranges"), "");
    }
}

#[tokio::test]
async fn credentials_keep_an_answer_out_of_shared_caches() {
    let answer = fetch(&ten().await, "GET /ten.txt", &[("authorization", "Basic x")]).await;
    assert_eq!(brief(&answer), "200 0123456789");
    assert_eq!(header(&answer, "cache-control"), "");
}

#[tokio::test]
async fn files_can_only_be_read() {
    let assets = ten().await;
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let answer = fetch(&assets, &format!("{method} /ten.txt"), &[]).await;
        assert_eq!(brief(&answer), "405", "{method}");
        assert_eq!(header(&answer, "allow"), "GET, HEAD", "{method}");
        assert_eq!(brief(&fetch(&assets, &format!("{method} /nope"), &[]).await), "404", "{method}");
    }
    assert_eq!(brief(&fetch(&assets, "OPTIONS *", &[]).await), "405");
}

#[tokio::test]
async fn a_lost_blob_is_told_with_its_path() {
    let index = Site::default().file("/a.txt", "content").index();
    let assets = Assets::new(index, Storage::in_memory());
    let lost = assets.fetch(&request("GET /a.txt", &[])).await.expect_err("the blob is not there");
    let storage::Error::Corrupt(text) = &lost else { panic!("{lost:?}") };
    assert!(text.contains("`/a.txt`"), "{text}");
    assert!(assets.find(&request("GET /a.txt", &[])).await.is_err());
}

#[tokio::test]
async fn a_blob_of_another_size_is_told_with_its_path() {
    let mut index = Site::default().file("/a.txt", "content").index();
    let storage = Storage::in_memory();
    storage.put_blob(Digest::of(b"content"), "content".into()).await.expect("room in memory");
    index.files.insert(super::asset_path("/a.txt"), super::File { size: 100, ..file(b"content") });
    let ranged = request("GET /a.txt", &[("range", "bytes=50-60")]);
    let lost = Assets::new(index, storage).fetch(&ranged).await.expect_err("the sizes differ");
    assert!(lost.to_string().contains("`/a.txt`"), "{lost}");
}
