//! A client of TLS, and the authority that it trusts.

use crate::support::PATIENCE;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Issues certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Writes `NAME.pem` and `NAME.key` for these names.
    pub fn issue(&self, folder: &Path, name: &str, names: &[&str]) {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
    }

    /// What clients that trust it connect with, and show `NAME.pem` of the folder if one is given.
    pub fn client(&self, alpn: &[&str], shown: Option<(&Path, &str)>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let builder = builder.with_root_certificates(roots);
        let mut config = match shown {
            None => builder.with_no_client_auth(),
            Some((folder, name)) => {
                let certificate = CertificateDer::from_pem_file(folder.join(format!("{name}.pem"))).unwrap();
                let key = PrivateKeyDer::from_pem_file(folder.join(format!("{name}.key"))).unwrap();
                builder.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        };
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}

/// What a handshake came to.
pub struct Shaken {
    /// The certificate that the server showed.
    pub certificate: Vec<u8>,
    pub resumed: bool,
    pub alpn: Option<String>,
    pub stream: TlsStream<TcpStream>,
}

pub async fn shake(address: &str, name: &str, config: &Arc<ClientConfig>) -> Result<Shaken, String> {
    let connecting = async {
        let socket = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        socket.set_nodelay(true).unwrap();
        let name = name.to_owned().try_into().unwrap();
        TlsConnector::from(config.clone()).connect(name, socket).await.map_err(|error| error.to_string())
    };
    let stream = tokio::time::timeout(PATIENCE, connecting).await.expect("the handshake ends")?;
    let connection = stream.get_ref().1;
    Ok(Shaken {
        certificate: connection.peer_certificates().unwrap()[0].to_vec(),
        resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        alpn: connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        stream,
    })
}

impl Shaken {
    /// Asks for `/` of the worker, in the version that was agreed on.
    pub async fn get(self, host: &str) -> Result<Response<Bytes>, String> {
        let h2 = self.alpn.as_deref() == Some("h2");
        let io = TokioIo::new(self.stream);
        let asking = async {
            let request = Request::get(if h2 { format!("https://{host}/") } else { "/".to_owned() });
            let request = if h2 { request } else { request.header("host", host) };
            let request = request.body(Empty::<Bytes>::new()).unwrap();
            let response = if h2 {
                let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await?;
                tokio::spawn(connection);
                sender.send_request(request).await?
            } else {
                let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
                tokio::spawn(connection);
                sender.send_request(request).await?
            };
            let (head, body) = response.into_parts();
            Ok::<_, hyper::Error>(Response::from_parts(head, body.collect().await?.to_bytes()))
        };
        let answered = tokio::time::timeout(PATIENCE, asking).await.expect("the answer comes");
        answered.map_err(|error| format!("{error:?}"))
    }
}
