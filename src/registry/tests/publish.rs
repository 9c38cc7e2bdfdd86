use super::super::version::Assets;
use super::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test]
async fn a_first_publish_makes_worker_version_and_deployment() {
    let bench = Bench::new();
    let new =
        NewVersion { tag: "v1".into(), vars: BTreeMap::from([("A".into(), json!(1.5))]), ..bench.code("1").await };
    let publish = Publish { message: "first".into(), ..with_routes(&["Example.com/*", "example.com/*"]) };
    let done = bench.registry.publish(&name("hello"), new, publish).await.unwrap();
    let Published { version, deployment, created_namespaces, unchanged } = done.value;
    assert!(!unchanged && created_namespaces.is_empty());
    assert_eq!((version.message.as_str(), version.tag.as_str(), version.author.as_str()), ("code 1", "v1", "ann"));

    let record = bench.registry.worker(&name("hello")).await.unwrap();
    assert_eq!(record.routes, [route("example.com/*")]);
    assert!(record.subdomain && record.previews);
    let live = record.deployment.unwrap();
    assert_eq!(deployment.as_ref(), Some(&live));
    assert_eq!((live.number, live.cause, live.message.as_str()), (1, Cause::Deploy, "first"));
    assert_eq!(live.shares, [share(&version.id, 10_000)]);
    assert_eq!(bench.registry.version(&name("hello"), &version.id).await.unwrap(), version);
    assert_eq!(bench.registry.deployments(&name("hello"), 10).await.unwrap(), [live]);
    let entry = bench.storage.get(bucket::WORKERS, "hello").await.unwrap().unwrap();
    assert_eq!(entry.revision, done.revision);
    bench.assert_sound().await;
}

#[tokio::test]
async fn every_change_of_a_worker_is_one_commit() {
    let bench = Bench::new();
    let mut changes = bench.storage.watch();
    let mut commits = 0;
    let mut one_more = || {
        let mut revisions = BTreeSet::new();
        while let Ok(change) = changes.try_recv() {
            revisions.insert(change.revision);
        }
        commits += 1;
        assert_eq!(revisions.len(), 1, "at commit {commits}");
    };
    let worker = name("hello");
    let new =
        NewVersion { bindings: BTreeMap::from([("KV".into(), Binding::Kv { id: None })]), ..bench.code("1").await };
    let first = bench.registry.publish(&worker, new, with_routes(&["a.com/*"])).await.unwrap().value.version.id;
    one_more();
    let second = bench.deploy("hello", "2").await;
    one_more();
    bench.registry.put_secrets(&worker, BTreeMap::from([("K".into(), Some("v".into()))]), "ann").await.unwrap();
    one_more();
    bench.registry.deploy_versions(&worker, vec![share(&second, 1), share(&first, 9_999)], "ann", "").await.unwrap();
    one_more();
    bench.registry.rollback(&worker, Some(second.clone()), "ann", "").await.unwrap();
    one_more();
    bench.registry.delete_version(&worker, &first).await.unwrap();
    one_more();
    bench.registry.set_routes(&worker, vec![route("b.com/*").into()]).await.unwrap();
    one_more();
    bench.assert_sound().await;
    bench.registry.delete_worker(&worker, Dependents::Protect).await.unwrap();
    one_more();
    bench.assert_sound().await;
    for bucket in [bucket::WORKERS, bucket::VERSIONS, bucket::DEPLOYMENTS, bucket::ROUTES, bucket::SECRETS] {
        assert_eq!(bench.count(bucket).await, 0, "{bucket}");
    }
}

#[tokio::test]
async fn the_same_content_is_the_same_version() {
    let bench = Bench::new();
    let first = bench.deploy("hello", "1").await;
    let before = bench.dump().await;
    let again = bench.publish("hello", bench.code("1").await).await.unwrap();
    assert!(again.unchanged);
    assert_eq!((again.version.id, again.deployment.unwrap().number), (first.clone(), 1));
    assert_eq!(bench.dump().await, before);

    bench.deploy("hello", "2").await;
    let back = bench.publish("hello", bench.code("1").await).await.unwrap();
    assert!(back.unchanged);
    assert_eq!(back.deployment.unwrap().number, 3);
    assert_eq!(bench.live("hello").await, [(first.clone(), 10_000)]);
    assert_eq!(bench.count(bucket::VERSIONS).await, 2);
    // Another worker's version of the same content has the same id, and is its own.
    assert_eq!(bench.deploy("other", "1").await, first);
    bench.assert_sound().await;
}

#[test]
fn an_id_does_not_depend_on_the_order_of_keys_and_survives_storage() {
    let content = |vars: &str| Content {
        artifact: None,
        vars: serde_json::from_str(vars).unwrap(),
        bindings: BTreeMap::new(),
        secrets: BTreeMap::new(),
        assets: Some(Assets { index: Digest::of(b""), files: 3, size: u64::MAX }),
        limits: crate::limits::Settings { cpu_ms: Some(50), ..Default::default() },
        compatibility_date: String::new(),
        compatibility_flags: Vec::new(),
        crons: Vec::new(),
        tail_consumers: Vec::new(),
    };
    let one = content(r#"{"A":{"x":1,"y":[{"b":1,"a":0.1}]},"B":12345678901234567890,"C":1e300,"D":null}"#);
    let two = content(r#"{"D":null,"B":12345678901234567890,"C":1e300,"A":{"y":[{"a":0.1,"b":1}],"x":1}}"#);
    assert_eq!(one.id(), two.id());
    assert_ne!(one.id(), content(r#"{"A":{"x":1,"y":[{"b":2,"a":0.1}]}}"#).id());
    let version = Version {
        id: one.id(),
        worker: name("a"),
        created: Timestamp::UNIX_EPOCH,
        author: "ann".into(),
        message: String::new(),
        tag: String::new(),
        content: one,
    };
    let text = serde_json::to_string(&version).unwrap();
    let read: Version = serde_json::from_str(&text).unwrap();
    assert_eq!(read, version);
    assert_eq!(read.content.id(), version.id);
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[tokio::test]
async fn a_preview_changes_nothing_that_is_live() {
    let bench = Bench::new();
    let worker = name("hello");
    let live = bench.deploy("hello", "1").await;
    let preview = Publish { traffic: Traffic::None, subdomain: Some(false), ..with_routes(&["a.com/*"]) };
    let published = bench.registry.publish(&worker, bench.code("2").await, preview.clone()).await.unwrap().value;
    assert_eq!(published.deployment, None);
    let record = bench.registry.worker(&worker).await.unwrap();
    assert!(record.routes.is_empty() && record.subdomain);
    assert_eq!(bench.live("hello").await, [(live, 10_000)]);
    assert_eq!(bench.registry.versions(&worker).await.unwrap()[0].id, published.version.id);

    bench.registry.publish(&name("new"), bench.code("2").await, preview).await.unwrap();
    let record = bench.registry.worker(&name("new")).await.unwrap();
    assert!(record.routes.is_empty() && !record.subdomain && record.deployment.is_none());
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_wrong_version_is_refused_with_every_problem_and_leaves_no_trace() {
    let bench = Bench::new();
    bench.deploy("hello", "1").await;
    bench.registry.put_secrets(&name("hello"), BTreeMap::from([("K".into(), Some("v".into()))]), "ann").await.unwrap();
    let before = bench.dump().await;
    let bindings = BTreeMap::from([
        ("KV".to_owned(), Binding::Kv { id: None }),
        ("BAD".to_owned(), Binding::Kv { id: Some("<id>".into()) }),
        ("OTHER".to_owned(), Binding::Service { worker: name("missing") }),
    ]);
    let mut new = NewVersion { bindings, ..bench.code("2").await };
    new.vars.insert("K".into(), json!("x"));
    new.required_secrets = vec!["TOKEN".into(), "K".into()];
    new.assets = Some(Assets { index: Digest::of(b"not stored"), files: 1, size: 1 });
    let message = invalid(bench.publish("hello", new.clone()).await);
    for part in [
        "secret `TOKEN` is required, but not set\nhint: set it with `glowplug secret put TOKEN --name hello`",
        "`K` is both a variable and a secret",
        "is named, but not stored",
        "binding `BAD` has the id `<id>`",
        "binding `OTHER` is for worker `missing`, which is not there\nhint: deploy `missing` first",
    ] {
        assert!(message.contains(part), "{part:?} in:\n{message}");
    }
    new.artifact = None;
    new.assets = None;
    new.limits.cpu_ms = Some(0);
    new.bindings.insert("1x".into(), Binding::Assets);
    new.bindings.insert("K".into(), Binding::VersionMetadata);
    new.vars.insert("BIG".into(), json!("x".repeat(5 * 1024)));
    new.tag = "x".repeat(129);
    let message = invalid(bench.publish("hello", new).await);
    for part in [
        "this one has neither",
        "`limits.cpu_ms` is 0",
        "a binding is named `1x`",
        "binding `1x` is for static assets, but the version has none",
        "`K` is both a variable and a binding",
        "variable `BIG` has 5122 bytes, more than the 5120 allowed",
        "the tag has more than 128 characters",
    ] {
        assert!(message.contains(part), "{part:?} in:\n{message}");
    }
    assert_eq!(bench.dump().await, before);
}

#[tokio::test]
async fn services_hold_each_other() {
    let bench = Bench::new();
    let bound = |code: NewVersion, targets: &[&str]| NewVersion {
        bindings: targets.iter().map(|to| (to.to_uppercase(), Binding::Service { worker: name(to) })).collect(),
        ..code
    };
    // A worker may bind itself, even at first.
    bench.publish("a", bound(bench.code("1").await, &["a"])).await.unwrap();
    bench.publish("b", bound(bench.code("1").await, &["a"])).await.unwrap();
    let message = conflict(bench.registry.delete_worker(&name("a"), Dependents::Protect).await);
    assert!(message.starts_with("worker `a` is bound by `b`\nhint: "), "{message}");
    // An older version that binds it does not hold it.
    bench.deploy("b", "2").await;
    bench.registry.delete_worker(&name("a"), Dependents::Protect).await.unwrap();
    // Nor can that version come back.
    let message = invalid(bench.registry.rollback(&name("b"), None, "ann", "").await);
    assert!(message.contains("worker `a` is bound, but is not there"), "{message}");

    bench.deploy("a", "1").await;
    bench.registry.rollback(&name("b"), None, "ann", "").await.unwrap();
    bench.registry.delete_worker(&name("a"), Dependents::Ignore).await.unwrap();
    // What is live already may go on.
    bench.registry.put_secrets(&name("b"), BTreeMap::from([("K".into(), Some("v".into()))]), "ann").await.unwrap();
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_thousand_deploys_keep_the_newest_versions_and_what_a_rollback_needs() {
    let bench = Bench::new();
    let worker = name("hello");
    let secret = |value: &str| BTreeMap::from([("K".to_owned(), Some(value.to_owned()))]);
    bench.registry.put_secrets(&worker, secret("first"), "ann").await.unwrap();
    let old = bench.deploy("hello", "old").await;
    bench.registry.put_secrets(&worker, secret("second"), "ann").await.unwrap();
    for number in 0..250 {
        let preview = Publish { traffic: Traffic::None, ..all() };
        bench.registry.publish(&worker, bench.code(&number.to_string()).await, preview).await.unwrap();
    }
    // The first version and its copy with the second secret are old, but among the latest deployments.
    assert_eq!(bench.count(bucket::VERSIONS).await, KEPT_VERSIONS + 2);
    assert_eq!(bench.count(bucket::SECRETS).await, 2);
    bench.registry.rollback(&worker, None, "ann", "").await.unwrap();
    assert_eq!(bench.live("hello").await, [(old.clone(), 10_000)]);
    bench.assert_sound().await;

    for number in 250..1_300 {
        bench.deploy("hello", &number.to_string()).await;
    }
    assert_eq!(bench.count(bucket::VERSIONS).await, KEPT_VERSIONS);
    assert_eq!(bench.count(bucket::SECRETS).await, 1);
    assert_eq!(bench.count(bucket::DEPLOYMENTS).await, KEPT_DEPLOYMENTS as usize);
    let versions = bench.registry.versions(&worker).await.unwrap();
    assert_eq!(versions[0].message, "code 1299");
    assert_eq!(versions[99].message, "code 1200");
    assert_eq!(bench.registry.open_secrets(&versions[0]).await.unwrap(), [("K".to_owned(), "second".to_owned())]);
    let history = bench.registry.deployments(&worker, 3).await.unwrap();
    assert_eq!(history.iter().map(|deployment| deployment.number).collect::<Vec<_>>(), [1053, 1052, 1051]);
    bench.assert_sound().await;
}
