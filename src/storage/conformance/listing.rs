//! Listings.

use super::*;

/// Keys in the order of their bytes, which is not that of UTF-16 nor of any language.
const ORDERED: [&str; 14] = ["", "%", "%%", "A", "Z", "_", "_a", "a", "a\0", "a%b", "aé", "z", "é", "\u{ffff}"];

async fn fill(storage: &Storage) {
    let last = ["\u{1f600}", "\u{10ffff}"];
    let changes = ORDERED.iter().chain(&last).rev().map(|key| put(key, "value")).collect();
    storage.commit(changes).await.unwrap();
    storage
        .commit(vec![Change::put("a", "k", Expected::Any, "v"), Change::put("c", "k", Expected::Any, "v")])
        .await
        .unwrap();
}

pub async fn a_listing_is_in_the_order_of_bytes(storage: Storage) {
    fill(&storage).await;
    let all = keys(&storage, "").await;
    assert_eq!(all[..14], ORDERED);
    assert_eq!(all[14..], ["\u{1f600}", "\u{10ffff}"]);
    assert!(keys(&storage, "none").await.is_empty());
    assert!(storage.list("none", "", None, 9, Listing::Values).await.unwrap().is_empty());
}

pub async fn a_listing_keeps_to_its_prefix(storage: Storage) {
    fill(&storage).await;
    assert_eq!(keys(&storage, "%").await, ["%", "%%"]);
    assert_eq!(keys(&storage, "_").await, ["_", "_a"]);
    assert_eq!(keys(&storage, "a").await, ["a", "a\0", "a%b", "aé"]);
    assert_eq!(keys(&storage, "a%").await, ["a%b"]);
    assert_eq!(keys(&storage, "é").await, ["é"]);
    assert_eq!(keys(&storage, "\u{ffff}").await, ["\u{ffff}"]);
    assert_eq!(keys(&storage, "\u{10ffff}").await, ["\u{10ffff}"]);
    assert_eq!(keys(&storage, "\u{10ffff}\u{10ffff}").await, [""; 0]);
}

pub async fn pages_of_a_listing_make_up_the_whole(storage: Storage) {
    fill(&storage).await;
    let all = keys(&storage, "").await;
    for limit in [1, 2, 3, 16, 17] {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = storage.list("b", "", after.as_deref(), limit, Listing::Values).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= limit);
            assert!(page.iter().all(|entry| entry.value == "value"));
            after = Some(last.key.clone());
            found.extend(page.into_iter().map(|entry| entry.key));
        }
        assert_eq!(found, all, "{limit}");
    }
    let list = async |prefix, after, limit| {
        let entries = storage.list("b", prefix, Some(after), limit, Listing::Keys).await.unwrap();
        entries.into_iter().map(|entry| entry.key).collect::<Vec<_>>()
    };
    assert_eq!(list("a", "a\0", 9).await, ["a%b", "aé"]);
    assert_eq!(list("a", "a", 1).await, ["a\0"]);
    assert_eq!(list("a", "a$", 9).await, ["a%b", "aé"], "`after` need not be there");
    assert_eq!(list("a", "Z", 1).await, ["a"], "`after` may come before the prefix");
    assert_eq!(list("a", "b", 9).await, [""; 0], "`after` may come after the prefix");
    assert_eq!(list("a", "", 0).await, [""; 0]);
}

pub async fn a_listing_of_keys_has_no_values(storage: Storage) {
    let action = Action::Put { meta: "meta".into(), value: "value".into(), expires: Some(FUTURE) };
    let change = Change { bucket: "b".into(), key: "k".into(), expected: Expected::Any, action };
    let revision = storage.commit(vec![change]).await.unwrap();
    let full = Entry { key: "k".into(), revision, expires: Some(FUTURE), meta: "meta".into(), value: "value".into() };
    let bare = Entry { value: Bytes::new(), ..full.clone() };
    assert_eq!(storage.list("b", "", None, 9, Listing::Values).await.unwrap(), [full]);
    assert_eq!(storage.list("b", "", None, 9, Listing::Keys).await.unwrap(), [bare]);
}

pub async fn a_listing_passes_over_what_has_expired(storage: Storage) {
    let change = |index: usize| put_until(&index.to_string(), "v", if index.is_multiple_of(2) { PAST } else { FUTURE });
    storage.commit((0..10).map(change).collect()).await.unwrap();
    let page = storage.list("b", "", None, 3, Listing::Keys).await.unwrap();
    assert_eq!(page.iter().map(|entry| &entry.key[..]).collect::<Vec<_>>(), ["1", "3", "5"]);
}
