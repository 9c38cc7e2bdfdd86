//! Receipts: signed by a server, checked by whoever pays.

use super::recordings;
use crate::deploy::tail::Tail;
use crate::node::Node;
use crate::origin::Origin;
use crate::support::{Server, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

const WORKER: &str = r#"export default {
    async fetch(request) {
        await new Promise((resolve) => setTimeout(resolve, 3));
        return new Response(`${crypto.randomUUID()} ${Date.now()}`);
    },
};"#;

/// A server that records and signs, and what it answered to one request.
struct Served {
    dir: tempfile::TempDir,
    key: PathBuf,
    timing: String,
}

impl Served {
    async fn one_request() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let node = Node::on(&data, None, &["--record-sample", "1", "--server-timing"]).await;
        node.deploy_script("hello", WORKER).await;
        let answer = node.get("hello", "/").await;
        assert_eq!(answer.status, 200);
        let timing = answer.header("server-timing").unwrap().to_owned();
        assert!(answer.header("x-glowplug-version").is_none());
        // Anyone may have the public key.
        let request = http::Request::builder().uri(format!("{}/v1/receipt-key", node.admin));
        let jwk = node.send(request.body(Default::default()).unwrap()).await;
        let key = dir.path().join("key.json");
        std::fs::write(&key, &jwk.body).unwrap();
        node.stop().await;
        Self { dir, key, timing }
    }

    fn recording(&self) -> PathBuf {
        let found = recordings(&self.dir.path().join("data/recordings"));
        assert_eq!(found.len(), 1);
        found[0].clone()
    }
}

async fn verify(arguments: &[&Path]) -> (bool, String) {
    let arguments: Vec<&str> = arguments.iter().map(|path| path.to_str().unwrap()).collect();
    let output = run(&[&["verify"], &arguments[..]].concat()).await;
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn a_signed_receipt_is_verified_by_running_its_invocation_again() {
    let served = Served::one_request().await;
    let recording = served.recording();
    let signed = recording.with_extension("jws");
    let value: Value = serde_json::from_str(&std::fs::read_to_string(&recording).unwrap()).unwrap();
    let fuel = value["receipt"]["fuel"].as_u64().unwrap();
    assert!(served.timing.contains(&format!("desc=\"{fuel}\"")), "{} of {fuel}", served.timing);

    let (right, said) = verify(&[&signed, Path::new("--key"), &served.key]).await;
    assert!(right && said.contains("the bill is right") && said.contains("signed by the key given"), "{said}");

    let jws = std::fs::read_to_string(&signed).unwrap();
    let forged = served.dir.path().join("forged.jws");
    std::fs::write(&forged, jws.replacen('.', ".A", 1)).unwrap();
    let (right, said) = verify(&[&forged, Path::new("--recording"), &recording]).await;
    assert!(!right && said.contains("changed after it was signed"), "{said}");

    let other = served.dir.path().join("other.json");
    std::fs::write(&other, r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#).unwrap();
    let (right, said) = verify(&[&signed, Path::new("--key"), &other]).await;
    assert!(!right && said.contains("another key"), "{said}");

    // A bill that is too high by one unit is told from the right one.
    let mut high = value["receipt"].clone();
    high["fuel"] = (fuel + 1).into();
    let bill = served.dir.path().join("bill.json");
    std::fs::write(&bill, high.to_string()).unwrap();
    let (right, said) = verify(&[&bill, Path::new("--recording"), &recording]).await;
    assert!(!right && said.contains(&format!("fuel: {} instead of {fuel}", fuel + 1)), "{said}");

    let (right, said) = verify(&[&bill]).await;
    assert!(!right && said.contains("--recording FILE"), "{said}");
}

#[tokio::test]
async fn who_watches_a_worker_sees_its_receipts_signed() {
    let node = Node::start().await;
    node.deploy_script("hello", WORKER).await;
    let mut tail = Tail::start(&node, &["--format", "json"]).await;
    node.get("hello", "/").await;
    let event: Value = serde_json::from_str(&tail.line().await).unwrap();
    let receipt = &event["receipt"];
    assert_eq!(receipt["fuel"], event["fuel"]);
    assert_eq!(receipt["worker"]["version"], event["scriptVersion"]);
    let parts = receipt["host"].as_object().unwrap().values().map(|line| line["fuel"].as_u64().unwrap()).sum::<u64>();
    let own = receipt["phases"]["handler"].as_u64().unwrap() + receipt["phases"]["waitUntil"].as_u64().unwrap();
    assert_eq!(parts + own, receipt["fuel"].as_u64().unwrap(), "{receipt}");
    let (read, _) = glowplug::recording::check(event["signedReceipt"].as_str().unwrap()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), *receipt);
}

#[tokio::test]
async fn waiting_ten_seconds_costs_what_waiting_none_does() {
    let origin = Origin::start().await;
    let server = Server::script(&format!(
        "export default {{ async fetch(request) {{ const path = new URL(request.url).pathname;\n\
         return new Response(await (await fetch(`{}${{path}}`)).text().then(() => 'done')); }} }};",
        origin.base
    ))
    .await;
    let (quick, slow) = (server.get("/wait/00000").await, server.get("/wait/10000").await);
    assert_eq!((quick.text(), slow.text()), ("done", "done"));
    let difference = quick.fuel().abs_diff(slow.fuel());
    // Two calls of `poll` more or less, and the work of the guest around them.
    assert!(difference < 20_000, "{} and {}", quick.fuel(), slow.fuel());
}
