//! An origin whose answers say how often each path was asked for; its query says what they are like.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A running origin. It stops with the test's runtime.
pub struct Origin {
    pub base: String,
    counts: Arc<Mutex<HashMap<String, usize>>>,
}

impl Origin {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let counts: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let shared = counts.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let counts = shared.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let counts = counts.clone();
                        async move { Ok::<_, Infallible>(answer(request, &counts).await) }
                    });
                    let _ =
                        auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { base, counts }
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.counts.lock().unwrap().get(path).copied().unwrap_or_default()
    }
}

async fn answer(request: Request<Incoming>, counts: &Mutex<HashMap<String, usize>>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let count = {
        let mut counts = counts.lock().unwrap();
        let count = counts.entry(path.clone()).or_default();
        *count += 1;
        *count
    };
    let url = url::Url::parse(&format!("http://x{}", request.uri())).unwrap();
    let mut response = Response::builder();
    let mut text = format!("{} {count}", &path[1..]);
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            "status" => response = response.status(value.parse::<u16>().unwrap()),
            "size" => text = "x".repeat(value.parse().unwrap()),
            "echo" => {}
            name => response = response.header(name, value.as_ref()),
        }
    }
    if path == "/slow" {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body = if url.query().is_some_and(|query| query.contains("echo")) { body } else { text.into() };
    response.body(Full::new(body)).unwrap()
}
