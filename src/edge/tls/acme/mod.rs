//! Certificates from an authority by ACME (RFC 8555), ordered when they are missing and again before they end.
//!
//! ```text
//! Challenges   what the authority asks for to see that a domain is ours: a path (HTTP-01) or a certificate (TLS-ALPN-01)
//! client       the HTTP that the library speaks by
//! order        one certificate, from the order to the chain
//! store        account, certificates and keys in the data folder
//! ```

mod challenges;
mod client;
mod order;
mod store;

pub use self::challenges::{ALPN, Challenges};

use self::store::Store;
use super::{Tls, files};
use anyhow::{Context, Result};
use instant_acme::{Account, AccountCredentials, NewAccount};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The directory of Let's Encrypt.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// How often it is looked whether a certificate must be renewed.
const LOOK: Duration = Duration::from_secs(3600);
/// After a failure it is tried again after this long, twice as long the next time, and so on up to [`LOOK`]:
/// authorities count failures.
const FIRST_RETRY: Duration = Duration::from_secs(60);

/// Settings of ACME.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcmeOptions {
    /// URL of the authority's directory.
    pub directory: String,
    /// Whom the authority tells when something is wrong: `mailto:` addresses.
    pub contacts: Vec<String>,
    /// The names of each certificate.
    pub certificates: Vec<Vec<String>>,
    pub challenge: Challenge,
    /// File with the certificate that the directory's own is issued by, if that is no public one.
    pub directory_ca: Option<PathBuf>,
    /// Folder for account, certificates and keys.
    pub folder: PathBuf,
}

/// How it is shown that a domain is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// By a path on port 80.
    Http,
    /// By a certificate on port 443.
    TlsAlpn,
}

/// Orders certificates and renews them.
pub struct Acme {
    options: AcmeOptions,
    store: Store,
    challenges: Arc<Challenges>,
    tls: Arc<Tls>,
}

impl Acme {
    /// Uses what is in the folder already. The certificates are those of `tls`.
    pub fn new(options: AcmeOptions, tls: Arc<Tls>) -> Result<Self> {
        let store = Store::open(&options.folder)?;
        let acme = Self { challenges: tls.challenges(), store, options, tls };
        acme.show()?;
        Ok(acme)
    }

    /// Sees to it that there are certificates, as long as it is polled.
    pub async fn run(self) {
        let mut retry = FIRST_RETRY;
        loop {
            let pause = match self.renew().await {
                Ok(()) => {
                    retry = FIRST_RETRY;
                    LOOK
                }
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "failed to get a certificate");
                    let pause = retry;
                    retry = (retry * 2).min(LOOK);
                    pause
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Orders what is missing or ends soon. The first failure is given, when all others have been tried.
    async fn renew(&self) -> Result<()> {
        let due: Vec<_> = self.options.certificates.iter().filter(|names| self.is_due(names)).collect();
        if due.is_empty() {
            return Ok(());
        }
        let account = self.account().await.context("failed to get an account")?;
        let mut failed = Ok(());
        for names in due {
            let ordered = order::order(&account, names, self.options.challenge, &self.challenges).await;
            let kept = ordered.and_then(|issued| self.store.keep(names, &issued)).and_then(|()| self.show());
            match kept {
                Ok(()) => tracing::info!(names = names.join(" "), "got a certificate"),
                Err(error) if failed.is_ok() => failed = Err(error.context(format!("for `{}`", names.join("`, `")))),
                Err(error) => tracing::error!(
                    error = format!("{error:#}"),
                    names = names.join(" "),
                    "failed to get a certificate"
                ),
            }
        }
        failed
    }

    /// Shows clients what the folder has.
    fn show(&self) -> Result<()> {
        let issued = self.options.certificates.iter().filter_map(|names| self.store.files(names)).collect();
        self.tls.set_issued(issued)
    }

    /// Whether a certificate is missing, or two thirds of its time are over.
    fn is_due(&self, names: &[String]) -> bool {
        let Some(stored) = self.store.files(names) else { return true };
        let validity = files::certificates(&stored.certificate).and_then(|chain| super::validity::of(&chain[0]));
        match validity {
            Ok((begin, end)) => {
                Timestamp::now().as_second() > end.as_second() - (end.as_second() - begin.as_second()) / 3
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "a certificate is ordered again");
                true
            }
        }
    }

    async fn account(&self) -> Result<Account> {
        let builder = Account::builder_with_http(client::client(self.options.directory_ca.as_deref())?);
        if let Some(credentials) = self.store.account(&self.options.directory)? {
            let credentials: AccountCredentials =
                serde_json::from_slice(&credentials).context("the stored account cannot be read")?;
            return Ok(builder.from_credentials(credentials).await?);
        }
        let contact: Vec<_> = self.options.contacts.iter().map(String::as_str).collect();
        let account = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let (account, credentials) = builder.create(&account, self.options.directory.clone(), None).await?;
        self.store.keep_account(&self.options.directory, &serde_json::to_vec(&credentials)?)?;
        Ok(account)
    }
}
