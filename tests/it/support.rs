//! Starts `glowplug dev` on a free port and talks to it.

use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long anything may take that should take no time; generous, since test machines are busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Compiled code is shared by all tests and kept between runs.
pub fn cache_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("code-cache")
}

/// The program, with the tests' code cache. `GLOWPLUG_PROGRAM` names another build of it, as for figures of a release.
pub fn glowplug() -> Command {
    let program = std::env::var_os("GLOWPLUG_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_glowplug").into());
    let mut command = Command::new(program);
    command.env("GLOWPLUG_CACHE", cache_dir()).env("NO_COLOR", "1").stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs the program to its end and gives what it printed.
pub async fn run(arguments: &[&str]) -> Output {
    let running = glowplug().args(arguments).output();
    tokio::time::timeout(PATIENCE, running).await.expect("the command ends").expect("the command starts")
}

/// What the system says of a process's memory, in KiB.
pub fn kib(pid: u32, file: &str, field: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A running `glowplug dev`.
pub struct Server {
    child: Child,
    pub base: String,
    stderr: Arc<Mutex<String>>,
    client: Client<HttpConnector, Full<Bytes>>,
    /// Holds the worker's files.
    pub dir: Option<TempDir>,
}

/// A response, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("the header is text"))
    }

    /// The exact fuel that `Server-Timing` states.
    pub fn fuel(&self) -> u64 {
        let timing = self.header("server-timing").expect("dev responses have Server-Timing");
        let stated = timing.strip_prefix("fuel;desc=\"").unwrap_or_else(|| panic!("no final fuel in `{timing}`"));
        stated.split('"').next().and_then(|fuel| fuel.parse().ok()).expect("fuel is a number")
    }
}

impl Server {
    /// Serves what is at `path`.
    pub async fn start(path: &Path) -> Self {
        Self::start_with(path, &[]).await
    }

    /// Serves what is at `path`, with more flags.
    pub async fn start_with(path: &Path, flags: &[&str]) -> Self {
        Self::start_all(&[path], flags).await
    }

    /// Serves several projects, of which the first gets the requests.
    pub async fn start_all(paths: &[&Path], flags: &[&str]) -> Self {
        Self::start_in(Path::new("."), paths, flags).await
    }

    /// The same from within `folder`.
    pub async fn start_in(folder: &Path, paths: &[&Path], flags: &[&str]) -> Self {
        let mut child = glowplug()
            .args(["dev", "--port", "0"])
            .args(flags)
            .args(paths)
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let stderr = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        let seen = stderr.clone();
        let (ready, base) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let mut ready = Some(ready);
            while let Ok(Some(line)) = lines.next_line().await {
                if let (Some(base), true) = (line.strip_prefix("ready on "), ready.is_some()) {
                    let _ = ready.take().expect("just seen").send(base.to_owned());
                }
                let mut seen = seen.lock().unwrap();
                seen.push_str(&line);
                seen.push('\n');
            }
        });
        let base = match tokio::time::timeout(PATIENCE, base).await {
            Ok(Ok(base)) => base,
            _ => panic!("the server did not get ready:\n{}", stderr.lock().unwrap()),
        };
        Self { child, base, stderr, client: Client::builder(TokioExecutor::new()).build_http(), dir: None }
    }

    /// Serves a script.
    pub async fn script(source: &str) -> Self {
        Self::project(&[("worker.js", source)], "worker.js").await
    }

    /// Serves a project of several files; `path` is what is given to `dev`.
    pub async fn project(files: &[(&str, &str)], path: &str) -> Self {
        let dir = project(files);
        let mut server = Self::start(&dir.path().join(path)).await;
        server.dir = Some(dir);
        server
    }

    /// The same for several projects in one folder.
    pub async fn projects(files: &[(&str, &str)], paths: &[&str]) -> Self {
        let dir = project(files);
        let paths: Vec<PathBuf> = paths.iter().map(|path| dir.path().join(path)).collect();
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let mut server = Self::start_all(&paths, &[]).await;
        server.dir = Some(dir);
        server
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.as_ref().expect("the server has a project").path().join(file)
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// Resident memory of the server in MiB.
    pub fn resident(&self) -> u64 {
        self.resident_kib() / 1024
    }

    /// The same in KiB.
    pub fn resident_kib(&self) -> u64 {
        kib(self.pid(), "status", "VmRSS:")
    }

    /// What the server printed so far.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Waits until the server has printed `text`.
    pub async fn printed(&self, text: &str) -> String {
        let start = tokio::time::Instant::now();
        loop {
            let stderr = self.stderr();
            if stderr.contains(text) {
                return stderr;
            }
            assert!(start.elapsed() < PATIENCE, "`{text}` was never printed:\n{stderr}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(format!("{}{path}", self.base))
    }

    /// Sends a request and waits for the head of the response.
    pub async fn open(&self, request: Request<Full<Bytes>>) -> http::Response<Incoming> {
        let sending = self.client.request(request);
        tokio::time::timeout(PATIENCE, sending)
            .await
            .unwrap_or_else(|_| panic!("no response in time; the server printed:\n{}", self.stderr()))
            .unwrap_or_else(|error| panic!("{error:?}; the server printed:\n{}", self.stderr()))
    }

    /// Whether the response to a GET breaks off: before its head, or in its body.
    pub async fn breaks_off(&self, path: &str) -> bool {
        match self.client.request(self.request(Method::GET, path).body(Full::default()).unwrap()).await {
            Ok(response) => response.into_body().collect().await.is_err(),
            Err(_) => true,
        }
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let (head, body) = self.open(request).await.into_parts();
        let body = body.collect().await.expect("the body is complete").to_bytes();
        Answer { status: head.status, headers: head.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Full::default()).unwrap()).await
    }

    /// Waits until `path` answers as it should: changes take their time to go live.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let start = tokio::time::Instant::now();
        loop {
            let answer = self.get(path).await;
            if wanted(&answer) {
                return answer;
            }
            assert!(start.elapsed() < PATIENCE, "`{path}` stayed at {answer:?}\n{}", self.stderr());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn post(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.send(self.request(Method::POST, path).body(Full::new(body.into())).unwrap()).await
    }

    /// Asks the server to stop, and waits until it has.
    pub async fn stop(mut self) -> std::process::ExitStatus {
        let status = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().await.unwrap();
        assert!(status.success());
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the server stops").unwrap()
    }
}

/// A folder with these files.
pub fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}
