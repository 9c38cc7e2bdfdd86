//! Time: waiting for it and reading it.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use futures_util::future::{Either, select};
use wasip2::clocks::{monotonic_clock, wall_clock};

use crate::reactor::Ready;

/// Wait for `duration`.
pub async fn sleep(duration: Duration) {
    let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let pollable = monotonic_clock::subscribe_duration(nanoseconds);
    Ready::new(Rc::new(pollable)).await;
}

/// Give `future` at most `duration`; when it takes longer it is dropped, which cancels it.
///
/// ```
/// # use glowplug_sdk::{Result, Response, fetch, time::timeout};
/// # use std::time::Duration;
/// # async fn example() -> Result<Response> {
/// let response = timeout(Duration::from_secs(2), fetch("https://slow.example/")).await??;
/// # Ok(response)
/// # }
/// ```
pub async fn timeout<F: Future>(duration: Duration, future: F) -> Result<F::Output, Elapsed> {
    match select(pin!(future), pin!(sleep(duration))).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(((), _)) => Err(Elapsed(duration)),
    }
}

/// A [`timeout`] ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed(Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no result within {:?}", self.0)
    }
}

impl std::error::Error for Elapsed {}

/// The wall clock. Use it in place of [`SystemTime::now`], which panics on `wasm32-unknown-unknown`.
///
/// On glowplug it stands still between I/O, so it cannot measure the worker's own speed.
pub fn now() -> SystemTime {
    let now = wall_clock::now();
    SystemTime::UNIX_EPOCH + Duration::new(now.seconds, now.nanoseconds)
}

/// A clock that never goes back, for measuring how long I/O took.
pub fn monotonic() -> Duration {
    Duration::from_nanos(monotonic_clock::now())
}
