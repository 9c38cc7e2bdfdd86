//! Whether files are in memory when they are needed.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::ptr;

use anyhow::{Context, Result};
use rustix::fs::{Advice, fadvise};
use rustix::mm::{MapFlags, ProtFlags, mlock, mmap, munmap};

/// Files that the kernel keeps in memory while this lives.
///
/// Reading them would not do: some kernels drop at once what nobody has used for a minute, and what lies beside it.
pub struct Held(Vec<Mapping>);

struct Mapping {
    start: *mut core::ffi::c_void,
    length: usize,
}

impl Held {
    /// Reads all files in a folder and locks them in memory, which may take `ulimit -l unlimited`.
    pub fn new(folder: &Path) -> Result<Self> {
        let mut held = Self(Vec::new());
        each(folder, |file| {
            let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
            if length == 0 {
                return Ok(());
            }
            // SAFETY: a new mapping, of which nothing is read.
            let start = unsafe { mmap(ptr::null_mut(), length, ProtFlags::READ, MapFlags::SHARED, file, 0)? };
            held.0.push(Mapping { start, length });
            // SAFETY: it is the mapping made above.
            unsafe { mlock(start, length)? };
            Ok(())
        })?;
        Ok(held)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for Mapping { start, length } in self.0.drain(..) {
            // SAFETY: nothing refers to the mapping.
            let _ = unsafe { munmap(start, length) };
        }
    }
}

/// Makes the kernel drop what it has of the files in a folder.
pub fn drop_files(folder: &Path) -> Result<()> {
    each(folder, |file| {
        // What is still to be written stays.
        file.sync_all()?;
        fadvise(file, 0, None, Advice::DontNeed)?;
        Ok(())
    })
}

fn each(folder: &Path, mut act: impl FnMut(&File) -> io::Result<()>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("failed to list `{}`", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let done = File::open(&path).and_then(|file| act(&file));
        done.with_context(|| format!("failed to hold or drop `{}`", path.display()))?;
    }
    Ok(())
}
