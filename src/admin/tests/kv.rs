//! KV namespaces and what is in them.

use super::*;

#[tokio::test]
async fn namespaces_are_made_renamed_and_deleted() {
    let api = Api::new().await;
    let path = "/v1/kv/namespaces";
    let made = api.call("POST", path, json!({"title": "my data"})).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(api.get(path).await.expect(200).json(), json!({"namespaces": [made]}));
    assert_eq!(api.get(&format!("{path}/{id}")).await.expect(200).json(), made);
    assert_eq!(api.get(&format!("{path}/my%20data")).await.expect(200).json(), made);
    let error = api.call("POST", path, json!({"title": "my data"})).await.error();
    assert!(error.starts_with("409 conflict | KV namespace"), "{error}");
    let error = api.call("POST", path, json!({"title": " x"})).await.error();
    assert!(error.starts_with("422 invalid | a KV namespace is titled ` x`"), "{error}");
    let renamed = api.call("PATCH", &format!("{path}/{id}"), json!({"title": "new"})).await.expect(200).json();
    assert_eq!((&renamed["id"], &renamed["title"]), (&json!(id), &json!("new")));
    api.delete(&format!("{path}/new")).await.expect(204);
    let error = api.delete(&format!("{path}/{id}")).await.error();
    assert_eq!(error, format!("404 not_found | there is no KV namespace `{id}`"));
    for (method, rest) in
        [("GET", "/keys"), ("GET", "/values/k"), ("PUT", "/values/k"), ("POST", "/values"), ("POST", "/bulk")]
    {
        api.call(method, &format!("{path}/{id}{rest}"), json!([])).await.expect(404);
    }
}

#[tokio::test]
async fn values_are_kvs_own_and_errors_are_ours() {
    let api = Api::new().await;
    api.call("POST", "/v1/kv/namespaces", json!({"title": "ns"})).await.expect(201);
    let base = "/v1/kv/namespaces/ns";
    let put = async |path: &str, body: Vec<u8>| {
        let request = api.request("PUT", &format!("{base}{path}")).header("glowplug-kv-metadata", "%7B%22a%22:1%7D");
        api.send(request.body(Body::from(body)).unwrap()).await
    };
    put("/values/a/b%2Fc?expiration_ttl=600", b"\xffvalue".to_vec()).await.expect(204);
    let got = api.get(&format!("{base}/values/a%2Fb/c")).await.expect(200);
    assert_eq!((&got.body[..], got.header("glowplug-kv-metadata")), (&b"\xffvalue"[..], "{\"a\":1}"));
    assert!(got.header("glowplug-kv-expiration").parse::<u64>().is_ok());
    put("/values/text", b"plain".to_vec()).await.expect(204);
    let listed = api.get(&format!("{base}/keys?prefix=a")).await.expect(200).json();
    assert_eq!((&listed["keys"][0]["name"], &listed["list_complete"]), (&json!("a/b/c"), &json!(true)));
    let read = api.call("POST", &format!("{base}/values"), json!({"keys": ["text", "none"]})).await.expect(200).json();
    assert_eq!((&read[0]["value"], &read[1]), (&json!("plain"), &Value::Null));
    api.delete(&format!("{base}/values/text")).await.expect(204);
    assert_eq!(
        api.get(&format!("{base}/values/text")).await.error(),
        "404 not_found | there is nothing under this key"
    );

    for (answer, expected) in [
        (api.get(&format!("{base}/keys?limit=0")).await, "400 bad_request | Invalid key_count_limit of 0."),
        (api.get(&format!("{base}/values/{}", "x".repeat(513))).await, "400 bad_request | UTF-8 encoded length of 513"),
        (api.get(&format!("{base}/values/%2e")).await, "400 bad_request | Illegal key name \".\"."),
        (put("/values/k?expiration_ttl=1", Vec::new()).await, "400 bad_request | Invalid expiration_ttl of 1."),
        (put("/values/k", vec![0; (25 << 20) + 1]).await, "413 too_large | Value length of 26214401 exceeds limit"),
    ] {
        assert!(answer.error().starts_with(expected), "{}", answer.error());
    }
}

#[tokio::test]
async fn entries_are_written_and_deleted_in_bulk() {
    let api = Api::new().await;
    api.call("POST", "/v1/kv/namespaces", json!({"title": "ns"})).await.expect(201);
    let base = "/v1/kv/namespaces/ns";
    let bulk = async |body: Value| api.call("POST", &format!("{base}/bulk"), body).await;
    let entries = json!([
        {"key": "a", "value": "text", "metadata": {"n": [1, 2.50, null]}},
        {"key": "b", "value": "/wA=", "base64": true, "expiration_ttl": 600},
    ]);
    assert_eq!(bulk(entries).await.expect(200).json(), json!({"written": 2}));
    assert_eq!(&api.get(&format!("{base}/values/b")).await.expect(200).body[..], b"\xff\0");
    let keys = api.get(&format!("{base}/keys")).await.expect(200).json();
    assert_eq!(keys["keys"][0], json!({"name": "a", "metadata": {"n": [1, 2.50, null]}}));
    let many: Vec<_> = (0..10_001).map(|n| json!({"key": n.to_string(), "value": ""})).collect();
    for (body, expected) in [
        (json!([{"key": "x", "value": "*", "base64": true}]), "400 bad_request | the value of `x` is not base64:"),
        (json!([{"key": "x", "value": ""}, {"key": "", "value": ""}]), "400 bad_request | Key names must not be empty"),
        (
            json!([{"key": "x", "value": 1}]),
            "400 bad_request | the body is not what is expected: [0].value: invalid type",
        ),
        (
            json!([{"key": "x", "value": "", "ttl": 1}]),
            "400 bad_request | the body is not what is expected: [0].ttl: unknown",
        ),
        (json!([{"key": "x", "value": "", "metadata": "x".repeat(1023)}]), "413 too_large | Metadata length of 1025"),
        (
            json!([{"key": "x", "value": "", "metadata": vec![0; 5000]}]),
            "400 bad_request | the body is not what is expected: [0].metadata",
        ),
        (
            json!(many),
            "400 bad_request | the body is not what is expected: invalid length 10001, expected a list of at most 10000",
        ),
        (json!({}), "400 bad_request | the body is not what is expected: invalid type: map"),
    ] {
        let error = bulk(body).await.error();
        assert!(error.starts_with(expected), "{error}");
    }
    api.get(&format!("{base}/values/x")).await.expect(404);
    let deleted = api.call("POST", &format!("{base}/bulk/delete"), json!(["a", "b", "c"])).await.expect(200).json();
    assert_eq!(deleted, json!({"deleted": 3}));
    assert_eq!(api.get(&format!("{base}/keys")).await.json()["keys"], json!([]));
    assert!(api.audit().await[0].starts_with("admin: delete KV values kv/namespaces/ns/bulk/delete: done, 3 keys"));
}
