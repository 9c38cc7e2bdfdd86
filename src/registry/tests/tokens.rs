use super::*;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_token_lets_its_bearer_in_until_it_expires_or_is_revoked() {
    let bench = Bench::new();
    let until = bench.now() + SignedDuration::from_hours(1);
    let scopes = BTreeSet::from([Scope::Deploy]);
    let made = bench.registry.create_token("ci", scopes, Some(until)).await.unwrap().value;
    let check = async |text: &str| bench.registry.authenticate(text, bench.now()).await;
    assert_eq!(check(&made.text).await, Ok(made.token.clone()));
    assert!(made.token.allows(Scope::Deploy) && made.token.allows(Scope::Read));
    assert!(!made.token.allows(Scope::Secrets) && !made.token.allows(Scope::Admin));

    let secret = made.text.rsplit('_').next().unwrap();
    assert!(!format!("{made:?}").contains(secret));
    for (_, entries) in bench.dump().await {
        assert!(entries.iter().all(|entry| !String::from_utf8_lossy(&entry.value).contains(secret)));
    }
    assert_eq!(check("").await, Err(AuthError::Missing));
    for malformed in ["gp", "gp_", "gp_x_y", "Bearer x", &made.text[1..], &made.text.to_uppercase(), "gp_é_é"] {
        assert_eq!(check(malformed).await, Err(AuthError::Malformed), "{malformed}");
    }
    let other_id = made.text.replace(&made.token.id, "000000000000");
    let other_secret = made.text.replace(secret, &"0".repeat(64));
    for unknown in [other_id, other_secret] {
        assert_eq!(check(&unknown).await, Err(AuthError::Unknown), "{unknown}");
    }
    bench.wait(SignedDuration::from_secs(3599));
    assert!(check(&made.text).await.is_ok());
    bench.wait(SignedDuration::from_secs(1));
    assert_eq!(check(&made.text).await, Err(AuthError::Expired));
    bench.registry.revoke_token(&made.token.id).await.unwrap();
    assert_eq!(check(&made.text).await, Err(AuthError::Unknown));
    assert!(matches!(bench.registry.revoke_token(&made.token.id).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn the_last_token_that_manages_tokens_stays() {
    let bench = Bench::new();
    let admin = || BTreeSet::from([Scope::Admin]);
    let first = bench.registry.create_token("first", admin(), None).await.unwrap().value.token;
    assert!([Scope::Deploy, Scope::Read, Scope::Secrets, Scope::Admin].into_iter().all(|scope| first.allows(scope)));
    let soon = bench.now() + SignedDuration::from_secs(1);
    bench.registry.create_token("soon gone", admin(), Some(soon)).await.unwrap();
    bench.wait(SignedDuration::from_secs(1));
    bench.registry.create_token("ci", BTreeSet::from([Scope::Deploy]), None).await.unwrap();
    let message = conflict(bench.registry.revoke_token(&first.id).await);
    assert!(message.contains("token `first` is the last one that may manage tokens\nhint: "), "{message}");
    bench.registry.create_token("second", admin(), None).await.unwrap();
    assert_eq!(bench.registry.revoke_token(&first.id).await.unwrap().value, first);
    let names: Vec<_> = bench.registry.tokens().await.unwrap().into_iter().map(|token| token.name).collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names[0], "soon gone");
    assert!(invalid(bench.registry.create_token("", BTreeSet::new(), Some(soon)).await).contains("which is past"));
    bench.assert_sound().await;
}

fn entry(at: Timestamp, number: usize) -> AuditEntry {
    AuditEntry {
        at,
        token: Some(AuditToken { name: "ci".into(), id: "0".into() }),
        action: "publish".into(),
        target: format!("worker-{number}"),
        outcome: AuditOutcome::Done,
        detail: "é".repeat(2_000),
        address: "127.0.0.1".into(),
    }
}

#[tokio::test]
async fn the_audit_log_is_read_newest_first_and_page_by_page() {
    let bench = Bench::new();
    for number in 0..25 {
        bench.registry.append_audit(entry(bench.now(), number)).await.unwrap();
        bench.wait(SignedDuration::from_nanos(1));
    }
    let mut after = None;
    let mut targets = Vec::new();
    let mut pages = 0;
    loop {
        let page = bench.registry.audit(after.as_deref(), 10).await.unwrap();
        assert!(page.entries.iter().all(|entry| entry.detail.len() == 2_048));
        targets.extend(page.entries.into_iter().map(|entry| entry.target));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..25).rev().map(|number| format!("worker-{number}")).collect();
    assert_eq!((targets, pages), (expected, 3));
}

#[tokio::test]
async fn the_audit_log_forgets_what_is_old() {
    let bench = Bench::new();
    for number in 0..1_500 {
        bench.registry.append_audit(entry(bench.now(), number)).await.unwrap();
    }
    bench.wait(AUDIT_RETENTION);
    bench.registry.append_audit(entry(bench.now(), 2_000)).await.unwrap();
    assert_eq!(bench.registry.sweep().await.unwrap(), 0);
    bench.wait(SignedDuration::from_nanos(1));
    assert_eq!(bench.registry.sweep().await.unwrap(), 1_500);
    let left = bench.registry.audit(None, 10).await.unwrap();
    assert_eq!(left.entries.len(), 1);
    assert_eq!((left.entries[0].target.as_str(), left.next), ("worker-2000", None));
}
