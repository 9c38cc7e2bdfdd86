//! Blobs.

use super::*;
use crate::digest::Digest;
use tokio::task::JoinSet;

pub async fn a_blob_is_kept_until_it_is_deleted(storage: Storage) {
    let digests = ["one", "two"].map(|text| Digest::of(text.as_bytes()));
    assert_eq!(storage.get_blob(digests[0]).await, Ok(None));
    assert_eq!(storage.has_blob(digests[0]).await, Ok(false));
    assert_eq!(storage.blobs().await, Ok(vec![]));
    storage.put_blob(digests[0], "one".into()).await.unwrap();
    storage.put_blob(digests[1], "two".into()).await.unwrap();
    assert_eq!(storage.get_blob(digests[0]).await, Ok(Some("one".into())));
    assert_eq!(storage.has_blob(digests[1]).await, Ok(true));
    let mut all = storage.blobs().await.unwrap();
    all.sort();
    let mut sorted = digests;
    sorted.sort();
    assert_eq!(all, sorted);
    storage.delete_blob(digests[0]).await.unwrap();
    storage.delete_blob(digests[0]).await.unwrap();
    assert_eq!(storage.get_blob(digests[0]).await, Ok(None));
    assert_eq!(storage.blobs().await, Ok(vec![digests[1]]));
}

pub async fn a_blob_with_another_digest_is_refused(storage: Storage) {
    let (expected, found) = (Digest::of(b"a"), Digest::of(b"b"));
    assert_eq!(storage.put_blob(expected, "b".into()).await, Err(Error::WrongDigest { expected, found }));
    assert_eq!(storage.blobs().await, Ok(vec![]));
}

pub async fn putting_a_blob_again_changes_nothing(storage: Storage) {
    let digest = Digest::of(b"a");
    for _ in 0..3 {
        storage.put_blob(digest, "a".into()).await.unwrap();
    }
    assert_eq!(storage.blobs().await, Ok(vec![digest]));
    assert_eq!(storage.get_blob(digest).await, Ok(Some("a".into())));
}

pub async fn one_blob_may_be_put_by_many_at_once(storage: Storage) {
    let bytes = many_bytes(100_000);
    let digest = Digest::of(&bytes);
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (storage, bytes) = (storage.clone(), bytes.clone());
        tasks.spawn(async move {
            storage.put_blob(digest, bytes.clone()).await.unwrap();
            assert_eq!(storage.get_blob(digest).await, Ok(Some(bytes)));
        });
    }
    tasks.join_all().await;
    assert_eq!(storage.blobs().await, Ok(vec![digest]));
}

pub async fn an_empty_blob_is_a_blob(storage: Storage) {
    let digest = Digest::of(b"");
    storage.put_blob(digest, Bytes::new()).await.unwrap();
    assert_eq!(storage.has_blob(digest).await, Ok(true));
    assert_eq!(storage.get_blob(digest).await, Ok(Some(Bytes::new())));
}

pub async fn a_blob_of_25_mib_is_kept(storage: Storage) {
    let bytes = many_bytes(25 << 20);
    let digest = Digest::of(&bytes);
    storage.put_blob(digest, bytes.clone()).await.unwrap();
    assert!(storage.get_blob(digest).await.unwrap().unwrap() == bytes);
}

pub async fn a_store_in_order_has_no_problems(storage: Storage) {
    let change = |index: usize| put_until(&index.to_string(), "v", if index.is_multiple_of(2) { PAST } else { FUTURE });
    storage.commit((0..100).map(change).collect()).await.unwrap();
    storage.put_blob(Digest::of(b"a"), "a".into()).await.unwrap();
    assert_eq!(storage.check().await, Ok(vec![]));
}
