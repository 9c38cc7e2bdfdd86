//! Figures: for Prometheus, and as they happen.

use super::error::{ApiError, Code};
use super::{App, Readiness};
use crate::metrics::Live;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Interval, MissedTickBehavior};

/// Between the events of the live figures.
const PERIOD: Duration = Duration::from_secs(1);

/// `GET /metrics`
pub(super) async fn scrape(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let (text, kind) = app.metrics.exposition(accept);
    ([(CONTENT_TYPE, HeaderValue::from_static(kind))], text).into_response()
}

/// One client that watches.
struct Client {
    live: Live,
    tick: Interval,
    ready: watch::Receiver<Readiness>,
    _place: OwnedSemaphorePermit,
}

/// `GET /v1/live`: an event each second with what happened in it.
pub(super) async fn live(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let place = app.tails.clone().try_acquire_owned().map_err(|_| {
        ApiError::new(Code::Busy, "as many clients watch as may\nhint: end one of them, or try again later")
    })?;
    let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + PERIOD, PERIOD);
    // Who is slow gets fewer events, each of a longer time.
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let client = Client { live: Live::new(app.metrics.clone()), tick, ready: app.ready.clone(), _place: place };
    let events = stream::unfold(client, async |mut client| {
        tokio::select! {
            biased;
            () = super::tail::stopping(&mut client.ready) => return None,
            _ = client.tick.tick() => {}
        }
        // Numbers and names alone: it does not fail.
        let moment = serde_json::to_string(&client.live.moment()).unwrap_or_default();
        Some((Ok::<_, Infallible>(Bytes::from(format!("data: {moment}\n\n"))), client))
    });
    let kind = HeaderValue::from_static("text/event-stream");
    Ok(([(CONTENT_TYPE, kind)], Body::from_stream(events)).into_response())
}
