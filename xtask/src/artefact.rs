//! What is built, from which sources, into which file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cargo;
use crate::stamp::{self, Stamp};

/// A checked-in Wasm file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// Path of the file, from the repository's root.
    pub path: &'static str,
    /// Folder of the crate, from the repository's root.
    pub crate_dir: &'static str,
    /// Name of the crate's library, as in the file that cargo writes.
    pub library: &'static str,
    /// Features of the crate to switch on.
    pub features: &'static [&'static str],
    /// A file that the module's code carries ([`crate::passive`]), from the repository's root.
    pub passive_data: Option<&'static str>,
    /// What becomes of the core module that cargo writes.
    pub form: Form,
    /// Files and folders the artefact depends on, from the repository's root.
    pub inputs: &'static [&'static str],
}

/// The form an artefact is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As the compiler wrote it: the host rewrites it (`build::engine` of the root package).
    CoreModule,
    /// Ready to run on any `wasi:http` host.
    Component,
}

/// A group of artefacts that one command builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `cargo xtask engine`
    Engine,
    /// `cargo xtask guests`
    Guests,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 2] = [Self::Engine, Self::Guests];

    /// The command's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Guests => "guests",
        }
    }

    /// What the command builds.
    pub fn artefacts(self) -> &'static [Artefact] {
        match self {
            Self::Engine => &ENGINE,
            Self::Guests => &GUESTS,
        }
    }
}

const ENGINE_INPUTS: &[&str] = &[
    "guest-sdk/wit",
    "js-shim/.cargo",
    "js-shim/Cargo.lock",
    "js-shim/Cargo.toml",
    "js-shim/build.rs",
    "js-shim/c",
    "js-shim/data",
    "js-shim/js",
    "js-shim/package-lock.json",
    "js-shim/package.json",
    "js-shim/rolldown.config.js",
    "js-shim/src",
];

/// What Intl needs of CLDR and of the time zone database.
pub const INTL_DATA: &str = "js-shim/data/intl.blob";

const ENGINE: [Artefact; 2] = [
    Artefact {
        path: "js-shim/dist/engine.wasm",
        crate_dir: "js-shim",
        library: "js_shim",
        features: &[],
        passive_data: Some(INTL_DATA),
        form: Form::CoreModule,
        inputs: ENGINE_INPUTS,
    },
    Artefact {
        path: "js-shim/dist/engine-portable.wasm",
        crate_dir: "js-shim",
        library: "js_shim",
        features: &["portable"],
        passive_data: Some(INTL_DATA),
        form: Form::CoreModule,
        inputs: ENGINE_INPUTS,
    },
];

/// An engine whose heap tells which of the prelude's blocks requests write to. It is not checked in.
pub const SPREAD_ENGINE: Artefact = Artefact {
    path: "target/hot-blocks/engine.wasm",
    crate_dir: "js-shim",
    library: "js_shim",
    features: &["spread"],
    passive_data: Some(INTL_DATA),
    form: Form::CoreModule,
    inputs: ENGINE_INPUTS,
};

const GUESTS: [Artefact; 7] = [
    Artefact {
        path: "tests/guests/dist/bare.wasm",
        crate_dir: "tests/guests/bare",
        library: "bare",
        features: &[],
        passive_data: None,
        form: Form::Component,
        inputs: &["tests/guests/Cargo.lock", "tests/guests/Cargo.toml", "tests/guests/bare"],
    },
    Artefact {
        path: "tests/guests/dist/bindings.wasm",
        crate_dir: "tests/guests/bindings",
        library: "bindings",
        features: &[],
        passive_data: None,
        form: Form::Component,
        inputs: &[
            "guest-sdk/Cargo.toml",
            "guest-sdk/src",
            "tests/guests/Cargo.lock",
            "tests/guests/Cargo.toml",
            "tests/guests/bindings",
        ],
    },
    Artefact {
        path: "tests/guests/dist/cases.wasm",
        crate_dir: "tests/guests/cases",
        library: "cases",
        features: &[],
        passive_data: None,
        form: Form::Component,
        inputs: &[
            "guest-sdk/Cargo.toml",
            "guest-sdk/src",
            "tests/guests/Cargo.lock",
            "tests/guests/Cargo.toml",
            "tests/guests/cases",
        ],
    },
    Artefact {
        path: "tests/guests/dist/hello-rust.wasm",
        crate_dir: "examples/hello-rust",
        library: "hello_rust",
        features: &[],
        passive_data: None,
        form: Form::Component,
        inputs: &[
            "examples/hello-rust/Cargo.lock",
            "examples/hello-rust/Cargo.toml",
            "examples/hello-rust/src",
            "guest-sdk/Cargo.toml",
            "guest-sdk/src",
        ],
    },
    Artefact {
        path: "tests/guests/dist/keyvalue.wasm",
        crate_dir: "tests/guests/keyvalue",
        library: "keyvalue",
        features: &[],
        passive_data: None,
        form: Form::Component,
        inputs: &[
            "guest-sdk/Cargo.toml",
            "guest-sdk/src",
            "tests/guests/Cargo.lock",
            "tests/guests/Cargo.toml",
            "tests/guests/keyvalue",
        ],
    },
    Artefact {
        path: "tests/guests/dist/p3.wasm",
        crate_dir: "tests/guests/p3",
        library: "p3",
        features: &[],
        passive_data: None,
        form: Form::Component,
        inputs: &["tests/guests/Cargo.lock", "tests/guests/Cargo.toml", "tests/guests/p3"],
    },
    Artefact {
        path: "tests/guests/dist/sockets.wasm",
        crate_dir: "tests/guests/sockets",
        library: "sockets",
        features: &[],
        passive_data: None,
        form: Form::Component,
        inputs: &["guest-sdk/wit", "tests/guests/Cargo.lock", "tests/guests/Cargo.toml", "tests/guests/sockets"],
    },
];

impl Artefact {
    /// The hash of the sources as they are now, build flags included.
    pub fn source_sha256(&self, root: &Path) -> Result<String> {
        stamp::source_sha256(root, self.inputs, cargo::FLAGS)
            .with_context(|| format!("failed to hash the sources of `{}`", self.path))
    }

    /// The artefact's file.
    pub fn file(&self, root: &Path) -> PathBuf {
        root.join(self.path)
    }

    /// The artefact as it is checked in, and its stamp.
    pub fn read(&self, root: &Path) -> Result<(Vec<u8>, Stamp)> {
        let wasm = std::fs::read(self.file(root)).with_context(|| format!("failed to read `{}`", self.path))?;
        let stamp = Stamp::read(&wasm).with_context(|| format!("failed to read `{}`", self.path))?;
        Ok((wasm, stamp))
    }

    /// Whether the checked-in artefact was made from the sources as they are now: `None`, or what is wrong
    /// with it.
    pub fn stale(&self, root: &Path) -> Result<Option<String>> {
        let now = self.source_sha256(root)?;
        Ok(match self.read(root) {
            Ok((_, stamp)) if stamp.source_sha256 == now => None,
            Ok(_) => Some(format!("`{}` was not made from these sources", self.path)),
            Err(error) => Some(format!("{error:#}")),
        })
    }
}
