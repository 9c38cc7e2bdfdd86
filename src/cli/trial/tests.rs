use super::request::RequestArgs;
use super::{TrialRequest, har, jsonl};
use bytes::Bytes;
use clap::Parser;

#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    requests: RequestArgs,
}

fn load(flags: &[&str]) -> anyhow::Result<Vec<TrialRequest>> {
    Flags::try_parse_from(std::iter::once(&"x").chain(flags))?.requests.load()
}

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> TrialRequest {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    TrialRequest::new(method, target, headers, Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn error(result: anyhow::Result<Vec<TrialRequest>>) -> String {
    format!("{:#}", result.unwrap_err())
}

#[test]
fn flags_make_requests() {
    assert_eq!(load(&[]).unwrap(), [request("GET", "/", &[], "")]);
    assert_eq!(load(&["--request", "/a?b=c"]).unwrap(), [request("GET", "/a?b=c", &[], "")]);
    let flags = ["--request", "/a", "--request", "PUT http://x.test:81/b", "--body", "hi", "--header", "X-A:  b:c "];
    let headers = [("X-A", "b:c")];
    let wanted = [request("POST", "/a", &headers, "hi"), request("PUT", "http://x.test:81/b", &headers, "hi")];
    assert_eq!(load(&flags).unwrap(), wanted);
    let http = wanted[1].to_http().unwrap();
    assert_eq!(
        (&http.headers()["host"], &http.headers()["content-length"]),
        (&"x.test:81".parse().unwrap(), &2.into())
    );
    assert_eq!(wanted[0].to_http().unwrap().headers()["host"], "localhost");
}

#[test]
fn flags_that_make_none_are_explained() {
    assert!(error(load(&["--request", "GET / HTTP/1.1"])).contains("write `--request 'POST /path'`"));
    assert!(error(load(&["--request", "GET x"])).contains("write `/x`"));
    assert!(error(load(&["--request", "G(T /"])).contains("`G(T` is no HTTP method"));
    assert!(error(load(&["--request", "/", "--header", "nothing"])).contains("is no header"));
    assert!(error(load(&["--request", "/", "--header", "a b: c"])).contains("`a b` is no name of a header"));
    assert!(error(load(&["--request", "/", "--body", "@/no/such/file"])).contains("/no/such/file"));
    assert!(error(load(&["--requests", "/no/such/file.har"])).contains("/no/such/file.har"));
    assert!(error(load(&["--body", "x"])).contains("--request"));
}

#[test]
fn each_line_of_json_is_a_request() {
    let text = concat!(
        r#"{"url": "/a", "headers": {"accept": "text/html", "x-many": ["1", "2"]}}"#,
        "\n\n",
        r#"{"method": "DELETE", "url": "https://x.test/b"}"#,
        "\n",
        r#"{"url": "/c", "bodyBase64": "AP8="}"#,
    );
    let parsed = jsonl::parse(text).unwrap();
    let headers = [("accept", "text/html"), ("x-many", "1"), ("x-many", "2")];
    assert_eq!(parsed[0], request("GET", "/a", &headers, ""));
    assert_eq!(parsed[1], request("DELETE", "https://x.test/b", &[], ""));
    assert_eq!((parsed[2].method.as_str(), &parsed[2].body[..]), ("POST", &[0, 255][..]));
    for (wrong, why) in [
        ("{\"url\": \"/\"}\n{\"url\": 1}", "line 2 is no request"),
        (r#"{"url": "/", "verb": "GET"}"#, "unknown field `verb`"),
        (r#"{"url": "/", "headers": {"a": 1}}"#, "`a` is neither a text nor a list"),
        (r#"{"url": "/", "body": "", "bodyBase64": ""}"#, "keep one of them"),
        (r#"{"url": "/", "bodyBase64": "?"}"#, "is not base64"),
    ] {
        let found = error(jsonl::parse(wrong));
        assert!(found.contains(why), "{found}");
    }
}

#[test]
fn archives_give_what_belongs_to_the_request() {
    let text = r##"{"log": {"version": "1.2", "entries": [
        {"request": {"method": "GET", "url": "https://x.test/a?b=c#top", "headers": [
            {"name": ":authority", "value": "x.test"}, {"name": "Host", "value": "x.test"},
            {"name": "Connection", "value": "keep-alive"}, {"name": "Accept", "value": "*/*"}]}},
        {"request": {"method": "POST", "url": "https://x.test/form", "headers": [],
            "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "",
                "params": [{"name": "a", "value": "1 2"}, {"name": "b&"}]}}},
        {"request": {"method": "PUT", "url": "https://x.test/raw",
            "postData": {"mimeType": "image/png", "text": "AAE=", "encoding": "base64"}}}
    ]}}"##;
    let parsed = har::parse(text).unwrap();
    assert_eq!(parsed[0], request("GET", "https://x.test/a?b=c", &[("Accept", "*/*")], ""));
    assert_eq!(parsed[1], request("POST", "https://x.test/form", &[], "a=1+2&b%26="));
    assert_eq!(parsed[2].body[..], [0, 1]);
    assert!(error(har::parse("{}")).contains("it is no HAR archive"));
    let odd = r#"{"log": {"entries": [{"request": {"method": "GET", "url": "about:blank"}}]}}"#;
    assert!(error(har::parse(odd)).contains("entry 1 cannot be sent"));
}

#[tokio::test]
async fn a_trial_answers_and_costs_the_same_when_it_is_restarted() {
    use crate::cli::executor;
    use crate::engine::{Wasi, code_cache::CodeCache};
    use std::path::Path;
    use std::sync::Arc;

    let dir = tempfile::tempdir().unwrap();
    let script = "export default { async fetch(request, env, ctx) {
        const text = await request.text();
        if (text === 'throw') throw new Error('asked to');
        return new Response(text.toUpperCase());
    } };";
    std::fs::write(dir.path().join("shout.js"), script).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cache = CodeCache::in_dir(&root.join("target/tmp/code-cache")).unwrap();
    let executor = Arc::new(executor(cache, Wasi::Stable).unwrap());
    let trial = super::Trial::of_path(&dir.path().join("shout.js"), executor.clone()).await.unwrap();
    let facts = trial.facts();
    assert_eq!((facts.name.as_str(), facts.kind.as_str()), ("shout", "JavaScript worker"));
    assert!(facts.start_up_fuel > Some(0) && facts.artefact_bytes > 0);

    let hello = request("POST", "/", &[], "hello");
    let first = trial.send(&hello).await.unwrap();
    assert_eq!((first.status, &first.body[..], first.failure()), (200, &b"HELLO"[..], None));
    assert!(first.usage.fuel > 0 && first.first_byte <= first.whole);
    let again = trial.restarted().await.unwrap().send(&hello).await.unwrap();
    assert_eq!((again.usage.fuel, again.usage.peak_memory), (first.usage.fuel, first.usage.peak_memory));
    let failed = trial.send(&request("POST", "/", &[], "throw")).await.unwrap();
    assert_eq!(failed.status, 500);
    assert!(failed.failure().unwrap().starts_with("exception: Error: asked to"), "{:?}", failed.failure());

    let component = root.join("tests/guests/dist/hello-rust.wasm");
    let rust = super::Trial::of_path(&component, executor.clone()).await.unwrap();
    assert_eq!((rust.facts().kind.as_str(), rust.facts().start_up_fuel), ("component", None));
    let answer = rust.send(&TrialRequest::get("/?name=you").unwrap()).await.unwrap();
    assert_eq!(&answer.body[..], b"Hello, you!\n");
    let missing = super::Trial::of_path(&dir.path().join("none.js"), executor).await.err().unwrap();
    assert!(missing.to_string().contains("none.js"), "{missing}");
}
