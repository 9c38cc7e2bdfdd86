//! Cron triggers.

use super::*;
use crate::registry::WorkerName;
use crate::registry::cron_runs::{Cause, CronRun};
use jiff::Timestamp;

/// What a data plane would make of a trigger.
pub async fn run_of(
    worker: WorkerName,
    cron: Option<String>,
    time: Option<Timestamp>,
) -> Result<CronRun, TriggerError> {
    if cron.as_deref() == Some("none") {
        return Err(TriggerError::NotFound(format!("nothing of `{worker}` is deployed")));
    }
    let at = time.unwrap_or(Timestamp::UNIX_EPOCH);
    let mut run = CronRun::begun(&cron.unwrap_or_default(), at, at, "0123456789ab", Cause::Asked);
    run.end(at, "ok", 7, None);
    Ok(run)
}

#[tokio::test]
async fn triggers_are_listed_with_their_runs_and_run_when_asked() {
    let api = Api::new().await;
    for path in ["/v1/workers/w/crons", "/v1/workers/w/crons/runs"] {
        api.get(path).await.expect(404);
    }
    api.deploy("w", "one").await;
    assert_eq!(api.get("/v1/workers/w/crons").await.expect(200).json(), json!({ "crons": [] }));
    assert_eq!(api.get("/v1/workers/w/crons/runs").await.expect(200).json(), json!({ "runs": [] }));
    api.get("/v1/workers/w/crons/runs?limit=0").await.expect(400);

    let worker: WorkerName = "w".parse().unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for minute in ["00", "01", "02"] {
        let due = at(&format!("2030-01-01T00:{minute}:00Z"));
        let mut run = CronRun::begun("* * * * *", due, Timestamp::now(), "0123456789ab", Cause::Clock);
        assert!(api.registry.claim_cron_run(&worker, &run).await.unwrap());
        assert!(!api.registry.claim_cron_run(&worker, &run).await.unwrap(), "a due time is claimed once");
        run.end(Timestamp::now(), "ok", 5, None);
        api.registry.end_cron_run(&worker, &run).await.unwrap();
    }
    let runs = api.get("/v1/workers/w/crons/runs?limit=2").await.expect(200).json();
    let due: Vec<_> = runs["runs"].as_array().unwrap().iter().map(|run| run["scheduled"].as_str().unwrap()).collect();
    assert_eq!(due, ["2030-01-01T00:02:00Z", "2030-01-01T00:01:00Z"]);
    assert_eq!((&runs["runs"][0]["outcome"], &runs["runs"][0]["fuel"]), (&json!("ok"), &json!(5)));

    let asked = json!({ "cron": "*/5 * * * *", "time": "2030-01-01T00:05:00Z" });
    let run = api.call("POST", "/v1/workers/w/crons/trigger", asked).await.expect(200).json();
    assert_eq!((&run["cron"], &run["scheduled"]), (&json!("*/5 * * * *"), &json!("2030-01-01T00:05:00Z")));
    api.call("POST", "/v1/workers/w/crons/trigger", json!({ "cron": "none" })).await.expect(404);
    api.call("POST", "/v1/workers/w/crons/trigger", json!({ "when": "now" })).await.expect(400);
}
