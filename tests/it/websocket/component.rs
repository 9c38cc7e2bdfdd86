//! A component in another language: the same WebSockets and events.

use super::client::{BINARY, CLOSE, Client, LAST, TEXT};
use crate::support::Server;
use std::path::Path;

#[tokio::test]
async fn a_component_accepts_forwards_and_is_called_by_the_clock() {
    let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests/dist/sockets.wasm");
    let server = Server::start(&guest).await;
    assert_eq!(server.get("/echo").await.status.as_u16(), 426);
    let mut client = Client::connect(&server.base, "/echo").await;
    client.send(LAST | TEXT, b"hi").await;
    assert_eq!(client.text().await, "hi");
    client.send(LAST | BINARY, &[1; 100_000]).await;
    assert_eq!(client.next().await.unwrap().payload.len(), 100_000);
    client.send(LAST | CLOSE, b"\x0b\xb8bye").await;
    assert_eq!(client.closed().await, (3000, "bye".into()));
    server.printed("closed 3000 bye true").await;

    let mut client = Client::connect(&server.base, &format!("/forward?{}/echo", server.base)).await;
    server.printed("/forward").await;
    client.send(LAST | TEXT, b"through").await;
    assert_eq!(client.text().await, "through");

    assert_eq!(server.get("/__scheduled?cron=*+*+*+*+*&time=1700000000000").await.text(), "Ran scheduled event\n");
    server.printed("due by * * * * * at 1700000000000").await;
    let failed = server.get("/__scheduled?cron=1+1+1+1+*").await;
    assert_eq!(failed.text(), "the scheduled event failed: Error: not today\n");
}
