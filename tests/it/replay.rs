//! Recordings: run again offline, to the same response and the same fuel.

mod against;
mod cut;
mod receipts;

use crate::origin::Origin;
use crate::support::{Server, project, run};
use http::Method;
use http_body_util::Full;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Uses what a recording has to hold: fetch, KV, random numbers, dates, timers, streams in and out, work after the response.
const WORKER: &str = r#"
async function pages(env, n) {
    await env.KV.put(`key:${n % 17}`, JSON.stringify({ n, at: Date.now(), id: crypto.randomUUID() }));
    const [stored, list] = await Promise.all([env.KV.get(`key:${(n + 5) % 17}`, "json"), env.KV.list({ prefix: "key:" })]);
    return { stored, keys: list.keys.map((key) => key.name) };
}
export default {
    async fetch(request, env, ctx) {
        const url = new URL(request.url);
        const n = Number(url.searchParams.get("n") ?? 0);
        switch (url.pathname) {
            case "/kv":
                return Response.json(await pages(env, n));
            case "/fetch": {
                const answers = await Promise.all([
                    fetch(`${env.ORIGIN}/wait/${n % 7}`),
                    fetch(`${env.ORIGIN}/echo`, { method: "POST", body: `${n} ${Math.random()}` }),
                    fetch(`${env.ORIGIN}/bytes/${n * 131}`),
                ]);
                const texts = await Promise.all(answers.map((answer) => answer.text()));
                return Response.json({ texts: texts.map((text) => text.slice(0, 100)), now: new Date().toISOString() });
            }
            case "/random":
                return new Response(`${Math.random()} ${crypto.randomUUID()} ${crypto.getRandomValues(new Uint8Array(n % 64))}`);
            case "/clock": {
                const before = Date.now();
                await new Promise((resolve) => setTimeout(resolve, n % 11));
                ctx.waitUntil(fetch(`${env.ORIGIN}/wait/1`).then((answer) => answer.text()).then((text) => console.log(text)));
                return new Response(`${before} ${Date.now() - before >= n % 11}`);
            }
            case "/upper": {
                const upper = new TransformStream({
                    transform(chunk, controller) {
                        controller.enqueue(chunk.map((byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte)));
                    },
                });
                return new Response(request.body.pipeThrough(upper), { headers: { "x-n": String(n) } });
            }
            case "/pieces": {
                let left = n % 9;
                const body = new ReadableStream({
                    async pull(controller) {
                        if (left-- <= 0) return controller.close();
                        await new Promise((resolve) => setTimeout(resolve, left % 3));
                        controller.enqueue(new TextEncoder().encode(`${left} ${Date.now()} ${"x".repeat(left * 500)}\n`));
                    },
                });
                return new Response(body);
            }
            case "/refused": {
                const failed = await fetch("http://127.0.0.1:1/").catch((error) => error.message);
                return new Response(String(failed), { status: 502 });
            }
            case "/throws":
                await fetch(`${env.ORIGIN}/status/503`);
                throw new Error(`no luck with ${n}`);
        }
        return new Response("?", { status: 404 });
    },
};
"#;

/// The worker above as a project.
pub fn files(origin: &Origin) -> [(&'static str, String); 2] {
    let toml = format!(
        "name = \"recorded\"\nmain = \"worker.js\"\ncompatibility_date = \"2025-01-01\"\n\
         [vars]\nORIGIN = \"{}\"\n[[kv_namespaces]]\nbinding = \"KV\"\nid = \"kv\"\n",
        origin.base
    );
    [("wrangler.toml", toml), ("worker.js", WORKER.to_owned())]
}

/// A server that records what it does.
pub struct Recorded {
    pub server: Server,
    pub dir: tempfile::TempDir,
    /// The worker's own address for subrequests.
    _origin: Origin,
}

impl Recorded {
    pub async fn start() -> Self {
        let origin = Origin::start().await;
        let [toml, worker] = files(&origin);
        let dir = project(&[(toml.0, &toml.1), (worker.0, &worker.1)]);
        let folder = dir.path().join("recordings");
        let server = Server::start_with(dir.path(), &["--record", folder.to_str().unwrap()]).await;
        Self { server, dir, _origin: origin }
    }

    pub fn folder(&self) -> PathBuf {
        self.dir.path().join("recordings")
    }

    /// Ends the server, so that all is written, and the origin: replays reach nobody.
    pub async fn finish(self) -> tempfile::TempDir {
        self.server.stop().await;
        self.dir
    }
}

/// Sends request number `n` of the mix.
async fn ask(server: &Server, n: usize) {
    let path = ["/kv", "/fetch", "/random", "/clock", "/upper", "/pieces", "/refused", "/throws"][n % 8];
    let request = server.request(if path == "/upper" { Method::POST } else { Method::GET }, &format!("{path}?n={n}"));
    let body = if path == "/upper" { "a piece of text, ".repeat(n * 7 % 5000) } else { String::new() };
    let answer = server.send(request.body(Full::from(body)).unwrap()).await;
    let expected = match path {
        "/refused" => 502,
        "/throws" => 500,
        _ => 200,
    };
    assert_eq!(answer.status.as_u16(), expected, "{path}?n={n}: {}", answer.text());
}

/// The files of recordings in `folder`.
pub fn recordings(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files
}

/// What `replay --json` says, a value for each recording.
pub async fn replayed(arguments: &[&str]) -> Vec<Value> {
    let output = run(&[&["replay", "--json"], arguments].concat()).await;
    let lines = String::from_utf8(output.stdout).unwrap();
    let values: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!values.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    values
}

/// 800 requests here; `GLOWPLUG_REPLAYS=10000` for the ten thousand that were promised.
#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_request_replays_offline_with_an_equal_response_and_equal_fuel() {
    let count: usize = std::env::var("GLOWPLUG_REPLAYS").map_or(800, |count| count.parse().unwrap());
    let recorded = Recorded::start().await;
    // Sixteen at a time: what is recorded is what happens under load.
    let next = AtomicUsize::new(0);
    let client = async || {
        while let n = next.fetch_add(1, Ordering::Relaxed)
            && n < count
        {
            ask(&recorded.server, n).await;
        }
    };
    futures_util::future::join_all((0..16).map(|_| client())).await;
    let folder = recorded.folder();
    let dir = recorded.finish().await;
    let files = recordings(&folder);
    assert_eq!(files.len(), count);
    let output = crate::support::glowplug().args(["replay", folder.to_str().unwrap()]).output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let differing = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", differing.chars().take(4000).collect::<String>());
    let total = count.to_string();
    assert!(said.replace(',', "").contains(&format!("{total} of {total}: equal responses and equal fuel")), "{said}");
    drop(dir);
}

#[tokio::test]
async fn a_changed_recording_is_noticed() {
    let recorded = Recorded::start().await;
    recorded.server.get("/random?n=3").await;
    recorded.server.get("/fetch?n=3").await;
    let folder = recorded.folder();
    let _dir = recorded.finish().await;
    for file in recordings(&folder) {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut value: Value = serde_json::from_str(&text).unwrap();
        let fuel = value["receipt"]["fuel"].as_u64().unwrap();
        value["receipt"]["fuel"] = (fuel + 1).into();
        std::fs::write(&file, value.to_string()).unwrap();
        let output = run(&["replay", file.to_str().unwrap()]).await;
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success());
        assert!(said.contains(&format!("fuel: {fuel} instead of {}", fuel + 1)), "{said}");

        let mut value: Value = serde_json::from_str(&text).unwrap();
        value["given"]["seed"] = "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
        std::fs::write(&file, value.to_string()).unwrap();
        assert!(
            !run(&["replay", file.to_str().unwrap()]).await.status.success(),
            "another seed gives the same response"
        );
        std::fs::write(&file, &text).unwrap();
        assert!(run(&["replay", file.to_str().unwrap()]).await.status.success());
    }
}

#[tokio::test]
async fn what_is_no_recording_is_told_from_one() {
    let dir = project(&[("a.json", "{}"), ("b.json", "{"), ("c.json", "{\"format\":\"glowplug-recording/9\"}")]);
    for (file, told) in
        [("a.json", "no `format`"), ("b.json", "not JSON"), ("c.json", "glowplug-recording/9"), ("d", "d")]
    {
        let output = run(&["replay", dir.path().join(file).to_str().unwrap()]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(told) && !said.contains("panicked"), "{said}");
    }
    let empty = tempfile::tempdir().unwrap();
    let output = run(&["replay", empty.path().to_str().unwrap()]).await;
    assert!(String::from_utf8(output.stderr).unwrap().contains("--record"));
}

#[tokio::test]
async fn recordings_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let recorded = Recorded::start().await;
    recorded.server.get("/random").await;
    let folder = recorded.folder();
    let _dir = recorded.finish().await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&recordings(&folder)[0]), 0o600);
}
