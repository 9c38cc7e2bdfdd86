//! What is shown to an authority that looks whether a domain is ours.

use anyhow::Result;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The protocol by which an authority asks for a certificate (RFC 8737).
pub const ALPN: &[u8] = b"acme-tls/1";
/// Where it asks for a file (RFC 8555, 8.3).
const PATH: &str = "/.well-known/acme-challenge/";

/// Challenges that are under way.
#[derive(Debug, Default)]
pub struct Challenges {
    /// Answers by tokens.
    http: RwLock<HashMap<String, String>>,
    /// Certificates by names.
    alpn: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Challenges {
    /// The answer to a request for `path`, if that is a challenge's.
    pub fn answer(&self, path: &str) -> Option<String> {
        let token = path.strip_prefix(PATH)?;
        self.http.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// The certificate for a client that asks by [`ALPN`].
    pub fn certificate(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        self.alpn.read().unwrap_or_else(PoisonError::into_inner).get(&name.to_ascii_lowercase()).cloned()
    }

    pub(super) fn set_answer(&self, token: &str, answer: &str) {
        self.http.write().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned(), answer.to_owned());
    }

    pub(super) fn set_certificate(&self, name: &str, digest: &[u8], provider: &CryptoProvider) -> Result<()> {
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // rustls would look whether they belong together, and does not know the extension.
        let certificate = Arc::new(CertifiedKey::new(vec![certificate], provider.key_provider.load_private_key(key)?));
        self.alpn.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_ascii_lowercase(), certificate);
        Ok(())
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        self.http.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.alpn.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
