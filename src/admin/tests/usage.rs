//! Usage and budgets.

use super::*;
use crate::ledger::{Entry, Series, Work};
use crate::meter::Outcome;

fn count(api: &Api, worker: &str, route: &str, outcome: Outcome, fuel: u64) {
    let series = Series { worker: worker.into(), version: "0123456789ab".into(), route: route.into() };
    let work = Work { fuel, bytes_in: 5, bytes_out: 7, subrequests: 1, wall: 2500, memory: 3 << 20 };
    api.ledger.count(Entry { series, outcome, work, grant: None });
}

#[tokio::test]
async fn usage_is_exact_and_up_to_date() {
    let api = Api::new().await;
    count(&api, "a", "x/*", Outcome::Ok, u64::MAX);
    count(&api, "a", "y/*", Outcome::Exception, u64::MAX);
    count(&api, "b", "x/*", Outcome::Refused, 0);
    let answer = api.get("/v1/usage").await.expect(200);
    assert!(String::from_utf8_lossy(&answer.body).contains("\"fuel\":36893488147419103230,"), "{answer:?}");
    let usage = answer.json();
    assert_eq!((usage["by"].as_str(), usage["usage"].as_array().unwrap().len()), (Some("worker"), 2));
    let line = &usage["usage"][0];
    assert_eq!((&line["worker"], &line["requests"], &line["runs"]), (&json!("a"), &json!(2), &json!(2)));
    assert_eq!(line["outcomes"], json!({ "ok": 1, "exception": 1 }));
    assert_eq!((&line["wall_ms"], &line["mean_memory"]), (&json!(5.0), &json!(3 << 20)));
    assert_eq!(usage["usage"][1]["outcomes"], json!({ "refused": 1 }));
    assert_eq!(usage["usage"][1]["fuel_p99"], Value::Null);
    assert_eq!((&usage["total"]["requests"], &usage["total"]["bytes_out"]), (&json!(3), &json!(21)));

    let by_route = api.get("/v1/usage?by=route&worker=a").await.expect(200).json();
    let routes: Vec<_> = by_route["usage"].as_array().unwrap().iter().map(|line| &line["route"]).collect();
    assert_eq!(routes, ["x/*", "y/*"]);
    let by_day = api.get("/v1/usage?by=day").await.expect(200).json();
    assert!(by_day["usage"][0]["time"].as_str().unwrap().ends_with("T00:00:00Z"), "{by_day}");
    for (until, told) in [("00:10:00Z", "00:10:00Z"), ("00:10:00.5Z", "00:11:00Z"), ("00:10:59Z", "00:11:00Z")] {
        let path = format!("/v1/usage?since=2026-01-01T00:00:30Z&until=2026-01-01T{until}");
        let past = api.get(&path).await.expect(200).json();
        assert_eq!((&past["usage"], &past["since"]), (&json!([]), &json!("2026-01-01T00:00:00Z")));
        assert_eq!(past["until"], format!("2026-01-01T{told}"), "what ends at a minute's beginning has nothing of it");
    }
}

#[tokio::test]
async fn what_is_asked_for_must_make_sense() {
    let api = Api::new().await;
    for (path, expected) in [
        ("/v1/usage?by=hour", "unknown variant `hour`"),
        ("/v1/usage?since=yesterday", "since: "),
        ("/v1/usage?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "which is after `until`"),
        ("/v1/usage?worker=A", "a worker's name has 1 to 63"),
        ("/v1/usage?more=1", "unknown field `more`"),
        ("/v1/budgets/nobody/a", "unknown variant `nobody`"),
        ("/v1/budgets/worker/A", "`A` is no worker"),
    ] {
        let error = api.get(path).await.error();
        assert!(error.starts_with("400 bad_request") && error.contains(expected), "{path}: {error}");
    }
}

#[tokio::test]
async fn a_budget_is_set_raised_shown_and_removed() {
    let api = Api::new().await;
    let path = "/v1/budgets/worker/a";
    assert!(api.get(path).await.error().starts_with("404 not_found | worker `a` has no budget | "));
    assert!(api.call("POST", path, json!({ "fuel": 1 })).await.error().starts_with("404 not_found"));
    assert!(api.delete(path).await.error().starts_with("404 not_found"));
    for wrong in [json!({}), json!({ "fuel": -1 }), json!({ "fuel": "1" }), json!({ "fuel": 1, "more": 1 })] {
        assert!(api.call("PUT", path, wrong.clone()).await.error().starts_with("400 bad_request"), "{wrong}");
    }
    let set = api.call("PUT", path, json!({ "fuel": 1000 })).await.expect(200);
    assert_eq!(set.header("x-glowplug-warning"), "there is no worker of this name yet");
    let grant = api.ledger.take("a", "admin", 10_000).await.unwrap();
    count(&api, "a", "x/*", Outcome::Ok, 5);
    drop(grant);
    let added = api.call("POST", path, json!({ "fuel": 500 })).await.expect(200).json();
    assert_eq!((&added["fuel"], &added["left"], &added["spent"]), (&json!(1500), &json!(1500), &json!(0)));
    // Names may hold anything.
    let token = api.call("PUT", "/v1/budgets/token/ci%2F%C3%BC", json!({ "fuel": 7 })).await.expect(200);
    assert_eq!(token.json()["name"], "ci/ü");
    let named = api.call("PUT", "/v1/budgets/token/admin", json!({ "fuel": 7 })).await.expect(200);
    assert_eq!(named.header("x-glowplug-warning"), "");
    let all = api.get("/v1/budgets").await.expect(200).json();
    let names: Vec<_> = all["budgets"].as_array().unwrap().iter().map(|budget| &budget["name"]).collect();
    assert_eq!(names, ["a", "admin", "ci/ü"]);
    api.delete(path).await.expect(204);
    assert_eq!(
        api.audit().await[..4],
        [
            "admin: remove budget budgets/worker/a: done, 1500 of 1500 fuel were left",
            "admin: set budget budgets/token/admin: done, 7 fuel",
            "admin: set budget budgets/token/ci%2F%C3%BC: done, 7 fuel",
            "admin: add to budget budgets/worker/a: done, 500 fuel more, 1500 in all",
        ]
    );
}
