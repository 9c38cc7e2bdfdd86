//! The HTTP client that the library speaks by: public authorities are trusted, or the one that is given.

use super::files;
use anyhow::{Context, Result};
use bytes::Bytes;
use http::Request;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How long an authority may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

struct Https(Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>);

pub(super) fn client(ca: Option<&Path>) -> Result<Box<dyn HttpClient>> {
    let builder = HttpsConnectorBuilder::new();
    let builder = match ca {
        None => builder.with_provider_and_webpki_roots(aws_lc_rs::default_provider())?,
        Some(file) => {
            let mut roots = RootCertStore::empty();
            for certificate in files::certificates(file)? {
                roots.add(certificate).with_context(|| format!("`{}` issues no certificates", file.display()))?;
            }
            let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
            builder.with_tls_config(config)
        }
    };
    let connector = builder.https_only().enable_http1().build();
    Ok(Box::new(Https(Client::builder(TokioExecutor::new()).build(connector))))
}

impl HttpClient for Https {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let answer = tokio::time::timeout(PATIENCE, self.0.request(request));
        Box::pin(async move {
            match answer.await {
                Ok(Ok(response)) => Ok(BytesResponse::from(response)),
                Ok(Err(error)) => Err(Error::Other(Box::new(error))),
                Err(late) => Err(Error::Other(Box::new(late))),
            }
        })
    }
}
