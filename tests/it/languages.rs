//! The programs of `examples/compare`: in every language the same answers, byte for byte, each at a price of its own.

use crate::support::{Answer, Server};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use xtask::languages::{self, Kept, Program};

/// The languages that glowplug runs from their sources.
const SOURCES: [(&str, &str); 2] = [("javascript", "js"), ("typescript", "ts")];

/// A line of `examples/compare/requests`.
#[derive(Deserialize)]
struct Line {
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn requests(name: &str) -> Vec<Line> {
    let path = root().join("examples/compare/requests").join(name).with_extension("jsonl");
    let text = std::fs::read_to_string(path).expect("the requests can be read");
    let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).expect("a line is a request")).collect();
    assert!(!lines.is_empty());
    lines
}

/// A program in every language that is at hand without building it first.
fn at_hand(program: Program) -> Vec<(&'static str, PathBuf)> {
    let sources = SOURCES.map(|(language, extension)| {
        let path = root().join("examples/compare").join(language).join(program.name());
        (language, path.with_extension(extension))
    });
    sources.into_iter().chain(built(program, Kept::InRepository)).collect()
}

fn built(program: Program, kept: Kept) -> Vec<(&'static str, PathBuf)> {
    let languages = languages::ALL.into_iter().filter(|language| language.kept == kept);
    languages.map(|language| (language.name, root().join(language.path(program)))).collect()
}

async fn ask(server: &Server, line: &Line) -> Answer {
    let method = Method::from_bytes(line.method.as_bytes()).expect("a method");
    let mut request: http::request::Builder = server.request(method, &line.url);
    for (name, value) in &line.headers {
        request = request.header(name, value);
    }
    let request: Request<Full<Bytes>> = request.body(Full::new(line.body.clone().into())).expect("a request");
    server.send(request).await
}

/// What a client sees of an answer.
fn seen(answer: &Answer) -> (StatusCode, Option<&str>, &str) {
    (answer.status, answer.header("content-type"), answer.text())
}

/// Sends every request twice to every program; the answers are JavaScript's.
async fn agree(program: Program, programs: Vec<(&str, PathBuf)>) -> Vec<String> {
    let (name, refused) = (program.name(), format!("{}-refused", program.name()));
    let accepted = requests(name);
    let refused = if program == Program::Hello { Vec::new() } else { requests(&refused) };
    let reference = Server::start(&at_hand(program)[0].1).await;
    let mut expected = Vec::new();
    for (line, status) in accepted.iter().map(|line| (line, 200)).chain(refused.iter().map(|line| (line, 400))) {
        let answer = ask(&reference, line).await;
        assert_eq!(answer.status, status, "{} {} {}: {}", line.method, line.url, line.body, answer.text());
        if status == 400 {
            assert_eq!(answer.text(), "bad request\n");
        }
        expected.push((line, answer));
    }
    for (language, path) in programs {
        let server = Server::start(&path).await;
        for (line, expected) in &expected {
            let what = format!("{language}: {} {} {}", line.method, line.url, line.body);
            let (first, second) = (ask(&server, line).await, ask(&server, line).await);
            assert_eq!(seen(&first), seen(expected), "{what}");
            assert_eq!(seen(&second), seen(expected), "{what}, asked again");
            // Go seeds its maps from the request's random numbers, so there the order of a walk is another each time.
            if language != "go" {
                assert_eq!(first.fuel(), second.fuel(), "{what} costs something else when asked again");
            }
        }
    }
    expected.iter().map(|(_, answer)| answer.text().to_owned()).collect()
}

#[tokio::test]
async fn hello_is_the_same_in_every_language() {
    let answers = agree(Program::Hello, at_hand(Program::Hello)).await;
    assert!(answers.iter().all(|answer| answer == "Hello from glowplug!\n"), "{answers:?}");
}

#[tokio::test]
async fn json_is_the_same_in_every_language() {
    let answers = agree(Program::Json, at_hand(Program::Json)).await;
    assert_eq!(answers[0], r#"{"count":1,"total":360,"names":["PEAR"],"tags":{"fruit":1,"green":1}}"#);
    assert_eq!(answers[2], r#"{"count":0,"total":0,"names":[],"tags":{}}"#);
    // One item has `fruit` twice; the keys that look like numbers are sorted as text.
    assert!(answers[3].ends_with(r#""names":["APPLE","PEAR"],"tags":{"10":1,"9":1,"fruit":2,"green":1}}"#));
}

#[tokio::test]
async fn mandelbrot_is_the_same_in_every_language() {
    let answers = agree(Program::Mandelbrot, at_hand(Program::Mandelbrot)).await;
    // One point, -2 - 1.5i, which is out after one step; FNV-1a of that one byte.
    assert_eq!(answers[1], "size=1 iterations=1 hash=040c5b8c\n");
    assert!(answers[0].starts_with("size=64 "));
}

#[tokio::test]
async fn compiled_languages_cost_less_than_javascript_where_they_compute() {
    let mut fuel = BTreeMap::new();
    for (language, path) in at_hand(Program::Mandelbrot) {
        fuel.insert(language, Server::start(&path).await.get("/?size=100").await.fuel());
    }
    for language in ["rust", "c", "assemblyscript"] {
        assert!(fuel[language] * 10 < fuel["javascript"], "{fuel:?}");
    }
}

#[tokio::test]
#[ignore = "needs `cargo xtask guests`: these programs are too large to be checked in"]
async fn programs_that_are_not_checked_in_answer_the_same() {
    for program in Program::ALL {
        agree(program, built(program, Kept::InTarget)).await;
    }
}

#[test]
fn programs_that_are_checked_in_were_made_from_these_sources() {
    let checked_in = languages::ALL.into_iter().filter(|language| language.kept == Kept::InRepository);
    for language in checked_in {
        for program in Program::ALL {
            let stale = language.stale(root(), program).expect("the sources can be read");
            assert_eq!(stale, None, "run `cargo xtask guests {}`", language.name);
            let size = std::fs::metadata(root().join(language.path(program))).expect("it was read").len();
            assert!(size < 1_000_000, "{} is too large to be checked in", language.path(program).display());
        }
    }
}
