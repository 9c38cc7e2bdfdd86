//! Secrets, sealed with a key that is kept outside the storage.
//!
//! A sealed value is AES-256-GCM with a random nonce; worker, name and reference are authenticated with it, so that it
//! opens in its own place only. Layout: one byte 1, 12 bytes of nonce, ciphertext, 16 bytes of tag.

use super::worker::WorkerName;
use crate::digest::hex;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// First byte of a sealed value.
const FORMAT: u8 = 1;

/// Names one sealed value: a secret that is set anew gets another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretRef(pub String);

impl SecretRef {
    /// One that was never used: 128 random bits.
    pub(super) fn random() -> Self {
        Self(random_hex::<16>())
    }
}

/// `N` random bytes as hexadecimal digits.
pub(super) fn random_hex<const N: usize>() -> String {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes");
    hex(&bytes)
}

/// The key that secrets are sealed with. Clones share it.
#[derive(Clone)]
pub struct SealingKey(Arc<RandomizedNonceKey>);

/// Why there is no key: what is wrong with which file, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyError(String);

/// The value is not what was sealed in this place with this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CannotOpen;

impl SealingKey {
    /// Bytes of a key.
    pub const LENGTH: usize = 32;

    /// A key from 32 random bytes.
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Self {
        Self(Arc::new(RandomizedNonceKey::new(&AES_256_GCM, bytes).expect("a key of AES-256 has 32 bytes")))
    }

    /// The key in the file at `path`, which only its owner may read. Without a file a key is made and written; when
    /// this returns, it outlives a crash.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        if let Some(key) = Self::load(path)? {
            return Ok(key);
        }
        create(path).map_err(|cause| failed("write", path, &cause))?;
        // Read back, since another process may have been first.
        Self::load(path)?.ok_or_else(|| failed("read", path, &io::ErrorKind::NotFound.into()))
    }

    fn load(path: &Path) -> Result<Option<Self>, KeyError> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(failed("read", path, &cause)),
        };
        let metadata = file.metadata().map_err(|cause| failed("read", path, &cause))?;
        let wrong = |what: String, hint: &str| KeyError(format!("key file `{}` {what}\nhint: {hint}", path.display()));
        if !metadata.is_file() {
            return Err(wrong("is not a file".to_owned(), "name a file; one that is missing is made"));
        }
        let mode = metadata.mode() & 0o7777;
        if mode & 0o077 != 0 {
            let hint =
                format!("run `chmod 600 {}`, and set the secrets anew if others may have read it", path.display());
            return Err(wrong(format!("can be read or changed by others than its owner (mode {mode:o})"), &hint));
        }
        if metadata.len() != Self::LENGTH as u64 {
            let what = format!("has {} bytes, but a key has {}", metadata.len(), Self::LENGTH);
            return Err(wrong(what, "bring it back from a backup; without it the stored secrets cannot be read"));
        }
        let mut bytes = [0; Self::LENGTH];
        file.read_exact(&mut bytes).map_err(|cause| failed("read", path, &cause))?;
        let key = Self::from_bytes(&bytes);
        wipe(&mut bytes);
        Ok(Some(key))
    }

    /// Seals the value of a worker's secret.
    pub(super) fn seal(&self, worker: &WorkerName, name: &str, reference: &SecretRef, value: &str) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + value.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(value.as_bytes());
        let nonce = self
            .0
            .seal_in_place_append_tag(place(worker, name, reference), &mut sealed)
            .expect("a secret is shorter than AES-GCM's limit, and the system gives random bytes");
        sealed.splice(..0, std::iter::once(FORMAT).chain(*nonce.as_ref()));
        sealed
    }

    /// Opens what [`Self::seal`] gave for the same place.
    pub(super) fn open(
        &self,
        worker: &WorkerName,
        name: &str,
        reference: &SecretRef,
        sealed: &[u8],
    ) -> Result<String, CannotOpen> {
        let (format, rest) = sealed.split_first().ok_or(CannotOpen)?;
        if *format != FORMAT || rest.len() < NONCE_LEN {
            return Err(CannotOpen);
        }
        let (nonce, rest) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut buffer = rest.to_vec();
        let opened = self
            .0
            .open_in_place(nonce, place(worker, name, reference), &mut buffer)
            .map_err(|_| CannotOpen)
            .and_then(|value| String::from_utf8(value.to_vec()).map_err(|_| CannotOpen));
        wipe(&mut buffer);
        opened
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeyError {}

/// What is authenticated with a value. None of the parts has a zero byte.
fn place(worker: &WorkerName, name: &str, reference: &SecretRef) -> Aad<String> {
    Aad::from(format!("glowplug secret\0{worker}\0{name}\0{}", reference.0))
}

fn failed(what: &str, path: &Path, cause: &io::Error) -> KeyError {
    KeyError(format!("failed to {what} key file `{}`: {cause}", path.display()))
}

/// Writes a new key under a temporary name, and gives it its own name once it is on the disk. A file that is there
/// already stays.
fn create(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.new", random_hex::<8>()));
    let temporary = Temporary(folder.join(name));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary.0)?;
    let mut bytes = [0; SealingKey::LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    let written = file.write_all(&bytes);
    wipe(&mut bytes);
    written?;
    file.sync_all()?;
    match fs::hard_link(&temporary.0, path) {
        Ok(()) => {}
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
        // Some file systems have no links.
        Err(_) => fs::rename(&temporary.0, path)?,
    }
    drop(temporary);
    File::open(folder)?.sync_all()
}

/// A file that is removed whatever happens.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // It is gone already when it was renamed.
        let _ = fs::remove_file(&self.0);
    }
}

/// Overwrites what must not stay in memory.
pub(super) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    // Keeps the compiler from leaving the writes out as useless.
    std::hint::black_box(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let key = SealingKey::from_bytes(&[7; 32]);
        let (worker, other) = ("a".parse().unwrap(), "b".parse().unwrap());
        let (reference, another) = (SecretRef::random(), SecretRef::random());
        let sealed = key.seal(&worker, "KEY", &reference, "s3cret ✓");
        assert_eq!(key.open(&worker, "KEY", &reference, &sealed).as_deref(), Ok("s3cret ✓"));
        assert_ne!(sealed, key.seal(&worker, "KEY", &reference, "s3cret ✓"));
        assert_eq!(key.open(&other, "KEY", &reference, &sealed), Err(CannotOpen));
        assert_eq!(key.open(&worker, "KEYS", &reference, &sealed), Err(CannotOpen));
        assert_eq!(key.open(&worker, "KEY", &another, &sealed), Err(CannotOpen));
        assert_eq!(SealingKey::from_bytes(&[8; 32]).open(&worker, "KEY", &reference, &sealed), Err(CannotOpen));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(&worker, "KEY", &reference, &changed), Err(CannotOpen), "byte {at}");
            assert_eq!(key.open(&worker, "KEY", &reference, &sealed[..at]), Err(CannotOpen), "length {at}");
        }
        assert_eq!(format!("{key:?}"), "SealingKey(..)");
    }

    #[test]
    fn a_key_file_is_made_once_and_read_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.key");
        let worker = "a".parse().unwrap();
        let reference = SecretRef::random();
        let sealed = SealingKey::load_or_create(&path).unwrap().seal(&worker, "KEY", &reference, "value");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let again = SealingKey::load_or_create(&path).unwrap();
        assert_eq!(again.open(&worker, "KEY", &reference, &sealed).as_deref(), Ok("value"));

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = SealingKey::load_or_create(&path).unwrap_err().to_string();
        assert!(error.contains("mode 640") && error.contains("hint: run `chmod 600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, [1; 31]).unwrap();
        let error = SealingKey::load_or_create(&path).unwrap_err().to_string();
        assert!(error.contains("has 31 bytes, but a key has 32"), "{error}");
        let error = SealingKey::load_or_create(folder.path()).unwrap_err().to_string();
        assert!(error.contains("is not a file"), "{error}");
        let error = SealingKey::load_or_create(&folder.path().join("none/key")).unwrap_err().to_string();
        assert!(error.contains("failed to write key file"), "{error}");
    }
}
