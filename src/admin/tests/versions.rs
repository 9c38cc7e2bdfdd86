//! Publishing.

use super::*;

const VERSIONS: &str = "/v1/workers/hello/versions";

#[tokio::test]
async fn a_version_is_checked_made_and_live() {
    let api = Api::new().await;
    let artifact = api.blob(b"component one").await;
    let body = json!({
        "version": {
            "artifact": artifact,
            "vars": {"A": "text", "N": 1.50, "J": {"deep": [1, 2.0, 12345678901234567890u64]}},
            "bindings": {"KV": {"type": "kv"}, "SELF": {"type": "service", "worker": "hello"}, "META": {"type": "version_metadata"}},
            "limits": {"cpu_ms": 50},
            "compatibility_date": "2026-01-01",
            "compatibility_flags": ["nodejs_compat"],
            "message": "first",
            "tag": "v1"
        },
        "deploy": true,
        "routes": ["example.com/a/*", "*.example.com/*"]
    });
    let made = api.call("POST", VERSIONS, body.clone()).await.expect(201).json();
    let id = made["version"]["id"].as_str().unwrap();
    assert_eq!(made["version"]["vars"], body["version"]["vars"]);
    assert_eq!(made["version"]["artifact"]["javascript"]["handlers"], json!(["fetch"]));
    assert_eq!(made["version"]["author"], "admin");
    assert_eq!(made["deployment"]["versions"], json!([{"version": id, "percent": 100.0}]));
    assert_eq!(made["deployment"]["message"], "first");
    assert_eq!(made["created_namespaces"][0]["title"], "hello-KV");
    assert_eq!(made["urls"], json!(["http://hello.localhost:8787/", "http://example.com:8787/a/"]));
    assert_eq!(made["preview_url"], format!("http://{id}-hello.localhost:8787/"));
    assert_eq!((&made["unchanged"], made.get("warning")), (&json!(false), None));
    assert!(made["milliseconds"]["check"].as_f64().unwrap() > 0.0);

    let again = api.call("POST", VERSIONS, body).await.expect(201).json();
    assert_eq!((&again["unchanged"], &again["version"]), (&json!(true), &made["version"]));
    let worker = api.get("/v1/workers/hello").await.expect(200).json();
    assert_eq!(worker["url"], "http://hello.localhost:8787/");
    assert_eq!(worker["routes"], json!(["example.com/a/*", "*.example.com/*"]));
    assert_eq!(api.get("/v1/workers").await.expect(200).json()["workers"], json!([worker]));
    assert_eq!(api.get(&format!("{VERSIONS}/{id}")).await.expect(200).json(), made["version"]);

    let preview = json!({"version": {"artifact": api.blob(b"component two").await}, "deploy": false});
    let preview = api.call("POST", VERSIONS, preview).await.expect(201).json();
    assert_eq!(preview["deployment"], Value::Null);
    let listed = api.get(VERSIONS).await.expect(200).json();
    assert_eq!(listed["versions"], json!([preview["version"], made["version"]]));
    assert!(api.delete(&format!("{VERSIONS}/{id}")).await.error().starts_with("409 conflict | version"));
    let other = preview["version"]["id"].as_str().unwrap();
    api.delete(&format!("{VERSIONS}/{other}")).await.expect(204);
    api.get(&format!("{VERSIONS}/{other}")).await.expect(404);
}

#[tokio::test]
async fn what_cannot_run_is_refused() {
    let api = Api::new().await;
    let publish =
        async |version: Value| api.call("POST", VERSIONS, json!({"version": version, "deploy": true})).await.error();
    let digest = Digest::of(b"none").to_string();
    for (version, expected) in [
        (json!({}), "422 invalid | a version has a component, static assets, or both"),
        (json!({"artifact": digest}), "422 invalid | the component 140bedbf"),
        (
            json!({"artifact": api.blob(b"junk").await}),
            "422 invalid | failed to compile the component | build it again",
        ),
        (json!({"artifact": api.blob(b"component slow").await}), "422 invalid | start-up took 1001 ms of CPU"),
        (json!({"assets": digest}), "422 invalid | the index of the assets 140bedbf"),
        (
            json!({"assets": api.blob(b"{}").await}),
            "422 invalid | the index of assets is not valid: missing field `format`",
        ),
        (
            json!({"artifact": api.blob(b"component").await, "required_secrets": ["KEY"]}),
            "422 invalid | secret `KEY` is required",
        ),
        (
            json!({"artifact": api.blob(b"component").await, "limits": {"cpu_ms": 0}}),
            "422 invalid | `limits.cpu_ms` is 0",
        ),
        (json!({"artifact": 1}), "400 bad_request | the body is not what is expected: version.artifact:"),
        (
            json!({"limits": {"cpu": 1}}),
            "400 bad_request | the body is not what is expected: version.limits.cpu: unknown field `cpu`",
        ),
        (
            json!({"bindings": {"A": {"type": "assets", "more": 1}}}),
            "400 bad_request | the body is not what is expected: version.bindings.A: unknown field `more`",
        ),
        (
            json!({"bindings": {"A": {"type": "d1"}}}),
            "400 bad_request | the body is not what is expected: version.bindings.A.type: unknown variant `d1`",
        ),
        (
            json!({"bindings": {"A": {"type": "service", "worker": "A b"}}}),
            "400 bad_request | the body is not what is expected: version.bindings.A: a worker's name",
        ),
    ] {
        let error = publish(version).await;
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
    let artifact = api.blob(b"component").await;
    let body = json!({"version": {"artifact": artifact}, "deploy": true, "routes": ["*/", "a b.com/", "x.com/*y"]});
    let error = api.call("POST", VERSIONS, body).await.error();
    assert!(error.starts_with("422 invalid | there are 2 problems | "), "{error}");
    let error = api.call("POST", VERSIONS, json!({"version": {"artifact": artifact}})).await.error();
    assert!(error.contains("missing field `deploy`"), "{error}");
    assert_eq!(api.get("/v1/workers").await.json(), json!({"workers": []}));
}

#[tokio::test]
async fn assets_must_all_be_there() {
    let api = Api::new().await;
    let index = |digest: &str| {
        let json = json!({
            "format": 1,
            "settings": {"html_handling": "auto-trailing-slash", "not_found_handling": "none", "run_worker_first": false},
            "files": {"/index.html": {"digest": digest, "size": 4}},
            "headers": [],
            "redirects": []
        });
        json.to_string()
    };
    let missing = api.blob(index(&Digest::of(b"page").to_string()).as_bytes()).await;
    let body = json!({"version": {"assets": missing}, "deploy": true});
    let error = api.call("POST", VERSIONS, body.clone()).await.error();
    let expected = format!("422 invalid | file {} of the assets is not stored | upload it first", Digest::of(b"page"));
    assert!(error.starts_with(&expected), "{error}");
    api.blob(b"page").await;
    let made = api.call("POST", VERSIONS, body).await.expect(201).json();
    assert_eq!(made["version"]["assets"], json!({"index": missing, "files": 1, "size": 4}));
    assert_eq!(made["version"]["artifact"], Value::Null);
}

#[tokio::test]
async fn a_change_that_does_not_become_live_is_told_as_made() {
    let api = Api::new().await;
    api.stop_following();
    let artifact = api.blob(b"component").await;
    let body = json!({"version": {"artifact": artifact}, "deploy": true});
    let answer = api.call("POST", VERSIONS, body).await.expect(201);
    let warning = "the change is stored and will become live, but was not in time";
    assert_eq!((answer.json()["warning"].as_str(), answer.header("x-glowplug-warning")), (Some(warning), warning));
    let answer = api.delete("/v1/workers/hello").await.expect(204);
    assert_eq!(answer.header("x-glowplug-warning"), warning);
}
