//! Live logs.

use super::super::tail::filter::tests::event;
use super::*;
use crate::meter::Outcome;

async fn tail(api: &Api, query: &str) -> Body {
    let response =
        api.open(api.request("GET", &format!("/v1/workers/w/tail{query}")).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/x-ndjson".parse().unwrap())
    );
    response.into_body()
}

async fn line(body: &mut Body) -> Option<String> {
    let frame = body.frame().await?.unwrap();
    Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn events_come_as_lines_with_a_heartbeat_until_the_server_stops() {
    let api = Api::new().await;
    api.get("/v1/workers/w/tail").await.expect(404);
    api.deploy("w", "one").await;
    let mut body = tail(&api, "?status=error&search=inside").await;
    api.tail.publish(event("w", "1", Outcome::Ok));
    api.tail.publish(event("other", "2", Outcome::Exception));
    api.tail.publish(event("w", "3", Outcome::Exception));
    let first = line(&mut body).await.unwrap();
    assert!(first.ends_with('\n'));
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&first["requestId"], &first["outcome"]), (&json!("3"), &json!("exception")));
    assert_eq!(
        first["event"],
        json!({"request": {"method": "GET", "url": "http://x/path"}, "response": {"status": 200}})
    );

    // An event that is not wanted does not put the heartbeat off.
    api.tail.publish(event("w", "4", Outcome::Ok));
    assert_eq!(line(&mut body).await.as_deref(), Some("\n"));
    api.ready.send_replace(Readiness::Stopping);
    assert_eq!(line(&mut body).await, None);
}

#[tokio::test]
async fn a_client_that_is_slow_loses_events_and_one_that_is_gone_is_forgotten() {
    let api = Api::new().await;
    api.deploy("w", "one").await;
    let mut body = tail(&api, "").await;
    for n in 0..1000 {
        api.tail.publish(event("w", &n.to_string(), Outcome::Ok));
    }
    let first: Value = serde_json::from_str(&line(&mut body).await.unwrap()).unwrap();
    assert_eq!(first, json!({"lost": 488}));
    let next: Value = serde_json::from_str(&line(&mut body).await.unwrap()).unwrap();
    assert_eq!(next["requestId"], "488");
    drop(body);
    assert!(!api.tail.is_watched("w"));

    let mut all = Vec::new();
    for _ in 0..TAILS {
        all.push(tail(&api, "").await);
    }
    let answer = api.get("/v1/workers/w/tail").await;
    assert!(answer.error().starts_with("503 busy | too many live logs") && answer.header("retry-after") == "1");
    all.pop();
    drop(tail(&api, "").await);
}
