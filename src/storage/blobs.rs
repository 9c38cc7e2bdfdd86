//! Blobs as files: `blobs/ab/<64 hexadecimal digits>`.
//!
//! A blob is written and synced under another name and then renamed, so whatever has a blob's name is all of it.

use super::Error;
use super::folder::{Folder, create_private, files_in, sync_dir};
use crate::digest::Digest;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The blobs of a folder. All methods block.
#[derive(Clone)]
pub(super) struct Blobs {
    folder: Arc<Folder>,
    root: PathBuf,
}

impl Blobs {
    pub fn new(folder: Arc<Folder>) -> Self {
        let root = folder.blobs_dir();
        Self { folder, root }
    }

    fn path(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.root.join(&name[..2]).join(name)
    }

    /// A blob that is there already is compared with `bytes`, and mended if it is damaged.
    pub fn put(&self, digest: Digest, bytes: &[u8]) -> Result<(), Error> {
        let found = Digest::of(bytes);
        if found != digest {
            return Err(Error::WrongDigest { expected: digest, found });
        }
        let path = self.path(digest);
        let shelf = path.parent().unwrap_or(&self.root);
        create_private(shelf)?;
        if !has_content(&path, bytes) {
            let mut scratch = self.folder.scratch()?;
            scratch.write_at(0, bytes)?;
            scratch.sync()?;
            scratch.move_to(&path)?;
        }
        // Also for a blob that was there: another put may have made these names and not have come this far yet.
        sync_dir(shelf)?;
        sync_dir(&self.root)
    }

    /// Its content is not compared with the digest: that would take longer than reading it, and `check` does it.
    pub fn get(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        let path = self.path(digest);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(Error::from_system("read", &path, &cause)),
        }
    }

    pub fn has(&self, digest: Digest) -> Result<bool, Error> {
        let path = self.path(digest);
        path.try_exists().map_err(|cause| Error::from_system("find", &path, &cause))
    }

    /// Not synced: a blob that comes back after a crash is rubbish as it was before.
    pub fn delete(&self, digest: Digest) -> Result<(), Error> {
        let path = self.path(digest);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => Err(Error::from_system("remove", &path, &cause)),
            _ => Ok(()),
        }
    }

    pub fn all(&self) -> Result<Vec<Digest>, Error> {
        Ok(self.files()?.iter().filter_map(|path| self.digest_at(path)).collect())
    }

    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let mut files = Vec::new();
        for shelf in files_in(&self.root)? {
            if shelf.is_dir() {
                files.extend(files_in(&shelf)?);
            } else {
                files.push(shelf);
            }
        }
        Ok(files)
    }

    /// The digest whose place `path` is.
    fn digest_at(&self, path: &Path) -> Option<Digest> {
        let digest = path.file_name()?.to_str()?.parse().ok()?;
        (self.path(digest) == path).then_some(digest)
    }

    /// Reads every blob and says what is wrong, a line each.
    pub fn check(&self) -> Result<Vec<String>, Error> {
        let mut problems = Vec::new();
        let shown = |path: &Path| path.strip_prefix(self.folder.root()).unwrap_or(path).display().to_string();
        let mut files = self.files()?;
        files.sort();
        for path in files {
            let name = shown(&path);
            let Some(digest) = self.digest_at(&path) else {
                problems.push(format!("`{name}` is not a blob: its name and place are not those of a digest"));
                continue;
            };
            match digest_of(&path) {
                Ok(found) if found == digest => {}
                Ok(found) => problems.push(format!("`{name}` is damaged: its content has the digest {found}")),
                // Deleted since it was listed.
                Err(cause) if cause.kind() == ErrorKind::NotFound => {}
                Err(cause) => problems.push(format!("`{name}` cannot be read: {cause}")),
            }
        }
        for path in self.folder.leftovers()? {
            let name = shown(&path);
            problems.push(format!("`{name}` is left over from an interrupted write; the next start removes it"));
        }
        Ok(problems)
    }
}

fn has_content(path: &Path, bytes: &[u8]) -> bool {
    let has_length = fs::metadata(path).is_ok_and(|file| file.len() == bytes.len() as u64);
    has_length && fs::read(path).is_ok_and(|kept| kept == bytes)
}

fn digest_of(path: &Path) -> io::Result<Digest> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(Digest::from(<[u8; 32]>::from(hash.finalize())))
}
