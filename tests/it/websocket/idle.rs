//! Many sockets at which nothing happens.

use super::WORKER;
use super::client::{Client, LAST, TEXT};
use crate::node::Node;
use crate::support::kib;

/// Opens `count` sockets, and says what each costs the server.
async fn hold(count: usize) {
    let node = Node::start().await;
    let settings = "name = \"sockets\"\nmain = \"index.js\"\nroutes = [\"*/*\"]\n";
    node.deploy(&[("index.js", WORKER), ("wrangler.toml", settings)], &[]).await;
    // Pages of snapshots that sandboxes share are not in the first.
    let memory = || (kib(node.pid(), "smaps_rollup", "Private_Dirty:"), kib(node.pid(), "status", "VmRSS:"));
    // What the first needs is needed once.
    let mut first = Client::connect(&node.base, "/count").await;
    first.send(LAST | TEXT, b"").await;
    first.text().await;
    let (before, with_shared) = memory();
    let mut clients = Vec::new();
    for _ in 1..count {
        clients.push(Client::connect(&node.base, "/count").await);
    }
    let (after, resident) = memory();
    let resident = (resident - with_shared) / count as u64;
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
