//! HTTP/3.

use super::Edge;
use super::client::shake;
use crate::support::PATIENCE;
use bytes::{Buf, Bytes};
use h3::client::SendRequest;
use h3_quinn::OpenStreams;
use http::{Request, Response};
use quinn::crypto::rustls::QuicClientConfig;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

const SETTINGS: &str = r#"
listen = "127.0.0.1:0"
listen_tls = "127.0.0.1:0"

[tls]
certificates = [{ certificate = "a.pem", key = "a.key" }]
"#;

struct Http3 {
    endpoint: quinn::Endpoint,
    sender: SendRequest<OpenStreams, Bytes>,
}

impl Http3 {
    async fn connect(edge: &Edge) -> Self {
        let config = (*edge.authority.client(&["h3"], None)).clone();
        let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(config).unwrap()));
        let mut endpoint = quinn::Endpoint::client(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        endpoint.set_default_client_config(config);
        let address = edge.address("https").parse().unwrap();
        let quic = endpoint.connect(address, "hello.localhost").unwrap().await.unwrap();
        let (mut driver, sender) = h3::client::new(h3_quinn::Connection::new(quic)).await.unwrap();
        tokio::spawn(async move { std::future::poll_fn(|cx| driver.poll_close(cx)).await });
        Self { endpoint, sender }
    }

    async fn ask(&mut self, request: Request<()>, body: &[&'static [u8]]) -> Result<Response<Vec<u8>>, String> {
        let asking = async {
            let mut stream = self.sender.send_request(request).await.map_err(|error| error.to_string())?;
            for piece in body {
                stream.send_data(Bytes::from_static(piece)).await.map_err(|error| error.to_string())?;
            }
            stream.finish().await.map_err(|error| error.to_string())?;
            let response = stream.recv_response().await.map_err(|error| error.to_string())?;
            let mut read = Vec::new();
            while let Some(mut data) = stream.recv_data().await.map_err(|error| error.to_string())? {
                read.extend_from_slice(&data.copy_to_bytes(data.remaining()));
            }
            Ok::<_, String>(response.map(|()| read))
        };
        tokio::time::timeout(PATIENCE, asking).await.expect("the answer comes")
    }
}

#[tokio::test]
async fn requests_of_http3_are_answered_as_others_are() {
    let edge = Edge::start(SETTINGS).await;
    let worker = "export default { async fetch(request) {
        return new Response(`${request.method} ${request.url} ${await request.text()}`, { headers: { 'x-a': 'b' } });
    } };";
    edge.node.deploy_script("hello", worker).await;
    let mut client = Http3::connect(&edge).await;
    let url = "https://hello.localhost/a?b=c";
    let answer = client.ask(Request::get(url).body(()).unwrap(), &[]).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.body(), b"GET https://hello.localhost/a?b=c ");
    assert!(answer.headers().contains_key("date") && answer.headers()["x-a"] == "b", "{:?}", answer.headers());
    let answer = client.ask(Request::post(url).body(()).unwrap(), &[b"one ", b"two"]).await.unwrap();
    assert_eq!(answer.body(), b"POST https://hello.localhost/a?b=c one two");
    let answer = client.ask(Request::head(url).body(()).unwrap(), &[]).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().len()), (200, 0));

    let twice = Request::get(url).header("host", "hello.localhost").header("host", "b.test").body(()).unwrap();
    assert_eq!(client.ask(twice, &[]).await.unwrap().status(), 400);
    let all = (0..50).map(|_| {
        let mut client = Http3 { endpoint: client.endpoint.clone(), sender: client.sender.clone() };
        tokio::spawn(async move { client.ask(Request::get(url).body(()).unwrap(), &[]).await })
    });
    for answer in all.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn answers_by_tls_say_where_http3_is_spoken() {
    let edge = Edge::start(SETTINGS).await;
    let address = edge.address("https");
    let config = edge.authority.client(&["h2"], None);
    let answer = shake(&address, "a.test", &config).await.unwrap().get("hello.localhost").await.unwrap();
    let port = address.rsplit_once(':').unwrap().1;
    assert_eq!(answer.headers()["alt-svc"], format!("h3=\":{port}\"; ma=86400"));
}
