//! Responses in memory, and behind it on disk.
//!
//! ## Why
//! A URL's responses are one small record, their bodies stand by themselves: a validation rewrites the record and leaves
//! the body alone. foyer keeps both, in memory by use and on disk in blocks that are written and given up whole. What is
//! taken out is overwritten by an empty record, since an entry that is only removed could come back after a restart.

use super::entry::{BodyRef, Record, Value, Variant};
use super::settings::Settings;
use anyhow::{Context, Result};
use bytes::Bytes;
use foyer::{
    BlockEngineConfig, DeviceBuilder, FsDeviceBuilder, HybridCache, HybridCacheBuilder, HybridCachePolicy, RecoverMode,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell};

/// Bytes of a block on disk, at least; the unit that is given up when room is needed.
const BLOCK: u64 = 16 << 20;
/// Records that can be changed at a time.
const LOCKS: usize = 64;

/// What a record is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(u128);

impl Key {
    /// Of a URL in a part of the cache.
    pub fn of(scope: &str, url: &str) -> Self {
        let digest = Sha256::new().chain_update(scope).chain_update([0]).chain_update(url).finalize();
        Self(u128::from_le_bytes(digest[..16].try_into().expect("a digest has 32 bytes")))
    }

    pub fn number(self) -> u128 {
        self.0
    }
}

/// Bytes that went to a disk, and came from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    pub written: u64,
    pub read: u64,
}

/// Records and bodies. Opened when it is first used, so that a cache that nobody uses costs nothing.
pub struct Store {
    settings: Settings,
    opened: OnceCell<HybridCache<u128, Value>>,
    /// A record is read, changed and written by one at a time.
    locks: [Mutex<()>; LOCKS],
}

impl Store {
    pub fn new(settings: Settings) -> Self {
        Self { settings, opened: OnceCell::new(), locks: std::array::from_fn(|_| Mutex::new(())) }
    }

    async fn opened(&self) -> Result<&HybridCache<u128, Value>> {
        self.opened.get_or_try_init(|| open(&self.settings)).await
    }

    /// The responses under `key`.
    pub async fn record(&self, key: Key) -> Record {
        match self.get(key.0).await {
            Some(Value::Record(record)) => record,
            _ => Record::default(),
        }
    }

    /// A body, if it is still there and whole.
    pub async fn body(&self, body: BodyRef) -> Option<Bytes> {
        if body.length == 0 {
            return Some(Bytes::new());
        }
        match self.get(body.id).await {
            Some(Value::Body(bytes)) if bytes.len() as u64 == body.length => Some(bytes),
            _ => None,
        }
    }

    async fn get(&self, key: u128) -> Option<Value> {
        let found = match self.opened().await {
            Ok(cache) => cache.get(&key).await,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the cache cannot be opened");
                return None;
            }
        };
        // What cannot be read counts as not there: the origin has it.
        let found =
            found.inspect_err(|error| tracing::warn!(%error, "an entry of the cache cannot be read")).ok()??;
        Some(found.value().clone())
    }

    /// Keeps a body, and says where.
    pub async fn put_body(&self, bytes: Bytes) -> Option<BodyRef> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).ok()?;
        let body = BodyRef { id: u128::from_le_bytes(id), length: bytes.len() as u64 };
        if body.length > 0 {
            self.opened().await.ok()?.insert(body.id, Value::Body(bytes));
        }
        Some(body)
    }

    /// Keeps a response, in place of the one that answers the same requests.
    pub async fn put(&self, key: Key, variant: Arc<Variant>) {
        let _turn = self.turn(key).await;
        let record = self.record(key).await.with(variant);
        self.put_record(key, record).await;
    }

    /// Changes a response that is kept, unless it is not there any more.
    pub async fn replace(&self, key: Key, old: &Arc<Variant>, new: Arc<Variant>) {
        let _turn = self.turn(key).await;
        let record = self.record(key).await;
        // After a restart, and from disk, it is another copy: its body says which it is.
        if record.0.iter().any(|variant| Arc::ptr_eq(variant, old) || variant.body == old.body) {
            self.put_record(key, record.with(new)).await;
        }
    }

    /// Forgets all responses under `key`, and says whether there were any.
    pub async fn forget(&self, key: Key) -> bool {
        let _turn = self.turn(key).await;
        let there = !self.record(key).await.0.is_empty();
        if there {
            self.put_record(key, Record::default()).await;
        }
        there
    }

    async fn put_record(&self, key: Key, record: Record) {
        if let Ok(cache) = self.opened().await {
            cache.insert(key.0, Value::Record(record));
        }
    }

    async fn turn(&self, key: Key) -> tokio::sync::MutexGuard<'_, ()> {
        self.locks[(key.0 % LOCKS as u128) as usize].lock().await
    }

    /// Writes down what is in memory alone.
    pub async fn close(&self) {
        if let Some(cache) = self.opened.get()
            && let Err(error) = cache.close().await
        {
            tracing::warn!(%error, "the cache was not written down whole");
        }
    }

    /// Bytes in memory.
    pub fn held(&self) -> usize {
        self.opened.get().map_or(0, |cache| cache.memory().usage())
    }

    /// Records and bodies in memory.
    pub fn entries(&self) -> usize {
        self.opened.get().map_or(0, |cache| cache.memory().entries())
    }

    /// Bytes written to disk and read from there.
    pub fn moved(&self) -> Moved {
        let Some(cache) = self.opened.get() else { return Moved::default() };
        let statistics = cache.statistics();
        Moved { written: statistics.disk_write_bytes() as u64, read: statistics.disk_read_bytes() as u64 }
    }
}

async fn open(settings: &Settings) -> Result<HybridCache<u128, Value>> {
    let builder = HybridCacheBuilder::new()
        .with_name("glowplug")
        .with_policy(HybridCachePolicy::WriteOnInsertion)
        .memory(settings.memory as usize)
        // Each shard must have room for several of the largest bodies.
        .with_shards((settings.memory / (4 * settings.object).max(1)).clamp(1, 16) as usize)
        .with_weighter(|_: &u128, value: &Value| value.weight())
        .storage();
    let Some(disk) = &settings.disk else { return Ok(builder.build().await?) };
    let block = BLOCK.max((settings.object + (1 << 20)).next_multiple_of(4096)) as usize;
    let room = (disk.bytes as usize).max(4 * block);
    std::fs::create_dir_all(&disk.folder).with_context(|| format!("failed to make `{}`", disk.folder.display()))?;
    let device = FsDeviceBuilder::new(&disk.folder).with_capacity(room).build()?;
    let engine = BlockEngineConfig::new(device)
        .with_block_size(block)
        .with_buffer_pool_size(2 * block)
        .with_submit_queue_size_threshold(4 * block);
    let builder = builder.with_engine_config(engine).with_recover_mode(RecoverMode::Quiet);
    builder.build().await.with_context(|| format!("failed to open the cache in `{}`", disk.folder.display()))
}
