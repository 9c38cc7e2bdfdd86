//! Live logs of a worker, as they come.
//!
//! ## Why
//! Nothing is kept for a client: the next event is asked for when the connection has taken the last one. Who is too slow
//! loses events (`crate::tail` counts them) and never keeps a worker waiting.

pub(super) mod filter;

use self::filter::Filter;
use super::App;
use super::Readiness;
use super::error::ApiError;
use super::params::{Params, Query};
use crate::registry::WorkerName;
use crate::tail::{Received, Watch};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header;
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep_until};

/// After this time without a line an empty one is sent, so that a client that is gone is noticed.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);

/// Said to a client in place of what it was too slow for.
#[derive(Serialize)]
struct Lost {
    lost: u64,
}

/// One client that watches.
struct Client {
    watch: Watch,
    filter: Filter,
    ready: watch::Receiver<Readiness>,
    heartbeat: Duration,
    _place: OwnedSemaphorePermit,
}

/// `GET /v1/workers/{name}/tail`
pub(super) async fn watch(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    Query(wanted): Query<filter::Wanted>,
) -> Result<Response, ApiError> {
    let filter = Filter::new(wanted)?;
    app.registry.worker(&name).await?;
    let Ok(place) = app.tails.clone().try_acquire_owned() else {
        return Err(ApiError::busy("too many live logs are being watched\nhint: end another one first"));
    };
    let watch = app.tail.watch(name.as_str());
    let client = Client { watch, filter, ready: app.ready.clone(), heartbeat: app.heartbeat, _place: place };
    let lines = stream::unfold(client, |mut client| async move {
        let line = client.next().await?;
        Some((Ok::<_, Infallible>(line), client))
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

impl Client {
    /// The next line; none when the server stops.
    async fn next(&mut self) -> Option<Bytes> {
        let heartbeat = Instant::now() + self.heartbeat;
        loop {
            let received = tokio::select! {
                received = self.watch.next() => received?,
                () = sleep_until(heartbeat) => return Some(Bytes::from_static(b"\n")),
                () = stopping(&mut self.ready) => return None,
            };
            let line = match received {
                Received::Event(event) if self.filter.takes(&event) => serde_json::to_vec(&*event),
                Received::Event(_) => continue,
                Received::Lost(lost) => serde_json::to_vec(&Lost { lost }),
            };
            match line {
                Ok(mut line) => {
                    line.push(b'\n');
                    return Some(line.into());
                }
                Err(error) => tracing::error!(%error, "an event cannot be written as JSON"),
            }
        }
    }
}

/// Waits until the server stops.
pub(super) async fn stopping(ready: &mut watch::Receiver<Readiness>) {
    if ready.wait_for(|readiness| *readiness == Readiness::Stopping).await.is_err() {
        // Nobody says any more.
        std::future::pending::<()>().await;
    }
}
