//! Accepts connections until it is told to stop.

use super::drive::Driver;
use crate::edge::listener::{Options, RequestBody, Stop};
use crate::edge::tls::Tls;
use anyhow::{Context, Result, bail};
use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Request, Response};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, EndpointConfig, ServerConfig, TokioRuntime, TransportConfig, VarInt};
use std::future::Future;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

/// After this long without a word, a connection is over.
const IDLE: Duration = Duration::from_secs(60);
/// Streams in one direction: h3 needs three.
const ONE_WAY: u32 = 8;
/// From this many connections on, clients have to show first that they are where they say.
const RETRY_FROM: usize = 1000;

/// Opens the socket at the address that a listener of TCP has.
pub fn bind(address: SocketAddr) -> Result<UdpSocket> {
    UdpSocket::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {} of UDP on {} is in use by another program\nhint: leave `http3` out, or choose another port",
            address.port(),
            address.ip()
        ),
        _ => anyhow::Error::from(error).context(format!("failed to open UDP on {address}")),
    })
}

/// Serves connections until `stop` is ready, then lets requests under way finish.
pub async fn serve<H, F, B>(
    socket: UdpSocket,
    tls: Arc<Tls>,
    handler: H,
    stop: impl Future<Output = ()>,
    options: Options,
) where
    H: Fn(Request<RequestBody>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if let Err(error) = accept(socket, &tls, handler, stop, options).await {
        tracing::error!(error = format!("{error:#}"), "HTTP/3 is not served");
    }
}

async fn accept<H, F, B>(
    socket: UdpSocket,
    tls: &Tls,
    handler: H,
    stop: impl Future<Output = ()>,
    options: Options,
) -> Result<()>
where
    H: Fn(Request<RequestBody>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(IDLE.try_into()?))
        .max_concurrent_bidi_streams(VarInt::from_u32(options.bounds.streams))
        .max_concurrent_uni_streams(VarInt::from_u32(ONE_WAY));
    let transport = Arc::new(transport);
    let mut current = tls.config();
    let config = ArcSwap::from(config(&current, &transport)?);
    let local = socket.local_addr()?;
    let endpoint =
        Endpoint::new(EndpointConfig::default(), Some((**config.load()).clone()), socket, Arc::new(TokioRuntime))
            .context("failed to start QUIC")?;
    let (bounds, places) = (options.bounds, options.places.clone());
    let driver = Arc::new(Driver { handler, bounds, places: places.clone(), local });
    let stopping = Stop::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        let incoming = tokio::select! {
            incoming = endpoint.accept() => match incoming {
                Some(incoming) => incoming,
                None => bail!("QUIC has ended"),
            },
            () = &mut stop => break,
        };
        if endpoint.open_connections() > RETRY_FROM && incoming.may_retry() {
            let _ = incoming.retry();
            continue;
        }
        let Some(place) = places.take() else {
            incoming.refuse();
            continue;
        };
        let newest = tls.config();
        if !Arc::ptr_eq(&newest, &current) {
            config.store(self::config(&newest, &transport)?);
            current = newest;
        }
        match incoming.accept_with(config.load_full()) {
            Ok(connecting) => {
                tokio::spawn(driver.clone().drive(connecting, place, stopping.listen()));
            }
            Err(error) => tracing::debug!(%error, "connection ended early"),
        }
    }
    if tokio::time::timeout(bounds.drain, stopping.stop()).await.is_err() {
        tracing::warn!("requests of HTTP/3 were still under way when the time to finish them was over");
    }
    endpoint.close(VarInt::from_u32(0x100), b"");
    // The last packets have a moment to leave.
    let _ = tokio::time::timeout(Duration::from_millis(200), endpoint.wait_idle()).await;
    Ok(())
}

/// The same certificates as for TCP, with another protocol on top.
fn config(tls: &rustls::ServerConfig, transport: &Arc<TransportConfig>) -> Result<Arc<ServerConfig>> {
    let mut tls = tls.clone();
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let crypto = QuicServerConfig::try_from(tls).context("QUIC needs TLS 1.3")?;
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    config.transport_config(transport.clone());
    Ok(Arc::new(config))
}
