//! `[acme]`: certificates that are ordered from an authority.

use crate::edge::tls::acme::{AcmeOptions, Challenge, LETS_ENCRYPT};
use anyhow::{Result, bail};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Table {
    /// One certificate for each; a list is one certificate for all of its names.
    domains: Vec<Domains>,
    directory: Option<String>,
    contact: Option<String>,
    challenge: ChallengeName,
    directory_ca: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Domains {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
enum ChallengeName {
    #[default]
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn,
    #[serde(rename = "http-01")]
    Http,
}

impl Table {
    /// Paths in a file are meant from the folder it is in.
    pub fn rebase(&mut self, folder: &Path) {
        if let Some(path) = &mut self.directory_ca {
            *path = folder.join(&*path);
        }
    }
}

/// What holds: nothing without domains.
pub fn options(table: Table, data: &Path) -> Result<Option<AcmeOptions>> {
    if table.domains.is_empty() {
        return Ok(None);
    }
    let certificates = table.domains.into_iter().map(|domains| match domains {
        Domains::One(name) => vec![name],
        Domains::Many(names) => names,
    });
    let certificates: Vec<Vec<String>> = certificates.collect();
    for name in certificates.iter().flatten() {
        if super::check_domain(name).is_err() || !name.contains('.') {
            bail!(
                "`acme.domains` has `{name}`, which no certificate can be ordered for\n\
                 hint: write full names in lower case, such as `www.example.com`; for `*` use `[tls]` and another tool"
            );
        }
    }
    if certificates.iter().any(Vec::is_empty) {
        bail!("`acme.domains` has an empty list\nhint: each list holds the names of one certificate");
    }
    Ok(Some(AcmeOptions {
        directory: table.directory.unwrap_or_else(|| LETS_ENCRYPT.to_owned()),
        contacts: table.contact.into_iter().map(|contact| format!("mailto:{contact}")).collect(),
        certificates,
        challenge: match table.challenge {
            ChallengeName::TlsAlpn => Challenge::TlsAlpn,
            ChallengeName::Http => Challenge::Http,
        },
        directory_ca: table.directory_ca,
        folder: data.join("acme"),
    }))
}
