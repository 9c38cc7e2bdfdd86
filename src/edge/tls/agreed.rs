//! What client and server agreed on, as requests carry it.

use super::acme::ALPN;
use super::distinguished;
use crate::connection::{ClientCertificate, Tls, TlsVersion};
use crate::digest::Digest;
use rustls::pki_types::CertificateDer;
use rustls::{ProtocolVersion, ServerConnection};
use webpki::EndEntityCert;

/// What a handshake was for.
pub enum Agreed {
    /// HTTP.
    Http(Tls),
    /// An authority has seen what it wanted to see.
    Challenge,
}

/// What was agreed on in a handshake that is over.
pub fn agreed(connection: &ServerConnection) -> Agreed {
    if connection.alpn_protocol() == Some(ALPN) { Agreed::Challenge } else { Agreed::Http(tls(connection)) }
}

fn tls(connection: &ServerConnection) -> Tls {
    let suite = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    Tls {
        server_name: connection.server_name().map(str::to_ascii_lowercase),
        version: match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => TlsVersion::Tls12,
            _ => TlsVersion::Tls13,
        },
        cipher: suite.map_or("", cipher),
        alpn: connection.alpn_protocol().and_then(protocol),
        client_certificate: connection.peer_certificates().and_then(|chain| client(chain.first()?)),
    }
}

/// rustls marks the suites of TLS 1.3 in their names.
fn cipher(suite: &'static str) -> &'static str {
    match suite {
        "TLS13_AES_128_GCM_SHA256" => "TLS_AES_128_GCM_SHA256",
        "TLS13_AES_256_GCM_SHA384" => "TLS_AES_256_GCM_SHA384",
        "TLS13_CHACHA20_POLY1305_SHA256" => "TLS_CHACHA20_POLY1305_SHA256",
        suite => suite,
    }
}

fn protocol(name: &[u8]) -> Option<&'static str> {
    match name {
        b"h2" => Some("h2"),
        b"http/1.1" => Some("http/1.1"),
        b"http/1.0" => Some("http/1.0"),
        _ => None,
    }
}

/// What a client's certificate says. It has been checked already; one that cannot be read here has no names.
pub fn client(der: &CertificateDer<'_>) -> Option<ClientCertificate> {
    let certificate = EndEntityCert::try_from(der).ok()?;
    Some(ClientCertificate {
        fingerprint: Digest::of(der).to_string(),
        subject: distinguished::text(certificate.subject()),
        issuer: distinguished::text(certificate.issuer()),
        serial: crate::digest::hex(certificate.serial()),
    })
}
