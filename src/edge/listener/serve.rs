//! Accepts connections until it is told to stop.

use super::drive::Driver;
use super::proxy::Trusted;
use super::stop::Stop;
use super::{Bounds, Listening, Places};
use crate::edge::tls::Tls;
use bytes::Bytes;
use http::{Request, Response};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Sent to a connection that is one too many.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// What a listener is served with.
#[derive(Clone)]
pub struct Options {
    pub bounds: Bounds,
    /// Places for connections, which listeners may share.
    pub places: Places,
    /// Those that say whose connection it is, by the PROXY protocol. All must.
    pub proxies: Option<Trusted>,
    pub tls: Option<Arc<Tls>>,
}

impl Options {
    /// These bounds, unencrypted.
    pub fn new(bounds: Bounds, places: Places) -> Self {
        Self { bounds, places, proxies: None, tls: None }
    }
}

/// Serves connections until `stop` is ready, then lets requests under way finish.
pub async fn serve<H, F, B>(listening: Listening, handler: H, stop: impl Future<Output = ()>, options: Options)
where
    H: Fn(Request<super::RequestBody>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (bounds, places, encrypted) = (options.bounds, options.places.clone(), options.tls.is_some());
    let driver = Arc::new(Driver::new(handler, options));
    let stopping = Stop::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, ends) = tokio::select! {
            accepted = listening.accept() => match accepted {
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
        let Some(place) = places.take() else {
            // What does not fit the socket's buffer at once is not waited for.
            if !encrypted {
                stream.try_write(TOO_MANY);
            }
            continue;
        };
        tokio::spawn(driver.clone().drive(stream, ends, place, stopping.listen()));
    }
    drop(listening);
    if tokio::time::timeout(bounds.drain, stopping.stop()).await.is_err() {
        tracing::warn!("requests were still under way when the time to finish them was over");
    }
}
