//! Deployments, routes and secrets.

use super::*;

#[tokio::test]
async fn traffic_is_divided_and_given_back() {
    let api = Api::new().await;
    let (one, two) = (api.deploy("hello", "one").await, api.deploy("hello", "two").await);
    let path = "/v1/workers/hello/deployments";
    let body =
        json!({"versions": [{"version": two, "percent": 33.33}, {"version": one, "percent": 66.67}], "message": "try"});
    let made = api.call("POST", path, body.clone()).await.expect(201).json();
    assert_eq!(
        (&made["number"], &made["cause"], &made["versions"]),
        (&json!(3), &json!("versions"), &body["versions"])
    );
    for (versions, expected) in [
        (json!([]), "422 invalid | 0 versions cannot share the traffic"),
        (json!([{"version": one, "percent": 50}]), "422 invalid | the shares add up to 50%"),
        (json!([{"version": one, "percent": 33.333}]), "422 invalid | version `"),
        (
            json!([{"version": one, "percent": -1}, {"version": two, "percent": 101}]),
            "422 invalid | there are 2 problems",
        ),
        (json!([{"version": "0".repeat(12), "percent": 100}]), "404 not_found | there is no version `000000000000`"),
        (
            json!([{"version": "x", "percent": 100}]),
            "400 bad_request | the body is not what is expected: versions[0].version:",
        ),
    ] {
        let error = api.call("POST", path, json!({"versions": versions})).await.error();
        assert!(error.starts_with(expected), "{error}");
    }
    let back = api.call("POST", "/v1/workers/hello/rollback", json!({"version": one})).await.expect(201).json();
    assert_eq!(back["versions"], json!([{"version": one, "percent": 100.0}]));
    let back = api.call("POST", "/v1/workers/hello/rollback", json!({"message": "back"})).await.expect(201).json();
    assert_eq!((&back["cause"], &back["message"]), (&json!("rollback"), &json!("back")));
    let listed = api.get(&format!("{path}?limit=2")).await.expect(200).json();
    assert_eq!(listed["deployments"][0], back);
    assert_eq!(listed["deployments"].as_array().unwrap().len(), 2);
    api.get("/v1/workers/none/deployments").await.expect(404);
    api.call("POST", "/v1/workers/none/rollback", json!({})).await.expect(404);
}

#[tokio::test]
async fn routes_are_set_and_explained() {
    let api = Api::new().await;
    let one = api.deploy("hello", "one").await;
    api.deploy("other", "two").await;
    let body = json!({"routes": ["example.com/a/*", "*example.com/*"]});
    let worker = api.call("PUT", "/v1/workers/hello/routes", body).await.expect(200).json();
    assert_eq!(worker["routes"], json!(["example.com/a/*", "*example.com/*"]));
    api.call("PUT", "/v1/workers/other/routes", json!({"routes": ["https://other.com/"]})).await.expect(200);
    let error = api.call("PUT", "/v1/workers/other/routes", json!({"routes": ["example.com/a/*"]})).await.error();
    assert!(error.starts_with("409 conflict | route `example.com/a/*` belongs to worker `hello` already"), "{error}");
    let listed = api.get("/v1/routes").await.expect(200).json();
    let route = |pattern: &str, worker: &str| json!({"pattern": pattern, "worker": worker});
    let all =
        [route("*example.com/*", "hello"), route("example.com/a/*", "hello"), route("https://other.com/", "other")];
    assert_eq!(listed, json!({"routes": all}));

    let put = json!({"pattern": "static.com/*", "origin": "http://origin.example:8080/base/", "cache": true});
    let put = api.call("PUT", "/v1/routes", put).await.expect(200).json();
    let made =
        json!({"pattern": "static.com/*", "worker": null, "origin": "http://origin.example:8080/base", "cache": true});
    assert_eq!(put, made);
    assert_eq!(api.get("/v1/routes").await.expect(200).json()["routes"][3], made);
    let without = api.call("PUT", "/v1/routes", json!("other.com/*")).await.error();
    assert!(without.starts_with("422 invalid | route `other.com/*` has no worker and no `origin`"), "{without}");
    let taken = json!({"pattern": "https://other.com/", "origin": "https://o"});
    let taken = api.call("PUT", "/v1/routes", taken).await.error();
    assert!(taken.starts_with("409 conflict | route `https://other.com/` belongs to worker `other`"), "{taken}");
    let taken = api.call("PUT", "/v1/workers/other/routes", json!({"routes": ["static.com/*"]})).await.error();
    assert!(taken.starts_with("409 conflict | route `static.com/*` leads to an origin already"), "{taken}");
    let closed = json!({"routes": [{"pattern": "a.com/*", "fail_open": true}]});
    let closed = api.call("PUT", "/v1/workers/other/routes", closed).await.error();
    assert!(closed.contains("`fail_open` needs an `origin`"), "{closed}");

    let explain = async |url: &str| {
        let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
        api.get(&format!("/v1/routes/explain?url={url}")).await.expect(200).json()
    };
    assert_eq!(
        explain("http://example.com/a/b").await,
        json!({
            "url": "http://example.com/a/b",
            "worker": "hello",
            "versions": [{"version": one, "percent": 100.0}],
            "how": {"kind": "route", "pattern": "example.com/a/*"},
            "also": [{"pattern": "*example.com/*", "worker": "hello"}],
            "why": "route `example.com/a/*` of worker `hello` matches; `*example.com/*` of worker `hello` matches too, but is less specific",
        })
    );
    let origin = explain("http://static.com/x").await;
    assert_eq!((&origin["worker"], &origin["origin"]), (&Value::Null, &json!("http://origin.example:8080/base")));
    api.delete("/v1/routes?pattern=static.com/*").await.expect(204);
    api.delete("/v1/routes?pattern=static.com/*").await.expect(404);
    api.delete("/v1/routes?pattern=https://other.com/").await.expect(409);
    assert_eq!(explain("http://static.com/x").await["how"], Value::Null);
    let own = explain("http://hello.localhost/").await;
    assert_eq!(
        (&own["how"], &own["why"]),
        (&json!({"kind": "subdomain"}), &json!("the host is that of worker `hello`"))
    );
    let preview = explain(&format!("http://{one}-hello.localhost/")).await;
    assert_eq!((&preview["how"]["kind"], &preview["versions"][0]["version"]), (&json!("preview"), &json!(one)));
    let gone = explain("http://000000000000-hello.localhost/").await;
    assert_eq!(gone["versions"], json!([]));
    assert!(gone["why"].as_str().unwrap().ends_with("which is not there"));
    let nobody = explain("https://elsewhere.com/").await;
    assert_eq!((&nobody["worker"], &nobody["how"]), (&Value::Null, &Value::Null));
    assert_eq!(nobody["why"], "no route matches, and the host is not that of a worker below `localhost`");
}

#[tokio::test]
async fn secrets_are_set_and_never_shown() {
    let api = Api::new().await;
    api.deploy("hello", "one").await;
    let path = "/v1/workers/hello/secrets";
    let answer = api.call("PATCH", path, json!({"KEY": "s3cret-value", "OTHER": "x"})).await.expect(200);
    assert!(!String::from_utf8_lossy(&answer.body).contains("s3cret"));
    let changed = answer.json();
    assert_eq!((&changed["secrets"], &changed["deployment"]["cause"]), (&json!(["KEY", "OTHER"]), &json!("secret")));
    assert_eq!(api.get(path).await.expect(200).json(), json!({"secrets": ["KEY", "OTHER"]}));
    let version = changed["deployment"]["versions"][0]["version"].as_str().unwrap();
    let version = api.get(&format!("/v1/workers/hello/versions/{version}")).await.expect(200);
    assert_eq!(version.json()["secrets"], json!(["KEY", "OTHER"]));
    let changed = api.call("PATCH", path, json!({"OTHER": null})).await.expect(200).json();
    assert_eq!(changed["secrets"], json!(["KEY"]));

    for (body, expected) in [
        (
            json!({"KEY": 12345678}),
            "400 bad_request | the body is not what is expected: KEY: a secret is a string, or null to delete it",
        ),
        (
            json!({"KEY": {"a": 12345678}}),
            "400 bad_request | the body is not what is expected: KEY: a secret is a string",
        ),
        (
            json!(["12345678"]),
            "400 bad_request | the body is not what is expected: invalid type: sequence, expected a map",
        ),
        (json!({}), "422 invalid | no secret is named"),
        (json!({"NONE": null}), "404 not_found | there is no secret `NONE`"),
    ] {
        let answer = api.call("PATCH", path, body).await;
        assert!(answer.error().starts_with(expected), "{}", answer.error());
        assert!(!answer.error().contains("12345678"));
    }
    let new = api.call("PATCH", "/v1/workers/new/secrets", json!({"KEY": "x"})).await.expect(200).json();
    assert_eq!(new, json!({"secrets": ["KEY"], "deployment": null}));
}
