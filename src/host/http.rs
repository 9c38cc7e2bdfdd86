//! Subrequests: `wasi:http/outgoing-handler`, and so `fetch()`.

use super::binding::{Reach, Reached, Target};
use super::egress::{EgressPolicy, GuardedResolver, Refused};
use super::fetch_cache;
use super::meter::Meter;
use super::tape::Tape;
use super::trace;
use crate::cache;
use crate::meter::Operation;
use bytes::Bytes;
use http::{HeaderName, header};
use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use wasmtime_wasi_http::p2::DEFAULT_OUTGOING_BODY_BUFFER_CHUNKS;
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks};

/// Extension of a request without a body, which differs from one whose body is empty.
#[derive(Debug, Clone, Copy)]
pub struct Bodiless;

/// How long a connection may take to open, unless the worker asks for less.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an idle connection to an origin is kept for the next subrequest. Node.js and Apache close theirs after 5
/// seconds: a request that is sent at that very moment is lost, and may not be one that can be sent again.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Chunks of a body that a guest may write ahead when a recording is played; they take memory only when written.
const PLAYED_CHUNKS: usize = 1 << 16;

/// Headers that belong to the connection, not to the message (RFC 9110, 7.6.1), or that only the host may set.
const FORBIDDEN: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TRANSFER_ENCODING,
    header::TE,
    header::UPGRADE,
    HeaderName::from_static("http2-settings"),
];

const CDN_LOOP: HeaderName = HeaderName::from_static("cdn-loop");

/// The process's HTTP client: connections are pooled over all workers, since none of them sees a connection.
#[derive(Clone)]
pub struct OriginClient {
    client: Client<HttpsConnector<HttpConnector<GuardedResolver>>, WasiBody>,
    /// For what becomes another protocol: HTTP/1.1 alone can be asked for that.
    upgrades: Client<HttpsConnector<HttpConnector<GuardedResolver>>, WasiBody>,
    policy: EgressPolicy,
    forbidden: ForbiddenHeaderFilter,
}

impl OriginClient {
    /// A client that reaches what `policy` allows, trusting the Web's certificate authorities.
    pub fn new(policy: EgressPolicy) -> Self {
        let mut connector = HttpConnector::new_with_resolver(GuardedResolver::new(policy));
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let secured = || HttpsConnectorBuilder::new().with_webpki_roots().https_or_http();
        let upgrades = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(secured().enable_http1().wrap_connector(connector.clone()));
        let connector = secured().enable_all_versions().wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(connector);
        Self { client, upgrades, policy, forbidden: Arc::new(|name| FORBIDDEN.contains(name)) }
    }

    /// Refuses a literal address that the policy does not allow; names are checked when they are resolved.
    pub(super) fn check_literal(&self, uri: &http::Uri) -> Result<(), Error> {
        let host = uri.host().ok_or(Error::HttpRequestUriInvalid)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(address) if !self.policy.allows(address) => Err(Error::DestinationIpProhibited),
            _ => Ok(()),
        }
    }

    /// Sends a request on a connection of its own, which may become another protocol's.
    pub(super) async fn send_for_upgrade(
        &self,
        request: http::Request<WasiBody>,
    ) -> Result<http::Response<hyper::body::Incoming>, Error> {
        self.upgrades.request(request).await.map_err(classify)
    }

    pub(super) async fn send(
        self,
        mut request: http::Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<http::Response<WasiBody>, Error> {
        self.check_literal(request.uri())?;
        // hyper derives it from the URI, as it must for the connection that it picks.
        request.headers_mut().remove(header::HOST);
        let sending = self.client.request(request);
        let response = match options.first_byte_timeout {
            Some(limit) => tokio::time::timeout(limit, sending).await.map_err(|_| Error::HttpResponseTimeout)?,
            None => sending.await,
        };
        let mut response = response.map_err(classify)?;
        // What is said of the connection is not for those behind it (RFC 9110, 7.6.1).
        cache::strip_connection(response.headers_mut());
        Ok(response.map(|body| body.map_err(Error::from).boxed_unsync()))
    }
}

/// Why an origin did not answer a request that is passed on.
#[derive(Debug)]
pub enum ProxyError {
    /// Its connection ended before there was an answer.
    Closed,
    /// It did not begin its answer in time.
    Timeout,
    /// The egress policy forbids its address.
    Refused,
    /// Anything else.
    Failed(Error),
}

impl std::fmt::Display for ProxyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed => f.write_str("its connection ended"),
            Self::Timeout => f.write_str("it took too long"),
            Self::Refused => f.write_str("its address is none that may be reached"),
            Self::Failed(error) => write!(f, "{error}"),
        }
    }
}

impl OriginClient {
    /// Passes a request on to the server that its URI names. The answer must begin within `first_byte`.
    pub async fn proxy(
        &self,
        request: http::Request<WasiBody>,
        first_byte: Duration,
    ) -> Result<http::Response<WasiBody>, ProxyError> {
        let options = RequestOptions { first_byte_timeout: Some(first_byte), ..RequestOptions::default() };
        self.clone().send(request, options).await.map_err(|error| match error {
            Error::ConnectionTerminated => ProxyError::Closed,
            Error::HttpResponseTimeout | Error::ConnectionTimeout => ProxyError::Timeout,
            Error::DestinationIpProhibited => ProxyError::Refused,
            error => ProxyError::Failed(error),
        })
    }
}

/// Says why a request failed in `wasi:http`'s terms.
fn classify(error: hyper_util::client::legacy::Error) -> Error {
    if causes(&error).any(is_refusal) {
        return Error::DestinationIpProhibited;
    }
    for this in causes(&error) {
        if let Some(io) = this.downcast_ref::<io::Error>()
            && (io.get_ref().is_none() || io.kind() != io::ErrorKind::Other)
        {
            return match io.kind() {
                io::ErrorKind::ConnectionRefused => Error::ConnectionRefused,
                io::ErrorKind::TimedOut => Error::ConnectionTimeout,
                io::ErrorKind::InvalidData => Error::TlsCertificateError,
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
                    Error::ConnectionTerminated
                }
                _ if error.is_connect() => Error::DestinationUnavailable,
                _ => Error::ConnectionTerminated,
            };
        }
        // The resolver's failure has no type of its own to ask for.
        if this.to_string().contains("dns error") {
            return Error::DnsError { rcode: this.source().map(ToString::to_string), info_code: None };
        }
    }
    if error.is_connect() { Error::DestinationUnavailable } else { Error::ConnectionTerminated }
}

/// What led to an error, the nearest cause first.
fn causes<'a>(error: &'a dyn std::error::Error) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// Whether the egress policy is why. It is asked first: around its refusal stands the resolver's failure.
fn is_refusal(cause: &(dyn std::error::Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<Refused>() || inner.is_some_and(|inner| inner.is::<Refused>())
}

/// One invocation's subrequests.
pub struct Subrequests {
    pub(super) client: OriginClient,
    pub(super) reach: Reach,
    pub(super) count: Count,
    pub(super) meter: Meter,
    pub(super) tape: Tape,
    /// `Upgrade` is let through: a request comes in that asks for a WebSocket, and its guest has to see that.
    pub shows_upgrade: bool,
}

/// Counts what an invocation asks of others, up to what it may.
pub struct Count {
    made: AtomicU32,
    allowed: u32,
}

impl Count {
    pub(super) fn new(allowed: u32) -> Self {
        Self { made: AtomicU32::new(0), allowed }
    }

    /// Counts one more, unless it is one too many: then the error says so.
    pub(super) fn add_one(&self) -> Result<(), String> {
        if self.made.fetch_add(1, Ordering::Relaxed) < self.allowed {
            return Ok(());
        }
        Err(format!("too many subrequests: this invocation may make {} (`limits.subrequests`)", self.allowed))
    }

    fn made(&self) -> u32 {
        self.made.load(Ordering::Relaxed).min(self.allowed)
    }
}

impl Subrequests {
    /// At most `allowed` requests may be sent.
    pub(super) fn new(client: OriginClient, reach: Reach, allowed: u32, tape: Tape) -> Self {
        Self { client, reach, count: Count::new(allowed), meter: Meter::default(), tape, shows_upgrade: false }
    }

    /// How many were sent.
    pub fn made(&self) -> u32 {
        self.count.made()
    }
}

type Sent = (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Subrequests {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        self.client.forbidden.clone()
    }

    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        FORBIDDEN.contains(name) && !(self.shows_upgrade && name == header::UPGRADE)
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        mut request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        if let Err(why) = self.count.add_one() {
            return Box::new(std::future::ready(Err(Error::InternalError(Some(why)))));
        }
        let wanted = fetch_cache::take(request.headers_mut());
        let binding = self.reach.find(request.uri());
        let loops = binding.is_none().then(|| self.reach.caller().loops());
        let span = self.reach.caller().span.as_ref().map(|parent| trace::begin(parent, &request, binding.as_ref()));
        self.meter.charge(operation(&request, binding.as_ref()), length_of_head(&request));
        let client = self.client.clone();
        let name = binding.as_ref().map(|binding| binding.name().to_owned());
        let caching = wanted.zip(self.reach.bindings().cache.clone());
        let send = move |mut request: http::Request<WasiBody>| async move {
            if let Some(loops) = loops {
                // Whatever the guest says: who can change it can go in circles.
                request.headers_mut().insert(CDN_LOOP, loops);
            }
            if let (Some(span), None) = (&span, &binding) {
                span.inject(request.headers_mut());
            }
            let answer = match binding {
                Some(binding) => binding.within(span.clone()).send(request).await,
                None => match caching {
                    Some((wanted, space)) => {
                        fetch_cache::send(&space, wanted, client, request, options.unwrap_or_default()).await
                    }
                    None => client.send(request, options.unwrap_or_default()).await,
                },
            };
            if let Some(span) = span {
                trace::end(&span, &answer);
            }
            answer
        };
        match &mut self.tape {
            Tape::Off => answered(send(request)),
            Tape::Record(recorder) => answered(recorder.subrequest(name, request, send)),
            Tape::Play(player) => answered(player.answer(name, request)),
        }
    }

    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        match &self.tape {
            // The guest writes when it could write then, whether or not anyone has read meanwhile.
            Tape::Play(_) => PLAYED_CHUNKS,
            Tape::Off | Tape::Record(_) => DEFAULT_OUTGOING_BODY_BUFFER_CHUNKS,
        }
    }
}

/// Gives what `sending` comes to, as `wasi:http` takes it. The guest's time moves when it has waited for it.
fn answered(
    sending: impl Future<Output = Result<http::Response<WasiBody>, Error>> + Send + 'static,
) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
    Box::new(async move {
        let sent: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(std::future::ready(Ok(())));
        Ok((sending.await?, sent))
    })
}

/// What `request` is charged as.
pub(super) fn operation(request: &http::Request<WasiBody>, binding: Option<&Reached>) -> Operation {
    let reads = matches!(*request.method(), http::Method::GET | http::Method::HEAD);
    match binding.and_then(Reached::target) {
        None => Operation::Subrequest,
        Some(Target::Kv(_)) if reads => Operation::KvRead,
        Some(Target::Kv(_)) => Operation::KvWrite,
        Some(Target::Service(_)) => Operation::ServiceCall,
        Some(Target::Assets(_)) => Operation::AssetFetch,
        Some(Target::Cache(_)) if reads => Operation::CacheRead,
        Some(Target::Cache(_)) => Operation::CacheWrite,
    }
}

/// Bytes of the URL and the header lines.
pub(super) fn length_of_head(request: &http::Request<WasiBody>) -> u64 {
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    (request.uri().to_string().len() + lines.sum::<usize>()) as u64
}

/// An HTTP message body as `wasi:http` takes it.
pub fn body<B>(body: B) -> WasiBody
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    body.map_err(Into::into).boxed_unsync()
}
