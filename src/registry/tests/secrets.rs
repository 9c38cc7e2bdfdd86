use super::*;
use std::collections::BTreeMap;

fn set(pairs: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.map(str::to_owned))).collect()
}

async fn live_secrets(bench: &Bench, worker: &str) -> Vec<Vec<(String, String)>> {
    let mut all = Vec::new();
    for (id, _) in bench.live(worker).await {
        let version = bench.registry.version(&name(worker), &id).await.unwrap();
        all.push(bench.registry.open_secrets(&version).await.unwrap());
    }
    all
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

#[tokio::test]
async fn secrets_can_be_set_before_the_first_deployment() {
    let bench = Bench::new();
    let worker = name("hello");
    let done = bench.registry.put_secrets(&worker, set(&[("B", Some("2")), ("A", Some("1"))]), "ann").await.unwrap();
    assert_eq!(done.value, SecretsChanged { names: vec!["A".into(), "B".into()], deployment: None });
    bench.registry.put_secrets(&worker, set(&[("A", Some("one"))]), "ann").await.unwrap();
    // The value that was replaced is in no version, so it is gone.
    assert_eq!(bench.count(bucket::SECRETS).await, 2);
    let new = NewVersion { required_secrets: vec!["A".into()], ..bench.code("1").await };
    bench.publish("hello", new).await.unwrap();
    assert_eq!(live_secrets(&bench, "hello").await, [pairs(&[("A", "one"), ("B", "2")])]);
    assert_eq!(bench.registry.secret_names(&worker).await.unwrap(), ["A", "B"]);
    bench.assert_sound().await;
}

#[tokio::test]
async fn a_secret_that_is_set_is_live_at_once_and_a_rollback_undoes_it() {
    let bench = Bench::new();
    let worker = name("hello");
    bench.registry.put_secrets(&worker, set(&[("K", Some("old"))]), "ann").await.unwrap();
    let one = bench.deploy("hello", "1").await;
    let done = bench.registry.put_secrets(&worker, set(&[("K", Some("new")), ("L", Some(""))]), "bob").await.unwrap();
    let deployment = done.value.deployment.unwrap();
    assert_eq!((deployment.cause, deployment.author.as_str()), (Cause::Secret, "bob"));
    assert_eq!(deployment.message, "set secret K, set secret L");
    assert_eq!(live_secrets(&bench, "hello").await, [pairs(&[("K", "new"), ("L", "")])]);
    let copy = bench.registry.versions(&worker).await.unwrap().remove(0);
    assert_eq!((copy.author.as_str(), copy.message.as_str()), ("bob", "code 1"));

    bench.registry.rollback(&worker, None, "bob", "").await.unwrap();
    assert_eq!(bench.live("hello").await, [(one, 10_000)]);
    assert_eq!(live_secrets(&bench, "hello").await, [pairs(&[("K", "old")])]);
    // Setting one keeps the values that the live version has of the others; deleting names what it deletes.
    bench.registry.put_secrets(&worker, set(&[("M", Some("m")), ("L", None)]), "bob").await.unwrap();
    assert_eq!(live_secrets(&bench, "hello").await, [pairs(&[("K", "old"), ("M", "m")])]);
    assert_eq!(bench.registry.secret_names(&worker).await.unwrap(), ["K", "M"]);
    let error = bench.registry.put_secrets(&worker, set(&[("L", None)]), "bob").await.unwrap_err();
    assert_eq!(error.to_string(), "there is no secret `L`");
    bench.assert_sound().await;
}

#[tokio::test]
async fn shares_stay_as_they_are_and_equal_copies_become_one() {
    let bench = Bench::new();
    let worker = name("hello");
    let one = bench.deploy("hello", "1").await;
    let two = bench.deploy("hello", "2").await;
    bench.registry.deploy_versions(&worker, vec![share(&two, 2_500), share(&one, 7_500)], "ann", "").await.unwrap();
    bench.registry.put_secrets(&worker, set(&[("K", Some("v"))]), "ann").await.unwrap();
    let live = bench.live("hello").await;
    assert_eq!(live.iter().map(|(_, share)| *share).collect::<Vec<_>>(), [2_500, 7_500]);
    assert!(live.iter().all(|(id, _)| *id != one && *id != two));
    assert_eq!(live_secrets(&bench, "hello").await, [pairs(&[("K", "v")]), pairs(&[("K", "v")])]);

    // Two versions that differ in one secret only are the same once it is set in both.
    let three = bench.deploy("hello", "3").await;
    bench.registry.put_secrets(&worker, set(&[("K", Some("w"))]), "ann").await.unwrap();
    let copy = bench.live("hello").await.remove(0).0;
    bench.registry.deploy_versions(&worker, vec![share(&copy, 1), share(&three, 9_999)], "ann", "").await.unwrap();
    bench.registry.put_secrets(&worker, set(&[("K", Some("x"))]), "ann").await.unwrap();
    assert_eq!(bench.live("hello").await.iter().map(|(_, share)| *share).collect::<Vec<_>>(), [10_000]);
    bench.assert_sound().await;
}

#[tokio::test]
async fn wrong_secrets_are_refused_and_leave_no_trace() {
    let bench = Bench::new();
    let new = NewVersion { vars: BTreeMap::from([("VAR".into(), "x".into())]), ..bench.code("1").await };
    bench.publish("hello", new).await.unwrap();
    let before = bench.dump().await;
    let put = async |values| bench.registry.put_secrets(&name("hello"), values, "ann").await;
    let most = "x".repeat(5 * 1024);
    let over = "x".repeat(5 * 1024 + 1);
    for (values, part) in [
        (set(&[]), "no secret is named"),
        (set(&[("a-b", Some("1"))]), "a secret is named `a-b`\nhint: it must be a JavaScript identifier"),
        (set(&[("a/b", Some("1"))]), "a secret is named `a/b`"),
        (set(&[("", None)]), "a secret is named ``"),
        (set(&[("K", Some(&over))]), "secret `K` has 5121 bytes, more than the 5120 allowed"),
        (set(&[("VAR", Some("1"))]), "`VAR` is a variable of the live version"),
    ] {
        let message = invalid(put(values).await);
        assert!(message.contains(part) && !message.contains("xxx"), "{message}");
    }
    let many: BTreeMap<_, _> = (0..128).map(|number| (format!("S{number}"), Some("v".to_owned()))).collect();
    let message = invalid(put(many.clone()).await);
    assert!(message.contains("1 variables and 128 secrets are more than the 128 allowed"), "{message}");
    assert_eq!(bench.dump().await, before);
    put(many.into_iter().skip(1).collect()).await.unwrap();
    put(set(&[("S1", Some(&most))])).await.unwrap();
    bench.assert_sound().await;
}

#[tokio::test]
async fn what_is_stored_shows_no_value_and_another_key_opens_none() {
    let bench = Bench::new();
    bench.registry.check_sealing_key().await.unwrap();
    bench.deploy("hello", "1").await;
    bench.registry.put_secrets(&name("hello"), set(&[("K", Some("very secret"))]), "ann").await.unwrap();
    for (bucket, entries) in bench.dump().await {
        for entry in entries {
            let stored = [entry.key.as_bytes(), &entry.meta, &entry.value].concat();
            assert!(!stored.windows(11).any(|part| part == b"very secret"), "{bucket}");
        }
    }
    bench.registry.check_sealing_key().await.unwrap();
    let other = Registry::new(bench.storage.clone(), SealingKey::from_bytes(&[2; 32]));
    let error = other.check_sealing_key().await.unwrap_err().to_string();
    assert!(error.contains("does not open with this key\nhint: bring back the key file"), "{error}");
    let version = other.versions(&name("hello")).await.unwrap().remove(0);
    assert!(matches!(other.open_secrets(&version).await, Err(Error::Damaged(_))));
    assert_eq!(other.check().await.unwrap().len(), 1);
}
