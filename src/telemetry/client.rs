//! Sends what is exported, with the HTTP client that the server has anyway.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{HttpClient, HttpError};
use std::time::Duration;
use tokio::runtime::Handle;

/// How long a collector may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that its answer may have; it says what was refused.
const ANSWER: usize = 1 << 20;

/// Exporters run on threads of their own; the client's connections are on the server's runtime.
#[derive(Debug)]
pub(super) struct ExportClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
}

impl ExportClient {
    /// To be made on a runtime.
    pub fn new() -> Self {
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_all_versions().build();
        Self { client: Client::builder(TokioExecutor::new()).build(connector), runtime: Handle::current() }
    }
}

#[async_trait]
impl HttpClient for ExportClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = async move {
            let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(head, body))
        };
        self.runtime.spawn(async move { tokio::time::timeout(TIMEOUT, sending).await }).await??
    }
}
