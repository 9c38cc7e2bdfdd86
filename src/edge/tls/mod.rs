//! TLS: which certificate a client is shown, what is asked of it, and what was agreed on.
//!
//! ```text
//! files       certificates and keys from PEM files
//! names       which certificate is for which name
//! acme        certificates that are ordered and renewed
//! Tls         the configuration that connections are accepted with; replaced whole, so that a new certificate costs
//!             no connection
//! ```

pub mod acme;
mod agreed;
mod der;
mod distinguished;
mod files;
mod names;
mod validity;

pub use self::agreed::{Agreed, agreed, client};
pub use self::files::CertificateFiles;
pub use self::names::Names;

use self::acme::Challenges;
use anyhow::{Context, Result};
use arc_swap::ArcSwap;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ProducesTickets, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use std::path::PathBuf;
use std::sync::Arc;

/// What is spoken on top, best first.
const ALPN: [&[u8]; 3] = [b"h2", b"http/1.1", b"http/1.0"];

/// Settings of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsOptions {
    pub certificates: Vec<CertificateFiles>,
    /// Whether TLS 1.2 is refused.
    pub only_tls13: bool,
    pub clients: ClientCertificates,
    /// Whether an authority may ask for proof of a name.
    pub acme: bool,
}

/// What is asked of clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCertificates {
    /// Nothing.
    Ignored,
    /// A certificate that one of those in the file has issued, or none.
    Optional(PathBuf),
    /// A certificate that one of those in the file has issued.
    Required(PathBuf),
}

/// What connections are accepted with.
pub struct Tls {
    options: TlsOptions,
    provider: Arc<CryptoProvider>,
    /// Encrypts the tickets that sessions are resumed with: they outlive a change of certificates.
    tickets: Arc<dyn ProducesTickets>,
    /// Those that an authority issued.
    issued: ArcSwap<Vec<CertificateFiles>>,
    challenges: Arc<Challenges>,
    config: ArcSwap<ServerConfig>,
}

impl Tls {
    /// Reads all files.
    pub fn new(options: TlsOptions) -> Result<Arc<Self>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tickets = aws_lc_rs::Ticketer::new().context("the system gives no random numbers")?;
        let challenges = Arc::<Challenges>::default();
        let config = config(&options, &[], &challenges, &provider, tickets.clone())?;
        let config = ArcSwap::from_pointee(config);
        Ok(Arc::new(Self { options, provider, tickets, issued: ArcSwap::default(), challenges, config }))
    }

    /// Reads all files again. If anything is wrong with them, what was read before goes on to hold.
    pub fn reload(&self) -> Result<()> {
        // A session that was begun with a certificate of a client that is trusted no more must not be resumed.
        let tickets = match self.options.clients {
            ClientCertificates::Ignored => self.tickets.clone(),
            _ => aws_lc_rs::Ticketer::new().context("the system gives no random numbers")?,
        };
        let issued = self.issued.load();
        self.config.store(Arc::new(config(&self.options, &issued, &self.challenges, &self.provider, tickets)?));
        Ok(())
    }

    /// Sets what an authority has issued, and reads it.
    pub fn set_issued(&self, issued: Vec<CertificateFiles>) -> Result<()> {
        self.issued.store(Arc::new(issued));
        self.reload()
    }

    /// What an authority is shown.
    pub fn challenges(&self) -> Arc<Challenges> {
        self.challenges.clone()
    }

    /// All files that it is made of.
    pub fn files(&self) -> Vec<PathBuf> {
        let certificates =
            self.options.certificates.iter().flat_map(|files| [files.certificate.clone(), files.key.clone()]);
        let clients = match &self.options.clients {
            ClientCertificates::Ignored => None,
            ClientCertificates::Optional(file) | ClientCertificates::Required(file) => Some(file.clone()),
        };
        certificates.chain(clients).collect()
    }

    /// What the next connection is accepted with.
    pub fn config(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }
}

fn config(
    options: &TlsOptions,
    issued: &[CertificateFiles],
    challenges: &Arc<Challenges>,
    provider: &Arc<CryptoProvider>,
    tickets: Arc<dyn ProducesTickets>,
) -> Result<ServerConfig> {
    let versions: &[&SupportedProtocolVersion] = if options.only_tls13 {
        &[&rustls::version::TLS13]
    } else {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    };
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(versions)?;
    let verifier = |file: &PathBuf| -> Result<_> {
        let mut roots = RootCertStore::empty();
        for certificate in files::certificates(file)? {
            roots
                .add(certificate)
                .with_context(|| format!("`{}` has a certificate that issues none", file.display()))?;
        }
        Ok(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()))
    };
    let builder = match &options.clients {
        ClientCertificates::Ignored => builder.with_no_client_auth(),
        ClientCertificates::Optional(file) => {
            builder.with_client_cert_verifier(verifier(file)?.allow_unauthenticated().build()?)
        }
        ClientCertificates::Required(file) => builder.with_client_cert_verifier(verifier(file)?.build()?),
    };
    let names = Names::load(options.certificates.iter().chain(issued), challenges.clone(), provider)?;
    let mut config = builder.with_cert_resolver(Arc::new(names));
    config.alpn_protocols = ALPN.iter().map(|protocol| protocol.to_vec()).collect();
    if options.acme {
        config.alpn_protocols.push(acme::ALPN.to_vec());
    }
    config.ticketer = tickets;
    Ok(config)
}
