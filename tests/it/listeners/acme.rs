//! Certificates from an authority: Pebble, of Debian's package `pebble`.

use super::client::shake;
use crate::node::Node;
use crate::support::{PATIENCE, glowplug};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ClientConfig, RootCertStore};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// Looks up every name as the loopback, and never refuses a nonce for the fun of it.
struct Pebble {
    _pebble: Child,
    _names: Child,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Pebble {
    /// `http` and `tls` are where it looks for challenges, `port` where it is.
    fn start(folder: &Path, port: u16, http: u16, tls: u16) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
        std::fs::write(folder.join("pebble.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.join("pebble.key"), key.serialize_pem()).unwrap();
        let (management, dns) = (free_port(), free_port());
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"), "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": folder.join("pebble.pem"), "privateKey": folder.join("pebble.key"),
            "httpPort": http, "tlsPort": tls, "ocspResponderURL": "", "externalAccountBindingRequired": false,
        } });
        std::fs::write(folder.join("pebble.json"), config.to_string()).unwrap();
        let start = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "5");
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            command.spawn().unwrap_or_else(|error| panic!("`{program}` is not there (package pebble): {error}"))
        };
        let names = format!("127.0.0.1:{dns}");
        let none = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-management", ""];
        let challtestsrv = [&["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", &names], &none[..]].concat();
        let config = folder.join("pebble.json");
        Self {
            _names: start("pebble-challtestsrv", &challtestsrv),
            _pebble: start("pebble", &["-config", config.to_str().unwrap(), "-dnsserver", &names]),
        }
    }
}

/// A client that trusts everybody but looks what it is shown is no use: it trusts what Pebble has issued.
async fn shown(address: &str, name: &str) -> Option<Vec<u8>> {
    #[derive(Debug)]
    struct Anybody(rustls::crypto::CryptoProvider);
    impl rustls::client::danger::ServerCertVerifier for Anybody {
        fn verify_server_cert(
            &self,
            certificate: &rustls::pki_types::CertificateDer<'_>,
            _: &[rustls::pki_types::CertificateDer<'_>],
            name: &rustls::pki_types::ServerName<'_>,
            _: &[u8],
            _: rustls::pki_types::UnixTime,
        ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
            rustls::client::verify_server_name(&rustls::server::ParsedCertificate::try_from(certificate)?, name)?;
            Ok(rustls::client::danger::ServerCertVerified::assertion())
        }
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &rustls::pki_types::CertificateDer<'_>,
            signature: &rustls::DigitallySignedStruct,
        ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
            rustls::crypto::verify_tls12_signature(
                message,
                certificate,
                signature,
                &self.0.signature_verification_algorithms,
            )
        }
        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &rustls::pki_types::CertificateDer<'_>,
            signature: &rustls::DigitallySignedStruct,
        ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
            rustls::crypto::verify_tls13_signature(
                message,
                certificate,
                signature,
                &self.0.signature_verification_algorithms,
            )
        }
        fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider.clone()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.dangerous().set_certificate_verifier(Arc::new(Anybody(provider)));
    shake(address, name, &Arc::new(config)).await.ok().map(|shaken| shaken.certificate)
}

async fn gets_a_certificate(challenge: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (port, http, tls) = (free_port(), free_port(), free_port());
    let _pebble = Pebble::start(dir.path(), port, http, tls);
    let settings = format!(
        "data = \"data\"\nadmin = \"127.0.0.1:0\"\nlisten = \"127.0.0.1:{http}\"\n\
         [[listeners]]\naddress = \"127.0.0.1:{tls}\"\ntls = true\n\
         [acme]\ndomains = [\"one.example\", [\"two.example\", \"three.example\"]]\nchallenge = \"{challenge}\"\n\
         directory = \"https://localhost:{port}/dir\"\ndirectory_ca = \"ca.pem\"\ncontact = \"admin@one.example\"\n"
    );
    std::fs::write(dir.path().join("settings.toml"), settings).unwrap();
    let start = async |token: Option<&str>| {
        // Pebble may need a moment longer than the server does, and failures are tried again after a minute.
        let mut command = glowplug();
        command.args(["serve", "--config"]).arg(dir.path().join("settings.toml"));
        Node::spawn(command, &dir.path().join("data"), token).await.unwrap_or_else(|error| panic!("{error}"))
    };
    let waiting = Instant::now();
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(waiting.elapsed() < PATIENCE, "Pebble does not start");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let node = start(None).await;
    let address = format!("127.0.0.1:{tls}");
    let mut got = Vec::new();
    for name in ["one.example", "two.example", "three.example"] {
        let certificate = loop {
            if let Some(certificate) = shown(&address, name).await {
                break certificate;
            }
            assert!(waiting.elapsed() < PATIENCE * 2, "there is no certificate for {name}:\n{}", node.stderr());
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        got.push(certificate);
    }
    assert!(got[0] != got[1] && got[1] == got[2], "a list is one certificate");

    // What was issued is kept.
    let token = node.token.clone();
    node.stop().await;
    let node = start(Some(&token)).await;
    assert_eq!(shown(&address, "one.example").await.as_ref(), Some(&got[0]), "{}", node.stderr());
}

#[tokio::test]
async fn certificates_are_had_by_http_01() {
    gets_a_certificate("http-01").await;
}

#[tokio::test]
async fn certificates_are_had_by_tls_alpn_01() {
    gets_a_certificate("tls-alpn-01").await;
}
