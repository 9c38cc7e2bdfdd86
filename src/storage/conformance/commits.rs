//! What holds of commits: expectations, all or nothing, order, and who hears of them.

use super::*;
use crate::storage::WATCH_BUFFER;
use std::collections::HashSet;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::task::JoinSet;

pub async fn expectations_are_held_to(storage: Storage) {
    let change = |expected, value: &'static str| vec![Change::put("b", "k", expected, value)];
    assert_eq!(storage.commit(change(Expected::Revision(1), "0")).await, Err(conflict("k")));
    let first = storage.commit(change(Expected::Absent, "1")).await.unwrap();
    assert_eq!(storage.commit(change(Expected::Absent, "2")).await, Err(conflict("k")));
    let second = storage.commit(change(Expected::Revision(first), "2")).await.unwrap();
    assert_eq!(storage.commit(change(Expected::Revision(first), "3")).await, Err(conflict("k")));
    assert_eq!(storage.commit(change(Expected::Revision(u64::MAX), "3")).await, Err(conflict("k")));
    assert_eq!(value(&storage, "k").await.unwrap(), "2");
    let delete = |expected| vec![Change::delete("b", "k", expected)];
    assert_eq!(storage.commit(delete(Expected::Revision(first))).await, Err(conflict("k")));
    storage.commit(delete(Expected::Revision(second))).await.unwrap();
    storage.commit(delete(Expected::Absent)).await.unwrap();
    storage.commit(change(Expected::Any, "4")).await.unwrap();
    storage.commit(change(Expected::Any, "5")).await.unwrap();
    assert_eq!(value(&storage, "k").await.unwrap(), "5");
}

pub async fn expectations_are_of_what_was_before_the_commit(storage: Storage) {
    let twice = vec![put("k", "1"), Change::put("b", "k", Expected::Absent, "2")];
    storage.commit(twice).await.unwrap();
    assert_eq!(value(&storage, "k").await.unwrap(), "2");
}

pub async fn the_last_of_two_changes_of_a_key_holds(storage: Storage) {
    storage.commit(vec![put("k", "1"), Change::delete("b", "k", Expected::Any)]).await.unwrap();
    assert_eq!(get(&storage, "k").await, None);
    storage.commit(vec![Change::delete("b", "k", Expected::Any), put("k", "2")]).await.unwrap();
    assert_eq!(value(&storage, "k").await.unwrap(), "2");
}

pub async fn a_conflict_in_the_last_change_undoes_them_all(storage: Storage) {
    storage.commit(vec![put("kept", "1"), put("taken", "1")]).await.unwrap();
    let changes = vec![
        put("new", "2"),
        put("kept", "2"),
        Change::delete("b", "taken", Expected::Any),
        Change::put("b", "taken", Expected::Absent, "2"),
    ];
    assert_eq!(storage.commit(changes).await, Err(conflict("taken")));
    assert_eq!(keys(&storage, "").await, ["kept", "taken"]);
    assert_eq!(value(&storage, "kept").await.unwrap(), "1");
}

pub async fn revisions_grow_and_are_one_within_a_commit(storage: Storage) {
    let mut last = 0;
    for round in 0..20 {
        let bucket = format!("b{}", round % 3);
        let changes = vec![put("k", "v"), Change::put(bucket.as_str(), "j", Expected::Any, "v")];
        let revision = storage.commit(changes).await.unwrap();
        assert!(revision > last, "{revision} after {last}");
        assert_eq!(get(&storage, "k").await.unwrap().revision, revision);
        assert_eq!(storage.get(&bucket, "j").await.unwrap().unwrap().revision, revision);
        last = revision;
    }
}

pub async fn watchers_hear_of_changes_in_order(storage: Storage) {
    let mut watcher = storage.watch();
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let storage = storage.clone();
        tasks.spawn(async move {
            for round in 0..20 {
                let key = format!("{task}/{round}");
                let delete = Change::delete("c", "gone", Expected::Any);
                storage.commit(vec![put(&key, "v"), delete]).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let mut last = 0;
    let mut seen = HashSet::new();
    for _ in 0..160 {
        let changed = watcher.recv().await.unwrap();
        assert!(changed.revision > last, "{} after {last}", changed.revision);
        let [(first, key), second] = &changed.entries[..] else { panic!("{changed:?}") };
        assert_eq!((&first[..], second), ("b", &("c".to_owned(), "gone".to_owned())));
        last = changed.revision;
        seen.insert(key.clone());
    }
    assert_eq!(seen.len(), 160);
    assert_eq!(watcher.try_recv(), Err(TryRecvError::Empty));
}

pub async fn a_watcher_of_a_change_can_read_it(storage: Storage) {
    let mut watcher = storage.watch();
    let writer = storage.clone();
    let writing = tokio::spawn(async move {
        for round in 0..50 {
            writer.commit(vec![put(&round.to_string(), "v")]).await.unwrap();
        }
    });
    for _ in 0..50 {
        let changed = watcher.recv().await.unwrap();
        assert_eq!(get(&storage, &changed.entries[0].1).await.unwrap().revision, changed.revision);
    }
    writing.await.unwrap();
}

pub async fn the_revision_is_that_of_the_last_commit(storage: Storage) {
    assert_eq!(storage.revision().await, Ok(0));
    let revision = storage.commit(vec![put("a", "v")]).await.unwrap();
    assert_eq!(storage.revision().await, Ok(revision));
}

pub async fn a_conflict_is_not_told(storage: Storage) {
    let mut watcher = storage.watch();
    let changes = vec![put("a", "v"), Change::put("b", "k", Expected::Revision(7), "v")];
    assert_eq!(storage.commit(changes).await, Err(conflict("k")));
    let revision = storage.commit(vec![put("z", "v")]).await.unwrap();
    let changed = watcher.recv().await.unwrap();
    assert_eq!((&changed.entries[0].1[..], changed.revision), ("z", revision));
}

pub async fn a_watcher_that_lags_is_told_so(storage: Storage) {
    let mut watcher = storage.watch();
    let all = WATCH_BUFFER + 100;
    let commits = (0..all).map(|index| storage.commit(vec![put(&index.to_string(), "v")]));
    futures_util::future::try_join_all(commits).await.unwrap();
    assert!(matches!(watcher.recv().await, Err(RecvError::Lagged(missed)) if missed >= 100));
    storage.commit(vec![put("last", "v")]).await.unwrap();
    loop {
        match watcher.recv().await {
            Ok(changed) if changed.entries[0].1 == "last" => break,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => panic!("the storage is still there"),
        }
    }
}

pub async fn of_racing_commits_exactly_one_wins_each_round(storage: Storage) {
    let mut expected = Expected::Absent;
    for _ in 0..10 {
        let mut tasks = JoinSet::new();
        for task in 0..16 {
            let storage = storage.clone();
            let mine = format!("only/{task}");
            tasks.spawn(async move {
                storage.commit(vec![put(&mine, "v"), Change::put("b", "k", expected, mine.clone())]).await
            });
        }
        let (won, lost): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 15));
        assert!(lost.iter().all(|result| *result == Err(conflict("k"))));
        let entry = get(&storage, "k").await.unwrap();
        assert_eq!(won, [Ok(entry.revision)]);
        // The losers' other changes were not made either.
        let winner = String::from_utf8(entry.value.to_vec()).unwrap();
        assert_eq!(keys(&storage, "only/").await, [winner.as_str()]);
        storage.commit(vec![Change::delete("b", winner, Expected::Any)]).await.unwrap();
        expected = Expected::Revision(entry.revision);
    }
}

pub async fn counting_together_loses_nothing(storage: Storage) {
    storage.commit(vec![put("count", "0")]).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let storage = storage.clone();
        tasks.spawn(async move {
            for _ in 0..10 {
                loop {
                    let entry = get(&storage, "count").await.unwrap();
                    let count: u32 = std::str::from_utf8(&entry.value).unwrap().parse().unwrap();
                    let next = (count + 1).to_string();
                    match storage
                        .commit(vec![Change::put("b", "count", Expected::Revision(entry.revision), next)])
                        .await
                    {
                        Ok(_) => break,
                        Err(Error::Conflict { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(value(&storage, "count").await.unwrap(), "80");
}
