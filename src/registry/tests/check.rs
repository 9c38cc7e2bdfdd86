use super::super::version::Assets;
use super::*;
use crate::storage::{Action, Change, Expected};
use std::collections::BTreeMap;

/// Two workers with all there can be.
async fn full() -> Bench {
    let bench = Bench::new();
    let worker = name("hello");
    bench.registry.put_secrets(&worker, BTreeMap::from([("K".into(), Some("v".into()))]), "ann").await.unwrap();
    let index = Bytes::from_static(b"index");
    bench.storage.put_blob(Digest::of(&index), index.clone()).await.unwrap();
    let new = NewVersion {
        bindings: BTreeMap::from([("KV".into(), Binding::Kv { id: None })]),
        assets: Some(Assets { index: Digest::of(&index), files: 1, size: 4 }),
        ..bench.code("1").await
    };
    bench.registry.publish(&worker, new, with_routes(&["example.com/*"])).await.unwrap();
    bench.deploy("other", "2").await;
    bench.registry.create_token("ci", [Scope::Read].into(), None).await.unwrap();
    bench.assert_sound().await;
    bench
}

#[tokio::test]
async fn whatever_is_taken_away_or_damaged_is_noticed() {
    let mut tried = 0;
    let dump = full().await.dump().await;
    for (bucket, place) in dump.iter().flat_map(|(bucket, entries)| (0..entries.len()).map(move |at| (*bucket, at))) {
        for damage in ["take away", "replace", "cut", "clear meta"] {
            let bench = full().await;
            // Ids are random, so the entry is named by its place.
            let entry = bench.storage.list(bucket, "", None, 100, Listing::Values).await.unwrap().remove(place);
            let value = match damage {
                "replace" => Bytes::from_static(b"null"),
                "cut" => entry.value.slice(..entry.value.len() - 1),
                _ => entry.value.clone(),
            };
            let meta = if damage == "clear meta" { Bytes::new() } else { entry.meta.clone() };
            let action = Action::Put { meta, value, expires: None };
            let change = match damage {
                "take away" => Change::delete(bucket, entry.key.as_str(), Expected::Any),
                "clear meta" if entry.meta.is_empty() => continue,
                _ => Change { bucket: bucket.into(), key: entry.key.clone(), expected: Expected::Any, action },
            };
            if bucket == bucket::TOKENS && damage == "take away" {
                continue;
            }
            bench.storage.commit(vec![change]).await.unwrap();
            let problems = bench.registry.check().await.unwrap();
            assert!(!problems.is_empty(), "{damage} `{}` in `{bucket}`", entry.key);
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

#[tokio::test]
async fn missing_blobs_and_claims_without_an_owner_are_noticed() {
    let bench = full().await;
    let blobs = bench.storage.blobs().await.unwrap();
    for digest in &blobs {
        bench.storage.delete_blob(*digest).await.unwrap();
    }
    let claim = Change::put(bucket::ROUTES, "a.com/*", Expected::Absent, "\"hello\"");
    let title = Change::put(bucket::NAMESPACE_TITLES, "lost", Expected::Absent, "\"none\"");
    let version = Change::put(bucket::VERSIONS, "gone/000000000000", Expected::Absent, "{}");
    bench.storage.commit(vec![claim, title, version]).await.unwrap();
    let problems = bench.registry.check().await.unwrap().join("\n");
    for part in [
        "is not there",
        "route `a.com/*` is claimed for `hello`, whose record does not have it",
        "the title `lost` leads to KV namespace `none`, which does not have it",
        "`gone/000000000000` in `versions` belongs to no worker",
    ] {
        assert!(problems.contains(part), "{part:?} in:\n{problems}");
    }
    assert_eq!(problems.lines().filter(|line| line.starts_with("blob ")).count(), 3);
}

#[tokio::test]
async fn garbage_is_what_nothing_names() {
    let bench = full().await;
    let named = bench.storage.blobs().await.unwrap();
    let mut put = Vec::new();
    for text in ["file", "unused"] {
        let bytes = Bytes::from_static(text.as_bytes());
        put.push(Digest::of(&bytes));
        bench.storage.put_blob(Digest::of(&bytes), bytes).await.unwrap();
    }
    let lost = Change::put(bucket::SECRETS, "hello/K/lost", Expected::Absent, "x");
    bench.storage.commit(vec![lost]).await.unwrap();
    let file = put[0];
    let names_in = |index: &[u8]| match index {
        b"index" => Ok(vec![file]),
        _ => Err("no index".to_owned()),
    };
    let garbage = bench.registry.garbage(names_in).await.unwrap();
    assert_eq!(garbage, Garbage { blobs: vec![put[1]], secrets: vec!["hello/K/lost".into()] });
    bench.registry.remove_garbage(&garbage).await.unwrap();
    assert_eq!(bench.registry.garbage(names_in).await.unwrap(), Garbage::default());
    assert_eq!(bench.storage.blobs().await.unwrap().len(), named.len() + 1);
    bench.assert_sound().await;
    // What cannot be read must not make anything garbage.
    let error = bench.registry.garbage(|_| Err("no index".to_owned())).await.unwrap_err().to_string();
    assert!(error.contains("assets index") && error.ends_with("no index"), "{error}");
}
