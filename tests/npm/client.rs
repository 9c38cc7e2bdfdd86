//! Sends one request over a connection of its own, and keeps the answer as it came.

use crate::origin::StreamedBody;
use crate::support::PATIENCE;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The name that both servers are called by, so that a worker sees the same URL on both.
pub const HOST: &str = "guide.example";

/// A request.
#[derive(Clone)]
pub struct Case {
    pub method: &'static str,
    pub target: &'static str,
    pub headers: Vec<(&'static str, Bytes)>,
    pub body: Upload,
    /// What must have arrived before the rest is sent: by the client, or by the origin through its gate.
    pub first: Option<&'static str>,
    /// Subrequests that the answer leads to, at least; some come after it.
    pub subrequests: usize,
}

/// How a request's body is sent.
#[derive(Clone)]
pub enum Upload {
    None,
    /// With its length.
    Whole(Bytes),
    /// Without.
    Chunks(Vec<Bytes>),
}

pub fn get(target: &'static str) -> Case {
    request("GET", target)
}

pub fn post(target: &'static str) -> Case {
    request("POST", target)
}

pub fn request(method: &'static str, target: &'static str) -> Case {
    Case { method, target, headers: Vec::new(), body: Upload::None, first: None, subrequests: 0 }
}

impl Case {
    pub fn header(mut self, name: &'static str, value: impl Into<Bytes>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Upload::Whole(body.into());
        self
    }

    pub fn json(self, body: &'static str) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    pub fn form(self, body: &'static str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    pub fn chunks(mut self, chunks: &[&'static str]) -> Self {
        self.body = Upload::Chunks(chunks.iter().map(|chunk| Bytes::from_static(chunk.as_bytes())).collect());
        self
    }

    /// The answer must begin with `text` while the rest of the body is still held back.
    pub fn begins_early_with(mut self, text: &'static str) -> Self {
        self.first = Some(text);
        self
    }

    pub fn leads_to(mut self, subrequests: usize) -> Self {
        self.subrequests = subrequests;
        self
    }

    pub fn name(&self) -> String {
        let headers: String =
            self.headers.iter().map(|(name, value)| format!(" {name}: {}", value.escape_ascii())).collect();
        format!("{} {}{headers}", self.method, self.target)
    }
}

/// A response, read to its end.
pub struct Answer {
    pub status: StatusCode,
    /// In the order they came; names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Bytes,
    /// Why the body ended before it was complete.
    pub broken: bool,
}

/// Sends `case` to the server at `base`; `let_go` is called when the early part of the answer has come.
pub async fn send(base: &str, case: &Case, let_go: impl Fn()) -> Result<Answer, String> {
    let sending = exchange(base, case, let_go);
    tokio::time::timeout(PATIENCE, sending).await.map_err(|_| "no answer in time".to_owned())?
}

async fn exchange(base: &str, case: &Case, let_go: impl Fn()) -> Result<Answer, String> {
    let address = base.strip_prefix("http://").expect("servers are on http");
    let socket = TcpStream::connect(address).await.map_err(|error| format!("failed to connect: {error}"))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.map_err(|error| error.to_string())?;
    let connection = tokio::spawn(connection);

    let mut request = Request::builder().method(case.method).uri(case.target);
    if !case.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request = request.header("host", HOST);
    }
    // Apps make one up when there is none, and no two are the same.
    request = request.header("x-request-id", "id-of-the-test");
    for (name, value) in &case.headers {
        request = request.header(*name, value.as_ref());
    }
    let mut rest = None;
    let body = match case.body.clone() {
        Upload::None => Empty::new().boxed_unsync(),
        Upload::Whole(bytes) => Full::new(bytes).boxed_unsync(),
        Upload::Chunks(mut chunks) => {
            let (chunk_sender, body) = StreamedBody::new();
            let held_back = if case.first.is_some() { chunks.split_off(1) } else { Vec::new() };
            if case.first.is_some() {
                rest = Some((chunk_sender.clone(), held_back));
            }
            tokio::spawn(feed(chunk_sender, chunks));
            body.boxed_unsync()
        }
    };
    let request = request.body(body).expect("the case is a request");
    let (head, mut body) =
        sender.send_request(request).await.map_err(|error| format!("no answer: {error}"))?.into_parts();

    let (mut bytes, mut broken) = (Vec::new(), false);
    let mut awaited = case.first;
    loop {
        if awaited.is_some_and(|text| bytes.len() >= text.len()) {
            awaited = None;
            match rest.take() {
                Some((sender, chunks)) => drop(tokio::spawn(feed(sender, chunks))),
                None => let_go(),
            }
        }
        match body.frame().await {
            Some(Ok(frame)) => bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data)),
            Some(Err(_)) => {
                broken = true;
                break;
            }
            None => break,
        }
    }
    connection.abort();
    if let Some(text) = awaited {
        return Err(format!("the answer ended before `{text}`: {:?}", String::from_utf8_lossy(&bytes)));
    }
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    Ok(Answer { status: head.status, headers, body: bytes.into(), broken })
}

async fn feed(sender: tokio::sync::mpsc::Sender<Bytes>, chunks: Vec<Bytes>) {
    for chunk in chunks {
        if sender.send(chunk).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
