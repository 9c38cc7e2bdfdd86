use super::*;
use std::collections::BTreeMap;

#[tokio::test]
async fn traffic_is_shared_by_two_versions() {
    let bench = Bench::new();
    let worker = name("hello");
    let one = bench.deploy("hello", "1").await;
    let two = bench.deploy("hello", "2").await;
    let shares = vec![share(&two, 1_000), share(&one, 9_000)];
    let done = bench.registry.deploy_versions(&worker, shares.clone(), "bob", "careful").await.unwrap().value;
    assert_eq!((done.number, done.cause, done.author.as_str()), (3, Cause::Versions, "bob"));
    assert_eq!(done.shares, shares);
    assert_eq!(bench.registry.worker(&worker).await.unwrap().deployment, Some(done));

    let missing: VersionId = "000000000000".parse().unwrap();
    for (shares, part) in [
        (vec![], "0 versions cannot share"),
        (vec![share(&one, 5_000), share(&two, 4_999)], "the shares add up to 99.99%"),
        (vec![share(&one, 0), share(&two, 10_000)], "has a share of 0%"),
        (vec![share(&one, 5_000), share(&one, 5_000)], "is named twice"),
        (vec![share(&one, u32::MAX), share(&two, u32::MAX)], "has a share of 42949672.95%"),
        (vec![share(&one, 1); 3], "3 versions cannot share"),
    ] {
        let message = invalid(bench.registry.deploy_versions(&worker, shares, "bob", "").await);
        assert!(message.contains(part), "{message}");
    }
    let error = bench.registry.deploy_versions(&worker, vec![share(&missing, 10_000)], "bob", "").await.unwrap_err();
    assert_eq!(error.to_string(), "there is no version `000000000000`");
    assert_eq!(bench.registry.deployments(&worker, 10).await.unwrap().len(), 3);
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_rollback_goes_to_what_was_live_before() {
    let bench = Bench::new();
    let worker = name("hello");
    let rollback = async |version: Option<&VersionId>| {
        bench.registry.rollback(&worker, version.cloned(), "bob", "oh").await.map(|done| done.value)
    };
    assert_eq!(rollback(None).await.unwrap_err().to_string(), "there is no worker `hello`");
    let one = bench.deploy("hello", "1").await;
    assert!(conflict(rollback(None).await).contains("no other version of `hello` was live before"));
    assert!(conflict(rollback(Some(&one)).await).contains("has all traffic already"));
    let two = bench.deploy("hello", "2").await;
    let done = rollback(None).await.unwrap();
    assert_eq!((done.cause, done.message.as_str(), done.number), (Cause::Rollback, "oh", 3));
    assert_eq!(bench.live("hello").await, [(one.clone(), 10_000)]);
    rollback(None).await.unwrap();
    assert_eq!(bench.live("hello").await, [(two.clone(), 10_000)]);

    // From a gradual deployment: back to what there was before it.
    let three = bench.deploy("hello", "3").await;
    let shares = vec![share(&three, 9_000), share(&one, 1_000)];
    bench.registry.deploy_versions(&worker, shares, "bob", "").await.unwrap();
    rollback(None).await.unwrap();
    assert_eq!(bench.live("hello").await, [(three.clone(), 10_000)]);
    // And past it: the version that had less of it than the one that is live.
    rollback(None).await.unwrap();
    assert_eq!(bench.live("hello").await, [(one.clone(), 10_000)]);

    // A version that is gone is passed over.
    bench.registry.rollback(&worker, Some(two.clone()), "bob", "").await.unwrap();
    bench.registry.delete_version(&worker, &one).await.unwrap();
    bench.registry.delete_version(&worker, &three).await.unwrap();
    assert!(conflict(rollback(None).await).contains("no other version"));
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_live_version_is_not_deleted() {
    let bench = Bench::new();
    let worker = name("hello");
    let one = bench.deploy("hello", "1").await;
    let two = bench.deploy("hello", "2").await;
    bench.registry.deploy_versions(&worker, vec![share(&two, 1), share(&one, 9_999)], "bob", "").await.unwrap();
    for id in [&one, &two] {
        assert!(conflict(bench.registry.delete_version(&worker, id).await).contains("is live"));
    }
    bench.deploy("hello", "3").await;
    bench.registry.delete_version(&worker, &one).await.unwrap();
    let error = bench.registry.delete_version(&worker, &one).await.unwrap_err();
    assert_eq!(error, Error::NotFound { what: "version", name: one.to_string() });
    assert_eq!(bench.registry.version(&worker, &one).await.unwrap_err(), error);
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_worker_that_is_made_again_begins_anew() {
    let bench = Bench::new();
    bench.registry.put_secrets(&name("hello"), BTreeMap::from([("K".into(), Some("v".into()))]), "ann").await.unwrap();
    bench.deploy("hello", "1").await;
    bench.deploy("hello", "2").await;
    bench.deploy("hello-2", "1").await;
    bench.registry.delete_worker(&name("hello"), Dependents::Protect).await.unwrap();
    assert_eq!(bench.registry.worker_names().await.unwrap(), [name("hello-2")]);
    bench.deploy("hello", "3").await;
    let record = bench.registry.worker(&name("hello")).await.unwrap();
    assert_eq!(record.deployment.unwrap().number, 1);
    assert!(record.secrets.is_empty());
    assert_eq!(bench.registry.workers().await.unwrap().len(), 2);
    bench.assert_sound().await;
}
