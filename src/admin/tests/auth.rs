//! Who is let in, and what the audit log says of it.

use super::*;

fn with(token: &str, method: &str, path: &str) -> http::Request<Body> {
    let request = http::Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn every_route_wants_its_scope() {
    let api = Api::new().await;
    for (index, route) in ROUTES.iter().enumerate() {
        let path = route.path.replace("{*key}", "k").replace("{digest}", &"0".repeat(64)).replace("{name}", "w");
        let path = path.replace("{id}", "000000000000");
        // Nobody is held up for failing elsewhere.
        let address = format!("10.0.0.{index}");
        let bare = http::Request::builder().method(route.method.clone()).uri(&path).body(Body::empty()).unwrap();
        let answer = api.send(from(&address, bare)).await;
        let Access::Scope(scope) = route.access else {
            assert!(answer.status.is_success(), "{path}");
            continue;
        };
        assert_eq!(answer.error(), "401 unauthorized | there is no token | send `Authorization: Bearer gp_...`");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"glowplug\"");
        for (name, token) in &api.tokens {
            let may = *name == "admin"
                || *name == super::super::auth::name_of(scope)
                || (*name == "deploy" && scope == Scope::Read);
            let request = from(&address, with(token, route.method.as_str(), &path));
            let response = api.open(request).await;
            assert_eq!(response.status() != StatusCode::FORBIDDEN, may, "{} {path} as {name}", route.method);
            assert_ne!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
    }
}

#[tokio::test]
async fn wrong_tokens_are_told_apart_and_counted() {
    let api = Api::new().await;
    let expired = {
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(50);
        api.registry.create_token("old", [Scope::Read].into(), Some(soon)).await.unwrap().value.text
    };
    let good = api.tokens["read"].clone();
    let wrong = format!("{}{}", &good[..good.len() - 4], if good.ends_with("0000") { "1111" } else { "0000" });
    let send = async |token: &str| api.send(from("10.0.0.1", with(token, "GET", "/v1/workers"))).await;
    while jiff::Timestamp::now() < api.registry.tokens().await.unwrap()[4].expires.unwrap() {
        tokio::task::yield_now().await;
    }
    assert!(send(&expired).await.error().starts_with("401 unauthorized | the token has expired"));
    assert!(send(&wrong).await.error().starts_with("401 unauthorized | the token is not known"));
    assert!(send("gp_x").await.error().starts_with("401 unauthorized | the token is malformed"));
    for _ in 3..super::super::failures::ALLOWED {
        send(&wrong).await.expect(401);
    }
    let answer = send(&good).await;
    assert!(answer.error().starts_with("429 rate_limited | too many requests"), "{}", answer.error());
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    // Another client is not held up, and what needs no token is there for all.
    api.send(from("10.0.0.2", with(&good, "GET", "/v1/workers"))).await.expect(200);
    api.send(from("10.0.0.1", with(&good, "GET", "/healthz"))).await.expect(200);

    let audit = api.audit().await;
    assert_eq!(audit.len(), super::super::failures::ALLOWED as usize);
    assert_eq!(audit[0], "nobody: GET /workers workers: refused, the token is not known");
    assert_eq!(audit.last().unwrap(), "nobody: GET /workers workers: refused, the token has expired");
    let entries = api.registry.audit(None, 1).await.unwrap().entries;
    assert_eq!(entries[0].address, "10.0.0.1");
    assert!(!format!("{entries:?}").contains(&wrong[16..]), "the log has no secret");
}

#[tokio::test]
async fn what_changes_something_is_in_the_audit_log() {
    let api = Api::new().await;
    let version = api.deploy("hello", "one").await;
    api.call("PATCH", "/v1/workers/hello/secrets", json!({"KEY": "s3cret", "OTHER": "x"})).await.expect(200);
    api.call("PATCH", "/v1/workers/hello/secrets", json!({"KEY": null, "1": "x"})).await.expect(422);
    api.get("/v1/workers/hello").await.expect(200);
    api.delete("/v1/workers/none").await.expect(404);
    let refused = with(&api.tokens["read"], "DELETE", "/v1/workers/hello");
    api.send(refused).await.expect(403);
    let wrong = api.request("PUT", &format!("/v1/blobs/{}", "0".repeat(64))).body(Body::from("x")).unwrap();
    api.send(wrong).await.expect(400);
    api.delete("/v1/workers/hello").await.expect(204);

    let audit = api.audit().await;
    let live = audit[5].split("deployment 2: ").nth(1).unwrap_or_else(|| panic!("{audit:?}"));
    let expected = [
        "admin: delete worker workers/hello: done, ".to_owned(),
        format!("admin: upload blobs/{}: refused, bad_request", "0".repeat(64)),
        "read: DELETE /workers/hello workers/hello: refused, the scope `deploy` is missing".to_owned(),
        "admin: delete worker workers/none: refused, not_found".to_owned(),
        "admin: set secrets workers/hello/secrets: refused, invalid".to_owned(),
        format!("admin: set secrets workers/hello/secrets: done, set KEY, set OTHER; deployment 2: {live}"),
        format!("admin: publish workers/hello/versions: done, version {version}; deployment 1: {version}@100%"),
    ];
    assert_eq!(audit, expected);

    let page = api.get("/v1/audit?limit=3").await.expect(200).json();
    assert_eq!(page["entries"].as_array().unwrap().len(), 3);
    let cursor = page["cursor"].as_str().unwrap();
    let rest = api.get(&format!("/v1/audit?cursor={cursor}")).await.expect(200).json();
    assert_eq!((rest["entries"].as_array().unwrap().len(), &rest["cursor"]), (4, &Value::Null));
    for limit in ["0", "1001", "-1", "x"] {
        api.get(&format!("/v1/audit?limit={limit}")).await.expect(400);
    }
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked() {
    let api = Api::new().await;
    let body = json!({"name": "ci", "scopes": ["deploy", "read"], "expires": "2999-01-01T00:00:00Z"});
    let made = api.call("POST", "/v1/tokens", body).await.expect(201).json();
    assert_eq!((&made["name"], &made["expires"]), (&json!("ci"), &json!("2999-01-01T00:00:00Z")));
    let text = made["token"].as_str().unwrap();
    api.send(with(text, "GET", "/v1/workers")).await.expect(200);
    let listed = api.get("/v1/tokens").await.expect(200);
    assert_eq!(listed.json()["tokens"].as_array().unwrap().len(), 5);
    assert!(!String::from_utf8_lossy(&listed.body).contains(&text[16..]));
    api.delete(&format!("/v1/tokens/{}", made["id"].as_str().unwrap())).await.expect(204);
    api.send(with(text, "GET", "/v1/workers")).await.expect(401);
    api.delete("/v1/tokens/nobody").await.expect(404);

    for (body, expected) in [
        (
            json!({"name": "x", "scopes": ["root"]}),
            "400 bad_request | the body is not what is expected: scopes[0]: unknown variant `root`",
        ),
        (
            json!({"name": "x", "scopes": ["read"], "expires": "tomorrow"}),
            "400 bad_request | the body is not what is expected: expires:",
        ),
        (json!({"name": "", "scopes": []}), "422 invalid | there are 2 problems"),
        (
            json!({"name": "x", "scopes": ["read"], "expires": "2001-01-01T00:00:00Z"}),
            "422 invalid | the token would expire",
        ),
    ] {
        let error = api.call("POST", "/v1/tokens", body).await.error();
        assert!(error.starts_with(expected), "{error}");
    }
    let own = &api.tokens["admin"][3..15];
    assert!(
        api.delete(&format!("/v1/tokens/{own}")).await.error().starts_with("409 conflict | token `admin` is the last")
    );
}
