//! Workers as clients: `fetch` with `Upgrade`, `new WebSocket()`, passing a connection on, other workers.

use super::client::{CLOSE, Client, LAST, TEXT};
use super::{WORKER, server};
use crate::support::Server;
use serde_json::json;

fn target(server: &Server, scheme: &str, path: &str) -> String {
    let url = format!("{}{path}", server.base.replace("http", scheme));
    url.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F").replace('=', "%3D")
}

#[tokio::test]
async fn a_worker_connects_to_a_server() {
    let server = server().await;
    let answer = server.get(&format!("/client?to={}", target(&server, "http", "/echo"))).await;
    assert_eq!(answer.json()["got2"], json!(["one", "two", "three"]), "{}", server.stderr());
    assert_eq!(answer.json()["closed"], "3001 true");
    let answer = server.get(&format!("/client?to={}", target(&server, "http", "/plain"))).await;
    assert_eq!(answer.text(), "no socket, status 200");

    let to = target(&server, "ws", "/echo?protocol=b");
    let answer = server.get(&format!("/standard?to={to}&protocol=a&protocol=b")).await;
    assert_eq!(answer.json(), json!(["open b 1", "1,2,3", 5000, "close 3000 bye true 3"]));
    for (to, protocol) in [("/echo?protocol=c", "&protocol=a"), ("/echo", "&protocol=a"), ("/plain", "")] {
        let answer = server.get(&format!("/standard?to={}{protocol}", target(&server, "ws", to))).await;
        let failed = json!(["error", "close 1006 Failed to establish websocket connection false 3"]);
        assert_eq!(answer.json(), failed, "{to}");
    }
}

#[tokio::test]
async fn a_connection_is_passed_on_without_the_sandbox() {
    let server = server().await;
    let (answer, mut client) = Client::open(
        &server.base,
        &format!("/proxy?to={}", target(&server, "http", "/echo?protocol=p")),
        &["Sec-WebSocket-Protocol: p"],
    )
    .await;
    assert_eq!((answer.status, answer.header("sec-websocket-protocol")), (101, Some("p")), "{}", server.stderr());
    // Its line is there at once: the invocation is over.
    server.printed("/proxy").await;
    client.send(LAST | TEXT, b"through").await;
    assert_eq!(client.text().await, "through");
    client.send(LAST | CLOSE, b"\x0b\xb8bye").await;
    assert_eq!(client.closed().await, (3000, "bye".into()));
}

#[tokio::test]
async fn a_worker_that_is_called_by_another_may_accept() {
    let caller = "name = \"caller\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\n\
                  services = [{ binding = \"OTHER\", service = \"callee\" }]\n";
    let callee = "export default { fetch() { const [client, server] = Object.values(new WebSocketPair()); server.accept();\n\
                  server.onmessage = ({ data }) => { server.send(`callee ${data}`); if (data === 'end') server.close(3003, 'x'); };\n\
                  server.onclose = ({ code }) => console.log(`callee closed ${code}`);\n\
                  return new Response(null, { status: 101, webSocket: client }); } };";
    let server = Server::projects(
        &[
            ("caller/wrangler.toml", caller),
            ("caller/worker.js", WORKER),
            ("callee/wrangler.toml", "name = \"callee\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\n"),
            ("callee/worker.js", callee),
        ],
        &["caller", "callee"],
    )
    .await;
    let mut client = Client::connect(&server.base, "/service").await;
    client.send(LAST | TEXT, b"hi").await;
    assert_eq!(client.text().await, "callee hi");
    client.send(LAST | TEXT, b"end").await;
    assert_eq!(client.text().await, "callee end");
    assert_eq!(client.closed().await, (3003, "x".into()));
    client.send(LAST | CLOSE, b"\x0b\xbb").await;
    server.printed("callee closed 3003").await;
}
