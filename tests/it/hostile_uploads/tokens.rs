//! Tokens that are wrong, over, or for something else; and who keeps trying.

use super::*;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Failures that an address has before it must wait.
const ALLOWED: usize = 10;

impl Target {
    /// Lists the workers with this `Authorization`, from this address.
    async fn list(&self, from: [u8; 4], authorization: Option<&str>) -> Answer {
        let mut request = self.node.admin_request(Method::GET, "/v1/workers", "");
        request.headers_mut().remove(header::AUTHORIZATION);
        if let Some(value) = authorization {
            request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
        }
        send_from(from, request).await
    }

    /// Sends this as it is, and reads what is answered before the connection is closed.
    async fn say(&self, text: &str) -> String {
        let (mut read, mut write) = TcpStream::connect(admin_address(&self.node)).await.unwrap().into_split();
        let mut said = Vec::new();
        // The server may close before it has read all: whatever it has said by then counts.
        let (_, _) = tokio::join!(write.write_all(text.as_bytes()), read.read_to_end(&mut said));
        String::from_utf8_lossy(&said).into_owned()
    }

    async fn token(&self, body: Value) -> Value {
        let answer = self.node.api(Method::POST, "/v1/tokens", Some(body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()
    }
}

fn bearer(token: &Value) -> String {
    format!("Bearer {}", token["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_wrong_or_over_open_nothing() {
    let target = Target::start().await;
    let right = format!("Bearer {}", target.node.token);
    let (mut other, mut id) = (right.clone(), right.clone());
    other.replace_range(other.len() - 1.., if right.ends_with('0') { "1" } else { "0" });
    id.replace_range(10..11, if &right[10..11] == "0" { "1" } else { "0" });
    let long = format!("Bearer {}", "a".repeat(100 << 10));
    let wrong: [&str; 12] = [
        &other,
        &id,
        "Bearer",
        "Bearer ",
        "Bearer gp_",
        "Bearer gp__",
        "Bearer gp_aaaaaaaaaaaa_",
        &right[7..],
        "Basic Z3A6Z3A=",
        "Bearer \"; drop table entries; --",
        "Bearer gp_..%2f..%2fx_y",
        &long,
    ];
    // A few from each address, so that none has to wait.
    for (number, wrong) in wrong.into_iter().enumerate() {
        let answer = target.list([127, 0, 1, 1 + number as u8 / 5], Some(wrong)).await;
        refused(&answer, 401, "token");
        assert!(answer.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")), "{answer:?}");
    }
    refused(&target.list([127, 0, 1, 10], None).await, 401, "token");
    let twice = {
        let mut request = target.node.admin_request(Method::GET, "/v1/workers", "");
        request.headers_mut().append(header::AUTHORIZATION, "Bearer x".parse().unwrap());
        send_from([127, 0, 1, 10], request).await
    };
    assert!(matches!(twice.status.as_u16(), 200 | 400 | 401), "{twice:?}");
    let said =
        target.say(&format!("GET /v1/workers HTTP/1.1\r\nhost: a\r\nauthorization: {}", "a".repeat(200 << 10))).await;
    // The client may lose the answer while it is still sending.
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 431 "), "{said}");

    let revoked = target.token(json!({"name": "revoked", "scopes": ["read"]})).await;
    assert_eq!(target.list([127, 0, 1, 11], Some(&bearer(&revoked))).await.status, StatusCode::OK);
    let path = format!("/v1/tokens/{}", revoked["id"].as_str().unwrap());
    assert_eq!(target.node.api(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    refused(&target.list([127, 0, 1, 11], Some(&bearer(&revoked))).await, 401, "token");

    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(1500);
    let short = target.token(json!({"name": "short", "scopes": ["read"], "expires": soon.to_string()})).await;
    let began = Instant::now();
    let over = loop {
        let answer = target.list([127, 0, 1, 12], Some(&bearer(&short))).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        assert!(began.elapsed() < PATIENCE, "the token never expired");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    refused(&over, 401, "expired");
    target.keeps_its_blobs();
    target.stays_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_do_what_their_scopes_say_and_no_more() {
    let target = Target::start().await;
    let calls = [
        ("read", Method::GET, "/v1/workers/good", json!(null)),
        ("deploy", Method::PUT, "/v1/workers/good/routes", json!({"routes": []})),
        ("deploy", Method::POST, "/v1/blobs/missing", json!({"digests": []})),
        ("deploy", Method::DELETE, "/v1/kv/namespaces/none", json!(null)),
        ("secrets", Method::GET, "/v1/workers/good/secrets", json!(null)),
        ("admin", Method::GET, "/v1/tokens", json!(null)),
        ("admin", Method::GET, "/v1/audit", json!(null)),
        ("admin", Method::POST, "/v1/check", json!(null)),
    ];
    for scope in ["read", "deploy", "secrets"] {
        let token = target.token(json!({"name": scope, "scopes": [scope]})).await;
        for (needed, method, path, body) in &calls {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let mut request = target.node.admin_request(method.clone(), path, body);
            request.headers_mut().insert(header::AUTHORIZATION, bearer(&token).parse().unwrap());
            let answer = send_from([127, 0, 2, 1], request).await;
            // Who may deploy may read.
            match *needed == scope || (scope, *needed) == ("deploy", "read") {
                true => assert!(!matches!(answer.status.as_u16(), 401 | 403), "{scope}: {path}: {answer:?}"),
                false => refused(&answer, 403, &format!("`{needed}`")),
            }
        }
        let mut more =
            target.node.admin_request(Method::POST, "/v1/tokens", r#"{"name": "more", "scopes": ["admin"]}"#);
        more.headers_mut().insert(header::AUTHORIZATION, bearer(&token).parse().unwrap());
        refused(&send_from([127, 0, 2, 1], more).await, 403, "`admin`");
    }
    target.keeps_its_blobs();
    target.stays_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_failing_must_wait_and_nobody_else() {
    let target = Target::start().await;
    let right = format!("Bearer {}", target.node.token);
    let (address, another) = ([127, 0, 3, 1], [127, 0, 3, 2]);
    let began = Instant::now();
    for _ in 0..ALLOWED {
        refused(&target.list(address, Some("Bearer gp_wrong_wrong")).await, 401, "token");
    }
    for authorization in ["Bearer gp_wrong_wrong", &right] {
        let answer = target.list(address, Some(authorization)).await;
        refused(&answer, 429, "wait");
        let wait: u64 = answer.header("retry-after").expect("it says how long").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    assert_eq!(target.list(another, Some(&right)).await.status, StatusCode::OK);
    assert_eq!(target.list([127, 0, 0, 1], Some(&right)).await.status, StatusCode::OK);
    // It costs the server nothing to be asked again and again: no entry of the audit log, no look at the storage.
    let log = "/v1/audit?limit=100";
    let entries = |log: &Answer| log.json()["entries"].as_array().unwrap().len();
    let before = entries(&target.node.api(Method::GET, log, None).await);
    for _ in 0..200 {
        assert_eq!(target.list(address, Some("Bearer x")).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(entries(&target.node.api(Method::GET, log, None).await), before);

    // The minute has to pass on the server's own clock.
    loop {
        let answer = target.list(address, Some(&right)).await;
        if answer.status == StatusCode::OK {
            break;
        }
        let wait = answer.header("retry-after").expect("it says how long").parse().unwrap();
        assert!(began.elapsed() < Duration::from_secs(65), "{answer:?}");
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
    println!("let in again after {:.0?}", began.elapsed());
    target.keeps_its_blobs();
    target.stays_well().await;
}
