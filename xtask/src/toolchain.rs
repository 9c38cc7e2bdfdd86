//! Finds compilers that can make Wasm.
//!
//! Two kinds are known: Debian's `rustc-web`, which brings no compiled standard library for Wasm but its
//! source (cargo then builds it), and rustup's toolchains with the target installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::stamp::Tools;

/// The target everything is built for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// What the crates need, as the workspace says.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

const RUST_HINT: &str = "hint: run `rustup target add wasm32-unknown-unknown`, or on Debian \
    `apt-get install rustc-web cargo-web rust-web-src lld-22`";
const CLANG_HINT: &str = "hint: install any clang with the WebAssembly back end, and its llvm-ar; on Debian \
    `apt-get install clang-22 llvm-22`";

/// Compilers that work together.
#[derive(Debug)]
pub struct Toolchain {
    /// The cargo that goes with `rustc`.
    pub cargo: PathBuf,
    /// A rustc that can compile to Wasm.
    pub rustc: PathBuf,
    /// Where the standard library comes from.
    pub std: StdSource,
    /// For crates with C code.
    pub c: Option<CCompiler>,
}

/// Where the standard library for Wasm comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum StdSource {
    /// Compiled, by `rustup target add`.
    Installed,
    /// Cargo compiles it from this folder.
    Built(PathBuf),
}

/// clang, and the archiver that understands its object files.
#[derive(Debug)]
pub struct CCompiler {
    /// Name or path of clang.
    pub clang: String,
    /// Name or path of llvm-ar.
    pub ar: String,
    version: String,
}

/// Whether there is C code to compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Languages {
    /// Rust only.
    Rust,
    /// Rust, and C in its dependencies.
    RustAndC,
}

impl Toolchain {
    /// The first toolchain that can compile these languages to Wasm; Debian's before rustup's, since the
    /// checked-in artefacts are made with it.
    pub fn find(languages: Languages) -> Result<Self> {
        let (rustc, std) = find_rustc()?;
        let c = match languages {
            Languages::Rust => None,
            Languages::RustAndC => Some(find_c()?),
        };
        Ok(Self { cargo: cargo_beside(&rustc), rustc, std, c })
    }

    /// The versions that go into the stamp.
    pub fn tools(&self) -> Result<Tools> {
        let std = match self.std {
            StdSource::Installed => "installed std",
            StdSource::Built(_) => "std from source",
        };
        let rustc = first_line(Command::new(&self.rustc).arg("--version"))?;
        Ok(Tools {
            cargo: first_line(Command::new(&self.cargo).arg("--version"))?,
            rustc: format!("{rustc}, {std}"),
            clang: self.c.as_ref().map(|c| c.version.clone()),
        })
    }

    /// The root of rustc's own files.
    pub fn sysroot(&self) -> Result<PathBuf> {
        sysroot(&self.rustc)
    }
}

fn find_rustc() -> Result<(PathBuf, StdSource)> {
    let named = std::env::var_os("RUSTC").map(PathBuf::from);
    let candidates = match named {
        Some(rustc) => vec![rustc],
        None => vec!["/usr/bin/rustc".into(), "rustc".into()],
    };
    let mut tried = Vec::new();
    for rustc in candidates {
        match std_for(&rustc) {
            Ok(std) => return Ok((rustc, std)),
            Err(error) => tried.push(format!("  {}: {error:#}", rustc.display())),
        }
    }
    bail!("no Rust compiler for {TARGET} found\n{}\n{RUST_HINT}", tried.join("\n"))
}

fn std_for(rustc: &Path) -> Result<StdSource> {
    let version = first_line(Command::new(rustc).arg("--version"))?;
    if minor(&version) < minor(OLDEST) {
        bail!("{version} is older than {OLDEST}");
    }
    let rustlib = sysroot(rustc)?.join("lib/rustlib");
    if rustlib.join(TARGET).join("lib").is_dir() {
        return Ok(StdSource::Installed);
    }
    let source = rustlib.join("src/rust");
    if !source.join("library/Cargo.lock").is_file() {
        bail!("the target is not installed, and the standard library's source is not either");
    }
    // Building the standard library takes RUSTC_BOOTSTRAP: rustup's users have a better way.
    if std::env::var_os("RUSTC").is_none() && !rustc.is_absolute() {
        bail!("the target is not installed");
    }
    Ok(StdSource::Built(source))
}

/// The number after the first dot: Rust's major version has always been 1.
fn minor(version: &str) -> Option<u32> {
    version.split('.').nth(1)?.parse().ok()
}

fn sysroot(rustc: &Path) -> Result<PathBuf> {
    first_line(Command::new(rustc).args(["--print", "sysroot"])).map(PathBuf::from)
}

/// A rustc of a distribution has its cargo beside it; rustup's is the one that runs us.
fn cargo_beside(rustc: &Path) -> PathBuf {
    let beside = rustc.with_file_name("cargo");
    if rustc.is_absolute() && beside.is_file() {
        return beside;
    }
    std::env::var_os("CARGO").map_or("cargo".into(), PathBuf::from)
}

fn find_c() -> Result<CCompiler> {
    let candidates: Vec<String> = match std::env::var("CC_wasm32_unknown_unknown") {
        Ok(clang) => vec![clang],
        Err(_) => ["clang-22", "clang", "clang-21", "clang-20", "clang-19"].map(str::to_owned).to_vec(),
    };
    for clang in &candidates {
        let Ok(version) = first_line(Command::new(clang).arg("--version")) else {
            continue;
        };
        // Apple's clang, for one, has no WebAssembly back end.
        let targets = output(Command::new(clang).arg("--print-targets")).unwrap_or_default();
        if !targets.contains("wasm32") {
            continue;
        }
        if let Some(ar) = find_ar(clang) {
            return Ok(CCompiler { clang: clang.clone(), ar, version });
        }
    }
    bail!("no C compiler for {TARGET} found, tried {}\n{CLANG_HINT}", candidates.join(", "))
}

fn find_ar(clang: &str) -> Option<String> {
    if let Ok(ar) = std::env::var("AR_wasm32_unknown_unknown") {
        return Some(ar);
    }
    let beside = clang.replace("clang", "llvm-ar");
    [beside, "llvm-ar".to_owned()].into_iter().find(|ar| first_line(Command::new(ar).arg("--version")).is_ok())
}

fn first_line(command: &mut Command) -> Result<String> {
    let text = output(command)?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("failed to run `{program}`"))?;
    if !output.status.success() {
        bail!("`{program}` failed with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
