//! Certificates and keys from PEM files.

use anyhow::{Context, Result, bail};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};

/// A certificate with its chain, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Reads both, and checks that they belong together.
    pub fn load(&self, provider: &CryptoProvider) -> Result<CertifiedKey> {
        let chain = certificates(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .with_context(|| format!("failed to read a private key in PEM from `{}`", self.key.display()))?;
        CertifiedKey::from_der(chain, key, provider).with_context(|| {
            format!(
                "the key in `{}` is not that of the certificate in `{}`",
                self.key.display(),
                self.certificate.display()
            )
        })
    }
}

/// All certificates in a file, of which there must be one.
pub fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = read.with_context(|| format!("failed to read certificates in PEM from `{}`", file.display()))?;
    if certificates.is_empty() {
        bail!(
            "there is no certificate in `{}`\nhint: it must be in PEM: `-----BEGIN CERTIFICATE-----`",
            file.display()
        );
    }
    Ok(certificates)
}
