//! Bindings in `glowplug dev`: KV, other workers, secrets and what else is in `env`, from JavaScript and from Rust.

mod escape;
pub mod example;
mod kv;
mod languages;
mod secrets;
mod services;
mod variables;

use std::path::{Path, PathBuf};

/// A component that tests are run with.
pub fn guest(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/guests/dist").join(name)
}

/// A folder with `files`, and each of `components` as `FOLDER/worker.wasm`.
pub fn project_with(files: &[(&str, &str)], components: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = crate::support::project(files);
    for (folder, component) in components {
        std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        std::fs::copy(guest(component), dir.path().join(folder).join("worker.wasm")).unwrap();
    }
    dir
}

/// All files below `folder`.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

/// The files below `folder` that hold `text`, in UTF-8 or UTF-16.
pub fn files_with(folder: &Path, text: &str) -> Vec<PathBuf> {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let holds = |bytes: &[u8], needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let mut files = files_below(folder);
    files.retain(|file| {
        // One that is gone meanwhile was a temporary one.
        let bytes = std::fs::read(file).unwrap_or_default();
        holds(&bytes, text.as_bytes()) || holds(&bytes, &utf16)
    });
    files
}
