//! Account, certificates and keys in a folder, which only its owner may read.

use super::super::CertificateFiles;
use super::order::Issued;
use crate::digest::Digest;
use anyhow::{Context, Result};
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

pub struct Store(PathBuf);

impl Store {
    pub fn open(folder: &Path) -> Result<Self> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("failed to make the folder `{}`", folder.display()))?;
        Ok(Self(folder.to_owned()))
    }

    /// The account with the authority of this directory.
    pub fn account(&self, directory: &str) -> Result<Option<Vec<u8>>> {
        let path = self.account_file(directory);
        match fs::read(&path) {
            Ok(account) => Ok(Some(account)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("failed to read `{}`", path.display())),
        }
    }

    pub fn keep_account(&self, directory: &str, account: &[u8]) -> Result<()> {
        write(&self.account_file(directory), account)
    }

    fn account_file(&self, directory: &str) -> PathBuf {
        self.0.join(format!("account-{}.json", Digest::of(directory.as_bytes()).short()))
    }

    /// The certificate for these names, if there is one: chain and key in one file, so that they change together.
    pub fn files(&self, names: &[String]) -> Option<CertificateFiles> {
        let file = self.certificate_file(names);
        file.is_file().then(|| CertificateFiles { certificate: file.clone(), key: file })
    }

    pub fn keep(&self, names: &[String], issued: &Issued) -> Result<()> {
        write(&self.certificate_file(names), format!("{}\n{}", issued.chain, issued.key).as_bytes())
    }

    fn certificate_file(&self, names: &[String]) -> PathBuf {
        self.0.join(format!("{}-{}.pem", names[0], Digest::of(names.join(" ").as_bytes()).short()))
    }
}

/// Writes all or nothing.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = || {
        let new = path.with_extension("new");
        let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    written().with_context(|| format!("failed to write `{}`", path.display()))
}
