//! The origin behind the cache: it answers each step of each case as the case says, and remembers what it was asked.

use super::case::{Answer, Case, Expected, Manner};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Names the case and the step in each request; the cache passes them on like any other field.
pub const CASE: &str = "test-case";
pub const STEP: &str = "test-step";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub case: String,
    pub step: usize,
    pub method: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Status that it was answered with.
    pub status: u16,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    cases: HashMap<String, Case>,
    seen: Vec<Seen>,
}

/// A running origin. It stops with the test's runtime.
#[derive(Clone)]
pub struct Origin {
    pub base: String,
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Origin {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let _ = socket.set_nodelay(true);
                let state = shared.clone();
                tokio::spawn(async move {
                    let mut socket = BufReader::new(socket);
                    while serve(&mut socket, &state).await.is_some() {}
                });
            }
        });
        Self { base: format!("http://127.0.0.1:{port}"), port, state }
    }

    pub fn add(&self, case: &Case) {
        self.state.lock().unwrap().cases.insert(case.id.clone(), case.clone());
    }

    /// What it was asked in a step.
    pub fn seen(&self, case: &str, step: usize) -> Vec<Seen> {
        let state = self.state.lock().unwrap();
        state.seen.iter().filter(|seen| seen.case == case && seen.step == step).cloned().collect()
    }
}

/// Answers one request; nothing if the connection is over.
async fn serve(socket: &mut BufReader<TcpStream>, state: &Mutex<State>) -> Option<()> {
    let mut seen = read(socket).await?;
    let (answer, not_modified) = {
        let state = state.lock().unwrap();
        let case = state.cases.get(&seen.case)?;
        let step = case.steps.get(seen.step)?;
        (
            step.answer.clone(),
            (step.expected == Expected::Validated || step.answer.may_validate) && has_validator(case, &seen),
        )
    };
    seen.status = if not_modified { 304 } else { answer.status };
    let (status, step, id, is_head) = (seen.status, seen.step, seen.case.clone(), seen.method == "HEAD");
    state.lock().unwrap().seen.push(seen);
    tokio::time::sleep(answer.delay).await;
    for interim in &answer.interim {
        let line = format!("HTTP/1.1 {interim} Interim\r\nlink: </a>; rel=preload\r\n\r\n");
        socket.get_mut().write_all(line.as_bytes()).await.ok()?;
    }
    if answer.manner == Manner::Closes {
        return None;
    }
    let body = answer.body.clone().unwrap_or_else(|| format!("{id}/{step}"));
    let bodiless = is_head || matches!(status, 204 | 304);
    // What is no ASCII in a case stands for one byte.
    let mut bytes: Vec<u8> =
        written(&answer, status, &body, bodiless).chars().map(|character| character as u8).collect();
    if !bodiless {
        match answer.manner {
            Manner::Chunked => {
                for part in body.as_bytes().chunks(3) {
                    bytes.extend(format!("{:x}\r\n", part.len()).into_bytes());
                    bytes.extend(part);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
            Manner::BreaksOff => bytes.extend(&body.as_bytes()[..body.len() / 2]),
            Manner::Whole | Manner::Closes => bytes.extend(body.as_bytes()),
        }
    }
    socket.get_mut().write_all(&bytes).await.ok()?;
    (answer.manner != Manner::BreaksOff).then_some(())
}

fn written(answer: &Answer, status: u16, body: &str, bodiless: bool) -> String {
    let mut head = format!("HTTP/1.1 {status} Whatever\r\n");
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {}\r\n", with_date(value)));
    }
    if answer.dated && !answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
        head.push_str(&format!("date: {}\r\n", httpdate::fmt_http_date(SystemTime::now())));
    }
    if !matches!(status, 204 | 304)
        && !answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
    {
        match answer.manner {
            Manner::Chunked if !bodiless => head.push_str("transfer-encoding: chunked\r\n"),
            _ => head.push_str(&format!("content-length: {}\r\n", body.len())),
        }
    }
    head.push_str("\r\n");
    head
}

/// `@N` stands for the date N seconds from now.
pub fn with_date(value: &str) -> String {
    let Some(seconds) = value.strip_prefix('@').and_then(|text| text.parse::<i64>().ok()) else {
        return value.to_owned();
    };
    let by = Duration::from_secs(seconds.unsigned_abs());
    let time = if seconds < 0 { SystemTime::now() - by } else { SystemTime::now() + by };
    httpdate::fmt_http_date(time)
}

/// Whether a request asks by what the origin said in an earlier step.
fn has_validator(case: &Case, seen: &Seen) -> bool {
    let said = |name: &str| {
        let earlier = case.steps.iter().take(seen.step).flat_map(|step| &step.answer.headers);
        earlier
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>()
    };
    match seen.header("if-none-match") {
        Some(tags) => said("etag").iter().any(|etag| tags.contains(etag.trim_start_matches("W/"))),
        // Dates are relative, so that any is taken for the right one.
        None => seen.header("if-modified-since").is_some() && !said("last-modified").is_empty(),
    }
}

async fn read(socket: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if socket.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        // One character for each byte.
        let line: String = line.iter().map(|byte| char::from(*byte)).collect();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut first = lines.first()?.split(' ');
    let method = first.next()?.to_owned();
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
        .collect();
    let mut seen = Seen { case: String::new(), step: 0, method, headers, body: Vec::new(), status: 0 };
    seen.case = seen.header(CASE)?.to_owned();
    seen.step = seen.header(STEP)?.parse().ok()?;
    if let Some(length) = seen.header("content-length").and_then(|length| length.parse().ok()) {
        let mut body = vec![0; length];
        socket.read_exact(&mut body).await.ok()?;
        seen.body = body;
    } else if seen.header("transfer-encoding").is_some() {
        loop {
            let mut line = String::new();
            socket.read_line(&mut line).await.ok()?;
            let length = usize::from_str_radix(line.trim(), 16).ok()?;
            let mut chunk = vec![0; length + 2];
            socket.read_exact(&mut chunk).await.ok()?;
            if length == 0 {
                break;
            }
            seen.body.extend(&chunk[..length]);
        }
    }
    Some(seen)
}
