//! The wall-clock limits of an invocation: to the response's end, and for the work that goes on after it.

use crate::host::websocket::Open;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// Where the response stands; the connection's side and the sandbox's side share it.
#[derive(Debug, Default)]
pub struct ResponseEnd {
    ended: AtomicBool,
    notify: Notify,
    client_left: AtomicBool,
    broken: AtomicBool,
}

/// How the client's side of the response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// All of the body was handed to the connection.
    Complete,
    /// The client went away first.
    ClientLeft,
}

impl ResponseEnd {
    /// The response is over, for better or worse. Only the first call counts.
    pub fn end(&self, delivery: Delivery) {
        if !self.ended.swap(true, Ordering::AcqRel) {
            self.client_left.store(delivery == Delivery::ClientLeft, Ordering::Release);
            self.notify.notify_waiters();
        }
    }

    /// Whether the client left before the response was complete.
    pub fn client_left(&self) -> bool {
        self.client_left.load(Ordering::Acquire)
    }

    /// The sandbox is lost with the body unfinished: the client must not take it for complete.
    pub fn set_broken(&self) {
        self.broken.store(true, Ordering::Release);
    }

    /// Whether the body that ends now is only a part.
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Returns when the response is over.
    pub async fn ended(&self) {
        let mut notified = pin!(self.notify.notified());
        // Listening starts before the look at the flag, so that an end in between is not missed.
        notified.as_mut().enable();
        if !self.ended.load(Ordering::Acquire) {
            notified.await;
        }
    }
}

/// Returns when the invocation has had its time: `wall` to the response's end, then `wait_until` more. A WebSocket that it
/// accepted stops the clock between the two: the socket has limits of its own.
pub async fn expired(response: &ResponseEnd, wall: Duration, wait_until: Duration, sockets: Option<&Open>) {
    let start = Instant::now();
    tokio::select! {
        () = sleep_until(start + wall) => {}
        () = response.ended() => {
            if let Some(sockets) = sockets {
                sockets.none().await;
            }
            sleep_until(Instant::now() + wait_until).await;
        }
    }
}
