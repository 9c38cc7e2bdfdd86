use super::*;
use crate::limits;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use std::time::{Duration, SystemTime};

const URL: &str = "https://example.com/a?b";

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn after(seconds: u64) -> SystemTime {
    now() + Duration::from_secs(seconds)
}

fn request(method: &str, headers: &[(&str, &str)], body: &str) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri("http://x.0.binding.invalid/a?b");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::from(body.to_owned())).unwrap()
}

async fn put(space: &Space, headers: &[(&str, &str)], body: &str) -> StatusCode {
    let status = [("glowplug-cache-response-status", "200")];
    serve(space, URL, request("PUT", &[&status, headers].concat(), body), now()).await.status()
}

async fn get(space: &Space, headers: &[(&str, &str)], at: SystemTime) -> (u16, HeaderMap, String) {
    let (head, body) = serve(space, URL, request("GET", headers, ""), at).await.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), head.headers, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn lookups_are_counted_and_entries_told() {
    let (cache, lookups) = (Cache::in_memory(), Arc::new(Lookups::default()));
    let space = cache.space("w".into()).counted_by(lookups.clone());
    assert_eq!((cache.entries(), cache.moved()), (0, Moved::default()), "it is not opened");
    get(&space, &[], now()).await;
    put(&space, &[("cache-control", "max-age=10")], "hello").await;
    get(&space, &[], after(9)).await;
    get(&space, &[], after(10)).await;
    assert_eq!(lookups.counts().iter().collect::<Vec<_>>(), [("caches", "hit", 1), ("caches", "miss", 2)]);
    assert_eq!(cache.entries(), 2, "a record and a body");
    assert!(cache.held() > 5);
}

fn space() -> Space {
    Cache::in_memory().space("w".into())
}

#[tokio::test]
async fn a_response_is_there_until_it_is_stale() {
    let space = space();
    assert_eq!(get(&space, &[], now()).await.0, 504);
    assert_eq!(put(&space, &[("cache-control", "max-age=10"), ("x-y", "z")], "hello").await, 204);
    let (status, headers, body) = get(&space, &[], after(9)).await;
    assert_eq!((status, body.as_str()), (200, "hello"));
    let values = ["x-y", "age", "content-length", "cf-cache-status"].map(|name| headers[name].to_str().unwrap());
    assert_eq!(values, ["z", "9", "5", "HIT"]);
    assert!(!headers.contains_key("glowplug-cache-response-status"));
    let (status, headers, _) = get(&space, &[], after(10)).await;
    assert_eq!((status, headers["cf-cache-status"].to_str().unwrap()), (504, "MISS"));
}

#[tokio::test]
async fn what_is_deleted_is_gone() {
    let space = space();
    let delete = async |at| serve(&space, URL, request("DELETE", &[], ""), at).await.status().as_u16();
    assert_eq!(delete(now()).await, 404);
    put(&space, &[("cache-control", "max-age=10")], "x").await;
    assert_eq!(delete(now()).await, 200);
    assert_eq!(get(&space, &[], now()).await.0, 504);
    put(&space, &[("cache-control", "max-age=10")], "x").await;
    assert_eq!(delete(after(10)).await, 404, "it was stale");
}

#[tokio::test]
async fn caches_and_workers_are_apart() {
    let cache = Cache::in_memory();
    let (one, two) = (cache.space("one".into()), cache.space("two".into()));
    put(&one, &[("glowplug-cache", "n"), ("cache-control", "max-age=10")], "x").await;
    assert_eq!(get(&one, &[("glowplug-cache", "n")], now()).await.0, 200);
    assert_eq!(get(&one, &[], now()).await.0, 504);
    assert_eq!(get(&two, &[("glowplug-cache", "n")], now()).await.0, 504);
}

#[tokio::test]
async fn conditions_are_answered() {
    let space = space();
    let modified = httpdate::fmt_http_date(after(0));
    let head = [("cache-control", "max-age=10"), ("etag", "W/\"1\""), ("last-modified", modified.as_str())];
    put(&space, &head, "hello").await;
    let status = async |headers: &[(&str, &str)]| get(&space, headers, now()).await.0;
    assert_eq!(status(&[("if-none-match", "\"0\", \"1\"")]).await, 304);
    assert_eq!(status(&[("if-none-match", "\"0\"")]).await, 200);
    assert_eq!(status(&[("if-modified-since", &modified)]).await, 304);
    assert_eq!(status(&[("if-modified-since", &httpdate::fmt_http_date(now() - Duration::from_secs(1)))]).await, 200);
    assert_eq!(status(&[("if-none-match", "\"0\""), ("if-modified-since", &modified)]).await, 200);
    let (_, headers, body) = get(&space, &[("if-none-match", "*")], now()).await;
    assert_eq!((headers["etag"].to_str().unwrap(), body.as_str()), ("W/\"1\"", ""));
    assert!(!headers.contains_key("content-length"));
}

#[tokio::test]
async fn ranges_are_answered() {
    let space = space();
    put(&space, &[("cache-control", "max-age=10"), ("etag", "\"1\"")], "hello").await;
    let (status, headers, body) = get(&space, &[("range", "bytes=1-3")], now()).await;
    assert_eq!((status, body.as_str()), (206, "ell"));
    assert_eq!(
        (&headers["content-range"], &headers["content-length"]),
        (&"bytes 1-3/5".parse().unwrap(), &"3".parse().unwrap())
    );
    let (status, headers, body) = get(&space, &[("range", "bytes=9-")], now()).await;
    assert_eq!((status, body.as_str(), headers["content-range"].to_str().unwrap()), (416, "", "bytes */5"));
    assert_eq!(get(&space, &[("range", "bytes=1-3"), ("if-range", "\"1\"")], now()).await.0, 206);
    assert_eq!(get(&space, &[("range", "bytes=1-3"), ("if-range", "\"2\"")], now()).await.0, 200);
}

#[tokio::test]
async fn what_may_not_be_kept_is_not() {
    let space = space();
    for headers in [
        &[("cache-control", "no-store")][..],
        &[("cache-control", "private, max-age=10")],
        &[("cache-control", "no-cache")],
        &[("cache-control", "max-age=0")],
        &[("cache-control", "max-age=x")],
        &[("cache-control", "max-age=10, s-maxage=0")],
        &[("cache-control", "max-age=10"), ("age", "10")],
        &[("cache-control", "max-age=10"), ("set-cookie", "a=b")],
        &[("expires", "0")],
        &[("expires", "Thu, 01 Jan 1970 00:00:00 GMT")],
    ] {
        assert_eq!(put(&space, headers, "x").await, 413, "{headers:?}");
        assert_eq!(get(&space, &[], now()).await.0, 504, "{headers:?}");
    }
}

#[tokio::test]
async fn private_cookies_are_left_out() {
    let space = space();
    let head = [("cache-control", "max-age=10, private=\"Set-Cookie\""), ("set-cookie", "a=b")];
    assert_eq!(put(&space, &head, "x").await, 204);
    assert!(!get(&space, &[], now()).await.1.contains_key("set-cookie"));
}

#[tokio::test]
async fn what_the_worker_made_is_kept_for_a_while_and_what_a_server_sent_is_not() {
    let space = space();
    assert_eq!(put(&space, &[], "x").await, 204);
    assert_eq!((get(&space, &[], after(7199)).await.0, get(&space, &[], after(7200)).await.0), (200, 504));
    let dated = httpdate::fmt_http_date(now());
    assert_eq!(put(&space, &[("date", &dated)], "x").await, 413);
    let changed = httpdate::fmt_http_date(now() - Duration::from_secs(1000));
    assert_eq!(put(&space, &[("date", &dated), ("last-modified", &changed)], "x").await, 204);
    assert_eq!((get(&space, &[], after(99)).await.0, get(&space, &[], after(100)).await.0), (200, 504));
}

#[tokio::test]
async fn a_response_is_for_requests_like_its_own() {
    let space = space();
    let head = [("cache-control", "max-age=10"), ("vary", "Foo"), ("glowplug-cache-request-foo", "1")];
    put(&space, &head, "one").await;
    put(&space, &[head[0], head[1], ("glowplug-cache-request-foo", "2")], "two").await;
    assert_eq!(get(&space, &[("foo", "1")], now()).await.2, "one");
    assert_eq!(get(&space, &[("foo", "2")], now()).await.2, "two");
    assert_eq!(get(&space, &[], now()).await.0, 504);
    assert_eq!(put(&space, &[head[0], ("vary", "a, *")], "x").await, 413);
}

#[tokio::test]
async fn a_body_past_the_limit_is_not_kept() {
    let space = space();
    let most = limits::CACHED_RESPONSE.default as usize;
    assert_eq!(put(&space, &[], &"x".repeat(most)).await, 204);
    assert_eq!(put(&space, &[], &"x".repeat(most + 1)).await, 413);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_kept() {
    let space = space();
    let frames = [Ok(http_body::Frame::data(Bytes::from("half"))), Err(std::io::Error::other("lost"))];
    let body = http_body_util::StreamBody::new(futures_util::stream::iter(frames));
    let request = Request::put("http://x.0.binding.invalid/").header("glowplug-cache-response-status", "200");
    let response: Response<_> = serve(&space, URL, request.body(body).unwrap(), now()).await;
    assert_eq!(response.status(), 413);
    assert_eq!(get(&space, &[], now()).await.0, 504);
}

#[tokio::test]
async fn purges_are_seen_by_the_next_request() {
    let space = space();
    let head = [("cache-control", "max-age=10"), ("cache-tag", "News, b")];
    for purge in [
        Purge::Everything,
        Purge::Url("example.com/a?b".into()),
        Purge::Prefix("https://EXAMPLE.com/a".into()),
        Purge::Tag("news".into()),
    ] {
        put(&space, &head, "x").await;
        assert_eq!(get(&space, &[], now()).await.0, 200);
        space.cache().purge(vec![purge.clone()]).await.unwrap();
        assert_eq!(get(&space, &[], now()).await.0, 504, "{purge:?}");
    }
}

#[tokio::test]
async fn what_is_on_disk_outlives_the_process_but_not_a_purge() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk { folder: folder.path().to_owned(), bytes: 64 << 20 };
    let open = || Cache::open(Settings { disk: Some(disk.clone()), object: 1 << 20, ..Settings::default() }).unwrap();
    let (first, head) = (open(), [("cache-control", "max-age=10"), ("cache-tag", "a")]);
    put(&first.space("w".into()), &head, "hello").await;
    put(&first.space("v".into()), &head[..1], "other").await;
    first.close().await;
    drop(first);
    let second = open();
    let (w, v) = (second.space("w".into()), second.space("v".into()));
    assert_eq!((get(&w, &[], now()).await.2, get(&v, &[], now()).await.2), ("hello".into(), "other".into()));
    second.purge(vec![Purge::Tag("a".into())]).await.unwrap();
    second.close().await;
    drop((second, w, v));
    let third = open();
    assert_eq!(get(&third.space("w".into()), &[], now()).await.0, 504);
    assert_eq!(get(&third.space("v".into()), &[], now()).await.2, "other");
}

#[tokio::test]
async fn what_is_too_much_for_the_memory_makes_room() {
    let cache = Cache::open(Settings { memory: 1 << 20, disk: None, object: 1 << 18 }).unwrap();
    let space = cache.space("w".into());
    for index in 0..20 {
        let url = format!("https://example.com/{index}");
        let body = request("PUT", &[("glowplug-cache-response-status", "200")], &"x".repeat(1 << 17));
        serve(&space, &url, body, now()).await;
    }
    assert!(cache.held() <= 1 << 20, "{}", cache.held());
    let last = serve(&space, "https://example.com/19", request("GET", &[], ""), now()).await;
    assert_eq!(last.status(), 200);
}
