//! How much a cache may hold, and where.

use crate::limits;
use std::path::PathBuf;

/// Bounds of a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Bytes in memory.
    pub memory: u64,
    /// Behind the memory; without it nothing survives the process.
    pub disk: Option<Disk>,
    /// Bytes of one response's body; larger ones are passed through and not kept.
    pub object: u64,
}

/// A folder for what does not fit into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    pub folder: PathBuf,
    pub bytes: u64,
}

impl Default for Settings {
    /// In memory alone.
    fn default() -> Self {
        Self { memory: limits::CACHE.default, disk: None, object: limits::CACHED_RESPONSE.default }
    }
}
