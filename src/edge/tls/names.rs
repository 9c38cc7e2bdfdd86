//! Which certificate a client is shown: the one for the name that it asks for.

use super::acme::{ALPN, Challenges};
use super::files::CertificateFiles;
use anyhow::{Context, Result};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::sync::Arc;
use webpki::EndEntityCert;

/// Certificates by the names they are for.
#[derive(Debug, Default)]
pub struct Names {
    exact: HashMap<String, Arc<CertifiedKey>>,
    /// For `*.example.com` there is `example.com`.
    wildcard: HashMap<String, Arc<CertifiedKey>>,
    /// The first: for clients that ask for no name, or for one that there is no certificate for.
    first: Option<Arc<CertifiedKey>>,
    challenges: Arc<Challenges>,
}

impl Names {
    pub(super) fn load<'a>(
        files: impl Iterator<Item = &'a CertificateFiles>,
        challenges: Arc<Challenges>,
        provider: &CryptoProvider,
    ) -> Result<Self> {
        let mut names = Self { challenges, ..Self::default() };
        for files in files {
            let certificate = files.load(provider)?;
            names
                .add(certificate)
                .with_context(|| format!("the certificate in `{}` cannot be used", files.certificate.display()))?;
        }
        Ok(names)
    }

    /// Adds a certificate. Where several are for one name, the first is used.
    fn add(&mut self, certificate: CertifiedKey) -> Result<()> {
        let certificate = Arc::new(certificate);
        for name in names(certificate.end_entity_cert()?)? {
            match name.strip_prefix("*.") {
                Some(domain) => self.wildcard.entry(domain.to_owned()).or_insert_with(|| certificate.clone()),
                None => self.exact.entry(name).or_insert_with(|| certificate.clone()),
            };
        }
        self.first.get_or_insert(certificate);
        Ok(())
    }

    fn find(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        self.exact.get(name).or_else(|| self.wildcard.get(name.split_once('.')?.1))
    }
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name();
        // Browsers offer other protocols beside; an authority offers this one alone (RFC 8737, 3).
        if hello.alpn().is_some_and(|mut offered| offered.next() == Some(ALPN) && offered.next().is_none()) {
            return self.challenges.certificate(name?);
        }
        name.and_then(|name| self.find(name)).or(self.first.as_ref()).cloned()
    }
}

/// The names that a certificate is for, in lower case.
fn names(certificate: &CertificateDer<'_>) -> Result<Vec<String>> {
    let certificate = EndEntityCert::try_from(certificate).context("it is no certificate of a server")?;
    Ok(certificate.valid_dns_names().map(str::to_ascii_lowercase).collect())
}
