//! Certificates by name, versions by ALPN, resumption, redirects.

use super::Edge;
use super::client::shake;
use http::{Method, StatusCode};
use http_body_util::Full;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const SETTINGS: &str = r#"
[[listeners]]
address = "127.0.0.1:0"
redirect_to_https = 8443

[[listeners]]
address = "127.0.0.1:0"
tls = true

[tls]
certificates = [
    { certificate = "a.pem", key = "a.key" },
    { certificate = "b.pem", key = "b.key" },
]
hsts = "max-age=31536000; includeSubDomains"
"#;

#[tokio::test]
async fn a_client_gets_the_certificate_for_its_name_and_the_version_it_asks_for() {
    let edge = Edge::start(SETTINGS).await;
    let address = edge.address("https");
    let file = |name: &str| CertificateDer::from_pem_file(edge.dir().join(name)).unwrap().to_vec();
    let config = edge.authority.client(&["h2", "http/1.1"], None);
    for (name, wanted) in [("a.test", "a.pem"), ("x.a.test", "a.pem"), ("X.A.TEST", "a.pem"), ("b.test", "b.pem")] {
        assert_eq!(shake(&address, name, &config).await.unwrap().certificate, file(wanted), "{name}");
    }
    // The first is shown, and the client does not take it.
    assert!(shake(&address, "x.y.a.test", &config).await.err().unwrap().contains("certificate"));

    let offers: [(&[&str], _); 4] = [
        (&["h2", "http/1.1"], Some("h2")),
        (&["http/1.1"], Some("http/1.1")),
        (&["http/1.0"], Some("http/1.0")),
        (&[], None),
    ];
    for (offered, agreed) in offers {
        let config = edge.authority.client(offered, None);
        let shaken = shake(&address, "a.test", &config).await.unwrap();
        assert_eq!(shaken.alpn.as_deref(), agreed);
        let answer = shaken.get("hello.localhost").await.unwrap();
        assert_eq!(answer.body(), "https://hello.localhost/");
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000; includeSubDomains");
    }
}

#[tokio::test]
async fn sessions_are_resumed() {
    let edge = Edge::start(SETTINGS).await;
    let config = edge.authority.client(&["http/1.1"], None);
    let first = shake(&edge.address("https"), "a.test", &config).await.unwrap();
    assert!(!first.resumed);
    // The tickets come with the answer.
    first.get("hello.localhost").await.unwrap();
    assert!(shake(&edge.address("https"), "a.test", &config).await.unwrap().resumed);
}

#[tokio::test]
async fn requests_without_tls_are_sent_to_it() {
    let edge = Edge::start(SETTINGS).await;
    let request = edge.node.to("hello", Method::POST, "/a?b=c").body(Full::default()).unwrap();
    let answer = edge.node.send(request).await;
    assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(answer.header("location"), Some("https://hello.localhost:8443/a?b=c"));
    assert_eq!(answer.header("strict-transport-security"), None);
}

#[tokio::test]
async fn a_wrong_certificate_ends_the_start_and_is_named() {
    let dir = crate::support::project(&[
        ("a.pem", "nothing"),
        (
            "settings.toml",
            "data = \"data\"\nlisten_tls = \"127.0.0.1:0\"\n[tls]\ncertificates = [{ certificate = \"a.pem\", key = \"a.key\" }]",
        ),
    ]);
    let file = dir.path().join("settings.toml");
    let output = crate::support::run(&["serve", "--config", file.to_str().unwrap()]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("a.pem") && said.contains("BEGIN CERTIFICATE"), "{said}");
}
