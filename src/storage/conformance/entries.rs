//! One entry at a time, and its expiry.

use super::*;

pub async fn a_put_entry_is_got_until_it_is_deleted(storage: Storage) {
    assert_eq!(get(&storage, "k").await, None);
    let revision = storage.commit(vec![put("k", "v")]).await.unwrap();
    let entry = get(&storage, "k").await.unwrap();
    let expected = Entry { key: "k".into(), revision, expires: None, meta: Bytes::new(), value: "v".into() };
    assert_eq!(entry, expected);
    storage.commit(vec![Change::delete("b", "k", Expected::Any)]).await.unwrap();
    assert_eq!(get(&storage, "k").await, None);
    storage.commit(vec![Change::delete("b", "k", Expected::Any)]).await.unwrap();
}

pub async fn a_put_replaces_value_meta_and_expiry(storage: Storage) {
    let action = Action::Put { meta: "m".into(), value: "1".into(), expires: Some(FUTURE) };
    let change = Change { bucket: "b".into(), key: "k".into(), expected: Expected::Any, action };
    storage.commit(vec![change]).await.unwrap();
    let entry = get(&storage, "k").await.unwrap();
    assert_eq!((&entry.meta[..], &entry.value[..], entry.expires), (&b"m"[..], &b"1"[..], Some(FUTURE)));
    storage.commit(vec![put("k", "2")]).await.unwrap();
    let entry = get(&storage, "k").await.unwrap();
    assert_eq!((&entry.meta[..], &entry.value[..], entry.expires), (&b""[..], &b"2"[..], None));
}

pub async fn buckets_are_apart(storage: Storage) {
    let other = Change::put("c", "k", Expected::Absent, "c");
    storage.commit(vec![put("k", "b"), other]).await.unwrap();
    storage.commit(vec![Change::delete("b", "k", Expected::Any)]).await.unwrap();
    assert_eq!(get(&storage, "k").await, None);
    assert_eq!(storage.get("c", "k").await.unwrap().unwrap().value, "c");
    assert!(storage.list("", "", None, 9, Listing::Keys).await.unwrap().is_empty());
}

pub async fn empty_values_and_keys_are_kept(storage: Storage) {
    storage.commit(vec![put("", ""), put("k", "")]).await.unwrap();
    assert_eq!(value(&storage, "").await, Some(Bytes::new()));
    assert_eq!(keys(&storage, "").await, ["", "k"]);
}

pub async fn keys_may_be_any_text(storage: Storage) {
    let all = ["\0", "a\0", "a\0b", "a", "'; DROP TABLE entries", "é", "\u{10ffff}", "a/b.c*>", " "];
    for key in all {
        storage.commit(vec![Change::put("b", key, Expected::Absent, key)]).await.unwrap();
    }
    for key in all {
        assert_eq!(value(&storage, key).await, Some(Bytes::from(key)), "{key:?}");
    }
    assert_eq!(keys(&storage, "").await.len(), all.len());
}

pub async fn a_value_of_25_mib_is_kept(storage: Storage) {
    let large = many_bytes(25 << 20);
    let change = Change::put("b", "k", Expected::Any, large.clone());
    storage.commit(vec![change, put("j", "small"), put("l", "small")]).await.unwrap();
    assert!(value(&storage, "k").await.unwrap() == large);
    assert_eq!(value(&storage, "l").await.unwrap(), "small");
}

pub async fn what_has_expired_is_invisible_at_once(storage: Storage) {
    storage.commit(vec![put_until("gone", "v", PAST), put_until("here", "v", FUTURE)]).await.unwrap();
    assert_eq!(get(&storage, "gone").await, None);
    assert_eq!(get(&storage, "here").await.unwrap().expires, Some(FUTURE));
}

pub async fn an_expired_entry_counts_as_absent(storage: Storage) {
    storage.commit(vec![put_until("k", "old", PAST)]).await.unwrap();
    storage.commit(vec![Change::put("b", "k", Expected::Absent, "new")]).await.unwrap();
    assert_eq!(value(&storage, "k").await.unwrap(), "new");
}

pub async fn an_expired_revision_is_no_longer_expected(storage: Storage) {
    let revision = storage.commit(vec![put_until("k", "old", PAST)]).await.unwrap();
    let result = storage.commit(vec![Change::put("b", "k", Expected::Revision(revision), "new")]).await;
    assert_eq!(result, Err(conflict("k")));
}

pub async fn a_put_revives_an_expired_entry(storage: Storage) {
    storage.commit(vec![put_until("k", "old", PAST)]).await.unwrap();
    storage.commit(vec![put("k", "new")]).await.unwrap();
    assert_eq!(storage.sweep().await, Ok(0));
    assert_eq!(value(&storage, "k").await.unwrap(), "new");
}

pub async fn a_sweep_deletes_what_has_expired_and_no_more(storage: Storage) {
    let expired = (0..1000).map(|index| put_until(&format!("gone{index}"), "v", PAST));
    storage.commit(expired.chain([put("a", "v"), put_until("z", "v", FUTURE)]).collect()).await.unwrap();
    let mut watcher = storage.watch();
    assert_eq!(storage.sweep().await, Ok(1000));
    assert_eq!(storage.sweep().await, Ok(0));
    assert_eq!(keys(&storage, "").await, ["a", "z"]);
    assert!(watcher.try_recv().is_err(), "nobody is told");
}
