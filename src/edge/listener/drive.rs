//! One connection, from its first byte to its end.

use super::body::RequestBody;
use super::places::Place;
use super::proxy::{self, Trusted};
use super::resets::Resets;
use super::sniff::{Rewound, Version, sniff};
use super::socket::{Ends, Socket, Stream};
use super::sound::{is_sound, refusal};
use super::stop::Stopping;
use super::strict::{Strict, Upgraded};
use super::{Bounds, Options, Places, Protocol};
use crate::connection::Connection;
use crate::edge::tls::{Agreed, Tls, agreed};
use crate::limits;
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// Header lines of one request: more than any honest client sends.
const MAX_HEADER_LINES: usize = 1000;
/// How often a silent connection of HTTP/2 is asked whether its client is still there.
const PING: Duration = Duration::from_secs(60);
/// Streams that a client has reset and the server has not seen yet.
const PENDING_RESETS: usize = 20;
/// Streams that were reset for the client's faults.
const FAULTS: usize = 100;

/// What the connections of a listener have in common.
pub struct Driver<H> {
    handler: H,
    bounds: Bounds,
    places: Places,
    /// Those that say whose connection it is, if that is asked.
    proxies: Option<Trusted>,
    tls: Option<Arc<Tls>>,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl<H, F, B> Driver<H>
where
    H: Fn(Request<RequestBody>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub fn new(handler: H, options: Options) -> Self {
        let Options { bounds, places, proxies, tls } = options;
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.head)
            .max_headers(MAX_HEADER_LINES)
            .max_buf_size((limits::HEADERS.default + limits::URL.default) as usize)
            .pipeline_flush(true);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_header_list_size(limits::HEADERS.default as u32)
            .max_concurrent_streams(bounds.streams)
            .max_pending_accept_reset_streams(PENDING_RESETS)
            .max_local_error_reset_streams(FAULTS)
            .keep_alive_interval(PING)
            // WebSockets (RFC 8441).
            .enable_connect_protocol();
        Self { handler, bounds, places, proxies, tls, http1, http2 }
    }

    pub(super) async fn drive(self: Arc<Self>, stream: Stream, ends: Ends, mut place: Place, stopping: Stopping) {
        if self.proxies.is_none() && !self.count(&mut place, ends) {
            return;
        }
        if let Err(error) = self.begin(Socket::new(stream, place, self.bounds.unread), ends, stopping).await {
            tracing::debug!(client = ?ends.client, %error, "connection ended early");
        }
    }

    fn count(&self, place: &mut Place, ends: Ends) -> bool {
        ends.client.is_none_or(|client| self.places.count(place, client.ip()))
    }

    /// What comes before HTTP: whose connection it is, and TLS.
    async fn begin(&self, mut socket: Socket, mut ends: Ends, stopping: Stopping) -> io::Result<()> {
        if let Some(trusted) = &self.proxies {
            if !trusted.has(ends.client) {
                return Err(io::Error::other("it is none of the proxies that connections are taken from"));
            }
            ends = in_time(self.bounds.head, proxy::read(&mut socket, ends)).await?;
            if !self.count(&mut socket.place, ends) {
                return Ok(());
            }
        }
        let plain = Connection::plain(ends.client, ends.local);
        let Some(tls) = &self.tls else { return self.speak(socket, Arc::new(plain), stopping).await };
        let stream = in_time(self.bounds.head, TlsAcceptor::from(tls.config()).accept(socket)).await?;
        let Agreed::Http(agreed) = agreed(stream.get_ref().1) else { return Ok(()) };
        let alpn = agreed.alpn;
        let connection = Arc::new(Connection { tls: Some(agreed), ..plain });
        match alpn {
            Some("h2") => self.http2(Rewound::untouched(stream), connection, stopping).await,
            Some(_) => self.http1(Rewound::untouched(stream), connection, stopping).await,
            None => self.speak(stream, connection, stopping).await,
        }
    }

    /// Finds out which version the client speaks, and speaks it.
    async fn speak<S>(&self, stream: S, connection: Arc<Connection>, mut stopping: Stopping) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        // A client that says nothing at all must not keep its place.
        let sniffed = tokio::select! {
            biased;
            sniffed = tokio::time::timeout(self.bounds.head, sniff(stream)) => sniffed,
            () = async { stopping.said().await; tokio::time::sleep(self.bounds.idle_drain).await } => return Ok(()),
        };
        let Ok(sniffed) = sniffed else { return Err(io::ErrorKind::TimedOut.into()) };
        match sniffed? {
            None => Ok(()),
            Some((Version::Http1, stream)) => self.http1(stream, connection, stopping).await,
            Some((Version::Http2, stream)) => self.http2(stream, connection, stopping).await,
        }
    }

    async fn http1<S>(&self, stream: Rewound<S>, connection: Arc<Connection>, mut stopping: Stopping) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.places.counts().speak(Protocol::Http1);
        let (told, upgraded) = (stopping.clone(), Upgraded::default());
        let stream = Strict::new(stream, upgraded.clone());
        let service = service_fn(|request: Request<Incoming>| {
            let response = self.answer(request, &connection);
            let (told, upgraded) = (told.clone(), upgraded.clone());
            async move {
                let mut response = response.await;
                if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                    upgraded.set();
                }
                if told.is_said() {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response)
            }
        });
        let serving = self.http1.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut serving = std::pin::pin!(serving);
        tokio::select! {
            biased;
            ended = serving.as_mut() => return ended.map_err(io::Error::other),
            () = async { stopping.said().await; tokio::time::sleep(self.bounds.idle_drain).await } => {}
        }
        serving.as_mut().graceful_shutdown();
        serving.await.map_err(io::Error::other)
    }

    async fn http2<S>(&self, stream: Rewound<S>, connection: Arc<Connection>, mut stopping: Stopping) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.places.counts().speak(Protocol::Http2);
        let (asked, resets) = (Arc::new(Notify::new()), Resets::default());
        let service = service_fn(|request: Request<Incoming>| {
            asked.notify_one();
            let (response, stream) = (is_sound(&request).then(|| self.answer(request, &connection)), resets.open());
            async move {
                let response = match response {
                    Some(response) => response.await.map(Either::Left),
                    None => refusal().map(Either::Right),
                };
                stream.answered();
                Ok::<_, Infallible>(response)
            }
        });
        let serving = self.http2.serve_connection(TokioIo::new(stream), service);
        let mut serving = std::pin::pin!(serving);
        tokio::select! {
            biased;
            ended = serving.as_mut() => return ended.map_err(io::Error::other),
            () = nothing_asked(asked.clone(), self.bounds.head) => return Err(io::ErrorKind::TimedOut.into()),
            () = resets.too_many() => return Err(io::Error::other("the client resets what it asks for")),
            () = stopping.said() => {}
        }
        serving.as_mut().graceful_shutdown();
        serving.await.map_err(io::Error::other)
    }

    fn answer(&self, request: Request<Incoming>, connection: &Arc<Connection>) -> F {
        let mut request = request.map(|body| RequestBody::new(body, self.bounds.body));
        request.extensions_mut().insert(connection.clone());
        (self.handler)(request)
    }
}

/// Waits so long and no longer.
async fn in_time<T>(patience: Duration, what: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(patience, what).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Ready when there was no request for so long; never when there was one.
async fn nothing_asked(asked: Arc<Notify>, patience: Duration) {
    if tokio::time::timeout(patience, asked.notified()).await.is_ok() {
        std::future::pending().await
    }
}
