//! Clients that show certificates.

use super::Edge;
use super::client::{Authority, shake};

fn settings(asked: &str) -> String {
    format!(
        "listen = \"127.0.0.1:0\"\nlisten_tls = \"127.0.0.1:0\"\n[tls]\n\
         certificates = [{{ certificate = \"a.pem\", key = \"a.key\" }}]\n\
         client_certificates = \"{asked}\"\nclient_ca = \"ca.pem\"\n"
    )
}

#[tokio::test]
async fn required_certificates_must_be_there_and_of_the_right_issuer() {
    let edge = Edge::start(&settings("required")).await;
    let address = edge.address("https");
    edge.authority.issue(edge.dir(), "client", &["client.test"]);
    Authority::new().issue(edge.dir(), "stranger", &["client.test"]);
    for (shown, works) in [(Some("client"), true), (None, false), (Some("stranger"), false)] {
        let config = edge.authority.client(&["http/1.1"], shown.map(|name| (edge.dir(), name)));
        // With TLS 1.3 a client learns of it when it reads.
        let answered = match shake(&address, "a.test", &config).await {
            Ok(shaken) => shaken.get("hello.localhost").await,
            Err(error) => Err(error),
        };
        assert_eq!(answered.is_ok(), works, "{shown:?}: {answered:?}");
    }
}

#[tokio::test]
async fn optional_certificates_need_not_be_there() {
    let edge = Edge::start(&settings("optional")).await;
    let config = edge.authority.client(&["http/1.1"], None);
    let shaken = shake(&edge.address("https"), "a.test", &config).await.unwrap();
    assert_eq!(shaken.get("hello.localhost").await.unwrap().status(), 200);
}
