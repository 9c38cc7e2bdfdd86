//! Sockets: accept connections, speak HTTP/1.1 and HTTP/2, drain on shutdown.

use crate::limits;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Notify, Semaphore};

/// Connections the kernel queues before they are accepted.
const BACKLOG: u32 = 1024;
/// Header lines of one request: more than any honest client sends.
const MAX_HEADER_LINES: usize = 1000;
/// Sent to a connection that is one too many.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Bounds on what a listener's clients may do.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Connections that may be open at a time; more are answered 503 and closed.
    pub connections: usize,
    /// How long a client may take to send a request's head, or keep a connection without one.
    pub head: Duration,
    /// How long requests under way may go on after the signal to stop.
    pub drain: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { connections: usize::MAX, head: Duration::from_secs(30), drain: Duration::from_secs(30) }
    }
}

/// Opens the listening socket. `flag` is the one that sets the address.
pub fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restarted server must not wait for the last one's connections to time out.
    socket.set_reuseaddr(true)?;
    match socket.bind(address).and_then(|()| socket.listen(BACKLOG)) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {} on {} is in use by another program\nhint: choose another with `{flag}`, or port 0 for any free one",
            address.port(),
            address.ip()
        ),
        Err(error) => Err(error).with_context(|| format!("failed to listen on {address}")),
    }
}

/// Serves connections until `stop` is ready, then lets requests under way finish. Requests carry the client's
/// `SocketAddr` as an extension.
pub async fn serve<H, F, B>(
    listener: TcpListener,
    handler: H,
    stop: impl Future<Output = ()>,
    bounds: Bounds,
) -> Result<()>
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .max_headers(MAX_HEADER_LINES)
        .max_buf_size((limits::HEADERS.default + limits::URL.default) as usize)
        .pipeline_flush(true);
    server
        .http2()
        .enable_connect_protocol()
        .timer(TokioTimer::new())
        .max_header_list_size(limits::HEADERS.default as u32);
    let draining = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(bounds.connections.min(Semaphore::MAX_PERMITS)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let (socket, remote) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, say: serving what is open frees some.
                    tracing::warn!(%error, "failed to accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = socket.set_nodelay(true);
        let Ok(place) = places.clone().try_acquire_owned() else {
            // What does not fit the socket's buffer at once is not waited for.
            let _ = socket.try_write(TOO_MANY);
            continue;
        };
        let handler = handler.clone();
        let asked = Arc::new(Notify::new());
        let silence = nothing_asked(asked.clone(), bounds.head);
        let service = service_fn(move |mut request: Request<Incoming>| {
            asked.notify_one();
            request.extensions_mut().insert(remote);
            let response = handler(request);
            async move { Ok::<_, std::convert::Infallible>(response.await) }
        });
        let connection =
            draining.watch(server.serve_connection_with_upgrades(TokioIo::new(socket), service).into_owned());
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "connection ended early");
                    }
                }
                () = silence => tracing::debug!(%remote, "nothing was asked for on a connection"),
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(bounds.drain, draining.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way when the time to finish them was over");
    }
    Ok(())
}

/// Ready when there was no request for so long; never when there was one. hyper's own timer does not start before the
/// first bytes have told HTTP/1.1 from HTTP/2: a client that says nothing at all would keep its place for ever.
async fn nothing_asked(asked: Arc<Notify>, patience: Duration) {
    if tokio::time::timeout(patience, asked.notified()).await.is_ok() {
        std::future::pending().await
    }
}
