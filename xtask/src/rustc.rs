//! xtask as cargo's `RUSTC_WRAPPER`: gives our own crates names that do not depend on where they lie.
//!
//! ## Why
//!
//! Cargo tells crates apart by `-C metadata`, a hash that takes in the absolute path of a path dependency that
//! lies outside the workspace, as guest-sdk does for the guests. The hash is part of each symbol's name and
//! decides the order of functions, so the same sources in another folder gave other bytes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Set to the repository's root when cargo is to call us in place of rustc.
pub const ROOT_VARIABLE: &str = "GLOWPLUG_XTASK_ROOT";

/// Whether cargo called us as its wrapper, and for which repository.
pub fn wrapped_root() -> Option<PathBuf> {
    std::env::var_os(ROOT_VARIABLE).map(PathBuf::from)
}

/// Run the rustc that cargo asked for, with `-C metadata` made anew for crates under `root`.
pub fn run(root: &Path) -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next().context("cargo names the rustc to run")?;
    let mut arguments: Vec<OsString> = arguments.collect();

    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    if let Some(folder) = folder.as_deref().and_then(|folder| folder.strip_prefix(root).ok()) {
        rename(&mut arguments, folder);
    }
    let status = Command::new(&rustc)
        .args(arguments)
        .status()
        .with_context(|| format!("failed to run `{}`", rustc.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Replace the metadata by a hash of the folder within the repository and of what is built there.
fn rename(arguments: &mut [OsString], folder: &Path) {
    let mut hash = Sha256::new();
    hash.update(folder.to_string_lossy().replace('\\', "/"));
    for pair in arguments.windows(2) {
        if ["--crate-name", "--crate-type"].iter().any(|option| pair[0] == *option) {
            hash.update([0]);
            hash.update(pair[1].as_encoded_bytes());
        }
    }
    let name: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    for argument in arguments {
        if argument.as_encoded_bytes().starts_with(b"metadata=") {
            *argument = format!("metadata={name}").into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(arguments: [&str; 4], folder: &str) -> OsString {
        let mut arguments = arguments.map(OsString::from);
        rename(&mut arguments, Path::new(folder));
        arguments[3].clone()
    }

    #[test]
    fn the_name_depends_on_the_folder_in_the_repository_alone() {
        let one = renamed(["--crate-name", "a", "-C", "metadata=1"], "guest-sdk");
        assert_eq!(one, renamed(["--crate-name", "a", "-C", "metadata=2"], "guest-sdk"));
        assert_ne!(one, renamed(["--crate-name", "a", "-C", "metadata=1"], "elsewhere"));
        assert_ne!(one, renamed(["--crate-name", "b", "-C", "metadata=1"], "guest-sdk"));
    }
}
