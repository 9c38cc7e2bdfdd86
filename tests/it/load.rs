//! Clients that call a worker without a pause, and note what they got and when.

use crate::support::{Answer, PATIENCE};
use http::{Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What became of one request.
#[derive(Debug)]
pub struct Seen<T> {
    /// When it was sent.
    pub from: Instant,
    /// When its response was whole, or had failed.
    pub until: Instant,
    /// What was read from the response, or what was wrong with it.
    pub got: Result<T, String>,
}

/// Clients at work. Each has a connection of its own and one request under way.
pub struct Load<T> {
    stopping: Arc<AtomicBool>,
    clients: JoinSet<Vec<Seen<T>>>,
}

impl<T: Send + 'static> Load<T> {
    /// Lets `clients` call `path` of the worker `name` at `base`; `read` says what is in a response.
    pub fn start(base: &str, name: &str, path: &str, clients: usize, read: fn(&Answer) -> Result<T, String>) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        let mut load = Self { stopping: stopping.clone(), clients: JoinSet::new() };
        for _ in 0..clients {
            let address = base.strip_prefix("http://").expect("the base is a URL").to_owned();
            let (host, path, stopping) = (format!("{name}.localhost"), path.to_owned(), stopping.clone());
            load.clients.spawn(async move {
                let mut client = Client { address, host, path, connection: None };
                let mut seen = Vec::new();
                while !stopping.load(Ordering::Relaxed) {
                    let from = Instant::now();
                    let got = client.get().await;
                    let until = Instant::now();
                    seen.push(Seen { from, until, got: got.and_then(|answer| read(&answer)) });
                }
                seen
            });
        }
        load
    }

    /// Ends the load, when requests under way are answered, and gives all that was seen, in no order.
    pub async fn stop(self) -> Vec<Seen<T>> {
        self.stopping.store(true, Ordering::Relaxed);
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}

struct Client {
    address: String,
    host: String,
    path: String,
    connection: Option<SendRequest<Empty<Bytes>>>,
}

impl Client {
    /// Nothing is tried twice: whatever goes wrong has failed.
    async fn get(&mut self) -> Result<Answer, String> {
        match tokio::time::timeout(PATIENCE, self.try_get()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.connection = None;
                Err(error)
            }
            Err(_) => {
                self.connection = None;
                Err(format!("there was no answer for {PATIENCE:?}"))
            }
        }
    }

    async fn try_get(&mut self) -> Result<Answer, String> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => self.connection.insert(connect(&self.address).await?),
        };
        let request = Request::get(&self.path).header(header::HOST, &self.host).body(Empty::new()).unwrap();
        connection.ready().await.map_err(|error| format!("the connection is lost: {error:?}"))?;
        let response = connection.send_request(request).await.map_err(|error| format!("no response: {error:?}"))?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| format!("half a response: {error:?}"))?.to_bytes();
        if head.headers.get(header::CONNECTION).is_some_and(|value| value == "close") {
            self.connection = None;
        }
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

async fn connect(address: &str) -> Result<SendRequest<Empty<Bytes>>, String> {
    let socket = TcpStream::connect(address).await.map_err(|error| format!("no connection: {error}"))?;
    socket.set_nodelay(true).map_err(|error| error.to_string())?;
    let (sender, connection) = handshake(TokioIo::new(socket)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(sender)
}

/// How long requests took.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub requests: usize,
    pub median: Duration,
    pub p99: Duration,
    pub longest: Duration,
}

impl Pace {
    pub fn of<'a, T: 'a>(seen: impl IntoIterator<Item = &'a Seen<T>>) -> Self {
        let mut took: Vec<_> = seen.into_iter().map(|seen| seen.until - seen.from).collect();
        took.sort();
        let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
        Self { requests: took.len(), median: at(50), p99: at(99), longest: at(100) }
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |took: Duration| took.as_secs_f64() * 1000.0;
        let Self { requests, median, p99, longest } = *self;
        write!(f, "{requests:>6} requests: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", ms(median), ms(p99), ms(longest))
    }
}
