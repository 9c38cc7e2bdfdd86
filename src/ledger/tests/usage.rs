//! Usage by its keys, retention, packing.

use super::*;

/// Two workers, two versions, two routes, three hours.
async fn filled(storage: &Storage) -> Ledger {
    let ledger = Ledger::unwritten(storage.clone()).await.unwrap();
    for hour in 0..3 {
        for minute in [0, 1, 59] {
            for (worker, version, route) in
                [("a", "v1", "x/*"), ("a", "v2", "x/*"), ("a", "v2", "y/z"), ("b", "v1", "x/*")]
            {
                let entry = Entry { series: series(worker, version, route), ..entry(u64::from(hour) * 1000 + 1) };
                ledger.count_at(entry, START + hour * 60 + minute);
            }
        }
        // So that rows are read, written and added to.
        ledger.flush().await.unwrap();
    }
    ledger
}

/// Requests and fuel by group.
async fn lines(ledger: &Ledger, query: &Query) -> Vec<String> {
    let usage = ledger.usage(query).await.unwrap();
    let line = |(group, tally): (&Group, &Tally)| {
        let texts = [&group.worker, &group.version, &group.route].map(|text| text.as_deref().unwrap_or("-").to_owned());
        let time = group.time.map_or_else(|| "-".to_owned(), |time| (time - START).to_string());
        format!("{time} {}: {} {}", texts.join(" "), tally.requests(), tally.fuel)
    };
    usage.iter().map(line).collect()
}

#[tokio::test]
async fn usage_is_put_together_by_each_key() {
    let ledger = filled(&Storage::in_memory()).await;
    let by = async |by| lines(&ledger, &all(by)).await;
    assert_eq!(by(By::Worker).await, ["- a - -: 27 27027", "- b - -: 9 9009"]);
    assert_eq!(by(By::Version).await, ["- a v1 -: 9 9009", "- a v2 -: 18 18018", "- b v1 -: 9 9009"]);
    assert_eq!(by(By::Route).await, ["- a - x/*: 18 18018", "- a - y/z: 9 9009", "- b - x/*: 9 9009"]);
    assert_eq!(by(By::Day).await, ["0 - - -: 36 36036"]);
    let minutes = by(By::Minute).await;
    assert_eq!((minutes.len(), minutes[3].as_str()), (9, "60 - - -: 4 4004"));
}

#[tokio::test]
async fn a_query_begins_and_ends_at_its_minutes() {
    let ledger = filled(&Storage::in_memory()).await;
    let query = Query { since: START + 1, until: START + 119, worker: Some("b".to_owned()), by: By::Minute };
    let expected = ["1 - - -: 1 1", "59 - - -: 1 1", "60 - - -: 1 1001", "61 - - -: 1 1001"];
    assert_eq!(lines(&ledger, &query).await, expected);
    assert!(lines(&ledger, &Query { worker: Some("c".to_owned()), ..query }).await.is_empty());
}

#[tokio::test]
async fn packed_rows_say_the_same() {
    let storage = Storage::in_memory();
    let ledger = filled(&storage).await;
    let keys = async || storage.list(rows::BUCKET, "", None, 1000, storage::Listing::Keys).await.unwrap();
    let before = ledger.usage(&all(By::Minute)).await.unwrap();
    assert_eq!(keys().await.len(), 36);
    // The first two hours ended two hours ago.
    ledger.sweep_at(START + 4 * 60, Duration::from_secs(86_400)).await.unwrap();
    assert_eq!(keys().await.len(), 2 * 4 + 12);
    assert_eq!(ledger.usage(&all(By::Minute)).await.unwrap(), before);
    // What comes late is added.
    ledger.count_at(entry(7), START);
    ledger.flush().await.unwrap();
    let again = Ledger::unwritten(storage.clone()).await.unwrap();
    again.sweep_at(START + 9 * 60, Duration::from_secs(86_400)).await.unwrap();
    assert_eq!(keys().await.len(), 3 * 4 + 1);
    let after = total(&again).await;
    assert_eq!((after.requests(), after.fuel), (37, 36_043));
    again.count_at(entry(7), START);
    assert_eq!(total(&again).await.requests(), 38);
}

#[tokio::test]
async fn rows_are_removed_when_they_are_old() {
    let storage = Storage::in_memory();
    let ledger = filled(&storage).await;
    let sweep = async |hours: u32, kept: u64| {
        ledger.sweep_at(START + hours * 60, Duration::from_secs(kept * 3600)).await.unwrap();
        total(&ledger).await.requests()
    };
    assert_eq!(sweep(24, 24).await, 36, "they are 24 hours old and not older");
    assert_eq!(sweep(25, 24).await, 24);
    assert_eq!(sweep(30, 24).await, 0);
    assert!(storage.list(rows::BUCKET, "", None, 10, storage::Listing::Keys).await.unwrap().is_empty());
}

#[tokio::test]
async fn assets_are_counted_apart_from_invocations() {
    let ledger = Ledger::unwritten(Storage::in_memory()).await.unwrap();
    ledger.count(entry(10));
    (0..3).for_each(|_| ledger.count_asset(entry(0).series));
    let found = total(&ledger).await;
    assert_eq!((found.requests(), found.assets, found.runs()), (1, 3, 1));
    let outcomes: BTreeMap<_, _> = found.outcomes().filter(|(_, times)| *times > 0).collect();
    assert_eq!(outcomes, BTreeMap::from([(Outcome::Ok, 1)]));
}

#[tokio::test]
async fn damage_is_found() {
    let storage = Storage::in_memory();
    let ledger = filled(&storage).await;
    ledger.set_budget(Subject::Worker("a".to_owned()), 5).await.unwrap();
    assert!(check(&storage).await.unwrap().is_empty());
    let put = |bucket: &str, key: &str| storage::Change::put(bucket, key, storage::Expected::Any, "?");
    storage.commit(vec![put(rows::BUCKET, "x"), put("budgets", "worker/a")]).await.unwrap();
    let found = check(&storage).await.unwrap();
    assert_eq!(found, ["`x` in `ledger` is damaged", "`worker/a` in `budgets` is damaged"]);
    assert!(ledger.usage(&all(By::Worker)).await.is_err(), "a sum that lacks something is not told");
}
