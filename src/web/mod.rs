//! The web pages that the program carries: the playground of `dev` and the dashboard of `serve`.
//!
//! `cargo xtask web` bundles `web/` into `web/dist/`, which is checked in and embedded, so that users need neither Node.js
//! nor a network.
//!
//! ## Why
//! A file is compressed when it is first asked for rather than in the repository: what is checked in can be compared byte by byte
//! whatever zlib its builder had, and one copy of each is embedded. A debug build reads `web/dist/` at run time, so that a
//! changed page needs no compiling.

mod serve;

pub use self::serve::{Page, respond};

use bytes::Bytes;

/// A file as it is embedded.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its name in `web/dist/`.
    pub name: &'static str,
    bytes: &'static [u8],
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(File { name: $name, bytes: include_bytes!(concat!("../../web/dist/", $name)) }),*]
    };
}

/// Every file of the pages.
pub const FILES: &[File] = files![
    "playground.html",
    "playground.js",
    "playground.css",
    "completions.json",
    "examples.json",
    "dashboard.html",
    "dashboard.js",
    "dashboard.css",
    "icon.svg",
];

impl File {
    /// The file of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FILES.iter().find(|file| file.name == name)
    }

    /// What is in it.
    fn bytes(&self) -> Bytes {
        #[cfg(debug_assertions)]
        if let Ok(bytes) = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/").to_owned() + self.name) {
            return bytes.into();
        }
        Bytes::from_static(self.bytes)
    }

    fn media_type(&self) -> &'static str {
        match self.name.rsplit_once('.') {
            Some((_, "html")) => "text/html; charset=utf-8",
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "json")) => "application/json",
            Some((_, "svg")) => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }
}
