//! `[cache]`: how much the cache may hold, and where.

use crate::cache::{Disk, Settings};
use crate::limits;
use clap::Args;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Settings as they are written. The flags and variables begin with `cache`, the keys stand in the table `[cache]`.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// Megabytes of responses that are kept in memory [default: 256]
    #[arg(long = "cache-memory-mb", env = "GLOWPLUG_CACHE_MEMORY_MB", value_name = "MB")]
    pub memory_mb: Option<u32>,

    /// Megabytes of responses that are kept on disk; 0 for none [default: 1024]
    #[arg(long = "cache-disk-mb", env = "GLOWPLUG_CACHE_DISK_MB", value_name = "MB")]
    pub disk_mb: Option<u32>,

    /// Folder for responses that are kept on disk [default: DATA/cache]
    #[arg(long = "cache-folder", env = "GLOWPLUG_CACHE_FOLDER", value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Megabytes of the largest response that is kept [default: 32]
    #[arg(long = "cache-object-mb", env = "GLOWPLUG_CACHE_OBJECT_MB", value_name = "MB")]
    pub object_mb: Option<u32>,
}

/// Megabytes on disk where nothing says how many.
const DISK_MB: u32 = 1024;

impl CacheSettings {
    /// With what `flags` say in place of what these do.
    pub fn overridden_by(self, flags: Self) -> Self {
        Self {
            memory_mb: flags.memory_mb.or(self.memory_mb),
            disk_mb: flags.disk_mb.or(self.disk_mb),
            folder: flags.folder.or(self.folder),
            object_mb: flags.object_mb.or(self.object_mb),
        }
    }

    /// What holds for a server whose data is in `data`.
    pub fn checked(self, data: &Path) -> Settings {
        let bytes = |mb: u32| u64::from(mb) << 20;
        let disk_mb = self.disk_mb.unwrap_or(DISK_MB);
        let folder = self.folder.unwrap_or_else(|| data.join("cache"));
        let memory = self.memory_mb.map_or(limits::CACHE.default, |mb| bytes(mb.max(1)));
        Settings {
            memory,
            disk: (disk_mb > 0).then(|| Disk { folder, bytes: bytes(disk_mb) }),
            // What does not fit into memory is not kept at all.
            object: self.object_mb.map_or(limits::CACHED_RESPONSE.default, |mb| bytes(mb.max(1))).min(memory / 2),
        }
    }
}
