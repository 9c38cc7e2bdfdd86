//! What is known of the connection that a request came by.
//!
//! The listener makes one [`Connection`] for each connection, and each of its requests has it as an extension:
//! `request.extensions().get::<Arc<Connection>>()`. Requests that were made in process have none.

use std::fmt;
use std::net::SocketAddr;

/// A connection from a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The client's address; behind a PROXY header the one that it names. None on a Unix socket.
    pub client: Option<SocketAddr>,
    /// The address that the client connected to. None on a Unix socket.
    pub local: Option<SocketAddr>,
    /// What was agreed on when the connection is encrypted.
    pub tls: Option<Tls>,
}

/// What client and server agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Name that the client asked for (SNI), in lower case.
    pub server_name: Option<String>,
    pub version: TlsVersion,
    /// Name of the cipher suite as IANA has it, such as `TLS_AES_128_GCM_SHA256`.
    pub cipher: &'static str,
    /// Protocol agreed on by ALPN, such as `h2`.
    pub alpn: Option<&'static str>,
    /// The certificate that the client showed, which has been checked.
    pub client_certificate: Option<ClientCertificate>,
}

/// Versions of TLS that are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    Tls12,
    Tls13,
}

/// A client's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate in DER, in lower-case hexadecimal.
    pub fingerprint: String,
    /// Distinguished name of whom it is about, such as `CN=alice, O=Example`.
    pub subject: String,
    /// Distinguished name of who issued it.
    pub issuer: String,
    /// Its serial number, in lower-case hexadecimal.
    pub serial: String,
}

impl Connection {
    /// A plain connection between these addresses.
    pub fn plain(client: Option<SocketAddr>, local: Option<SocketAddr>) -> Self {
        Self { client, local, tls: None }
    }

    /// Whether it is encrypted.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }
}

impl fmt::Display for TlsVersion {
    /// As Workers have it in `request.cf.tlsVersion`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        })
    }
}
