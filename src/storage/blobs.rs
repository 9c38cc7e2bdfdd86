//! Blobs as files: `blobs/ab/<64 hexadecimal digits>`, of which WebAssembly is compressed and has `.zst` behind its name.
//!
//! A blob is written and synced under another name and then renamed, so whatever has a blob's name is all of it.
//!
//! WebAssembly is read when it is compiled and at no other time, and a worker's snapshot takes 40 % of its size when it is
//! compressed. What is read more often, static assets, is kept as it is.

use super::Error;
use super::folder::{Folder, create_private, files_in, sync_dir};
use crate::digest::Digest;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What WebAssembly begins with.
const WASM: &[u8] = b"\0asm";
/// Behind the name of a file that is compressed.
const COMPRESSED: &str = "zst";
/// 200 to 300 MB/s; the next ones take twice as long for a tenth less.
const LEVEL: i32 = 1;

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

    /// Where a blob may be: as it is, and compressed.
    fn paths(&self, digest: Digest) -> [PathBuf; 2] {
        let name = digest.to_string();
        let path = self.root.join(&name[..2]).join(name);
        let compressed = path.with_extension(COMPRESSED);
        [path, compressed]
    }

    /// A blob that is there already is compared with `bytes`, and mended if it is damaged.
    pub fn put(&self, digest: Digest, bytes: &[u8]) -> Result<(), Error> {
        let found = Digest::of(bytes);
        if found != digest {
            return Err(Error::WrongDigest { expected: digest, found });
        }
        let [plain, compressed] = self.paths(digest);
        let is_wasm = bytes.starts_with(WASM);
        let path = if is_wasm { &compressed } else { &plain };
        let shelf = path.parent().unwrap_or(&self.root);
        create_private(shelf)?;
        if !read(path).is_ok_and(|kept| kept == bytes) {
            let mut scratch = self.folder.scratch()?;
            if is_wasm {
                let shorter = zstd::bulk::compress(bytes, LEVEL);
                scratch.write_at(0, &shorter.map_err(|cause| Error::from_system("compress", path, &cause))?)?;
            } else {
                scratch.write_at(0, bytes)?;
            }
            scratch.sync()?;
            scratch.move_to(path)?;
        }
        if is_wasm {
            // Versions before kept it so.
            let _ = fs::remove_file(&plain);
        }
        // Also for a blob that was there: another put may have made these names and not have come this far yet.
        sync_dir(shelf)?;
        sync_dir(&self.root)
    }

    /// Its content is not compared with the digest: that would take longer than reading it, and `check` does it.
    pub fn get(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        for path in self.paths(digest) {
            match read(&path) {
                Ok(bytes) => return Ok(Some(bytes.into())),
                Err(cause) if cause.kind() == ErrorKind::NotFound => {}
                Err(cause) => return Err(Error::from_system("read", &path, &cause)),
            }
        }
        Ok(None)
    }

    pub fn has(&self, digest: Digest) -> Result<bool, Error> {
        for path in self.paths(digest) {
            if path.try_exists().map_err(|cause| Error::from_system("find", &path, &cause))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Not synced: a blob that comes back after a crash is rubbish as it was before.
    pub fn delete(&self, digest: Digest) -> Result<(), Error> {
        for path in self.paths(digest) {
            match fs::remove_file(&path) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => {
                    return Err(Error::from_system("remove", &path, &cause));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub fn all(&self) -> Result<Vec<Digest>, Error> {
        let mut digests: Vec<_> = self.files()?.iter().filter_map(|path| self.digest_at(path)).collect();
        // It may be there twice if the process was killed within `put`.
        digests.sort_unstable();
        digests.dedup();
        Ok(digests)
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
        let digest = path.file_stem()?.to_str()?.parse().ok()?;
        self.paths(digest).iter().any(|place| place == path).then_some(digest)
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

/// What the file was made from.
fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = File::open(path)?;
    if path.extension().is_some_and(|extension| extension == COMPRESSED) {
        return Ok(Box::new(zstd::Decoder::new(file)?));
    }
    Ok(Box::new(file))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn digest_of(path: &Path) -> io::Result<Digest> {
    let mut hash = Sha256::new();
    io::copy(&mut open(path)?, &mut hash)?;
    Ok(Digest::from(<[u8; 32]>::from(hash.finalize())))
}
