//! An admin API that is sent what it must not take: clear refusals, nothing stored, and the server stays well.

mod flood;
mod names;
mod oversized;
mod tokens;
mod uploads;

use crate::node::Node;
use crate::support::{Answer, PATIENCE};
use glowplug::digest::Digest;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use tokio::net::{TcpSocket, TcpStream};

/// A server with one worker that is well, and what it kept then.
struct Target {
    node: Node,
    blobs: BTreeSet<PathBuf>,
    workers: Value,
}

impl Target {
    async fn start() -> Self {
        let node = Node::start().await;
        node.deploy_script("good", "export default { fetch: () => new Response('good') };").await;
        assert_eq!(node.get("good", "/").await.text(), "good");
        let workers = node.api(Method::GET, "/v1/workers", None).await.json();
        let blobs = files(&node.data().join("blobs"));
        assert!(!blobs.is_empty());
        Self { node, blobs, workers }
    }

    /// Fails if the server is not well, or has another worker, version or deployment than at first.
    async fn stays_well(&self) {
        assert_eq!(self.node.get("good", "/").await.text(), "good");
        assert_eq!(self.node.api(Method::GET, "/v1/workers", None).await.json(), self.workers);
        let versions = self.node.api(Method::GET, "/v1/workers/good/versions", None).await.json();
        assert_eq!(versions["versions"].as_array().unwrap().len(), 1, "{versions}");
        let check = self.node.api(Method::POST, "/v1/check", None).await;
        assert_eq!(check.json(), json!({"problems": []}));
        assert_eq!(files(&self.node.data().join("tmp")), BTreeSet::new());
        assert!(!self.node.stderr().contains("panicked"), "{}", self.node.stderr());
    }

    /// Fails if there is a blob that was not there at first, or one of them is gone.
    fn keeps_its_blobs(&self) {
        assert_eq!(files(&self.node.data().join("blobs")), self.blobs);
    }

    async fn put_blob(&self, digest: &str, headers: &[(header::HeaderName, &str)], body: impl Into<Bytes>) -> Answer {
        let mut request = self.node.admin_request(Method::PUT, &format!("/v1/blobs/{digest}"), body);
        for (name, value) in headers {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        self.node.send(request).await
    }

    /// Asks for a version of the worker `bad` to be made live.
    async fn publish(&self, version: Value) -> Answer {
        let body = json!({"version": version, "deploy": true});
        self.node.api(Method::POST, "/v1/workers/bad/versions", Some(body)).await
    }
}

fn digest(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

/// All files below `folder`.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

/// Fails unless the answer is an error of this status, in the API's form, that says `text`.
fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.status.as_u16(), status, "{text}: {answer:?}");
    let error = answer.json()["error"].clone();
    assert!(error["code"].is_string() && error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
    assert!(error.to_string().contains(text), "`{text}` is not said: {error}");
}

/// Sends a request over a connection of its own, from the loopback address `from`. The body need not be sent whole.
async fn send_from(from: [u8; 4], request: Request<Full<Bytes>>) -> Answer {
    let exchange = async {
        let address = request.uri().authority().unwrap().as_str().parse().unwrap();
        let socket = connect_from(from, address).await.unwrap();
        let (mut sender, connection) = handshake(TokioIo::new(socket)).await.unwrap();
        let connection = tokio::spawn(connection);
        let (mut parts, body) = request.into_parts();
        parts.headers.insert(header::HOST, "admin".parse().unwrap());
        parts.uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
        let response = sender.send_request(Request::from_parts(parts, body)).await.expect("there is a response");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("the response is whole").to_bytes();
        connection.abort();
        Answer { status: head.status, headers: head.headers, body }
    };
    tokio::time::timeout(PATIENCE, exchange).await.expect("the server answers in time")
}

async fn connect_from(from: [u8; 4], to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::from(from), 0))?;
    socket.connect(to).await
}

fn admin_address(node: &Node) -> SocketAddr {
    node.admin.strip_prefix("http://").unwrap().parse().unwrap()
}

/// Lets the server's peak of memory count from now on.
fn forget_peak(node: &Node) {
    fs::write(format!("/proc/{}/clear_refs", node.pid()), "5").expect("the server is a child of this process");
}

/// A line of the server's status, in bytes: `VmRSS` is what is resident, `VmHWM` the most that was.
fn memory(node: &Node, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let line = status.lines().find_map(|found| found.strip_prefix(line)).expect("Linux says how much");
    line.trim_start_matches(':').split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}
