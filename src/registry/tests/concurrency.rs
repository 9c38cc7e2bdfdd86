use super::super::change::Plan;
use super::*;
use crate::storage::{Change, Expected};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use tokio::task::JoinSet;

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn every_operation_can_be_run_by_a_server() {
    let bench = Bench::new();
    let registry = &bench.registry;
    let worker = name("hello");
    is_send(registry.publish(&worker, bench.code("1").await, all())).await.unwrap();
    is_send(registry.put_secrets(&worker, BTreeMap::from([("K".into(), Some("v".into()))]), "ann")).await.unwrap();
    is_send(registry.rollback(&worker, None, "ann", "")).await.unwrap();
    let live = registry.worker(&worker).await.unwrap().deployment.unwrap().shares;
    is_send(registry.deploy_versions(&worker, live, "ann", "")).await.unwrap();
    is_send(registry.set_routes(&worker, Vec::new())).await.unwrap();
    let id = registry.versions(&worker).await.unwrap().remove(0).id;
    is_send(registry.delete_version(&worker, &id)).await.unwrap();
    let id = is_send(registry.create_namespace("a")).await.unwrap().value.id;
    is_send(registry.rename_namespace(&id, "b")).await.unwrap();
    is_send(registry.delete_namespace(&id)).await.unwrap();
    let token = is_send(registry.create_token("a", BTreeSet::from([Scope::Read]), None)).await.unwrap().value;
    is_send(registry.authenticate(&token.text, bench.now())).await.unwrap();
    is_send(registry.revoke_token(&token.token.id)).await.unwrap();
    is_send(registry.check()).await.unwrap();
    is_send(registry.garbage(|_| Ok(Vec::new()))).await.unwrap();
    is_send(registry.sweep()).await.unwrap();
    is_send(registry.delete_worker(&worker, Dependents::Protect)).await.unwrap();
}

/// Sixteen tasks of two processes publish at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_publishes_at_a_time_none_is_lost() {
    let bench = Bench::new();
    let another = bench.another();
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let registry = if task % 2 == 0 { bench.registry.clone() } else { another.clone() };
        let mut versions = Vec::new();
        for number in 0..20 {
            versions.push(bench.code(&format!("{task} {number}")).await);
        }
        tasks.spawn(async move {
            let mut made = Vec::new();
            for new in versions {
                let done = registry.publish(&name("hello"), new, all()).await.unwrap();
                made.push((done.value.deployment.unwrap().number, done.value.version.id));
            }
            made
        });
    }
    let mut made: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    made.sort();
    assert_eq!(made.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1..=320).collect::<Vec<_>>());
    let history = bench.registry.deployments(&name("hello"), 1_000).await.unwrap();
    assert_eq!(history.len(), 320);
    for (deployment, (number, version)) in history.iter().rev().zip(&made) {
        assert_eq!((deployment.number, &deployment.shares[0].version), (*number, version));
    }
    assert_eq!(bench.count(bucket::VERSIONS).await, KEPT_VERSIONS);
    bench.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_workers_that_want_one_route_one_gets_it() {
    let bench = Bench::new();
    for round in 0..50 {
        let wanted = format!("r{round}.example.com/*");
        let mut tasks = JoinSet::new();
        for (worker, registry) in [("a", bench.registry.clone()), ("b", bench.another())] {
            let new = bench.code(&format!("{worker} {round}")).await;
            let old: Vec<_> = match registry.worker(&name(worker)).await {
                Ok(record) => record.routes,
                Err(_) => Vec::new(),
            };
            let routes = old.into_iter().chain([route(&wanted)]).map(Into::into).collect();
            tasks.spawn(async move {
                let publish = Publish { routes: Some(routes), ..all() };
                (worker, registry.publish(&name(worker), new, publish).await)
            });
        }
        let results = tasks.join_all().await;
        let winner = results.iter().find(|(_, result)| result.is_ok()).expect("one wins").0;
        let (_, lost) = results.into_iter().find(|(worker, _)| *worker != winner).unwrap();
        let message = conflict(lost);
        assert!(message.contains(&format!("route `{wanted}` belongs to worker `{winner}` already")), "{message}");
        bench.assert_sound().await;
    }
}

#[tokio::test]
async fn a_change_that_is_always_overtaken_is_given_up() {
    let bench = Bench::new();
    bench.deploy("hello", "1").await;
    let mut attempts = bench.registry.begin("hello").await;
    for attempt in 1.. {
        let changes = vec![Change::put(bucket::WORKERS, "hello", Expected::Absent, "x")];
        match attempts.commit(Plan { value: (), changes, read: 0 }).await {
            Ok(done) => assert_eq!(done, None, "at attempt {attempt}"),
            Err(error) => {
                assert_eq!((error, attempt), (Error::Busy, 100));
                break;
            }
        }
    }
    drop(attempts);
    bench.assert_sound().await;
}

/// `cargo test --lib registry::tests::concurrency::scale -- --ignored --nocapture`
#[tokio::test]
#[ignore = "measures, and says nothing of right and wrong"]
async fn scale() {
    let bench = Bench::new();
    let new = bench.code("1").await;
    let start = Instant::now();
    for number in 0..10_000 {
        let publish = with_routes(&[&format!("w{number}.example.com/*"), &format!("example.com/{number}/*")]);
        bench.registry.publish(&name(&format!("w{number}")), new.clone(), publish).await.unwrap();
    }
    println!("10,000 publishes: {:?}", start.elapsed());
    let start = Instant::now();
    let workers = bench.registry.workers().await.unwrap();
    println!("reading 10,000 workers: {:?}", start.elapsed());
    let start = Instant::now();
    let table = RouteTable::new(Some("apps.dev"), workers.iter(), &OriginRoutes::new());
    println!("making the table: {:?}", start.elapsed());
    assert!(table.find(Scheme::Http, "example.com", "/77/x").is_some());
    let start = Instant::now();
    bench.deploy("one-more", "1").await;
    println!("one more publish: {:?}", start.elapsed());
    let start = Instant::now();
    bench.registry.delete_worker(&name("w5"), Dependents::Protect).await.unwrap();
    println!("deleting one: {:?}", start.elapsed());
    let start = Instant::now();
    bench.assert_sound().await;
    println!("checking all: {:?}", start.elapsed());
}

#[tokio::test]
async fn what_is_being_bound_is_not_deleted_at_the_same_time() {
    let bench = Bench::new();
    let another = bench.another();
    for bound_first in [true, false] {
        bench.deploy("target", "1").await;
        let id = bench.registry.create_namespace("things").await.unwrap().value.id;
        let service = Binding::Service { worker: name("target") };
        for (user, binding) in [("a", service), ("b", Binding::Kv { id: Some(id.clone()) })] {
            bench.deploy(user, "unbound").await;
            let bindings = BTreeMap::from([("TO".to_owned(), binding)]);
            let new = NewVersion { bindings, ..bench.code(&format!("bound {bound_first}")).await };
            // Both are planned before either is committed.
            let publishing = bench.registry.plan_publish(&name(user), &new, &all()).await.unwrap();
            let deleting = match user {
                "a" => another.plan_deletion(&name("target"), Dependents::Protect).await.unwrap(),
                _ => another.plan_mark(&id).await.unwrap(),
            };
            let (mut publisher, mut deleter) = (bench.registry.begin(user).await, another.begin("target").await);
            if bound_first {
                assert!(publisher.commit(publishing).await.unwrap().is_some());
                assert!(deleter.commit(deleting).await.unwrap().is_none(), "{user}");
            } else {
                assert!(deleter.commit(deleting).await.unwrap().is_some());
                assert!(publisher.commit(publishing).await.unwrap().is_none(), "{user}");
            }
        }
        bench.assert_sound().await;
        for user in ["a", "b"] {
            bench.deploy(user, "unbound").await;
        }
        bench.registry.sweep().await.unwrap();
        if bound_first {
            bench.registry.delete_namespace(&id).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_plan_that_was_overtaken_leaves_no_trace() {
    let bench = Bench::new();
    let new = NewVersion {
        bindings: BTreeMap::from([("KV".to_owned(), Binding::Kv { id: None })]),
        ..bench.code("late").await
    };
    // Of the first publish of a worker, of a later one, and of one whose route another took.
    for (round, taken) in ["hello", "hello", "other"].into_iter().enumerate() {
        let publish = with_routes(&[&format!("r{round}.example.com/*")]);
        let plan = bench.registry.plan_publish(&name("hello"), &new, &publish).await.unwrap();
        bench.registry.publish(&name(taken), bench.code(&format!("{round}")).await, publish).await.unwrap();
        let before = bench.dump().await;
        assert!(bench.another().begin("hello").await.commit(plan).await.unwrap().is_none(), "round {round}");
        assert_eq!(bench.dump().await, before);
        bench.assert_sound().await;
    }
}
