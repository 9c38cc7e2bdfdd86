use super::*;
use crate::kv::limits::METADATA;
use http_body_util::{BodyExt, Empty, StreamBody};
use serde_json::json;
use std::convert::Infallible;

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn json(&self) -> serde_json::Value {
        assert_eq!((self.status, self.header(header::CONTENT_TYPE)), (200, Some("application/json")));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status and message of a refusal.
    fn refusal(&self) -> (u16, &str) {
        assert_eq!(self.header(header::CONTENT_TYPE), Some("text/plain; charset=utf-8"));
        (self.status, std::str::from_utf8(&self.body).unwrap())
    }
}

async fn send<B>(namespace: &Namespace, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes>,
    B::Error: fmt::Display,
{
    let (head, body) = serve(namespace, request).await.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}

async fn ask(namespace: &Namespace, method: &str, uri: &str, body: impl Into<Bytes>) -> Answer {
    let request = Request::builder().method(method).uri(uri).body(Full::new(body.into())).unwrap();
    send(namespace, request).await
}

async fn put_with(namespace: &Namespace, uri: &str, metadata: &str) -> Answer {
    let request = Request::put(uri).header(METADATA_HEADER, metadata).body(Full::<Bytes>::default()).unwrap();
    send(namespace, request).await
}

#[tokio::test]
async fn a_value_is_put_got_and_deleted() {
    let namespace = Namespace::in_memory();
    for key in ["plain", "a%2Fb", "a/b", "100%25", "%F0%9F%A6%80", "%20", "%2e%2e%2e"] {
        let uri = format!("/values/{key}");
        let missing = ask(&namespace, "GET", &uri, "").await;
        assert_eq!((missing.status, &missing.body[..], missing.headers.len()), (404, &b""[..], 0));
        let put = ask(&namespace, "PUT", &uri, "\0value\u{ff}").await;
        assert_eq!((put.status, &put.body[..]), (204, &b""[..]));
        let got = ask(&namespace, "GET", &uri, "").await;
        assert_eq!((got.status, &got.body[..]), (200, "\0value\u{ff}".as_bytes()));
        assert_eq!(got.header(header::CONTENT_TYPE), Some("application/octet-stream"));
        assert_eq!((got.header(METADATA_HEADER), got.header(EXPIRATION_HEADER)), (None, None));
        for _ in 0..2 {
            assert_eq!(ask(&namespace, "DELETE", &uri, "").await.status, 204);
        }
        assert_eq!(ask(&namespace, "GET", &uri, "").await.status, 404);
    }
}

#[tokio::test]
async fn both_spellings_of_a_slash_are_one_key() {
    let namespace = Namespace::in_memory();
    ask(&namespace, "PUT", "/values/a/b", "1").await;
    assert_eq!(ask(&namespace, "GET", "/values/a%2fb", "").await.body, "1");
    assert!(namespace.exists("a/b").await.unwrap());
}

#[tokio::test]
async fn an_empty_value_is_not_a_missing_one() {
    let namespace = Namespace::in_memory();
    let request = Request::put("/values/k").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(send(&namespace, request).await.status, 204);
    let got = ask(&namespace, "GET", "/values/k", "").await;
    assert_eq!((got.status, got.body.len()), (200, 0));
}

#[tokio::test]
async fn keys_that_cannot_be_are_refused_by_every_method() {
    let namespace = Namespace::in_memory();
    let long = "x".repeat(513);
    for method in ["GET", "PUT", "DELETE"] {
        for (key, status, message) in [
            ("", 400, "Key names must not be empty"),
            (".", 400, "Illegal key name \".\". Please use a different name."),
            ("%2e.", 400, "Illegal key name \"..\". Please use a different name."),
            (&long, 414, "UTF-8 encoded length of 513 exceeds key length limit of 512."),
            ("%", 400, "Could not URL-decode key name"),
            ("a%2", 400, "Could not URL-decode key name"),
            ("a%2x", 400, "Could not URL-decode key name"),
            ("%ff", 400, "Could not URL-decode key name"),
        ] {
            let answer = ask(&namespace, method, &format!("/values/{key}"), "").await;
            assert_eq!(answer.refusal(), (status, message), "{method} {key}");
        }
    }
}

#[tokio::test]
async fn metadata_and_expiration_travel_in_headers() {
    let namespace = Namespace::in_memory();
    let metadata = "%7B%22name%22:%22%C3%BC%20%25%22,%22a%22:[1.0]}";
    let put = put_with(&namespace, "/values/k?expiration=4102444800", metadata).await;
    assert_eq!(put.status, 204);
    let got = ask(&namespace, "GET", "/values/k", "").await;
    assert_eq!(got.header(METADATA_HEADER), Some("{\"name\":\"%C3%BC%20%25\",\"a\":[1.0]}"));
    assert_eq!(got.header(EXPIRATION_HEADER), Some("4102444800"));
}

#[tokio::test]
async fn metadata_is_limited_by_its_decoded_length() {
    let namespace = Namespace::in_memory();
    let quoted = |length| format!("\"{}\"", "%78".repeat(length));
    let longest = quoted(METADATA.default as usize - 2);
    assert_eq!(put_with(&namespace, "/values/k", &longest).await.status, 204);
    let over = quoted(METADATA.default as usize - 1);
    let answer = put_with(&namespace, "/values/k", &over).await;
    assert_eq!(answer.refusal(), (413, "Metadata length of 1025 exceeds limit of 1024."));
}

#[tokio::test]
async fn metadata_that_is_no_json_is_refused() {
    let namespace = Namespace::in_memory();
    for metadata in ["", "{", "%ff", "%zz", "undefined"] {
        let answer = put_with(&namespace, "/values/k", metadata).await;
        let (status, message) = answer.refusal();
        assert_eq!(status, 400);
        assert!(message.starts_with("Invalid metadata. Please specify JSON: "), "{message}");
    }
    assert_eq!(put_with(&namespace, "/values/k", "null").await.status, 204);
    assert_eq!(ask(&namespace, "GET", "/values/k", "").await.header(METADATA_HEADER), None);
}

#[tokio::test]
async fn options_are_refused_with_what_was_written() {
    let namespace = Namespace::in_memory();
    for (query, message) in [
        ("expiration_ttl=30", "Invalid expiration_ttl of 30. Expiration TTL must be at least 60."),
        ("expiration_ttl=0", "Invalid expiration_ttl of 0. Please specify integer greater than 0."),
        ("expiration_ttl=60.5", "Invalid expiration_ttl of 60.5. Please specify integer greater than 0."),
        ("expiration_ttl=NaN", "Invalid expiration_ttl of NaN. Please specify integer greater than 0."),
        ("expiration_ttl=", "Invalid expiration_ttl of . Please specify integer greater than 0."),
        (
            "expiration=soon",
            "Invalid expiration of soon. Please specify integer greater than the current number of seconds since the \
             UNIX epoch.",
        ),
        (
            "expiration=1000",
            "Invalid expiration of 1000. Please specify integer greater than the current number of seconds since the \
             UNIX epoch.",
        ),
    ] {
        let answer = ask(&namespace, "PUT", &format!("/values/k?{query}"), "v").await;
        assert_eq!(answer.refusal(), (400, message));
    }
    assert_eq!(ask(&namespace, "GET", "/values/k", "").await.status, 404);
    assert_eq!(ask(&namespace, "PUT", "/values/k?expiration_ttl=60", "v").await.status, 204);
}

#[tokio::test]
async fn a_cache_ttl_is_checked_and_changes_nothing() {
    let namespace = Namespace::in_memory();
    ask(&namespace, "PUT", "/values/k", "1").await;
    assert_eq!(ask(&namespace, "GET", "/values/k?cache_ttl=30", "").await.body, "1");
    ask(&namespace, "PUT", "/values/k", "2").await;
    assert_eq!(ask(&namespace, "GET", "/values/k?cache_ttl=3600", "").await.body, "2");
    for ttl in ["29", "-1", "x"] {
        let answer = ask(&namespace, "GET", &format!("/values/k?cache_ttl={ttl}"), "").await;
        let expected = format!("Invalid cache_ttl of {ttl}. Cache TTL must be at least 30.");
        assert_eq!(answer.refusal(), (400, expected.as_str()));
    }
}

#[tokio::test]
async fn a_value_of_the_largest_size_is_taken_and_one_byte_more_is_not() {
    let namespace = Namespace::in_memory();
    let largest = VALUE.default as usize;
    assert_eq!(ask(&namespace, "PUT", "/values/k", vec![7; largest]).await.status, 204);
    assert_eq!(ask(&namespace, "GET", "/values/k", "").await.body.len(), largest);
    let over = ask(&namespace, "PUT", "/values/k", vec![7; largest + 1]).await;
    assert_eq!(over.refusal(), (413, "Value length of 26214401 exceeds limit of 26214400."));
}

/// A body of `count` megabytes of unknown length that counts how many were taken.
fn megabytes(count: usize, taken: &std::cell::Cell<usize>) -> impl Body<Data = Bytes, Error = Infallible> {
    let frames = std::iter::repeat_with(|| {
        taken.set(taken.get() + 1);
        Ok(http_body::Frame::data(Bytes::from(vec![0; 1 << 20])))
    });
    StreamBody::new(futures_util::stream::iter(frames.take(count)))
}

#[tokio::test]
async fn a_body_of_unknown_length_is_read_no_further_than_its_limit() {
    let namespace = Namespace::in_memory();
    let taken = std::cell::Cell::new(0);
    let request = Request::put("/values/k").body(megabytes(25, &taken)).unwrap();
    assert_eq!(send(&namespace, request).await.status, 204);
    taken.set(0);
    let request = Request::put("/values/k").body(megabytes(1_000, &taken)).unwrap();
    let answer = send(&namespace, request).await;
    assert_eq!(answer.refusal(), (413, "Value length of 27262976 exceeds limit of 26214400."));
    assert_eq!(taken.get(), 26);
}

#[tokio::test]
async fn nothing_is_read_of_a_body_that_says_it_is_too_long_or_of_a_put_that_is_refused() {
    let namespace = Namespace::in_memory();
    let taken = std::cell::Cell::new(0);
    let request = Request::put("/values/k").header("content-length", "30000000").body(megabytes(30, &taken)).unwrap();
    let answer = send(&namespace, request).await;
    assert_eq!(answer.refusal(), (413, "Value length of 30000000 exceeds limit of 26214400."));
    let request = Request::put("/values/k?expiration_ttl=1").body(megabytes(30, &taken)).unwrap();
    assert_eq!(send(&namespace, request).await.status, 400);
    assert_eq!(taken.get(), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_stores_nothing() {
    let namespace = Namespace::in_memory();
    let frames = [Ok(http_body::Frame::data(Bytes::from("half"))), Err("connection lost")];
    let body = StreamBody::new(futures_util::stream::iter(frames));
    let answer = send(&namespace, Request::put("/values/k").body(body).unwrap()).await;
    assert_eq!(answer.refusal(), (400, "the body did not arrive whole: connection lost"));
    assert_eq!(ask(&namespace, "GET", "/values/k", "").await.status, 404);
}

#[tokio::test]
async fn a_bulk_read_is_aligned_with_its_keys() {
    let namespace = Namespace::in_memory();
    put_with(&namespace, "/values/a?expiration=4102444800", "{\"m\":1}").await;
    ask(&namespace, "PUT", "/values/b", &b"\xffb\""[..]).await;
    let answer = ask(&namespace, "POST", "/values", r#"{"keys": ["b", "none", "a"]}"#).await;
    let expected = json!([
        {"value": "\u{fffd}b\"", "metadata": null, "expiration": null},
        null,
        {"value": "", "metadata": {"m": 1}, "expiration": 4_102_444_800u64},
    ]);
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_bulk_read_is_limited() {
    let namespace = Namespace::in_memory();
    let keys = |count: usize| json!({ "keys": vec!["k"; count] }).to_string();
    assert_eq!(ask(&namespace, "POST", "/values", keys(100)).await.json(), json!(vec![(); 100]));
    let over = ask(&namespace, "POST", "/values", keys(101)).await;
    assert_eq!(over.refusal(), (400, "You can request a maximum of 100 keys"));
    let none = ask(&namespace, "POST", "/values", keys(0)).await;
    assert_eq!(none.refusal(), (400, "You must request a minimum of 1 key"));
    let stale = ask(&namespace, "POST", "/values", r#"{"keys": ["k"], "cache_ttl": 29}"#).await;
    assert_eq!(stale.refusal(), (400, "Invalid cache_ttl of 29. Cache TTL must be at least 30."));
    let vast = ask(&namespace, "POST", "/values", " ".repeat((1 << 20) + 1)).await;
    assert_eq!(vast.refusal(), (413, "Request length of 1048577 exceeds limit of 1048576."));
    // Within the limit of the values, but six times as long in JSON.
    ask(&namespace, "PUT", "/values/k", vec![0; 10 << 20]).await;
    let swollen = ask(&namespace, "POST", "/values", keys(1)).await;
    assert_eq!(swollen.refusal(), (413, "Total size of request exceeds the limit of 25MB"));
    ask(&namespace, "PUT", "/values/k", vec![b'x'; 25 << 20]).await;
    assert_eq!(ask(&namespace, "POST", "/values", keys(1)).await.status, 200);
}

#[tokio::test]
async fn a_bulk_read_of_another_form_is_refused() {
    let namespace = Namespace::in_memory();
    for body in ["", "[]", "{}", r#"{"keys": "k"}"#, r#"{"keys": [1]}"#, "\u{0}"] {
        let answer = ask(&namespace, "POST", "/values", body).await;
        let (status, message) = answer.refusal();
        assert_eq!(status, 400);
        assert!(message.starts_with("the body must be `{\"keys\": [\"…\"]}` as JSON: "), "{message}");
    }
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let namespace = Namespace::in_memory();
    put_with(&namespace, "/values/p%26/1?expiration=4102444800", "{\"m\":1}").await;
    for key in ["p%26/2", "p%26/3", "q"] {
        ask(&namespace, "PUT", &format!("/values/{key}"), "v").await;
    }
    let first = ask(&namespace, "GET", "/keys?prefix=p%26%2F&limit=2", "").await.json();
    let cursor = first["cursor"].as_str().unwrap();
    assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{cursor}");
    assert_eq!(
        first,
        json!({
            "keys": [
                {"name": "p&/1", "expiration": 4_102_444_800u64, "metadata": {"m": 1}},
                {"name": "p&/2"},
            ],
            "list_complete": false,
            "cursor": cursor,
        })
    );
    let second = ask(&namespace, "GET", &format!("/keys?prefix=p%26%2F&limit=2&cursor={cursor}"), "").await.json();
    assert_eq!(second, json!({"keys": [{"name": "p&/3"}], "list_complete": true}));
    let all = ask(&namespace, "GET", "/keys", "").await.json();
    assert_eq!(all["keys"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_listing_is_refused_with_what_was_written() {
    let namespace = Namespace::in_memory();
    for (query, status, message) in [
        ("limit=0", 400, "Invalid key_count_limit of 0. Please specify an integer greater than 0."),
        ("limit=1001", 400, "Invalid key_count_limit of 1001. Please specify an integer less than 1000."),
        ("limit=all", 400, "Invalid key_count_limit of all. Please specify an integer greater than 0."),
        ("cursor=%21", 400, "Invalid cursor. Please specify the cursor of an earlier list."),
        (&format!("prefix={}", "x".repeat(513)), 414, "UTF-8 encoded length of 513 exceeds key length limit of 512."),
    ] {
        assert_eq!(ask(&namespace, "GET", &format!("/keys?{query}"), "").await.refusal(), (status, message));
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let namespace = Namespace::in_memory();
    for (method, uri, status, allow) in [
        ("POST", "/values/k", 405, Some("GET, PUT, DELETE")),
        ("HEAD", "/values/k", 405, Some("GET, PUT, DELETE")),
        ("GET", "/values", 405, Some("POST")),
        ("DELETE", "/keys", 405, Some("GET")),
        ("GET", "/", 404, None),
        ("GET", "/keys/k", 404, None),
        ("GET", "/valuesk", 404, None),
    ] {
        let answer = ask(&namespace, method, uri, "").await;
        assert_eq!((answer.refusal().0, answer.header(header::ALLOW)), (status, allow), "{method} {uri}");
    }
}
