//! The folder that keeps everything: who may use it, and files in it that must not be seen half-written.
//!
//! ```text
//! DIR/lock          held by the process that writes
//! DIR/glowplug.db   the entries, with SQLite's -wal and -shm beside it
//! DIR/blobs/ab/...  blobs by digest
//! DIR/tmp/          files that are being written; each is locked by its writer
//! ```

use super::Error;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that must fit for the disk not to count as full.
const PROBE_BYTES: usize = 64 * 1024;

/// An open data folder.
pub(super) struct Folder {
    root: PathBuf,
    /// Held, not read: the lock goes with the file. None when the folder is open for reading only.
    _lock: Option<File>,
}

impl Folder {
    /// Makes the folder if need be, and takes it for this process to write in. Unfinished files are removed.
    pub fn create(root: &Path) -> Result<Self, Error> {
        create_private(root)?;
        let lock = lock(root)?;
        let folder = Self { root: root.to_owned(), _lock: Some(lock) };
        create_private(&folder.scratch_dir())?;
        create_private(&folder.blobs_dir())?;
        for leftover in files_in(&folder.scratch_dir())? {
            fs::remove_file(&leftover).map_err(|cause| Error::from_system("remove", &leftover, &cause))?;
        }
        Ok(folder)
    }

    /// The folder as it is, for reading only, beside whoever writes in it.
    pub fn existing(root: &Path) -> Self {
        Self { root: root.to_owned(), _lock: None }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `Blobs` keeps them.
    pub fn blobs_dir(&self) -> PathBuf {
        self.root.join("blobs")
    }

    fn scratch_dir(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// A new file that nobody else knows of. It is removed unless it is moved to where it belongs.
    pub fn scratch(&self) -> Result<Scratch, Error> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = self.scratch_dir().join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|cause| Error::from_system("create", &path, &cause))?;
        // Tells `leftovers` that it is in use. A file system without locks only makes that guess worse.
        let _ = file.try_lock();
        Ok(Scratch { file, path, is_moved: false })
    }

    /// Files under `tmp` that nobody is writing.
    pub fn leftovers(&self) -> Result<Vec<PathBuf>, Error> {
        let mut found = files_in(&self.scratch_dir())?;
        found.retain(|path| File::open(path).is_ok_and(|file| file.try_lock_shared().is_ok()));
        Ok(found)
    }

    /// Whether a write of some pages at `offset` of a file would fail for want of room.
    ///
    /// SQLite tells a full disk apart from other failures, but not an exhausted quota nor a file at its largest size.
    pub fn is_full(&self, offset: u64) -> bool {
        let probe = || {
            let mut scratch = self.scratch()?;
            scratch.write_at(offset, &[0; PROBE_BYTES])?;
            scratch.sync()
        };
        probe() == Err(Error::Full)
    }
}

/// A file that is removed when it is dropped before it was moved to its place.
pub(super) struct Scratch {
    file: File,
    path: PathBuf,
    is_moved: bool,
}

impl Scratch {
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        let written = self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.write_all(bytes));
        written.map_err(|cause| Error::from_system("write", &self.path, &cause))
    }

    /// Returns when the content would outlive a crash.
    pub fn sync(&self) -> Result<(), Error> {
        self.file.sync_all().map_err(|cause| Error::from_system("write", &self.path, &cause))
    }

    /// Puts it at `target`, in place of what may be there. The folder of `target` is still to be synced.
    pub fn move_to(mut self, target: &Path) -> Result<(), Error> {
        fs::rename(&self.path, target).map_err(|cause| Error::from_system("create", target, &cause))?;
        self.is_moved = true;
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.is_moved {
            // What stays is removed by the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a folder that only its owner can enter, and those above it that are missing. One that is there stays as it is.
pub(super) fn create_private(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create_private(parent)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // Another thread was faster.
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(cause) => Err(Error::from_system("create folder", path, &cause)),
        Ok(()) => sync_dir(parent),
    }
}

/// Returns when the names in the folder would outlive a crash.
pub(super) fn sync_dir(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(|cause| Error::from_system("sync folder", path, &cause))
}

/// What is in a folder, in no order; nothing if it is not there.
pub(super) fn files_in(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let listed = match fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>(),
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => Err(cause),
    };
    listed.map_err(|cause| Error::from_system("list folder", path, &cause))
}

fn lock(root: &Path) -> Result<File, Error> {
    let path = root.join("lock");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(|cause| Error::from_system("open", &path, &cause))?;
    match file.try_lock() {
        Ok(()) => {
            // Only so that the message below can name the process.
            let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = holder.trim().parse::<u32>().map_or(String::new(), |id| format!(" (process {id})"));
            Err(Error::InUse(format!(
                "folder `{}` is in use by another glowplug{holder}\n\
                 hint: stop that one first, or choose another folder with `--data`",
                root.display()
            )))
        }
        Err(TryLockError::Error(cause)) => Err(Error::from_system("lock", &path, &cause)),
    }
}
