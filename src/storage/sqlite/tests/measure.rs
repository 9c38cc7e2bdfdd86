//! How fast it is: `cargo test --release --lib storage::sqlite::tests::measure -- --ignored --nocapture`.

use super::*;
use std::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures, and judges nothing"]
async fn reads_and_commits() {
    let (storage, _dir) = make().await;
    let value = Bytes::from(vec![7; 200]);
    let changes = (0..100_000).map(|index| Change::put("b", format!("key{index:06}"), Expected::Any, value.clone()));
    storage.commit(changes.collect()).await.unwrap();

    let reads = 20_000_u32;
    let start = Instant::now();
    for index in 0..reads {
        let key = format!("key{:06}", index * 7919 % 100_000);
        assert!(storage.get("b", &key).await.unwrap().is_some());
    }
    println!("get: {:?} each", start.elapsed() / reads);
    let start = Instant::now();
    for _ in 0..100 {
        assert_eq!(storage.list("b", "key05", None, 1000, Listing::Keys).await.unwrap().len(), 1000);
    }
    println!("list of 1000 keys: {:?} each", start.elapsed() / 100);

    for committers in [1, 16, 64] {
        let commits = 500 * committers;
        let before = writer(&storage).groups.load(Ordering::Relaxed);
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for task in 0..committers {
            let (storage, value) = (storage.clone(), value.clone());
            tasks.spawn(async move {
                for index in 0..500 {
                    let key = format!("{task}/{index}");
                    storage.commit(vec![Change::put("c", key, Expected::Any, value.clone())]).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let rate = f64::from(commits) / start.elapsed().as_secs_f64();
        let groups = writer(&storage).groups.load(Ordering::Relaxed) - before;
        println!("{committers} committers: {rate:.0} commits/s in {groups} groups");
    }
}
