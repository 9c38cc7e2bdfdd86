//! The one form of errors, and requests that are malformed.

use super::*;

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_told_so() {
    let api = Api::new().await;
    for path in ["/v1", "/v1/nothing", "/v1/workers/", "/v1/workers/a/b", "/v1/kv/namespaces/n/values/"] {
        let error = api.get(path).await.error();
        assert!(error.starts_with(&format!("404 not_found | there is no `{path}` here")), "{error}");
    }
    let answer = api.call("POST", "/v1/workers/a", json!({})).await;
    assert!(answer.error().starts_with("405 method_not_allowed | `/v1/workers/a` does not take `POST`"));
    let allowed = answer.header("allow");
    assert!(allowed.contains("GET") && allowed.contains("DELETE") && !allowed.contains("POST"), "{allowed}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let answer = api.send(api.request("HEAD", "/v1/workers").body(Body::empty()).unwrap()).await.expect(200);
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn parameters_must_have_their_form() {
    let api = Api::new().await;
    for (path, expected) in [
        ("/v1/workers/Hello", "a worker's name has 1 to 63 lower-case letters"),
        ("/v1/workers/a%2Fb", "a worker's name has 1 to 63"),
        ("/v1/workers/%2e%2e", "a worker's name has 1 to 63"),
        ("/v1/workers/%ff", "not UTF-8"),
        ("/v1/workers/a/versions/xyz", "a version's id has 12 hexadecimal digits"),
        ("/v1/workers/a/deployments?limit=0", "`limit` is 0, but must be from 1 to 1000"),
        ("/v1/workers/a/deployments?limit=x", "limit: invalid digit found in string"),
        ("/v1/workers/a/deployments?more=1", "unknown field `more`, expected `limit`"),
        ("/v1/workers/a/deployments?limit=1&limit=2", "duplicate field `limit`"),
        ("/v1/routes/explain", "missing field `url`"),
        ("/v1/routes/explain?url=example.com", "`example.com` is not a URL"),
        ("/v1/workers/a/tail?sampling_rate=2", "`sampling_rate` is 2, but must be above 0 and up to 1"),
        ("/v1/workers/a/tail?status=bad", "unknown variant `bad`, expected one of `ok`, `error`, `canceled`"),
    ] {
        let error = api.get(path).await.error();
        assert!(error.starts_with("400 bad_request") && error.contains(expected), "{path}: {error}");
    }
    let request = api.request("PUT", "/v1/blobs/xyz").body(Body::empty()).unwrap();
    assert!(api.send(request).await.error().contains("a SHA-256 digest is 64 lower-case hexadecimal digits"));
    let error = api.delete("/v1/workers/a?force=yes").await.error();
    assert!(error.contains("force: provided string was not `true` or `false`"), "{error}");
}

#[tokio::test]
async fn bodies_must_be_json_of_the_right_form_and_size() {
    let api = Api::new().await;
    let put = async |kind: &str, body: Vec<u8>| {
        let request = api.request("PUT", "/v1/workers/a/routes").header("content-type", kind);
        api.send(request.body(Body::from(body)).unwrap()).await.error()
    };
    let expected = "400 bad_request | the body is not what is expected: ";
    for (body, rest) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        (
            "{\"routes\": [true]}",
            "routes[0]: invalid type: boolean `true`, expected a pattern, or an object with a `pattern` at line 1 column 16",
        ),
        (
            "{\"routes\": [{\"pattern\": \"a/\", \"cash\": true}]}",
            "routes[0]: unknown field `cash`, expected one of `cache`, `fail_open`, `origin`, `rate_limit` at line 1 column 43",
        ),
        ("{\"routes\": [], \"more\": 1}", "more: unknown field `more`, expected `routes` at line 1 column 21"),
        ("{\"routes\": []} {}", "trailing characters at line 1 column 16"),
    ] {
        assert_eq!(put("application/json; charset=utf-8", body.into()).await, format!("{expected}{rest}"));
    }
    assert!(put("application/json", b"\xff".to_vec()).await.starts_with(expected));
    let deep = format!("{{\"routes\": {}", "[".repeat(100_000));
    assert!(put("application/json", deep.into_bytes()).await.contains("invalid type: sequence, expected a pattern"));
    assert!(put("text/plain", b"{}".to_vec()).await.starts_with("415 unsupported_media_type | the body must be JSON"));
    let large = format!("{{\"routes\": [\"{}\"]}}", "x".repeat(1 << 20));
    assert_eq!(
        put("application/json", large.into_bytes()).await,
        "413 too_large | the body has more than 1048576 bytes"
    );
    let announced = api.request("PUT", "/v1/workers/a/routes").header("content-length", "1048577");
    api.send(announced.body(Body::empty()).unwrap()).await.expect(413);
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_server_goes_on() {
    let api = Api::new().await;
    let artifact = api.blob(b"component panic").await;
    let body = json!({"version": {"artifact": artifact}, "deploy": true});
    let answer = api.call("POST", "/v1/workers/a/versions", body).await;
    assert_eq!(answer.error(), "500 internal | the server failed; its log says how");
    assert_eq!(api.audit().await, ["admin: publish workers/a/versions: failed, internal"]);
    let router = axum::Router::new().fallback(async || -> &str { panic!("as the test wants") });
    let response = answer_of(router).await;
    assert_eq!((response.status().as_u16(), &response.headers()["cache-control"]), (500, &"no-store".parse().unwrap()));
}

async fn answer_of(router: axum::Router) -> Response {
    answer(router, http::Request::new(Body::empty())).await
}

#[tokio::test]
async fn what_was_begun_is_finished_when_the_client_leaves() {
    let api = Api::new().await;
    let artifact = api.blob(b"component one").await;
    let body = json!({"version": {"artifact": artifact}, "deploy": true}).to_string();
    let request = api.request("POST", "/v1/workers/a/versions").body(Body::from(body)).unwrap();
    let mut asking = Box::pin(api.open(request));
    assert!(futures_util::poll!(&mut asking).is_pending());
    drop(asking);
    while api.audit().await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(api.registry.worker(&"a".parse().unwrap()).await.unwrap().deployment.is_some());
    assert_eq!(api.audit().await.len(), 1);
}

#[tokio::test]
async fn the_server_says_what_it_is() {
    let api = Api::new().await;
    let bare = async |path: &str| api.send(http::Request::builder().uri(path).body(Body::empty()).unwrap()).await;
    assert_eq!(bare("/healthz").await.expect(200).body, "ok");
    assert_eq!(bare("/readyz").await.expect(200).body, "ready");
    api.ready.send_replace(Readiness::Starting);
    assert_eq!(bare("/readyz").await.expect(503).body, "starting");
    api.ready.send_replace(Readiness::Stopping);
    assert_eq!(bare("/readyz").await.expect(503).body, "stopping");
    assert_eq!(bare("/v1/openapi.json").await.expect(200).json()["openapi"], "3.1.0");
    let server = api.get("/v1/server").await.expect(200).json();
    assert_eq!(server["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(server["url"], "http://127.0.0.1:8787");
    assert_eq!(server["limits"], json!({"component_bytes": 64 << 20, "asset_bytes": 25 << 20, "asset_files": 100_000}));
    let check = api.call("POST", "/v1/check", json!({})).await.expect(200).json();
    assert_eq!(check, json!({"problems": []}));
}
