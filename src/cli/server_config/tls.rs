//! `[tls]`: certificates, and what is asked of clients.

use crate::edge::tls::{CertificateFiles, ClientCertificates, TlsOptions};
use anyhow::{Context, Result, bail};
use clap::Args;
use http::HeaderValue;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Table {
    certificates: Vec<Files>,
    min_version: Option<MinVersion>,
    client_certificates: Option<Clients>,
    client_ca: Option<PathBuf>,
    hsts: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum MinVersion {
    #[serde(rename = "1.2")]
    Tls12,
    #[serde(rename = "1.3")]
    Tls13,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Clients {
    Ignored,
    Optional,
    Required,
}

/// One certificate by flags: enough for most.
#[derive(Debug, Default, Args)]
pub struct Flags {
    /// File with a certificate and its chain in PEM, for `--listen-tls`
    #[arg(long, env = "GLOWPLUG_TLS_CERTIFICATE", value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,

    /// File with the certificate's private key in PEM
    #[arg(long, env = "GLOWPLUG_TLS_KEY", value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

/// The table as it holds.
#[derive(Debug)]
pub struct TlsConfig {
    pub options: TlsOptions,
    /// `Strict-Transport-Security`
    pub strict_transport: Option<HeaderValue>,
}

impl Table {
    /// Paths in a file are meant from the folder it is in.
    pub fn rebase(&mut self, folder: &Path) {
        let files = self.certificates.iter_mut().flat_map(|files| [&mut files.certificate, &mut files.key]);
        for path in files.chain(&mut self.client_ca) {
            *path = folder.join(&*path);
        }
    }
}

impl TlsConfig {
    pub fn new(flags: Flags, table: Table, acme: bool) -> Result<Self> {
        let clients = match (table.client_certificates, table.client_ca) {
            (None | Some(Clients::Ignored), None) => ClientCertificates::Ignored,
            (Some(Clients::Optional), Some(file)) => ClientCertificates::Optional(file),
            (Some(Clients::Required), Some(file)) => ClientCertificates::Required(file),
            (Some(_), None) => bail!(
                "`tls.client_certificates` has no `tls.client_ca` beside it\n\
                 hint: `client_ca` is the file with the certificates that clients' are issued by"
            ),
            (None | Some(Clients::Ignored), Some(_)) => bail!(
                "`tls.client_ca` is given, but clients are asked for no certificates\n\
                 hint: set `tls.client_certificates` to \"optional\" or \"required\""
            ),
        };
        let strict_transport = table.hsts.map(|value| {
            let well_formed = value.split(';').any(|part| part.trim().to_ascii_lowercase().starts_with("max-age="));
            HeaderValue::try_from(&value).ok().filter(|_| well_formed).with_context(|| {
                format!(
                    "`tls.hsts` is `{value}`, which is no value of `Strict-Transport-Security`\n\
                     hint: write it as \"max-age=31536000; includeSubDomains\""
                )
            })
        });
        let flagged = flags.tls_certificate.zip(flags.tls_key);
        let flagged = flagged.map(|(certificate, key)| CertificateFiles { certificate, key });
        let written =
            table.certificates.into_iter().map(|Files { certificate, key }| CertificateFiles { certificate, key });
        Ok(Self {
            options: TlsOptions {
                certificates: flagged.into_iter().chain(written).collect(),
                only_tls13: matches!(table.min_version, Some(MinVersion::Tls13)),
                clients,
                acme,
            },
            strict_transport: strict_transport.transpose()?,
        })
    }
}
