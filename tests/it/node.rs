//! Starts `glowplug serve` on free ports, talks to it as clients and as its operator.

use crate::support::{Answer, PATIENCE, glowplug, project};
use glowplug::digest::Digest;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running `glowplug serve`.
pub struct Node {
    child: Child,
    /// Where workers are served: `http://127.0.0.1:PORT`.
    pub base: String,
    /// Where the admin API is: `http://127.0.0.1:PORT`.
    pub admin: String,
    pub token: String,
    data: PathBuf,
    stderr: Arc<Mutex<String>>,
    client: Client<HttpConnector, Full<Bytes>>,
    /// Removed with the node, unless the data folder was given.
    _dir: Option<TempDir>,
}

impl Node {
    /// A new server with an empty data folder.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A new server with more flags.
    pub async fn start_with(flags: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut node = Self::on(&dir.path().join("data"), None, flags).await;
        node._dir = Some(dir);
        node
    }

    /// A server on `data`; its token is known, or printed since this is its first start.
    pub async fn on(data: &Path, token: Option<&str>, flags: &[&str]) -> Self {
        let mut command = glowplug();
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"]).arg(data).args(flags);
        Self::spawn(command, data, token).await.unwrap_or_else(|stderr| panic!("the server did not start:\n{stderr}"))
    }

    /// Starts `command`; the error is what it printed.
    pub async fn spawn(mut command: Command, data: &Path, token: Option<&str>) -> Result<Self, String> {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the server starts");
        let stderr = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        let (send, ready) = tokio::sync::oneshot::channel();
        let seen = stderr.clone();
        tokio::spawn(async move {
            let (mut send, mut admin, mut token) = (Some(send), None, None);
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(text) = line.strip_prefix("token ") {
                    token = Some(text.to_owned());
                } else if let Some(url) = line.strip_prefix("admin on ") {
                    admin = Some(url.to_owned());
                } else if let (Some(url), Some(admin)) = (line.strip_prefix("ready on "), admin.take()) {
                    let _ = send.take().expect("it gets ready once").send((url.to_owned(), admin, token.take()));
                }
                let mut seen = seen.lock().unwrap();
                seen.push_str(&line);
                seen.push('\n');
            }
        });
        let Ok(Ok((base, admin, printed))) = tokio::time::timeout(PATIENCE, ready).await else {
            return Err(stderr.lock().unwrap().clone());
        };
        let token = token.map(str::to_owned).or(printed).expect("the first start prints a token");
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { child, base, admin, token, data: data.to_owned(), stderr, client, _dir: None })
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// Resident memory of the server in MiB.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// What the server printed so far.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Waits until the server has printed `text`.
    pub async fn printed(&self, text: &str) {
        let start = tokio::time::Instant::now();
        while !self.stderr().contains(text) {
            assert!(start.elapsed() < PATIENCE, "`{text}` was never printed:\n{}", self.stderr());
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Ends the server without notice, as a power cut would.
    pub async fn kill(mut self) -> (PathBuf, String, Option<TempDir>) {
        self.child.kill().await.expect("the server is killed");
        (self.data.clone(), self.token.clone(), self._dir.take())
    }

    /// Asks the server to stop, and waits until it has.
    pub async fn stop(self) -> (std::process::ExitStatus, String) {
        let status = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().await.unwrap();
        assert!(status.success());
        self.ended().await
    }

    /// Waits until the server has ended of itself.
    pub async fn ended(mut self) -> (std::process::ExitStatus, String) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the server ends").unwrap();
        (status, self.stderr())
    }

    /// Runs a command of the client against this server.
    pub async fn cli(&self, arguments: &[&str]) -> Output {
        self.cli_in(Path::new("."), arguments).await
    }

    /// Runs a command of the client in `folder`.
    pub async fn cli_in(&self, folder: &Path, arguments: &[&str]) -> Output {
        let mut command = glowplug();
        command.args(arguments).current_dir(folder);
        command.env("GLOWPLUG_SERVER", &self.admin).env("GLOWPLUG_TOKEN", &self.token);
        tokio::time::timeout(PATIENCE, command.output()).await.expect("the command ends").expect("the command starts")
    }

    /// Runs a command that must succeed, and gives its JSON.
    pub async fn cli_json(&self, folder: &Path, arguments: &[&str]) -> Value {
        let output = self.cli_in(folder, arguments).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} failed:\n{stderr}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{arguments:?} printed no JSON: {error}\n{}\n{stderr}", String::from_utf8_lossy(&output.stdout))
        })
    }

    /// Deploys a project of these files, and gives what `deploy --json` printed.
    pub async fn deploy(&self, files: &[(&str, &str)], arguments: &[&str]) -> Value {
        let dir = project(files);
        self.cli_json(dir.path(), &[&["deploy", "--json"], arguments].concat()).await
    }

    /// Deploys a script as the worker `name`.
    pub async fn deploy_script(&self, name: &str, source: &str) -> Value {
        self.deploy(&[("index.js", source)], &["--name", name]).await
    }

    /// Calls the admin API.
    pub async fn api(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        self.send(self.admin_request(method, path, body)).await
    }

    /// A request to a worker by its name, below the base domain.
    pub fn to(&self, name: &str, method: Method, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("host", format!("{name}.localhost"))
    }

    pub async fn get(&self, name: &str, path: &str) -> Answer {
        self.send(self.to(name, Method::GET, path).body(Full::default()).unwrap()).await
    }

    /// Sends a request and waits for the head of the response.
    pub async fn open(&self, request: Request<Full<Bytes>>) -> http::Response<hyper::body::Incoming> {
        let sending = tokio::time::timeout(PATIENCE, self.client.request(request)).await;
        sending.expect("a response comes in time").expect("the server answers")
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let answer = self.try_send(request).await;
        answer.unwrap_or_else(|error| panic!("{error}; the server printed:\n{}", self.stderr()))
    }

    /// Sends a request that may be lost with the server.
    pub async fn try_send(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let sending = tokio::time::timeout(PATIENCE, self.client.request(request));
        let response = sending.await.map_err(|_| "no response in time")?.map_err(|error| format!("{error:?}"))?;
        let (head, body) = response.into_parts();
        let body = tokio::time::timeout(PATIENCE, body.collect()).await.map_err(|_| "no end of the body in time")?;
        let body = body.map_err(|error| format!("half a body: {error:?}"))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    /// A request to the admin API.
    pub fn admin_request(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.admin))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(Full::new(body.into()))
            .unwrap()
    }

    /// Stores a blob and gives its digest.
    pub async fn upload(&self, bytes: &Bytes) -> String {
        let digest = Digest::of(bytes).to_string();
        let request = self.admin_request(Method::PUT, &format!("/v1/blobs/{digest}"), bytes.clone());
        let answer = self.send(request).await;
        assert!(answer.status.is_success(), "{answer:?}");
        digest
    }
}

/// Builds a project of these files into a component.
pub async fn component(files: &[(&str, &str)]) -> Bytes {
    let dir = project(files);
    let out = dir.path().join("out.wasm");
    let mut command = glowplug();
    command.arg("build").arg(dir.path()).arg("--output").arg(&out);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("the build ends").unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(&out).unwrap().into()
}
