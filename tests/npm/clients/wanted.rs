//! What a client should see.

use super::list::Client;
use super::{Answer, Seen};
use glowplug::digest::Digest;
use serde_json::{Value, json};

/// Bytes of every value, more than HTTP/2 has in flight at first.
pub fn sent() -> Vec<u8> {
    (0..300_000).map(|at| (at * 7 % 256) as u8).collect()
}

/// What is otherwise than it should be.
pub fn faults(client: &Client, seen: &Seen) -> Vec<String> {
    let mut check = Check::default();
    let names: Vec<_> = seen.answers.keys().map(String::as_str).collect();
    check.same("answers", &names, ["cookies", "get", "head", "large", "post", "redirect", "stream"]);
    for (name, answer) in &seen.answers {
        check.about.clone_from(name);
        check.same("status", answer.status, 200);
        check.same("protocol that the worker sees", &answer.protocol, client.protocol);
        if answer.version.is_some() {
            check.same("protocol that the client sees", &answer.version, client.protocol);
        }
        body(&mut check, name, answer, client);
    }
    check.about = "socket".to_owned();
    check.same("message", &seen.websocket, client.websocket.then_some("echo hello"));
    check.faults
}

fn body(check: &mut Check, name: &str, answer: &Answer, client: &Client) {
    let text = answer.text.as_deref();
    let said: Value = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let path = match name {
        "get" | "head" | "redirect" => "/hello",
        "post" => "/echo",
        "stream" => "/stream",
        "large" => "/large",
        _ => "/cookies",
    };
    check.same("path", &answer.path, path);
    match name {
        "get" => {
            check.same("method", &said["method"], "GET");
            check.same("query", &said["query"], json!({"name": "a b"}));
            if !said["agent"].as_str().is_some_and(|agent| agent.contains(client.agent)) {
                check.same("user agent", &said["agent"], client.agent);
            }
        }
        "head" => check.same("body", text, ""),
        "post" => {
            let digest = Digest::of(&sent()).to_string();
            check.same("body that the worker received", &answer.received, &digest);
            check.same("body", &answer.sha256, digest);
        }
        "stream" => check.same("body", text, "part 0\npart 1\npart 2\npart 3\npart 4\n"),
        "redirect" => check.same("query", &said["query"], json!({"from": "redirect"})),
        "large" => {
            let lines: String = (0..2500).map(|line| format!("line {line} of a text that gets shorter\n")).collect();
            check.same("body", &answer.sha256, Digest::of(lines.as_bytes()).to_string());
            check.same("coding", &answer.encoding, client.encoding);
        }
        "cookies" => check.same("cookies", &answer.cookies, ["a=1", "b=2"]),
        _ => {}
    }
}

#[derive(Default)]
struct Check {
    about: String,
    faults: Vec<String>,
}

impl Check {
    fn same(&mut self, what: &str, seen: impl serde::Serialize, wanted: impl serde::Serialize) {
        let (seen, wanted) = (json!(seen), json!(wanted));
        if seen != wanted {
            self.faults.push(format!("{}: {what}: {seen}, and should be {wanted}", self.about));
        }
    }
}
