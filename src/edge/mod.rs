//! The data plane: sockets, HTTP in and out, the order of a request's phases.

pub mod dispatch;
pub mod error_page;
mod linger;
pub mod listener;
mod request_id;
mod respond;

pub use self::error_page::{Details, ErrorCode};

use crate::engine::{Executor, Worker};
use crate::host::LogSink;
use crate::meter::{Outcome, Usage};
use std::sync::{Arc, PoisonError, RwLock};

/// Who the server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The worker's author: pages show everything, responses carry their cost.
    Dev,
    /// The public: pages show a code and the request's id.
    Serve,
}

/// One line of the request log, written when all of the request's work is done.
#[derive(Debug, Clone)]
pub struct RequestLine {
    pub request_id: Arc<str>,
    pub method: http::Method,
    pub path: String,
    /// Status sent; 499 when the client left before there was one.
    pub status: u16,
    pub outcome: Outcome,
    pub usage: Usage,
    /// What went wrong, for people: the error and its mapped stack.
    pub problem: Option<String>,
}

/// Where request lines go. Must not block.
pub type RequestSink = Arc<dyn Fn(RequestLine) + Send + Sync>;

/// What answers requests now.
#[derive(Clone)]
pub enum Current {
    /// A worker.
    Worker(Arc<Worker>),
    /// Nothing yet: the first version failed to build.
    Broken(Arc<Details>),
}

/// One site: the worker that answers, and what it is served with.
pub struct Site {
    pub executor: Arc<Executor>,
    pub mode: Mode,
    pub log: LogSink,
    pub requests: RequestSink,
    current: RwLock<Current>,
}

impl Site {
    pub fn new(executor: Arc<Executor>, mode: Mode, log: LogSink, requests: RequestSink, current: Current) -> Self {
        Self { executor, mode, log, requests, current: RwLock::new(current) }
    }

    /// Swaps in what answers from the next request on; requests under way keep what they have.
    pub fn deploy(&self, current: Current) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
    }

    /// What answers now.
    pub fn current(&self) -> Current {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
