//! Tells connections to end, and waits until they have.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, watch};

/// What a listener tells its connections with.
pub struct Stop {
    said: watch::Sender<bool>,
    flag: Arc<AtomicBool>,
    alive: mpsc::Sender<()>,
    ended: mpsc::Receiver<()>,
}

/// What a connection is told with; held while the connection is under way.
#[derive(Clone)]
pub struct Stopping {
    said: watch::Receiver<bool>,
    flag: Arc<AtomicBool>,
    _alive: mpsc::Sender<()>,
}

impl Default for Stop {
    fn default() -> Self {
        let (alive, ended) = mpsc::channel(1);
        Self { said: watch::Sender::new(false), flag: Arc::default(), alive, ended }
    }
}

impl Stop {
    pub fn listen(&self) -> Stopping {
        Stopping { said: self.said.subscribe(), flag: self.flag.clone(), _alive: self.alive.clone() }
    }

    /// Tells all connections, and returns when each has ended.
    pub async fn stop(mut self) {
        self.flag.store(true, Ordering::Relaxed);
        self.said.send_replace(true);
        drop(self.alive);
        // Nothing is ever sent: this ends when the last sender is gone.
        self.ended.recv().await;
    }
}

impl Stopping {
    /// Whether it has been said.
    pub fn is_said(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Ready when it has been said.
    pub async fn said(&mut self) {
        // The listener may be gone without a word; its connections go on.
        if self.said.wait_for(|said| *said).await.is_err() {
            std::future::pending().await
        }
    }
}
