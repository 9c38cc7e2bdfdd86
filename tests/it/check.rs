//! `glowplug check`: fuel of requests, kept in a file and compared with it.

use crate::support::{Server, project, run};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// `STEPS` is how much `/work` works.
const WORKER: &str = r#"
const STEPS = 2000;
export default {
    async fetch(request, env) {
        switch (new URL(request.url).pathname) {
            case "/work": {
                let sum = 0;
                for (let i = 0; i < STEPS; i++) sum += i % 7;
                return new Response(sum > 0 ? "done\n" : "not done\n");
            }
            case "/chance": {
                let text = new Date().toISOString();
                while (Math.random() < 0.9) text += crypto.randomUUID();
                return new Response(text);
            }
            case "/count": {
                const count = Number((await env.KV.get("count")) ?? 0) + 1;
                await env.KV.put("count", String(count));
                return new Response(String(count));
            }
            case "/later":
                await new Promise((resolve) => setTimeout(resolve, 50_000));
                return new Response("later\n");
        }
        return new Response(await request.text());
    },
};
"#;

const MANIFEST: &str = "name = \"shop\"\nmain = \"worker.js\"\ncompatibility_date = \"2025-01-01\"\n[[kv_namespaces]]\nbinding = \"KV\"\nid = \"kv\"\n";

/// The worker as a project, with these requests, one in each line.
fn shop(requests: &str) -> TempDir {
    project(&[("wrangler.toml", MANIFEST), ("worker.js", WORKER), ("fuel.jsonl", requests)])
}

/// Makes a change to the worker.
fn change(dir: &TempDir, from: &str, to: &str) {
    let path = dir.path().join("worker.js");
    let source = std::fs::read_to_string(&path).unwrap();
    assert!(source.contains(from));
    std::fs::write(path, source.replace(from, to)).unwrap();
}

fn lock(dir: &TempDir) -> String {
    std::fs::read_to_string(dir.path().join("fuel.lock")).unwrap()
}

/// What a run said.
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", self.stdout, self.stderr))
    }

    /// The table's line for a request.
    fn row(&self, request: &str) -> Vec<&str> {
        let line = self.stdout.lines().find(|line| line.starts_with(&format!("{request} ")));
        line.unwrap_or_else(|| panic!("no `{request}`: {}{}", self.stdout, self.stderr))[request.len()..]
            .split_whitespace()
            .collect()
    }
}

async fn check(dir: &TempDir, flags: &[&str]) -> Said {
    let output = run(&[&["check", dir.path().to_str().unwrap()], flags].concat()).await;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Writes the lock file from `fuel.jsonl`.
async fn update(dir: &TempDir) -> Said {
    let file = dir.path().join("fuel.jsonl");
    let said = check(dir, &["--requests", file.to_str().unwrap(), "--update"]).await;
    assert_eq!(said.code, 0, "{}", said.stderr);
    said
}

#[tokio::test]
async fn growth_fails_by_name_unless_it_is_allowed_and_savings_are_shown() {
    let dir = shop("{\"url\": \"/\", \"body\": \"hi\"}\n{\"url\": \"/work\"}\n");
    let missing = check(&dir, &[]).await;
    assert_eq!(missing.code, 1);
    assert!(
        missing.stderr.contains("there is no `")
            && missing.stderr.contains("\nhint: make it with `glowplug check --requests FILE --update`"),
        "{}",
        missing.stderr
    );

    let updated = update(&dir).await;
    assert!(updated.stderr.contains("fuel.lock`: 2 requests: 2 new"), "{}", updated.stderr);
    let first = lock(&dir);
    assert!(first.contains("requests = [\"fuel.jsonl\"]\n") && first.contains("request = \"GET /work\"\n"), "{first}");
    let same = check(&dir, &[]).await;
    assert_eq!((same.code, same.row("GET /work")[2], same.row("POST /")[2]), (0, "same", "same"), "{}", same.stderr);

    change(&dir, "STEPS = 2000", "STEPS = 2100");
    let grown = check(&dir, &[]).await;
    assert_eq!((grown.code, grown.row("GET /work").last()), (1, Some(&"grown")), "{}", grown.stdout);
    assert!(grown.stderr.contains("error: `GET /work` costs ") && !grown.stderr.contains("POST /"), "{}", grown.stderr);
    assert!(grown.stderr.contains("hint: if it is worth it"), "{}", grown.stderr);
    let allowed = check(&dir, &["--max-growth", "5%"]).await;
    assert_eq!(allowed.code, 0, "{}{}", allowed.stdout, allowed.stderr);
    assert_eq!(check(&dir, &["--max-growth", "0.1%"]).await.code, 1);
    assert_eq!(check(&dir, &["--max-growth", "100"]).await.code, 1);
    assert_eq!(check(&dir, &["--max-growth", "100000000"]).await.code, 0);
    assert_eq!(lock(&dir), first, "a check writes nothing");

    change(&dir, "STEPS = 2100", "STEPS = 1000");
    let less = check(&dir, &[]).await;
    assert!(less.code == 0 && less.row("GET /work")[2].starts_with('-'), "{}", less.stdout);
    assert!(
        less.stderr.contains("1 cost less") && less.stderr.contains("hint: keep the lower figures"),
        "{}",
        less.stderr
    );
    let updated = check(&dir, &["--update"]).await;
    assert!(updated.code == 0 && updated.row("GET /work")[2].starts_with('-'), "{}", updated.stdout);
    assert_ne!(lock(&dir), first);
    change(&dir, "STEPS = 1000", "STEPS = 2000");
    update(&dir).await;
    assert_eq!(lock(&dir), first, "the same worker gives the same file");
}

#[tokio::test]
async fn chance_and_time_cost_the_same_at_each_check() {
    let dir = shop("{\"url\": \"/chance\"}\n{\"url\": \"/later\"}\n{\"url\": \"/count\"}\n{\"url\": \"/count\"}\n");
    let started = Instant::now();
    update(&dir).await;
    assert!(started.elapsed() < Duration::from_secs(50), "timers pass at once");
    let first = lock(&dir);
    let chance = first.split("[[request]]").find(|entry| entry.contains("/chance")).unwrap();
    assert!(chance.contains("answer = \"varies\"\n") && chance.contains("\nleast = "), "{chance}");
    assert!(first.contains("nth = 2"), "{first}");
    for _ in 0..2 {
        let again = check(&dir, &[]).await;
        assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
        assert!(again.stderr.contains("4 the same"), "{}", again.stderr);
    }
    update(&dir).await;
    assert_eq!(lock(&dir), first);
}

#[tokio::test]
async fn fuel_is_what_a_comparison_says_it_is() {
    let dir = shop("{\"url\": \"/work\"}\n{\"url\": \"/echo\", \"body\": \"some text\"}\n{\"url\": \"/count\"}\n");
    let (here, file) = (dir.path().to_str().unwrap(), dir.path().join("fuel.jsonl"));
    let plan = ["--runs", "1", "--warmup", "0", "--seconds", "0", "--json"];
    let compared = run(&[&["compare", here, "--requests", file.to_str().unwrap()], &plan[..]].concat()).await;
    let compared: Value = serde_json::from_slice(&compared.stdout).unwrap();
    let checked = check(&dir, &["--requests", file.to_str().unwrap(), "--update", "--json"]).await.json();
    for index in 0..3 {
        let fuel = &compared["programs"][0]["answers"][index]["fuel"];
        assert!(fuel.as_u64().unwrap() > 0);
        assert_eq!(&checked["requests"][index]["now"], fuel, "{checked}\n{compared}");
    }
    assert_eq!(checked["start_up"]["now"], compared["programs"][0]["start_up_fuel"]);
}

#[tokio::test]
async fn what_a_worker_is_given_counts_and_files_cost_nothing() {
    let worker = "export default { fetch(request, env) {
        let text = typeof env.KV.get;
        for (let i = 0; i < Number(env.TIMES); i++) text += env.SECRET;
        return new Response(text);
    } };";
    let manifest = format!("{MANIFEST}[vars]\nTIMES = 100\n[assets]\ndirectory = \"public\"\n");
    let requests = "{\"url\": \"/page.txt\"}\n{\"url\": \"/code\"}\n";
    let files =
        [("wrangler.toml", &*manifest), ("worker.js", worker), ("fuel.jsonl", requests), ("public/page.txt", "page")];
    let dir = project(&files);
    let updated = update(&dir).await;
    assert_eq!((updated.row("GET /page.txt")[1], updated.code), ("0", 0), "{}", updated.stdout);
    let secret = format!("SECRET={}\n", "long ".repeat(50));
    std::fs::write(dir.path().join(".dev.vars"), secret).unwrap();
    let grown = check(&dir, &[]).await;
    assert_eq!((grown.code, grown.row("GET /code").last()), (1, Some(&"grown")), "{}{}", grown.stdout, grown.stderr);
    assert!(grown.stderr.contains("warning: `GET /code` is answered differently: another body"), "{}", grown.stderr);
}

#[tokio::test]
async fn a_damaged_lock_file_is_told_with_its_line() {
    let dir = shop("{\"url\": \"/work\"}\n");
    update(&dir).await;
    let whole = lock(&dir);
    let line = whole.lines().position(|line| line.starts_with("fuel = ")).unwrap() + 1;
    let damaged = whole.replace("\nfuel = ", "\n<<<<<<< HEAD\nfuel = ");
    std::fs::write(dir.path().join("fuel.lock"), damaged).unwrap();
    for flags in [&[][..], &["--update"]] {
        let said = check(&dir, flags).await;
        assert_eq!(said.code, 1);
        assert!(said.stderr.contains(&format!("fuel.lock`: line {line}: ")), "{}", said.stderr);
    }
    let mended = update(&dir).await;
    assert!(mended.stderr.contains("warning: failed to read"), "{}", mended.stderr);
    assert_eq!(lock(&dir), whole);
}

#[tokio::test]
async fn a_request_that_fails_fails_the_check_and_is_not_written_down() {
    let dir = shop("{\"url\": \"/work\"}\n");
    update(&dir).await;
    let before = lock(&dir);
    change(&dir, "let sum = 0;", "throw new Error(\"out of order\");");
    let failed = check(&dir, &["--max-growth", "1000%"]).await;
    assert_eq!((failed.code, failed.row("GET /work").last()), (1, Some(&"failed")));
    assert!(failed.stderr.contains("error: `GET /work` failed: exception: Error: out of order"), "{}", failed.stderr);
    let refused = check(&dir, &["--update"]).await;
    assert_eq!((refused.code, lock(&dir)), (1, before));
    change(&dir, "throw new Error(\"out of order\");", "return new Response(\"later\", { status: 503 });");
    assert!(check(&dir, &[]).await.stderr.contains("`GET /work` failed: answered with status 503"));
}

#[tokio::test]
async fn requests_come_and_go_only_with_an_update() {
    let dir = shop("{\"url\": \"/work\"}\n{\"url\": \"/a\", \"body\": \"a\"}\n");
    update(&dir).await;
    std::fs::write(dir.path().join("fuel.jsonl"), "{\"url\": \"/work\"}\n{\"url\": \"/a\", \"body\": \"b\"}\n")
        .unwrap();
    let said = check(&dir, &[]).await;
    assert_eq!((said.code, said.row("POST /a").last()), (1, Some(&"new")));
    assert!(said.stderr.contains("`POST /a` is not in the lock file"), "{}", said.stderr);
    assert!(said.stderr.contains("warning: `POST /a` is in the lock file and was not asked for"), "{}", said.stderr);
    assert_eq!(check(&dir, &["--update"]).await.code, 0);
    assert_eq!(check(&dir, &[]).await.code, 0);
    // Requests from flags are kept in the file itself.
    let flags = ["--request", "/b", "--body", "text", "--header", "x-a: 1", "--update"];
    assert_eq!(check(&dir, &flags).await.code, 0);
    std::fs::remove_file(dir.path().join("fuel.jsonl")).unwrap();
    let kept = check(&dir, &[]).await;
    assert_eq!((kept.code, kept.row("POST /b")[2]), (0, "same"), "{}", kept.stderr);
}

#[tokio::test]
async fn figures_by_other_rules_are_not_compared() {
    let dir = shop("{\"url\": \"/work\"}\n");
    update(&dir).await;
    let whole = lock(&dir);
    let with = |key: &str, value: &str| -> String {
        let prefix = format!("{key} = ");
        let line =
            |line: &str| if line.starts_with(&prefix) { format!("{prefix}\"{value}\"\n") } else { format!("{line}\n") };
        whole.lines().map(line).collect()
    };
    for (key, value, why) in [
        ("schedule", "fuel-000000000000", "the fuel schedule was `fuel-000000000000`, and is `fuel-"),
        ("engine", &"0".repeat(64), "the JavaScript engine was `000000000000` (glowplug "),
    ] {
        std::fs::write(dir.path().join("fuel.lock"), with(key, value)).unwrap();
        let said = check(&dir, &["--json"]).await;
        assert!(said.code == 1 && said.stderr.contains(why), "{}", said.stderr);
        assert!(
            said.stderr.contains("hint: write the lock file anew with `glowplug check --update`"),
            "{}",
            said.stderr
        );
        assert!(said.json()["problem"].as_str().unwrap().starts_with(why) && said.json()["good"] == false);
    }
    std::fs::write(dir.path().join("fuel.lock"), with("program", "other")).unwrap();
    let said = check(&dir, &[]).await;
    assert_eq!(said.code, 0, "a worker without a configuration file is called after its folder");
    assert!(said.stderr.contains("warning: the lock file is that of `other`, and this is `shop`"), "{}", said.stderr);
    assert_eq!(check(&dir, &["--update"]).await.code, 0);
    assert_eq!(lock(&dir), whole);
}

#[tokio::test]
async fn recordings_are_run_again_offline() {
    let dir = shop("");
    let folder = dir.path().join("recordings");
    let server = Server::start_with(dir.path(), &["--record", folder.to_str().unwrap()]).await;
    for path in ["/work", "/count", "/count"] {
        assert_eq!(server.get(path).await.status, 200);
    }
    server.stop().await;
    let updated = check(&dir, &["--recordings", folder.to_str().unwrap(), "--update"]).await;
    assert_eq!(updated.code, 0, "{}", updated.stderr);
    let kept = lock(&dir);
    assert!(kept.contains("recordings = [\"recordings\"]") && kept.matches("\"GET /count\"").count() == 2, "{kept}");
    let first = check(&dir, &["--json"]).await;
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert_eq!(first.stdout, check(&dir, &["--json"]).await.stdout);
    // What was billed when it was recorded.
    let recorded = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut billed: Vec<u64> = recorded.map(|path| fuel_of(&path)).collect();
    let rows = first.json()["requests"].as_array().unwrap().clone();
    let mut now: Vec<u64> = rows.iter().map(|row| row["now"].as_u64().unwrap()).collect();
    billed.sort_unstable();
    now.sort_unstable();
    assert_eq!(now, billed);

    change(&dir, "STEPS = 2000", "STEPS = 4000");
    let grown = check(&dir, &[]).await;
    assert!(grown.code == 1 && grown.stderr.contains("error: `GET /work` costs "), "{}", grown.stderr);
    assert!(!grown.stderr.contains("/count"), "{}", grown.stderr);
}

fn fuel_of(recording: &Path) -> u64 {
    let recording: Value = serde_json::from_slice(&std::fs::read(recording).unwrap()).unwrap();
    recording["receipt"]["fuel"].as_u64().unwrap()
}

#[tokio::test]
async fn summaries_say_what_grew_and_what_is_answered_differently() {
    let dir = shop("{\"url\": \"/work?a|b\"}\n{\"url\": \"/x\"}\n");
    update(&dir).await;
    change(&dir, "STEPS = 2000", "STEPS = 4000");
    change(&dir, "done\\n", "DONE\\n");
    let summary = dir.path().join("summary.md");
    let flags = ["--json", "--markdown", summary.to_str().unwrap()];
    let said = check(&dir, &flags).await;
    assert!(said.stderr.contains("warning: `GET /work?a|b` is answered differently: another body"), "{}", said.stderr);
    let json = said.json();
    let row = &json["requests"][0];
    assert_eq!(
        (&row["verdict"], &row["answer_changed"], &json["good"]),
        (&"grown".into(), &true.into(), &false.into())
    );
    let (before, now) = (row["before"].as_u64().unwrap(), row["now"].as_u64().unwrap());
    assert!(now > before && json["total"]["now"].as_u64().unwrap() > now, "{json}");
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("### Fuel of `shop`\n\n2 requests: 1 grew past what is allowed, 1 the same"), "{text}");
    assert!(
        text.lines().any(|line| line.starts_with("| `GET /work?a\\|b` |") && line.ends_with("| **grown** |")),
        "{text}"
    );
    // Steps of one job may share the file.
    check(&dir, &flags).await;
    assert_eq!(std::fs::read_to_string(&summary).unwrap(), text.repeat(2));
}
