//! One connection, from its handshake to its end.

use super::answer::answer;
use crate::connection::{Connection, Tls, TlsVersion};
use crate::edge::listener::{Bounds, Place, Places, Protocol, RequestBody, Stopping};
use crate::edge::tls;
use crate::limits;
use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response};
use quinn::Connecting;
use quinn::crypto::rustls::HandshakeData;
use rustls::pki_types::CertificateDer;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

/// What the connections of a listener have in common.
pub struct Driver<H> {
    pub handler: H,
    pub bounds: Bounds,
    pub places: Places,
    pub local: SocketAddr,
}

impl<H, F, B> Driver<H>
where
    H: Fn(Request<RequestBody>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub async fn drive(self: Arc<Self>, connecting: Connecting, mut place: Place, stopping: Stopping) {
        let client = connecting.remote_address();
        if !self.places.count(&mut place, client.ip()) {
            return;
        }
        if let Err(error) = self.speak(connecting, stopping).await {
            tracing::debug!(%client, error = format!("{error:#}"), "connection ended early");
        }
        drop(place);
    }

    async fn speak(self: Arc<Self>, connecting: Connecting, mut stopping: Stopping) -> Result<()> {
        let quic = tokio::time::timeout(self.bounds.head, connecting).await??;
        let connection = Arc::new(self.describe(&quic));
        let mut h3 = h3::server::builder()
            .max_field_section_size(limits::HEADERS.default)
            .build::<_, Bytes>(h3_quinn::Connection::new(quic.clone()))
            .await?;
        self.places.counts().speak(Protocol::Http3);
        let mut stopped = false;
        loop {
            let resolver = tokio::select! {
                accepted = h3.accept() => match accepted? {
                    Some(resolver) => resolver,
                    None => return Ok(()),
                },
                () = stopping.said(), if !stopped => {
                    stopped = true;
                    h3.shutdown(0).await?;
                    continue;
                }
            };
            let (driver, connection, quic, under_way) =
                (self.clone(), connection.clone(), quic.clone(), stopping.clone());
            tokio::spawn(async move {
                let answering = async {
                    let resolving = resolver.resolve_request();
                    let (request, stream) = tokio::time::timeout(driver.bounds.head, resolving).await??;
                    answer(&driver.handler, request, stream, connection, driver.bounds.body).await
                };
                // The worker ends with the connection.
                let answered = tokio::select! {
                    answered = answering => answered,
                    lost = quic.closed() => Err(lost.into()),
                };
                if let Err(error) = answered {
                    tracing::debug!(error = format!("{error:#}"), "request ended early");
                }
                drop(under_way);
            });
        }
    }

    fn describe(&self, quic: &quinn::Connection) -> Connection {
        let data = quic.handshake_data().and_then(|data| data.downcast::<HandshakeData>().ok());
        let chain = quic.peer_identity().and_then(|identity| identity.downcast::<Vec<CertificateDer<'static>>>().ok());
        Connection {
            client: Some(quic.remote_address()),
            local: Some(self.local),
            tls: Some(Tls {
                server_name: data.and_then(|data| data.server_name.map(|name| name.to_ascii_lowercase())),
                version: TlsVersion::Tls13,
                // QUIC's library does not say which it is.
                cipher: "",
                alpn: Some("h3"),
                client_certificate: chain.and_then(|chain| tls::client(chain.first()?)),
            }),
        }
    }
}
