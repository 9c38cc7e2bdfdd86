//! Certificates that change while the server is at work.

use super::Edge;
use super::client::shake;
use crate::support::PATIENCE;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SETTINGS: &str = r#"
listen = "127.0.0.1:0"
listen_tls = "127.0.0.1:0"

[tls]
certificates = [{ certificate = "a.pem", key = "a.key" }]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_shown_and_no_request_fails() {
    let edge = Edge::start(SETTINGS).await;
    let address = edge.address("https");
    let config = edge.authority.client(&["h2"], None);
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (address, config, stop, asked) = (address.clone(), config.clone(), stop.clone(), asked.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let answer = shake(&address, "a.test", &config).await?.get("hello.localhost").await?;
                    assert_eq!(answer.status(), 200);
                    asked.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, String>(())
            })
        })
        .collect();
    // With a new configuration each time: a session that is resumed shows the certificate it was begun with.
    let shown = async || shake(&address, "a.test", &edge.authority.client(&["h2"], None)).await.unwrap().certificate;
    let first = shown().await;

    // The file alone does not fit the old key: nothing changes until both are there.
    std::fs::write(edge.dir().join("a.pem"), "half a file").unwrap();
    edge.node.printed("the certificates stay as they are").await;
    assert_eq!(shown().await, first);
    edge.authority.issue(edge.dir(), "a", &["a.test"]);
    let start = Instant::now();
    while shown().await == first {
        assert!(start.elapsed() < PATIENCE, "the new certificate is never shown");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let before = asked.load(Ordering::Relaxed);
    while asked.load(Ordering::Relaxed) < before + 20 {
        assert!(start.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap().unwrap();
    }
}
