//! The stamp in an artefact: what it was made from, and with what.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasm_encoder::{CustomSection, Encode, Section};
use wasmparser::{Parser, Payload};

/// Name of the custom section that holds the stamp, as JSON.
pub const SECTION: &str = "glowplug:stamp";

/// How an artefact came to be; `T` is what its tools are described by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp<T = Tools> {
    /// [`source_sha256`] of the artefact's inputs.
    pub source_sha256: String,
    /// The tools; the same tools on the same sources give the same bytes.
    #[serde(flatten)]
    pub tools: T,
}

/// Versions of the tools that shape the bytes of an artefact made from Rust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tools {
    /// `cargo --version`; it chooses the names rustc mangles into symbols.
    pub cargo: String,
    /// `rustc --version`, and where the standard library came from.
    pub rustc: String,
    /// First line of `clang --version`, where C was compiled.
    pub clang: Option<String>,
}

impl<T: Serialize + DeserializeOwned> Stamp<T> {
    /// Append the stamp to a module or component.
    pub fn append(&self, wasm: &mut Vec<u8>) -> Result<()> {
        let json = serde_json::to_vec(self)?;
        let section = CustomSection { name: SECTION.into(), data: Cow::Borrowed(&json) };
        wasm.push(section.id());
        section.encode(wasm);
        Ok(())
    }

    /// Read the stamp of a module or component.
    pub fn read(wasm: &[u8]) -> Result<Self> {
        let mut stamp = None;
        for payload in Parser::new(0).parse_all(wasm) {
            // The last one counts: it stands after whatever the file embeds.
            if let Payload::CustomSection(section) = payload.context("this is not valid Wasm")?
                && section.name() == SECTION
            {
                stamp = Some(section.data());
            }
        }
        match stamp {
            Some(json) => serde_json::from_slice(json).context("the stamp is not the JSON expected"),
            None => bail!("there is no stamp (custom section `{SECTION}`): it was not made by `cargo xtask`"),
        }
    }
}

/// The hash of files and folders under `root`, and of the `flags` they are compiled with.
///
/// It covers names and contents and nothing else, so it is the same on every machine.
pub fn source_sha256(root: &Path, inputs: &[&str], flags: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for input in inputs {
        collect(root, input, &mut files)?;
    }
    files.sort();
    files.dedup();

    let mut hash = Sha256::new();
    for flag in flags {
        field(&mut hash, flag.as_bytes());
    }
    for file in files {
        let content = fs::read(root.join(&file)).with_context(|| format!("failed to read `{file}`"))?;
        field(&mut hash, file.as_bytes());
        field(&mut hash, &content);
    }
    Ok(hex(&hash.finalize()))
}

/// The length goes first, so that no two lists of fields give the same bytes.
fn field(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn collect(root: &Path, path: &str, files: &mut Vec<String>) -> Result<()> {
    let full = root.join(path);
    let kind = fs::metadata(&full).with_context(|| format!("failed to read `{path}`"))?;
    if kind.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(&full).with_context(|| format!("failed to read `{path}`"))? {
        let name = entry?.file_name();
        let Some(name) = name.to_str() else {
            bail!("`{path}` holds a file whose name is not UTF-8");
        };
        // What a build by hand leaves behind.
        if name != "target" {
            collect(root, &format!("{path}/{name}"), files)?;
        }
    }
    Ok(())
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY_MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn stamp() -> Stamp {
        Stamp {
            source_sha256: "00ff".to_owned(),
            tools: Tools { cargo: "cargo 1.0".to_owned(), rustc: "rustc 1.0".to_owned(), clang: None },
        }
    }

    #[test]
    fn a_stamp_can_be_read_back() {
        let mut wasm = EMPTY_MODULE.to_vec();
        stamp().append(&mut wasm).expect("serializes");
        assert_eq!(Stamp::<Tools>::read(&wasm).expect("stamped"), stamp());
    }

    #[test]
    fn a_file_without_a_stamp_says_so() {
        let error = Stamp::<Tools>::read(EMPTY_MODULE).expect_err("no stamp");
        assert!(error.to_string().contains("no stamp"), "{error}");
        let error = Stamp::<Tools>::read(b"no wasm at all").expect_err("no Wasm");
        assert!(error.to_string().contains("not valid Wasm"), "{error}");
    }

    #[test]
    fn the_hash_covers_names_contents_and_flags() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let hash = |inputs: &[&str], flags: &[&str]| source_sha256(root, inputs, flags).expect("read");
        let base = hash(&["src"], &["-O"]);
        assert_eq!(base, hash(&["src/stamp.rs", "src"], &["-O"]));
        assert_ne!(base, hash(&["src", "Cargo.toml"], &["-O"]));
        assert_ne!(base, hash(&["src"], &["-O3"]));
        assert!(source_sha256(root, &["absent"], &[]).is_err());
    }
}
