//! Names, paths and JSON that mean to be something else.

use super::*;

/// What no name is, as it stands in a URL.
const WRONG_NAMES: &[&str] = &[
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "a%2fb",
    "..%5c..%5cx",
    "%00",
    "a%00b",
    "%ff%fe",
    "%C3%BC",
    "A",
    "-a",
    "a.b",
    "a%20b",
    "a%0d%0ax-evil:1",
    "%252e%252e",
    "${name}",
];

#[tokio::test(flavor = "multi_thread")]
async fn names_that_lead_elsewhere_are_refused() {
    let target = Target::start().await;
    let longest = "a".repeat(64);
    let version = json!({"version": {"vars": {}}, "deploy": true});
    for name in WRONG_NAMES.iter().copied().chain([longest.as_str()]) {
        for (method, path, body) in [
            (Method::GET, format!("/v1/workers/{name}"), None),
            (Method::POST, format!("/v1/workers/{name}/versions"), Some(version.clone())),
            (Method::PATCH, format!("/v1/workers/{name}/secrets"), Some(json!({"A": "b"}))),
            (Method::DELETE, format!("/v1/workers/{name}"), None),
            (Method::GET, format!("/v1/workers/good/versions/{name}"), None),
        ] {
            let answer = target.node.api(method.clone(), &path, body).await;
            refused(&answer, 400, "cannot be used");
        }
        for (method, path, body) in [
            (Method::GET, format!("/v1/kv/namespaces/{name}"), None),
            (Method::PUT, format!("/v1/kv/namespaces/{name}/values/key"), Some(json!("value"))),
            (Method::POST, format!("/v1/kv/namespaces/{name}/bulk"), Some(json!([{"key": "k", "value": "v"}]))),
            (Method::DELETE, format!("/v1/tokens/{name}"), None),
        ] {
            let answer = target.node.api(method.clone(), &path, body).await;
            assert!(matches!(answer.status.as_u16(), 400 | 404), "{method} {path}: {answer:?}");
            refused(&answer, answer.status.as_u16(), "");
        }
    }
    // Paths are not made simpler: these are other paths, and there is nothing at them.
    for path in [
        "/v1/../healthz",
        "/v1/workers/../../healthz",
        "/v1//workers",
        "//v1/workers",
        "/v1/workers/good/",
        "/healthz/..",
    ] {
        refused(&target.node.api(Method::GET, path, None).await, 404, "there is no");
    }
    refused(&target.node.api(Method::GET, "/v1/workers//versions", None).await, 400, "a worker's name has 1 to 63");
    target.keeps_its_blobs();
    target.stays_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_bodies_are_refused() {
    let target = Target::start().await;
    for name in ["", "..", "../x", "a b", "A\0", "a-b", "1a", &"A".repeat(129), "a\nb"] {
        let set = target.node.api(Method::PATCH, "/v1/workers/good/secrets", Some(json!({name: "value"}))).await;
        refused(&set, 422, "a secret is named");
        let bound = target.publish(json!({"bindings": {name: {"type": "kv"}}})).await;
        refused(&bound, 422, "a binding is named");
    }
    for name in ["", "A\0", "a\nb", &"A".repeat(129)] {
        refused(&target.publish(json!({"vars": {name: 1}})).await, 422, "a variable is named");
    }
    for id in ["", "..", "../../x", "a/b", "a\\b", "a\0", &"a".repeat(65)] {
        let publish = json!({
            "version": {"assets": null, "artifact": null, "bindings": {"KV": {"type": "kv", "id": id}}}, "deploy": true,
        });
        let answer = target.node.api(Method::POST, "/v1/workers/bad/versions", Some(publish)).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{id:?}: {answer:?}");
    }
    for title in ["", &"t".repeat(513), "a\0b", "a\nb"] {
        let answer = target.node.api(Method::POST, "/v1/kv/namespaces", Some(json!({"title": title}))).await;
        refused(&answer, 422, "");
    }
    for worker in ["..", "a/b", "Good", ""] {
        let answer = target.publish(json!({"bindings": {"S": {"type": "service", "worker": worker}}})).await;
        refused(&answer, 400, "worker");
    }
    for route in
        ["", "http://", "../x", "a b.example.com/*", "example.com/*/x", "ftp://example.com/*", &"a".repeat(5000)]
    {
        let body = json!({"routes": [route]});
        let answer = target.node.api(Method::PUT, "/v1/workers/good/routes", Some(body)).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{route:?}: {answer:?}");
    }
    target.keeps_its_blobs();
    target.stays_well().await;
}

/// An index of assets with one path.
fn index(path: &str, file: &str) -> Value {
    let settings =
        json!({"html_handling": "auto-trailing-slash", "not_found_handling": "none", "run_worker_first": false});
    let (headers, redirects) = (json!([]), json!([]));
    json!({"format": 1, "settings": settings, "files": {path: {"digest": file, "size": 4}}, "headers": headers, "redirects": redirects})
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_of_assets_that_lead_elsewhere_are_refused() {
    let target = Target::start().await;
    let file = target.node.upload(&Bytes::from_static(b"file")).await;
    let publish = |index: Value| {
        let target = &target;
        async move {
            let index = target.node.upload(&index.to_string().into()).await;
            target.publish(json!({"assets": index})).await
        }
    };
    let overlong = format!("/{}", "a".repeat(2048));
    for path in [
        "/../x",
        "/a/../../x",
        "/./a",
        "..",
        "x",
        "",
        "/",
        "//etc/passwd",
        "/a//b",
        "/a/",
        "..\\x",
        "/..\\x",
        "/a\0b",
        "C:\\x",
        &overlong,
    ] {
        let answer = publish(index(path, &file)).await;
        refused(&answer, 422, "path");
        assert!(answer.text().len() < 2000, "{answer:?}");
    }
    let missing = digest(b"not there");
    refused(&publish(index("/a", &missing)).await, 422, &missing);
    let mut wrong_size = index("/a", &file);
    wrong_size["files"]["/a"]["size"] = json!(30_000_000);
    refused(&publish(wrong_size).await, 422, "most");
    for (key, value) in [
        ("format", json!(99)),
        ("format", json!("1")),
        ("files", json!([])),
        ("settings", json!("none")),
        ("more", json!(1)),
    ] {
        let mut wrong = index("/a", &file);
        wrong[key] = value;
        refused(&publish(wrong).await, 422, "");
    }
    refused(&publish(json!("{}")).await, 422, "");
    assert_eq!(target.node.api(Method::GET, "/v1/workers/bad", None).await.status, StatusCode::NOT_FOUND);

    // One that is right, so that it was the path each time; percent signs in it are no encoding.
    let answer = publish(index("/%2e%2e/x", &file)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(target.node.get("bad", "/%252e%252e/x").await.text(), "file");
    for path in ["/../x", "/%2e%2e/x", "/..%2fx", "/..%5cx", "/%2e%2e%2f%2e%2e%2fetc%2fpasswd"] {
        let answer = target.node.get("bad", path).await;
        assert!(matches!(answer.status.as_u16(), 307 | 404), "{path}: {answer:?}");
    }
    assert_eq!(target.node.api(Method::DELETE, "/v1/workers/bad", None).await.status, StatusCode::NO_CONTENT);
    target.stays_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_not_what_is_expected_is_refused() {
    let target = Target::start().await;
    let deep = "[".repeat(100_000);
    let nested = format!("{}{}", "[".repeat(120), "]".repeat(120));
    let bodies = [
        deep.clone(),
        format!(r#"{{"version": {{"vars": {{"A": {deep}"#),
        format!(r#"{{"deploy": true, "version": {{"vars": {{"A": {nested}1}}}}}}"#),
        r#"{"deploy": true, "version": {"artifact": 1e999999999}}"#.to_owned(),
        r#"{"deploy": true, "version": {"limits": {"cpu_ms": 99999999999999999999999}}}"#.to_owned(),
        r#"{"deploy": true, "version": {"limits": {"cpu_ms": 1.5}}}"#.to_owned(),
        r#"{"deploy": true, "deploy": false, "version": {}}"#.to_owned(),
        r#"{"deploy": true, "version": {"tag": "a", "tag": "b"}}"#.to_owned(),
        r#"{"deploy": "yes", "version": {}}"#.to_owned(),
        r#"{"deploy": true, "version": []}"#.to_owned(),
        r#"{"deploy": true, "version": {"vars": []}}"#.to_owned(),
        r#"{"deploy": true, "version": {"bindings": {"A": {"type": "d1"}}}}"#.to_owned(),
        r#"{"deploy": true, "version": {"bindings": {"A": {"type": "assets", "more": 1}}}}"#.to_owned(),
        r#"{"deploy": true, "version": {"unknown": 1}}"#.to_owned(),
        r#"{"deploy": true}"#.to_owned(),
        r#"{"deploy": true, "version": {}} trailing"#.to_owned(),
        "{\"deploy\": true, \"version\": {\"message\": \"\\ud800\"}}".to_owned(),
        "null".to_owned(),
        String::new(),
        "\u{feff}{}".to_owned(),
    ];
    for body in bodies {
        let request = target.node.admin_request(Method::POST, "/v1/workers/bad/versions", body.clone());
        let answer = target.node.send(request).await;
        let begin = &body[..body.len().min(60)];
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{begin}: {answer:?}");
        refused(&answer, answer.status.as_u16(), "");
        assert!(answer.text().len() < 2000, "{begin}: the answer has {} bytes", answer.body.len());
    }
    let mut text = target.node.admin_request(Method::POST, "/v1/workers/bad/versions", "deploy=true");
    text.headers_mut().insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
    refused(&target.node.send(text).await, 415, "JSON");
    let not_utf8 =
        target.node.admin_request(Method::POST, "/v1/workers/bad/versions", b"{\"deploy\": \"\xff\"}".as_slice());
    refused(&target.node.send(not_utf8).await, 400, "");

    // Numbers that no machine has are kept as they are written, and harm nobody.
    let component =
        crate::node::component(&[("index.js", "export default { fetch: () => new Response('ok') };")]).await;
    let artifact = target.node.upload(&component).await;
    let digits = "9".repeat(5000);
    let body = format!(
        r#"{{"deploy": true, "version": {{"artifact": "{artifact}", "vars": {{"HUGE": {digits}, "FAR": 1e999999, "ZERO": -0.0}}}}}}"#
    );
    let answer = target.node.send(target.node.admin_request(Method::POST, "/v1/workers/bad/versions", body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(target.node.get("bad", "/").await.text(), "ok");
    let vars = &target.node.api(Method::GET, "/v1/workers/bad/versions", None).await;
    assert!(vars.text().contains(&digits), "{vars:?}");
    assert_eq!(target.node.api(Method::DELETE, "/v1/workers/bad", None).await.status, StatusCode::NO_CONTENT);
    target.stays_well().await;
}
