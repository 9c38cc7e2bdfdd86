use super::limits::{BULK_READ, BULK_WRITE, KEY, LIST, METADATA, VALUE};
use super::*;
use serde_json::json;

pub(super) fn text(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

pub(super) async fn put(namespace: &Namespace, key: &str, value: &str) {
    namespace.put(key, text(value), &PutOptions::default()).await.unwrap();
}

/// Status and message, as a worker sees them after `KV PUT failed: `.
pub(super) fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = result.unwrap_err();
    format!("{} {}", error.status().as_u16(), error.public_message())
}

fn names(page: &Page) -> Vec<&str> {
    page.keys.iter().map(|key| key.name.as_str()).collect()
}

/// Writes past the rules, to make what only time or another program makes.
pub(super) async fn write_raw(namespace: &Namespace, key: &str, meta: &str, value: &str, expires: Option<u64>) {
    let action = Action::Put { meta: text(meta), value: text(value), expires };
    let change = Change { bucket: namespace.bucket.to_string(), key: key.into(), expected: Expected::Any, action };
    namespace.storage.commit(vec![change]).await.unwrap();
}

#[tokio::test]
async fn what_was_put_is_got_until_it_is_deleted() {
    let namespace = Namespace::in_memory();
    for key in ["plain", "a/b//c", "100%", "%2F", "grüße 🦀", "...", " ", "\0"] {
        assert_eq!(namespace.get(key).await, Ok(None), "{key}");
        put(&namespace, key, key).await;
        let value = namespace.get(key).await.unwrap().unwrap();
        assert_eq!((value.bytes, value.metadata, value.expiration), (text(key), None, None));
        assert!(namespace.exists(key).await.unwrap());
        namespace.delete(key).await.unwrap();
        assert_eq!(namespace.get(key).await, Ok(None), "{key}");
        assert!(!namespace.exists(key).await.unwrap());
    }
    assert_eq!(namespace.delete("never there").await, Ok(()));
}

#[tokio::test]
async fn an_empty_value_is_a_value() {
    let namespace = Namespace::in_memory();
    put(&namespace, "k", "").await;
    assert_eq!(namespace.get("k").await.unwrap().unwrap().bytes, Bytes::new());
    assert!(namespace.exists("k").await.unwrap());
}

#[tokio::test]
async fn namespaces_of_one_storage_see_nothing_of_each_other() {
    let storage = Storage::in_memory();
    let (one, two) = (Namespace::new(storage.clone(), "one"), Namespace::new(storage.clone(), "two"));
    put(&one, "k", "1").await;
    assert_eq!(two.get("k").await, Ok(None));
    assert!(Namespace::new(storage, "one").exists("k").await.unwrap());
}

#[tokio::test]
async fn a_longer_key_does_not_make_a_shorter_one_exist() {
    let namespace = Namespace::in_memory();
    put(&namespace, "key1", "").await;
    assert!(!namespace.exists("key").await.unwrap());
}

#[tokio::test]
async fn a_put_replaces_metadata_and_expiration_too() {
    let namespace = Namespace::in_memory();
    let options = PutOptions { expiration_ttl: Some(600), metadata: Some(json!({"a": 1})), ..PutOptions::default() };
    namespace.put("k", text("1"), &options).await.unwrap();
    put(&namespace, "k", "2").await;
    let value = namespace.get("k").await.unwrap().unwrap();
    assert_eq!((value.metadata, value.expiration), (None, None));
}

#[tokio::test]
async fn keys_are_limited() {
    let namespace = Namespace::in_memory();
    let longest = "é".repeat(KEY.default as usize / 2);
    put(&namespace, &longest, "").await;
    assert!(namespace.get(&longest).await.unwrap().is_some());
    for (key, expected) in [
        (String::new(), "400 Key names must not be empty"),
        (".".into(), "400 Illegal key name \".\". Please use a different name."),
        ("..".into(), "400 Illegal key name \"..\". Please use a different name."),
        (longest + "x", "414 UTF-8 encoded length of 513 exceeds key length limit of 512."),
    ] {
        let many = vec!["good".to_owned(), key.clone()];
        assert_eq!(refusal(namespace.get(&key).await), expected);
        assert_eq!(refusal(namespace.get_many(&many).await), expected);
        assert_eq!(refusal(namespace.put(&key, Bytes::new(), &PutOptions::default()).await), expected);
        assert_eq!(refusal(namespace.delete(&key).await), expected);
        assert_eq!(refusal(namespace.delete_many(many).await), expected);
        assert_eq!(refusal(namespace.exists(&key).await), expected);
        assert_eq!(refusal(namespace.increment(&key, 1).await), expected);
        let swapped = namespace.compare_and_swap(&key, None, Bytes::new(), &PutOptions::default()).await;
        assert_eq!(refusal(swapped), expected);
    }
}

#[tokio::test]
async fn values_are_limited() {
    let namespace = Namespace::in_memory();
    let largest = Bytes::from(vec![7; VALUE.default as usize]);
    namespace.put("k", largest.clone(), &PutOptions::default()).await.unwrap();
    let over = Bytes::from(vec![7; VALUE.default as usize + 1]);
    assert_eq!(
        refusal(namespace.put("k", over, &PutOptions::default()).await),
        "413 Value length of 26214401 exceeds limit of 26214400."
    );
    assert_eq!(namespace.get("k").await.unwrap().unwrap().bytes, largest);
}

#[tokio::test]
async fn metadata_is_limited_and_keeps_its_spelling() {
    let namespace = Namespace::in_memory();
    let with = |metadata| PutOptions { metadata: Some(metadata), ..PutOptions::default() };
    let metadata: serde_json::Value =
        serde_json::from_str(r#"{"z":1.0,"a":"ü\"","n":[12345678901234567890]}"#).unwrap();
    namespace.put("k", Bytes::new(), &with(metadata)).await.unwrap();
    let kept = namespace.get("k").await.unwrap().unwrap().metadata.unwrap();
    assert_eq!(kept.to_string(), r#"{"z":1.0,"a":"ü\"","n":[12345678901234567890]}"#);

    // Two quotation marks come on top.
    let longest = json!("x".repeat(METADATA.default as usize - 2));
    namespace.put("k", Bytes::new(), &with(longest)).await.unwrap();
    let over = json!("x".repeat(METADATA.default as usize - 1));
    assert_eq!(
        refusal(namespace.put("k", Bytes::new(), &with(over)).await),
        "413 Metadata length of 1025 exceeds limit of 1024."
    );

    namespace.put("k", Bytes::new(), &with(json!(null))).await.unwrap();
    assert_eq!(namespace.get("k").await.unwrap().unwrap().metadata, None);
}

#[test]
fn expirations_are_at_least_a_minute_away() {
    const NOW: u64 = 1_000;
    let expiry =
        |expiration, expiration_ttl| rules::expiry(&PutOptions { expiration, expiration_ttl, metadata: None }, NOW);
    assert_eq!(expiry(None, None), Ok(None));
    assert_eq!(expiry(None, Some(60)), Ok(Some(1_060)));
    assert_eq!(expiry(Some(1_060), None), Ok(Some(1_060)));
    assert_eq!(expiry(Some(5_000), Some(70)), Ok(Some(1_070)), "the TTL decides");
    assert_eq!(expiry(Some(3), Some(70)), Ok(Some(1_070)), "the other one is not looked at");
    assert_eq!(expiry(None, Some(i64::MAX)), Ok(Some(i64::MAX as u64)));
    for ttl in [0, -1, i64::MIN] {
        let expected = format!("400 Invalid expiration_ttl of {ttl}. Please specify integer greater than 0.");
        assert_eq!(refusal(expiry(None, Some(ttl))), expected);
    }
    for ttl in [1, 59] {
        let expected = format!("400 Invalid expiration_ttl of {ttl}. Expiration TTL must be at least 60.");
        assert_eq!(refusal(expiry(None, Some(ttl))), expected);
    }
    for expiration in [-1, 0, 999, 1_000] {
        let expected = format!(
            "400 Invalid expiration of {expiration}. Please specify integer greater than the current number of seconds \
             since the UNIX epoch."
        );
        assert_eq!(refusal(expiry(Some(expiration), None)), expected);
    }
    for expiration in [1_001, 1_059] {
        let expected = format!(
            "400 Invalid expiration of {expiration}. Expiration times must be at least 60 seconds in the future."
        );
        assert_eq!(refusal(expiry(Some(expiration), None)), expected);
    }
}

#[tokio::test]
async fn an_expired_entry_is_not_there() {
    let namespace = Namespace::in_memory();
    write_raw(&namespace, "gone", "", "1", Some(now() - 1)).await;
    write_raw(&namespace, "here", "", "1", Some(now() + 600)).await;
    assert_eq!(namespace.get("gone").await, Ok(None));
    assert!(!namespace.exists("gone").await.unwrap());
    assert_eq!(names(&namespace.list(&ListOptions::default()).await.unwrap()), ["here"]);
    assert_eq!(namespace.get_many(&["gone".into()]).await, Ok(vec![None]));
    assert_eq!(namespace.increment("gone", 5).await, Ok(5));
}

#[tokio::test]
async fn an_expiration_is_told_as_it_was_given() {
    let namespace = Namespace::in_memory();
    let expiration = now() + 600;
    let options = PutOptions { expiration: Some(expiration as i64), ..PutOptions::default() };
    namespace.put("k", Bytes::new(), &options).await.unwrap();
    assert_eq!(namespace.get("k").await.unwrap().unwrap().expiration, Some(expiration));
    assert_eq!(namespace.list(&ListOptions::default()).await.unwrap().keys[0].expiration, Some(expiration));
}

#[tokio::test]
async fn a_listing_is_sorted_by_bytes_and_carries_metadata() {
    let namespace = Namespace::in_memory();
    for key in ["b", "a/2", "ä", "a/1", "B", "a"] {
        let options = PutOptions { metadata: Some(json!({"of": key})), ..PutOptions::default() };
        namespace.put(key, text("value"), &options).await.unwrap();
    }
    let all = namespace.list(&ListOptions::default()).await.unwrap();
    assert_eq!(names(&all), ["B", "a", "a/1", "a/2", "b", "ä"]);
    assert_eq!(all.keys[2].metadata, Some(json!({"of": "a/1"})));
    assert_eq!(all.cursor, None);
    let below = ListOptions { prefix: Some("a/".into()), ..ListOptions::default() };
    assert_eq!(names(&namespace.list(&below).await.unwrap()), ["a/1", "a/2"]);
    let nothing = ListOptions { prefix: Some("a/%".into()), ..ListOptions::default() };
    assert_eq!(names(&namespace.list(&nothing).await.unwrap()), [""; 0]);
}

#[tokio::test]
async fn paging_goes_on_where_it_was_while_keys_come_and_go() {
    let namespace = Namespace::in_memory();
    for key in ["k1", "k3", "k5", "k7"] {
        put(&namespace, key, "").await;
    }
    let page = |cursor| ListOptions { prefix: Some("k".into()), limit: Some(2), cursor };
    let first = namespace.list(&page(Some(String::new()))).await.unwrap();
    assert_eq!(names(&first), ["k1", "k3"]);
    // The key that the cursor names goes too.
    namespace.delete_many(vec!["k3".into(), "k5".into()]).await.unwrap();
    put(&namespace, "k2", "").await;
    put(&namespace, "k6", "").await;
    let second = namespace.list(&page(first.cursor)).await.unwrap();
    assert_eq!((names(&second), second.cursor.as_deref()), (vec!["k6", "k7"], None));
}

#[tokio::test]
async fn a_page_that_ends_with_the_last_key_is_the_last() {
    let namespace = Namespace::in_memory();
    put(&namespace, "a", "").await;
    put(&namespace, "b", "").await;
    let page = |limit| ListOptions { limit: Some(limit), ..ListOptions::default() };
    assert_eq!(namespace.list(&page(2)).await.unwrap().cursor, None);
    assert!(namespace.list(&page(1)).await.unwrap().cursor.is_some());
}

#[tokio::test]
async fn a_listing_is_limited() {
    let namespace = Namespace::in_memory();
    let entries = (0..=LIST.default).map(|n| (format!("{n:05}"), Bytes::new(), PutOptions::default())).collect();
    namespace.put_many(entries).await.unwrap();
    for limit in [None, Some(LIST.default as i64)] {
        let page = namespace.list(&ListOptions { limit, ..ListOptions::default() }).await.unwrap();
        assert_eq!(page.keys.len() as u64, LIST.default);
        let rest = namespace.list(&ListOptions { cursor: page.cursor, ..ListOptions::default() }).await.unwrap();
        assert_eq!((names(&rest), rest.cursor.as_deref()), (vec!["01000"], None));
    }
    for (limit, expected) in [
        (0, "400 Invalid key_count_limit of 0. Please specify an integer greater than 0."),
        (-1, "400 Invalid key_count_limit of -1. Please specify an integer greater than 0."),
        (1_001, "400 Invalid key_count_limit of 1001. Please specify an integer less than 1000."),
    ] {
        let options = ListOptions { limit: Some(limit), ..ListOptions::default() };
        assert_eq!(refusal(namespace.list(&options).await), expected);
    }
    let options = ListOptions { prefix: Some("x".repeat(512)), ..ListOptions::default() };
    assert_eq!(namespace.list(&options).await.unwrap().keys, []);
    let options = ListOptions { prefix: Some("x".repeat(513)), ..ListOptions::default() };
    let expected = "414 UTF-8 encoded length of 513 exceeds key length limit of 512.";
    assert_eq!(refusal(namespace.list(&options).await), expected);
}

#[tokio::test]
async fn a_cursor_that_no_listing_gave_is_refused() {
    let namespace = Namespace::in_memory();
    // Not base64, padded, not UTF-8, too long.
    for cursor in ["*", "YQ==", "_w", &"YWFh".repeat(171)] {
        let options = ListOptions { cursor: Some(cursor.into()), ..ListOptions::default() };
        let expected = "400 Invalid cursor. Please specify the cursor of an earlier list.";
        assert_eq!(refusal(namespace.list(&options).await), expected, "{cursor}");
    }
}

#[tokio::test]
async fn a_bulk_read_answers_in_the_order_of_its_keys() {
    let namespace = Namespace::in_memory();
    put(&namespace, "a", "1").await;
    put(&namespace, "b", "2").await;
    let keys = ["b", "none", "a", "b"].map(String::from);
    let values = namespace.get_many(&keys).await.unwrap();
    let found: Vec<_> = values.iter().map(|value| value.as_ref().map(|value| &value.bytes[..])).collect();
    assert_eq!(found, [Some(&b"2"[..]), None, Some(b"1"), Some(b"2")]);
}

#[tokio::test]
async fn a_bulk_read_is_limited() {
    let namespace = Namespace::in_memory();
    let keys: Vec<_> = (0..=BULK_READ.default).map(|n| n.to_string()).collect();
    assert_eq!(namespace.get_many(&keys[1..]).await.unwrap().len(), 100);
    assert_eq!(refusal(namespace.get_many(&keys).await), "400 You can request a maximum of 100 keys");
    assert_eq!(refusal(namespace.get_many(&[]).await), "400 You must request a minimum of 1 key");

    let half = Bytes::from(vec![b'x'; VALUE.default as usize / 2]);
    namespace.put("1", half.clone(), &PutOptions::default()).await.unwrap();
    namespace.put("2", half, &PutOptions::default()).await.unwrap();
    assert!(namespace.get_many(&keys[1..]).await.is_ok());
    put(&namespace, "3", "y").await;
    assert_eq!(refusal(namespace.get_many(&keys[1..]).await), "413 Total size of request exceeds the limit of 25MB");
}

#[tokio::test]
async fn a_bulk_write_is_all_refused_or_all_made() {
    let namespace = Namespace::in_memory();
    let entry = |key: String| (key, text("v"), PutOptions::default());
    let good: Vec<_> = (0..BULK_WRITE.default).map(|n| entry(n.to_string())).collect();
    let mut bad = good.clone();
    bad[9_999].2.expiration_ttl = Some(59);
    assert_eq!(
        refusal(namespace.put_many(bad).await),
        "400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60."
    );
    let mut over = good.clone();
    over.push(entry("one more".into()));
    assert_eq!(refusal(namespace.put_many(over).await), "400 You can write a maximum of 10000 keys");
    assert_eq!(namespace.list(&ListOptions::default()).await.unwrap().keys, []);

    namespace.put_many(good).await.unwrap();
    assert!(namespace.exists("0").await.unwrap() && namespace.exists("9999").await.unwrap());
    let keys: Vec<_> = (0..BULK_WRITE.default).map(|n| n.to_string()).collect();
    let mut over = keys.clone();
    over.push("one more".into());
    assert_eq!(refusal(namespace.delete_many(over).await), "400 You can write a maximum of 10000 keys");
    namespace.delete_many(keys).await.unwrap();
    assert_eq!(namespace.list(&ListOptions::default()).await.unwrap().keys, []);
    assert_eq!(namespace.put_many(Vec::new()).await, Ok(()));
}

#[tokio::test]
async fn a_bulk_write_is_one_commit_per_chunk() {
    let namespace = Namespace::in_memory();
    let entries = |count| (0..count).map(|n| (n.to_string(), Bytes::new(), PutOptions::default())).collect();
    let revision = async |key: &str| namespace.revision(key).await.unwrap().unwrap();
    namespace.put_many(entries(500)).await.unwrap();
    assert_eq!(revision("0").await, revision("499").await);
    namespace.put_many(entries(501)).await.unwrap();
    assert_eq!(revision("0").await + 1, revision("500").await);
}

#[tokio::test]
async fn of_a_key_that_comes_twice_the_later_value_stays() {
    let namespace = Namespace::in_memory();
    let entry = |value| ("k".to_owned(), text(value), PutOptions::default());
    namespace.put_many(vec![entry("1"), entry("2")]).await.unwrap();
    assert_eq!(namespace.get("k").await.unwrap().unwrap().bytes, text("2"));
}

#[tokio::test]
async fn damaged_metadata_is_told_without_saying_where_to_outsiders() {
    let namespace = Namespace::in_memory();
    write_raw(&namespace, "k", "{", "", None).await;
    let error = namespace.get("k").await.unwrap_err();
    assert!(error.to_string().starts_with("stored data is damaged: the metadata of `k` in `kv.test` is not JSON"));
    assert_eq!(refusal::<()>(Err(error)), "500 the storage failed; the server's log says how");
}

#[test]
fn limits_have_names_reasons_and_one_value() {
    for limit in limits::ALL {
        assert!(limit.name.contains("KV") && !limit.reason.is_empty(), "{limit:?}");
        assert!(limit.minimum == limit.default && limit.default == limit.maximum, "{limit:?}");
    }
}
