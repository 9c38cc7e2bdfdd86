//! Replaying against changed code.

use super::{Recorded, recordings, replayed};
use serde_json::Value;
use std::path::Path;

/// Records `paths` and replays them against the worker with `change` made to its source.
async fn changed(paths: &[&str], change: impl Fn(String) -> String) -> Vec<Value> {
    let recorded = Recorded::start().await;
    for path in paths {
        recorded.server.get(path).await;
    }
    let folder = recorded.folder();
    let dir = recorded.finish().await;
    let script = dir.path().join("worker.js");
    std::fs::write(&script, change(std::fs::read_to_string(&script).unwrap())).unwrap();
    assert_eq!(recordings(&folder).len(), paths.len());
    let arguments = |folder: &Path| {
        [folder.to_str().unwrap().to_owned(), "--against".to_owned(), dir.path().to_str().unwrap().to_owned()]
    };
    let arguments = arguments(&folder);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let replay = async || {
        let mut values = replayed(&arguments).await;
        for value in &mut values {
            value["receipt"]["measured"].take();
        }
        values
    };
    let first = replay().await;
    assert_eq!(first, replay().await, "a replay is the same each time");
    first
}

fn fuel(value: &Value) -> (u64, u64) {
    (value["fuel"]["recorded"].as_u64().unwrap(), value["fuel"]["now"].as_u64().unwrap())
}

#[tokio::test]
async fn unchanged_code_costs_what_it_cost() {
    for value in changed(&["/fetch?n=9", "/kv?n=4", "/pieces?n=7", "/clock?n=5"], |source| source).await {
        let (recorded, now) = fuel(&value);
        assert_eq!(recorded, now, "{value}");
        assert_eq!(value["equal"], true);
        assert_eq!(value["requests"], serde_json::json!([]));
    }
}

#[tokio::test]
async fn more_work_for_the_same_answer_shows_in_the_fuel_alone() {
    let more =
        |source: String| source.replace("const n = Number(", "for (let i = 0; i < 1000; i++) {}\n const n = Number(");
    for value in changed(&["/fetch?n=9", "/kv?n=4", "/random?n=4"], more).await {
        let (recorded, now) = fuel(&value);
        assert!(now > recorded + 10_000, "{value}");
        assert_eq!(value["equal"], true, "{value}");
    }
}

#[tokio::test]
async fn another_answer_and_another_request_are_shown() {
    let other = |source: String| source.replace("/wait/${n % 7}", "/wait/77").replace("no luck", "bad luck");
    let values = changed(&["/fetch?n=9"], other).await;
    assert_eq!(values[0]["equal"], false, "{values:?}");
    let requests = values[0]["requests"].to_string();
    assert!(requests.contains("not in the recording: GET") && requests.contains("/wait/77"), "{requests}");
    assert!(requests.contains("not asked for: GET") && requests.contains("/wait/2"), "{requests}");

    let shout = |source: String| source.replace("new Response(`${before}", "new Response(`!${before}");
    let values = changed(&["/clock?n=5"], shout).await;
    assert!(values[0]["response"].to_string().contains("+!"), "{values:?}");
}

#[tokio::test]
async fn a_longer_timer_takes_no_time_in_a_replay() {
    let begun = std::time::Instant::now();
    let longer = |source: String| source.replace("setTimeout(resolve, n % 11)", "setTimeout(resolve, 3_000_000)");
    let values = changed(&["/clock?n=5"], longer).await;
    assert_eq!(values[0]["equal"], true, "{values:?}");
    assert!(begun.elapsed().as_secs() < 600);
}
