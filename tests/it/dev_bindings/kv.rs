//! The Workers KV API from JavaScript.

use crate::support::{Server, project};
use serde_json::json;
use std::collections::BTreeSet;

const WORKER: &str = include_str!("kv.js");
const CONFIG: &str = "name = \"store\"\nmain = \"worker.js\"\nkv_namespaces = [{ binding = \"KV\" }]\n";

async fn store() -> Server {
    Server::project(&[("wrangler.toml", CONFIG), ("worker.js", WORKER)], "").await
}

#[tokio::test]
async fn values_are_read_in_every_type() {
    let found = store().await.get("/get").await.json();
    assert_eq!(found["text"], json!(["héllo ☃", "héllo ☃", "héllo ☃"]));
    let value = json!({ "list": [1, 2, { "three": null }] });
    assert_eq!(found["json"], json!([value, value]));
    assert_eq!(found["buffer"], json!("héllo ☃".as_bytes()));
    assert_eq!(found["stream"], json!([true, "héllo ☃"]));
    assert_eq!(found["missing"], json!([null, null, null, null]));
}

#[tokio::test]
async fn values_are_written_from_every_type_and_keys_may_be_any_text() {
    let server = store().await;
    assert_eq!(
        server.post("/put", "a request's body").await.json(),
        json!({
            "string": "written again", "empty": "", "number": "42", "buffer": "a buffer", "view": "a view",
            "stream": "a stream of three", "request": "a request's body",
        })
    );
    let server = store().await;
    assert_eq!(server.get("/keys").await.json(), json!({ "right": true, "listed": true, "left": 0 }));
    assert_eq!(server.get("/side").await.json(), true);
}

#[tokio::test]
async fn metadata_comes_with_every_type() {
    let found = store().await.get("/metadata").await.json();
    let metadata = json!({ "text": "ü☃\n", "list": [1, 2.5], "nested": { "ok": true, "none": null } });
    assert_eq!(found["with"], json!({ "value": "1", "metadata": metadata, "cacheStatus": null }));
    assert_eq!(found["json"], json!({ "value": 1, "metadata": metadata, "cacheStatus": null }));
    assert_eq!(found["options"], found["json"]);
    assert_eq!((&found["stream"], &found["buffer"]), (&json!("1"), &json!(1)));
    assert_eq!(found["without"], json!({ "value": "{}", "metadata": null, "cacheStatus": null }));
    assert_eq!(found["missing"], json!({ "value": null, "metadata": null, "cacheStatus": null }));
    assert_eq!(found["overwritten"], json!({ "value": "2", "metadata": null, "cacheStatus": null }));
}

#[tokio::test]
async fn many_keys_are_read_at_once() {
    let found = store().await.get("/bulk").await.json();
    assert_eq!(found["text"], json!([["two", "{\"n\":2}"], ["no", null], ["one", "1"]]));
    assert_eq!(found["json"], json!([["one", 1], ["two", { "n": 2 }], ["no", null]]));
    let one = json!({ "value": 1, "metadata": { "n": 1 } });
    let two = json!({ "value": { "n": 2 }, "metadata": null });
    assert_eq!(found["metadata"], json!([["one", one], ["two", two], ["no", null]]));
}

#[tokio::test]
async fn expiration_is_a_time_or_a_span_and_the_span_decides() {
    let found = store().await.get("/expiration").await.json();
    assert_eq!(found, json!({ "ttl": 60, "at": 120, "both": 1, "never": "never" }));
}

#[tokio::test]
async fn lists_have_pages_prefixes_and_metadata_and_deleted_keys_are_gone() {
    let server = store().await;
    let found = server.get("/list").await.json();
    assert_eq!(found["pages"], json!([[10, false, "string"], [10, false, "string"], [5, true, "undefined"]]));
    let with_metadata = json!({ "name": "p:03", "metadata": { "n": 3 } });
    assert_eq!(found["first"], json!([{ "name": "p:00" }, { "name": "p:01" }, { "name": "p:02" }, with_metadata]));
    assert_eq!(found["all"], 26);
    assert_eq!(found["prefix"].as_array().unwrap().len(), 10);
    assert_eq!(found["none"], json!({ "keys": [], "list_complete": true, "cacheStatus": null }));
    let server = store().await;
    // `undefined` is null in a list of JSON
    assert_eq!(server.get("/delete").await.json(), json!([null, null, [], null]));
}

#[tokio::test]
async fn refusals_have_the_words_of_workers_kv() {
    let found = store().await.get("/errors").await.json();
    let long = |length| format!("414 UTF-8 encoded length of {length} exceeds key length limit of 512.");
    for (case, expected) in [
        ("emptyKey", "TypeError: Key name cannot be empty.".to_owned()),
        ("dot", "TypeError: \".\" is not allowed as a key name.".to_owned()),
        ("dots", "TypeError: \"..\" is not allowed as a key name.".to_owned()),
        ("longKey", format!("Error: KV GET failed: {}", long(513))),
        ("longUnicodeKey", format!("Error: KV PUT failed: {}", long(513))),
        ("longPrefix", format!("Error: KV GET failed: {}", long(513))),
        (
            "type",
            "TypeError: Unknown response type. Possible types are \"text\", \"arrayBuffer\", \"json\", and \"stream\"."
                .to_owned(),
        ),
        ("cacheTtl", "Error: KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.".to_owned()),
        (
            "ttl",
            "Error: KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.".to_owned(),
        ),
        (
            "negativeTtl",
            "Error: KV PUT failed: 400 Invalid expiration_ttl of -1. Please specify integer greater than 0.".to_owned(),
        ),
        (
            "past",
            "Error: KV PUT failed: 400 Invalid expiration of 1. Please specify integer greater than the current number \
             of seconds since the UNIX epoch."
                .to_owned(),
        ),
        (
            "soon",
            "Error: KV PUT failed: 400 Invalid expiration of SOON. Expiration times must be at least 60 seconds in the \
             future."
                .to_owned(),
        ),
        ("metadata", "Error: KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.".to_owned()),
        (
            "limit",
            "Error: KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000."
                .to_owned(),
        ),
        (
            "object",
            "TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values."
                .to_owned(),
        ),
        ("bulkMany", "Error: KV GET_BULK failed: 400 You can request a maximum of 100 keys".to_owned()),
        ("bulkNone", "Error: KV GET_BULK failed: 400 You must request a minimum of 1 key".to_owned()),
        (
            "bulkType",
            "Error: KV GET_BULK failed: 400 \"arrayBuffer\" is not a valid type. Use \"json\" or \"text\"".to_owned(),
        ),
        (
            "bulkJson",
            "Error: KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value"
                .to_owned(),
        ),
        ("constructed", "TypeError: Illegal constructor".to_owned()),
    ] {
        assert_eq!(found[case], expected, "{case}");
    }
    assert_eq!(found["json"], true, "the error of a value that is no JSON");
    assert!(found["broken"].as_str().unwrap().ends_with("the stream broke"), "{}", found["broken"]);
    for case in ["noKey", "noValue", "stolen"] {
        assert!(found[case].as_str().unwrap().starts_with("TypeError: "), "{case}: {}", found[case]);
    }
    assert_eq!(found["written"], json!(null), "what was refused was written");
}

#[tokio::test]
async fn a_value_may_have_25_mebibytes_and_no_byte_more() {
    const MOST: usize = 25 << 20;
    let server = store().await;
    for streamed in ["", "&streamed"] {
        let found = server.get(&format!("/size?bytes={MOST}{streamed}")).await.json();
        assert_eq!(found, json!({ "put": "nothing was thrown: undefined", "read": MOST, "right": true }), "{streamed}");
    }
    for (streamed, told) in [("", MOST + 1), ("&streamed", MOST + 1)] {
        let found = server.get(&format!("/size?bytes={}{streamed}", MOST + 1)).await.json();
        assert_eq!(
            found["put"],
            format!("Error: KV PUT failed: 413 Value length of {told} exceeds limit of {MOST}."),
            "{streamed}"
        );
        assert_eq!(found["read"], MOST, "the value before is not the one that is there");
    }
}

#[tokio::test]
async fn values_outlive_dev_and_a_project_without_a_namespace_gets_no_folder() {
    let dir = project(&[
        ("kept/wrangler.toml", CONFIG),
        ("kept/worker.js", WORKER),
        ("plain/wrangler.toml", "name = \"plain\"\nmain = \"worker.js\"\nvars = { A = \"1\" }\n"),
        ("plain/worker.js", "export default { fetch: (request, env) => new Response(env.A) };"),
    ]);
    let kept = dir.path().join("kept");
    let server = Server::start(&kept).await;
    server.get("/write?key=greeting&value=hello").await;
    assert!(server.stop().await.success());
    assert!(kept.join(".glowplug").is_dir());
    let server = Server::start(&kept).await;
    let found = server.get("/read?key=greeting").await.json();
    assert_eq!(found, json!({ "value": "hello", "metadata": { "by": "JavaScript" }, "cacheStatus": null }));

    let server = Server::start(&dir.path().join("plain")).await;
    assert_eq!(server.get("/").await.text(), "1");
    assert!(!dir.path().join("plain/.glowplug").exists());
    let elsewhere = dir.path().join("elsewhere");
    let server = Server::start_with(&kept, &["--persist-to", elsewhere.to_str().unwrap()]).await;
    assert_eq!(server.get("/read?key=greeting").await.json()["value"], json!(null));
    assert!(elsewhere.is_dir());
}

#[tokio::test]
async fn a_request_that_reads_and_writes_costs_the_same_each_time() {
    let server = store().await;
    server.get("/write?key=a&value=1").await;
    let (mut reads, mut writes) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..20 {
        reads.insert(server.get("/read?key=a").await.fuel());
        writes.insert(server.get("/write?key=b&value=1").await.fuel());
    }
    assert_eq!((reads.len(), writes.len()), (1, 1), "{reads:?} {writes:?}");
}

#[tokio::test]
async fn operations_count_as_subrequests() {
    let config = format!("{CONFIG}limits = {{ subrequests = 49 }}\n");
    let server = Server::project(&[("wrangler.toml", &config), ("worker.js", WORKER)], "").await;
    let page = server.get("/side").await;
    assert_eq!(page.header("x-glowplug-error"), Some("1101"));
    assert!(page.text().contains("too many subrequests") && page.text().contains("49"), "{}", page.text());
}
