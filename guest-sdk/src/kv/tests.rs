use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use http::header::HeaderMap;

use super::*;
use crate::executor::run_for;

fn kv() -> Kv {
    Kv::new("a1b2.binding".to_owned())
}

/// The namespace's answer to a `GET`.
fn answer(status: u16, headers: &[(&'static str, &str)], body: &'static str) -> Response {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().expect("valid"));
    }
    Response::received(StatusCode::from_u16(status).expect("valid"), map, body.into())
}

#[test]
fn any_key_is_one_segment_of_the_path() {
    assert_eq!(value_path("a/../b?c#d%"), "/values/a%2F%2E%2E%2Fb%3Fc%23d%25");
    assert_eq!(value_path("grüße"), "/values/gr%C3%BC%C3%9Fe");
    for key in ["..", "a b", "\n", "日本", "a&b=c+d"] {
        let request = kv().request(Method::GET, &value_path(key), Body::empty()).expect("a valid URL");
        let segment = request.path().strip_prefix("/values/").expect("prefixed");
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().expect("UTF-8");
        assert_eq!(decoded, key);
    }
}

#[test]
fn options_of_put_become_query_and_header() {
    let put = kv()
        .put("k", "value")
        .expiration(SystemTime::UNIX_EPOCH + Duration::from_millis(1_900_000_000_999))
        .expiration_ttl(Duration::from_secs(60))
        .metadata(&BTreeMap::from([("name", "Zoë")]));
    let mut request = put.request().expect("valid");
    assert_eq!(request.method(), Method::PUT);
    assert_eq!(request.url(), "http://a1b2.binding/values/k?expiration=1900000000&expiration_ttl=60");
    let header = request.header("glowplug-kv-metadata").expect("set");
    let json = percent_encoding::percent_decode_str(header).decode_utf8().expect("UTF-8");
    assert_eq!(json, r#"{"name":"Zoë"}"#);
    assert_eq!(run_for(async move { request.text().await }).expect("text"), "value");

    let plain = kv().put("k", "value").request().expect("valid");
    assert_eq!(plain.url(), "http://a1b2.binding/values/k");
    assert!(plain.headers().is_empty());
}

#[test]
fn metadata_that_is_no_json_is_an_error_of_put() {
    let keys_are_no_text = BTreeMap::from([((1, 2), 3)]);
    let error = kv().put("k", "value").metadata(&keys_are_no_text).request().expect_err("no JSON");
    assert!(error.to_string().starts_with("KV PUT failed: the metadata cannot be written as JSON: "), "{error}");
    assert!(kv().put_json("k", &keys_are_no_text).is_err());
}

#[test]
fn options_of_list_become_the_query() {
    assert_eq!(kv().list().path(), "/keys");
    let list = kv().list().prefix("a b&").limit(5).cursor("x=+/");
    assert_eq!(list.path(), "/keys?prefix=a%20b%26&limit=5&cursor=x%3D%2B%2F");
}

#[test]
fn an_entry_has_metadata_expiration_and_value() {
    let headers =
        [("glowplug-kv-metadata", "%7B%22name%22%3A%22Zo%C3%AB%22%7D"), ("glowplug-kv-expiration", "1900000000")];
    let entry = Entry::new(answer(200, &headers, "[1, 2]"));
    let metadata: Option<BTreeMap<String, String>> = entry.metadata().expect("JSON");
    assert_eq!(metadata, Some(BTreeMap::from([("name".to_owned(), "Zoë".to_owned())])));
    let error = entry.metadata::<u8>().expect_err("an object");
    assert!(error.to_string().starts_with("KV GET failed: the metadata is not the JSON expected: "), "{error}");
    assert_eq!(entry.expiration(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000)));
    assert_eq!(run_for(entry.json::<Vec<u8>>()).expect("JSON"), [1, 2]);

    let bare = Entry::new(answer(200, &[], "text"));
    assert_eq!(bare.metadata::<u8>().expect("none"), None);
    assert_eq!(bare.expiration(), None);
    let error = run_for(bare.json::<u8>()).expect_err("text");
    assert!(error.to_string().starts_with("KV GET failed: the value is not the JSON expected: "), "{error}");
}

#[test]
fn bulk_answers_are_aligned_with_the_keys() {
    let answer = br#"[{"value": "7", "metadata": {"n": 1}, "expiration": 60}, null, {"value": "", "metadata": null}]"#;
    let entries = entry::parse_many(answer, 3).expect("valid");
    let first = entries[0].as_ref().expect("there");
    assert_eq!((first.value.as_str(), first.json::<u8>().expect("a number")), ("7", 7));
    assert_eq!(first.metadata().expect("JSON"), Some(BTreeMap::from([("n".to_owned(), 1)])));
    assert_eq!(first.expiration, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(60)));
    assert_eq!(entries[1], None);
    assert_eq!(entries[2].as_ref().expect("there").metadata::<u8>().expect("none"), None);

    for (answer, count) in [("[null]", 2), ("{}", 0), ("[3]", 1), (r#"[{"value": 3}]"#, 1)] {
        let error = entry::parse_many(answer.as_bytes(), count).expect_err(answer);
        assert!(error.to_string().starts_with("KV GET_BULK failed: the host's answer"), "{error}");
    }
}

#[test]
fn a_page_has_keys_and_where_to_go_on() {
    let page = list::parse(
        br#"{"keys": [{"name": "a", "expiration": 60, "metadata": [1]}, {"name": "b"}], "list_complete": false, "cursor": "c"}"#,
    )
    .expect("valid");
    assert_eq!(page.cursor.as_deref(), Some("c"));
    assert_eq!(page.keys[0].expiration, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(60)));
    assert_eq!(page.keys[0].metadata().expect("JSON"), Some(vec![1]));
    assert_eq!((page.keys[1].name.as_str(), page.keys[1].expiration), ("b", None));
    assert_eq!(page.keys[1].metadata::<u8>().expect("none"), None);

    let last = list::parse(br#"{"keys": [], "list_complete": true}"#).expect("valid");
    assert_eq!((last.keys.len(), last.cursor), (0, None));

    for answer in
        ["", "[]", "{}", r#"{"keys": [], "list_complete": false}"#, r#"{"keys": [{}], "list_complete": true}"#]
    {
        assert!(list::parse(answer.as_bytes()).is_err(), "{answer}");
    }
}

#[test]
fn a_refusal_has_the_namespace_s_status_and_words_and_stays_the_worker_s_fault() {
    let refused = run_for(accepted(Operation::Put, answer(400, &[], "Key names must not be empty\n")));
    let error = refused.expect_err("a 400");
    assert_eq!(error.to_string(), "KV PUT failed: 400 Key names must not be empty");
    assert_eq!(error.refusal(), Some((StatusCode::BAD_REQUEST, "Key names must not be empty")));
    assert_eq!(Error::from(error).status(), StatusCode::INTERNAL_SERVER_ERROR);

    let silent = run_for(accepted(Operation::Delete, answer(429, &[], ""))).expect_err("a 429");
    assert_eq!(silent.to_string(), "KV DELETE failed: 429 Too Many Requests");
}
