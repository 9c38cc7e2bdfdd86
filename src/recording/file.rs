//! Recordings as files.

use super::{FORMAT, Recording};
use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes `recording` to `path`, readable by its owner alone, complete or not at all.
pub fn save(recording: &Recording, path: &Path) -> Result<()> {
    let mut text = serde_json::to_vec(recording)?;
    text.push(b'\n');
    write_private(path, &text)
}

/// Writes a file that its owner alone can read, complete or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    // Two that write the same file at a time each have their own until it is complete.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let partial = path.with_extension(format!("{}.partial", NEXT.fetch_add(1, Ordering::Relaxed)));
    let write = || -> std::io::Result<()> {
        private(&partial)?.write_all(bytes)?;
        std::fs::rename(&partial, path)
    };
    write().with_context(|| format!("failed to write `{}`", path.display()))
}

/// Makes a folder that its owner alone can look into, unless it is there.
pub fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Reads what [`save`] wrote.
pub fn load(path: &Path) -> Result<Recording> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("failed to read the recording `{name}`"))?;
    let value: serde_json::Value = serde_json::from_reader(BufReader::new(file))
        .with_context(|| format!("`{name}` is no recording: it is not JSON"))?;
    match value.get("format").and_then(|format| format.as_str()) {
        Some(FORMAT) => {}
        Some(other) => bail!("the recording `{name}` has the form `{other}`; this glowplug reads `{FORMAT}`"),
        None => bail!("`{name}` is no recording: it has no `format`"),
    }
    serde_json::from_value(value).with_context(|| format!("the recording `{name}` is damaged"))
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}
