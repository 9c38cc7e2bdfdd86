//! The server that the workers' subrequests go to; it remembers what it was asked.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// "compressed on its way", by gzip.
const GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 206, 207, 45, 40, 74, 45, 46, 78, 77, 81, 200, 207, 83, 200, 44, 41, 86, 40,
    79, 172, 4, 0, 67, 81, 171, 138, 21, 0, 0, 0,
];

/// The same by Brotli.
const BROTLI: &[u8] = &[
    11, 10, 128, 99, 111, 109, 112, 114, 101, 115, 115, 101, 100, 32, 111, 110, 32, 105, 116, 115, 32, 119, 97, 121, 3,
];

/// A running origin.
pub struct Origin {
    pub base: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    asked: Mutex<Vec<Value>>,
    gate: Notify,
}

impl Origin {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("the listener has an address"));
        let state = Arc::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let state = shared.clone();
                let service = service_fn(move |request| answer(state.clone(), request));
                // An error here is a worker that went away, or a body broken off on purpose.
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service),
                );
            }
        });
        Self { base, state }
    }

    /// Lets a response of `/gated` go on.
    pub fn open_gate(&self) {
        self.state.gate.notify_one();
    }

    /// How many requests came since the last `take`.
    pub fn count(&self) -> usize {
        self.state.asked.lock().unwrap().len()
    }

    /// The requests since the last call, in an order that does not depend on time.
    pub fn take(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.state.asked.lock().unwrap());
        let mut lines: Vec<String> = asked.iter().map(|one| serde_json::to_string_pretty(one).expect("JSON")).collect();
        lines.sort();
        lines
    }
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_else(|_| Bytes::from_static(b"(broken off)"));
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let asked = json!({
        "method": head.method.as_str(),
        "path": target,
        "headers": describe(&head.headers),
        "body": String::from_utf8_lossy(&body),
    });
    state.asked.lock().unwrap().push(asked.clone());

    let segments: Vec<&str> = head.uri.path().split('/').skip(1).collect();
    let number = |index: usize| segments.get(index).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    let ok = |body: Body| Response::builder().body(body);
    let moved = |status: u64, to: String| {
        let body = text(format!("moved to {to}"));
        Response::builder().status(status as u16).header(header::LOCATION, to).body(body)
    };
    let response = match segments[0] {
        "echo" => Response::builder().header(header::CONTENT_TYPE, "application/json").body(text(asked.to_string())),
        "delay" => {
            tokio::time::sleep(Duration::from_millis(number(1))).await;
            ok(text(format!("after {} ms", number(1))))
        }
        "chunks" => ok(chunks(number(1), number(2) as usize)),
        "gated" => ok(gated(state)),
        "redirect" => match number(1) {
            0 => ok(text("arrived".to_owned())),
            more => moved(302, format!("/redirect/{}", more - 1)),
        },
        "redirect-as" => moved(number(1), "/echo/landed".to_owned()),
        "redirect-loop" => moved(302, "/redirect-loop".to_owned()),
        "status" if matches!(number(1), 204 | 205 | 304) => {
            Response::builder().status(number(1) as u16).body(text(String::new()))
        }
        "status" => Response::builder().status(number(1) as u16).body(text(format!("status {}", number(1)))),
        "cookies" => Response::builder()
            .header(header::SET_COOKIE, "a=1; Expires=Wed, 02 Jan 2030 03:04:05 GMT")
            .header(header::SET_COOKIE, "b=2, 3; Path=/")
            .body(text("two cookies".to_owned())),
        "headers" => Response::builder()
            .header("x-twice", "one")
            .header("X-Twice", "two, three")
            .header("x-empty", "")
            .header("x-spaced", "  a   b\t")
            .header("x-latin", header::HeaderValue::from_bytes(b"caf\xe9").expect("a header's bytes"))
            .header(header::CACHE_CONTROL, "max-age=60")
            .header(header::ETAG, "\"tag\"")
            .body(text("peculiar".to_owned())),
        "bytes" => ok(Full::from((0..=255).collect::<Vec<u8>>()).map_err(|never| match never {}).boxed_unsync()),
        "large" => ok(chunks(number(1), 1 << 16)),
        "gzip" => coded("gzip", GZIP),
        "gzip-cut" => coded("gzip", &GZIP[..30]),
        "not-gzip" => coded("gzip", b"as it is"),
        "br" => coded("br", BROTLI),
        "empty" => ok(text(String::new())),
        _ => Response::builder().status(StatusCode::NOT_FOUND).body(text(format!("no {target} here"))),
    };
    Ok(response.expect("the response is well-formed"))
}

/// The headers without `host`, whose port is never the same, and without what a server says of itself.
fn describe(headers: &HeaderMap) -> Vec<String> {
    let mut lines: Vec<String> = (headers.iter())
        .filter(|(name, _)| *name != header::HOST && *name != "cdn-loop")
        .map(|(name, value)| format!("{name}: {}", value.as_bytes().escape_ascii()))
        .collect();
    lines.sort();
    lines
}

fn coded(coding: &str, bytes: &'static [u8]) -> http::Result<Response<Body>> {
    Response::builder()
        .header(header::CONTENT_ENCODING, coding)
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Full::from(bytes).map_err(|never| match never {}).boxed_unsync())
}

fn text(text: String) -> Body {
    Full::from(text).map_err(|never| match never {}).boxed_unsync()
}

/// `count` chunks of `size` letters, with time between them.
fn chunks(count: u64, size: usize) -> Body {
    let (sender, body) = StreamedBody::new();
    tokio::spawn(async move {
        for index in 0..count {
            let letter = b'a' + (index % 26) as u8;
            if sender.send(vec![letter; size].into()).await.is_err() {
                return;
            }
            if count < 10 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    });
    body.map_err(|never| match never {}).boxed_unsync()
}

/// A chunk, and one more when the gate opens.
fn gated(state: Arc<State>) -> Body {
    let (sender, body) = StreamedBody::new();
    tokio::spawn(async move {
        let _ = sender.send(Bytes::from_static(b"first ")).await;
        state.gate.notified().await;
        let _ = sender.send(Bytes::from_static(b"second")).await;
    });
    body.map_err(|never| match never {}).boxed_unsync()
}

/// A body without a known length, fed through a channel.
pub struct StreamedBody(mpsc::Receiver<Bytes>);

impl StreamedBody {
    pub fn new() -> (mpsc::Sender<Bytes>, Self) {
        let (sender, receiver) = mpsc::channel(1);
        (sender, Self(receiver))
    }
}

impl http_body::Body for StreamedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}
