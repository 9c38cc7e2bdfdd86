use super::*;
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

fn space() -> Space {
    Cache::default().space("w".into())
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
    let cache = Cache::default();
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

#[test]
fn lifetimes_come_from_the_headers_or_the_status() {
    let fresh = |status: u16, headers: &[(&str, &str)]| {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        policy::keep(StatusCode::from_u16(status).unwrap(), &map, now()).map(|keep| keep.fresh)
    };
    assert_eq!(fresh(200, &[("cache-control", "public, Max-Age=\"5\"")]), Some(5));
    assert_eq!(fresh(200, &[("cache-control", "max-age=5"), ("cache-control", "s-maxage=7")]), Some(7));
    assert_eq!(fresh(200, &[("cache-control", "max-age=5"), ("age", "2")]), Some(3));
    assert_eq!(fresh(200, &[("expires", &httpdate::fmt_http_date(after(60)))]), Some(60));
    let dated = [("date", httpdate::fmt_http_date(after(50))), ("expires", httpdate::fmt_http_date(after(60)))];
    assert_eq!(fresh(200, &dated.each_ref().map(|(name, value)| (*name, value.as_str()))), Some(10));
    assert_eq!(fresh(200, &[]), Some(7200));
    assert_eq!(fresh(404, &[]), Some(180));
    assert_eq!(fresh(500, &[]), None);
    assert_eq!(fresh(500, &[("cache-control", "max-age=99999999999999999999")]), Some(1 << 31));
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

#[test]
fn what_was_used_least_recently_makes_room() {
    let mut store = Store::new(2_000);
    let key = |name: &str| Key { worker: "w".into(), cache: "".into(), url: name.into() };
    let entry = |size: usize| store::Entry {
        status: StatusCode::OK,
        headers: Arc::default(),
        body: vec![0; size].into(),
        stored: now(),
        initial_age: 0,
        expires: after(10),
    };
    store.put(key("a"), entry(500));
    store.put(key("b"), entry(500));
    assert!(store.get(&key("a"), now()).is_some());
    store.put(key("c"), entry(500));
    let there = |store: &mut Store| ["a", "b", "c", "d"].map(|name| store.get(&key(name), now()).is_some());
    assert_eq!(there(&mut store), [true, false, true, false]);
    store.put(key("d"), entry(2_000));
    assert_eq!(there(&mut store), [true, false, true, false], "it would not fit at all");
    store.put(key("a"), entry(1_600));
    assert_eq!(there(&mut store), [true, false, false, false]);
}
