//! Many sockets at which nothing happens.

use super::client::{Client, LAST, TEXT};
use super::server;

/// Opens `count` sockets, and says what each costs the server.
async fn hold(count: usize) {
    let server = server().await;
    // What the first needs is needed once.
    let mut first = Client::connect(&server.base, "/count").await;
    first.send(LAST | TEXT, b"").await;
    first.text().await;
    let (before, with_shared) = (server.private_kib(), server.resident_kib());
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(Client::connect(&server.base, "/count").await);
    }
    let after = server.private_kib();
    let resident = (server.resident_kib() - with_shared) / count as u64;
    println!("{count} idle sockets: {} KiB each, {resident} KiB with what they share", (after - before) / count as u64);
    // Each is there, and has a state of its own.
    for client in clients.iter_mut().step_by(97) {
        client.send(LAST | TEXT, b"").await;
        assert_eq!(client.text().await, "1");
    }
    assert!((after - before) / (count as u64) < 1024, "an idle socket takes less than a megabyte");
}

#[tokio::test]
async fn five_hundred_idle_sockets_are_held() {
    hold(500).await;
}

#[tokio::test]
#[ignore = "needs 20,000 file descriptors and some gigabytes"]
async fn ten_thousand_idle_sockets_are_held() {
    hold(10_000).await;
}
