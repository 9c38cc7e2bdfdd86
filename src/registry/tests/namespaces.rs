use super::*;
use crate::storage::{Change, Expected};
use std::collections::BTreeMap;

async fn with_kv(bench: &Bench, code: &str, bindings: &[(&str, Option<&str>)]) -> NewVersion {
    let kv = |id: &Option<&str>| Binding::Kv { id: id.map(str::to_owned) };
    NewVersion {
        bindings: bindings.iter().map(|(name, id)| (name.to_string(), kv(id))).collect(),
        ..bench.code(code).await
    }
}

async fn put_entries(bench: &Bench, id: &str, number: usize) {
    let put = |at: usize| Change::put(bucket::kv(id), format!("key {at}"), Expected::Any, "value");
    bench.storage.commit((0..number).map(put).collect()).await.unwrap();
}

#[tokio::test]
async fn a_binding_without_an_id_has_a_namespace_made_once() {
    let bench = Bench::new();
    let first = bench.publish("hello", with_kv(&bench, "1", &[("KV", None)]).await).await.unwrap();
    let made = &first.created_namespaces[0];
    assert_eq!((made.title.as_str(), made.id.len()), ("hello-KV", 32));
    assert_eq!(first.version.content.bindings["KV"], Binding::Kv { id: Some(made.id.clone()) });
    let again = bench.publish("hello", with_kv(&bench, "1", &[("KV", None)]).await).await.unwrap();
    assert!(again.unchanged && again.created_namespaces.is_empty());
    assert_eq!(bench.registry.namespaces().await.unwrap(), first.created_namespaces);
    assert_eq!(bench.registry.namespace(&made.id).await.unwrap(), *made);
    assert_eq!(bench.registry.namespace("hello-KV").await.unwrap(), *made);
    bench.assert_sound().await;
}

#[tokio::test]
async fn an_id_of_a_wrangler_file_is_used_as_it_is() {
    let bench = Bench::new();
    let id = "0f2ac74b498b48028cb68387c421e279";
    let new = with_kv(&bench, "1", &[("A", Some(id)), ("B", Some(id)), ("C", None)]).await;
    let made = bench.publish("hello", new).await.unwrap().created_namespaces;
    assert_eq!(made.iter().map(|made| made.title.as_str()).collect::<Vec<_>>(), ["hello-A", "hello-C"]);
    // Another worker binds the same one.
    let new = with_kv(&bench, "1", &[("X", Some(id))]).await;
    assert!(bench.publish("other", new).await.unwrap().created_namespaces.is_empty());
    // A title that is taken gets the id added.
    let new = with_kv(&bench, "2", &[("A", Some("another"))]).await;
    assert_eq!(bench.publish("hello", new).await.unwrap().created_namespaces[0].title, "hello-A-another");
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_namespace_is_made_renamed_and_deleted() {
    let bench = Bench::new();
    let made = bench.registry.create_namespace("things").await.unwrap().value;
    assert!(conflict(bench.registry.create_namespace("things").await).contains("has the title `things` already"));
    let other = bench.registry.create_namespace("others").await.unwrap().value;
    assert!(conflict(bench.registry.rename_namespace(&other.id, "things").await).contains("already"));
    for wrong in ["", " x", "a\nb", &"x".repeat(513)] {
        invalid(bench.registry.create_namespace(wrong).await);
        invalid(bench.registry.rename_namespace(&other.id, wrong).await);
    }
    let renamed = bench.registry.rename_namespace(&made.id, "stuff").await.unwrap().value;
    assert_eq!(renamed, Namespace { title: "stuff".into(), ..made.clone() });
    bench.registry.rename_namespace(&made.id, "stuff").await.unwrap();
    bench.registry.create_namespace("things").await.unwrap();
    assert_eq!(bench.registry.namespace("stuff").await.unwrap(), renamed);

    put_entries(&bench, &made.id, 1_234).await;
    bench.registry.delete_namespace(&made.id).await.unwrap();
    assert_eq!(bench.count(&bucket::kv(&made.id)).await, 0);
    let gone = Error::NotFound { what: "KV namespace", name: made.id.clone() };
    assert_eq!(bench.registry.namespace(&made.id).await.unwrap_err(), gone);
    assert_eq!(bench.registry.delete_namespace(&made.id).await.unwrap_err(), gone);
    assert_eq!(bench.registry.rename_namespace(&made.id, "x").await.unwrap_err(), gone);
    bench.registry.create_namespace("stuff").await.unwrap();
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_namespace_that_a_live_version_binds_stays() {
    let bench = Bench::new();
    let made = bench.publish("hello", with_kv(&bench, "1", &[("KV", None)]).await).await.unwrap().created_namespaces;
    let id = &made[0].id;
    let message = conflict(bench.registry.delete_namespace(id).await);
    assert!(message.starts_with("KV namespace `hello-KV` (`") && message.contains("is bound by `hello`"), "{message}");
    // A share of the traffic is enough.
    let one = bench.live("hello").await.remove(0).0;
    let two = bench.deploy("hello", "2").await;
    let shares = vec![share(&two, 9_999), share(&one, 1)];
    bench.registry.deploy_versions(&name("hello"), shares, "ann", "").await.unwrap();
    conflict(bench.registry.delete_namespace(id).await);
    bench.registry.rollback(&name("hello"), Some(two), "ann", "").await.unwrap();
    bench.registry.delete_namespace(id).await.unwrap();
    let message = invalid(bench.registry.rollback(&name("hello"), Some(one), "ann", "").await);
    assert!(message.contains(&format!("KV namespace `{id}` is bound, but is not there")), "{message}");
    // Published again, it gets a new one.
    let again = bench.publish("hello", with_kv(&bench, "1", &[("KV", None)]).await).await.unwrap();
    assert!(!again.unchanged);
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_deletion_that_was_cut_short_is_finished_by_a_sweep() {
    let bench = Bench::new();
    let id = "0f2ac74b498b48028cb68387c421e279";
    bench.publish("hello", with_kv(&bench, "1", &[("KV", Some(id))]).await).await.unwrap();
    bench.deploy("hello", "2").await;
    put_entries(&bench, id, 3).await;
    // What a crash leaves after the first commit.
    let entry = bench.storage.get(bucket::NAMESPACES, id).await.unwrap().unwrap();
    let mut stored: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&entry.value).unwrap();
    stored.insert("deleting".into(), true.into());
    let mark = Change::put(bucket::NAMESPACES, id, Expected::Any, serde_json::to_vec(&stored).unwrap());
    let title = Change::delete(bucket::NAMESPACE_TITLES, "hello-KV", Expected::Any);
    bench.storage.commit(vec![mark, title]).await.unwrap();

    bench.assert_sound().await;
    assert!(bench.registry.namespace(id).await.is_err());
    assert!(bench.registry.namespaces().await.unwrap().is_empty());
    let message = conflict(bench.publish("hello", with_kv(&bench, "3", &[("KV", Some(id))]).await).await);
    assert_eq!(message, format!("KV namespace `{id}` is being deleted"));
    assert_eq!(bench.registry.sweep().await.unwrap(), 1);
    assert_eq!(bench.count(&bucket::kv(id)).await, 0);
    assert_eq!(bench.count(bucket::NAMESPACES).await, 0);
    bench.publish("hello", with_kv(&bench, "3", &[("KV", Some(id))]).await).await.unwrap();
    bench.assert_sound().await;
}
