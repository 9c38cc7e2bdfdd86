//! An HTTP server for workers to send subrequests to.

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A running origin. It stops with the test's runtime.
pub struct Origin {
    pub base: String,
    requests: Arc<AtomicUsize>,
}

type Body = Either<
    Full<Bytes>,
    StreamBody<std::pin::Pin<Box<dyn futures_util::Stream<Item = Result<Frame<Bytes>, Infallible>> + Send>>>,
>;

impl Origin {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = requests.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let counter = counter.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        counter.fetch_add(1, Ordering::SeqCst);
                        async move { Ok::<_, Infallible>(answer(request).await) }
                    });
                    let _ =
                        auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { base, requests }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Requests seen so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// `/wait/MS` answers after a while, `/status/N` with a status, `/bytes/N` with N bytes in pieces, `/echo` with the body,
/// anything else with the method and path.
async fn answer(request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let number = |prefix: &str| path.strip_prefix(prefix).and_then(|number| number.parse::<u64>().ok());
    let text = |text: String| Response::new(Either::Left(Full::from(text)));
    if let Some(ms) = number("/wait/") {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        return text(format!("waited {ms}"));
    }
    if let Some(status) = number("/status/") {
        let mut response = text(format!("status {status}"));
        *response.status_mut() = http::StatusCode::from_u16(status as u16).unwrap();
        return response;
    }
    if let Some(total) = number("/bytes/") {
        const PIECE: u64 = 64 * 1024;
        let pieces = stream::unfold(total, |left| async move {
            let piece = left.min(PIECE);
            (piece > 0).then(|| (Ok(Frame::data(Bytes::from(vec![b'x'; piece as usize]))), left - piece))
        });
        return Response::new(Either::Right(StreamBody::new(Box::pin(pieces))));
    }
    if path == "/echo" {
        return Response::new(Either::Left(Full::new(request.into_body().collect().await.unwrap().to_bytes())));
    }
    text(format!("{} {path}", request.method()))
}
