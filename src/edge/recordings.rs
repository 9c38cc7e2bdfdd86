//! Recordings of invocations, written to a folder as they end.
//!
//! The folder holds a file for each recording, named by its request, and the components and JavaScript engines that
//! ran, named by their digests, so that a recording can be played anywhere with what lies beside it.

use crate::digest::Digest;
use crate::engine::Worker;
use crate::engine::invoke::{Recorded, Report};
use crate::host::http::Bodiless;
use crate::host::tape::header_lines;
use crate::host::{Bindings, Caller, Target};
use crate::recording::{self, Base64, BindingKind, Ended, FORMAT, Given, Receipt, ReceiptKey, Recording, Request};
use crate::storage::Storage;
use anyhow::{Context, Result};
use std::collections::HashSet;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// Where recordings go, and which invocations are recorded.
pub struct Recordings {
    folder: PathBuf,
    /// One of so many is recorded.
    every: NonZeroU64,
    seen: AtomicU64,
    /// Signs receipts.
    key: Option<Arc<ReceiptKey>>,
    /// Components and engines that are in the folder.
    kept: Arc<Mutex<HashSet<Digest>>>,
    writing: Mutex<JoinSet<()>>,
}

impl Recordings {
    /// Recordings in `folder`, which is made for its owner alone if it is not there, of one in `every` invocations.
    pub fn new(folder: &Path, every: NonZeroU64, key: Option<Arc<ReceiptKey>>) -> Result<Self> {
        for folder in [folder, &folder.join("artifacts")] {
            recording::make_folder(folder)
                .with_context(|| format!("failed to make the folder `{}` for recordings", folder.display()))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            every,
            seen: AtomicU64::new(0),
            key,
            kept: Arc::default(),
            writing: Mutex::default(),
        })
    }

    /// Whether the next invocation is to be recorded. Asked once for each.
    pub fn wants_next(&self) -> bool {
        self.seen.fetch_add(1, Ordering::Relaxed) % self.every == 0
    }

    /// Writes down the invocation that `report` is of. Does not wait for the disk.
    pub fn keep(&self, blobs: &Storage, request: Request, receipt: Receipt, report: &Report, worker: &Worker) {
        let Some(recorded) = &report.recorded else { return };
        if let Some(why) = recorded.taken.given_up {
            tracing::warn!(request_id = receipt.request_id, "not recorded: {why}");
            return;
        }
        let recording = made(request, receipt, report, worker, recorded);
        let task = Writing {
            folder: self.folder.clone(),
            blobs: blobs.clone(),
            kept: self.kept.clone(),
            key: self.key.clone(),
        };
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        while writing.try_join_next().is_some() {}
        writing.spawn(async move {
            if let Err(error) = task.write(recording).await {
                tracing::error!(error = format!("{error:#}"), "a recording is lost");
            }
        });
    }

    /// Waits until all that was kept is written.
    pub async fn written(&self) {
        let writing = std::mem::take(&mut *self.writing.lock().unwrap_or_else(PoisonError::into_inner));
        writing.join_all().await;
    }
}

/// What writing one recording needs.
struct Writing {
    folder: PathBuf,
    blobs: Storage,
    kept: Arc<Mutex<HashSet<Digest>>>,
    key: Option<Arc<ReceiptKey>>,
}

impl Writing {
    async fn write(self, recording: Recording) -> Result<()> {
        for digest in [recording.worker.artifact, recording.worker.engine].into_iter().flatten() {
            self.keep_blob(digest).await?;
        }
        tokio::task::spawn_blocking(move || {
            let receipt = recording.receipt.as_ref();
            let name = receipt.map_or("unnamed", |receipt| receipt.request_id.as_str());
            let path = self.folder.join(format!("{name}.json"));
            recording::save(&recording, &path)?;
            if let (Some(key), Some(receipt)) = (&self.key, receipt) {
                recording::write_private(&self.folder.join(format!("{name}.jws")), key.sign(receipt)?.as_bytes())?;
            }
            Ok(())
        })
        .await?
    }

    async fn keep_blob(&self, digest: Digest) -> Result<()> {
        if self.kept.lock().unwrap_or_else(PoisonError::into_inner).contains(&digest) {
            return Ok(());
        }
        // An engine that is this program's own is no blob of `dev`; whoever plays the recording has it too.
        if let Some(bytes) = self.blobs.get_blob(digest).await? {
            let path = self.folder.join("artifacts").join(format!("{digest}.wasm"));
            tokio::task::spawn_blocking(move || recording::write_private(&path, &bytes)).await??;
        }
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(digest);
        Ok(())
    }
}

fn made(request: Request, receipt: Receipt, report: &Report, worker: &Worker, recorded: &Recorded) -> Recording {
    let limits = worker.limits();
    let Bindings { targets, secrets, version, .. } = &**worker.bindings();
    let kind = |target: &Target| match target {
        Target::Kv(_) => BindingKind::Kv,
        Target::Service(_) => BindingKind::Service,
        Target::Assets(_) => BindingKind::Assets,
        Target::Cache(_) => BindingKind::Cache,
    };
    Recording {
        format: FORMAT.to_owned(),
        worker: receipt.worker.clone(),
        given: Given {
            seed: Base64(recorded.seed.to_vec()),
            clock: recorded.clock,
            fuel: recorded.fuel,
            memory: limits.memory,
            subrequests: limits.subrequests,
            log: limits.log,
            env: worker.env().to_vec(),
            secrets: secrets.clone(),
            bindings: targets.iter().map(|(name, target)| (name.clone(), kind(target))).collect(),
            version: [version.id.clone(), version.tag.clone(), version.timestamp.clone()],
        },
        request: Request { body: recorded.taken.request_body.clone(), ..request },
        subrequests: recorded.taken.subrequests.clone(),
        events: recorded.taken.events.clone(),
        ended: if recorded.cut { Ended::Cut(report.outcome) } else { Ended::Itself },
        response: recorded.taken.response.clone(),
        receipt: Some(receipt),
    }
}

/// The head of a request, for a recording of its invocation.
pub fn head_of<B>(request: &http::Request<B>) -> Request {
    Request {
        method: request.method().to_string(),
        url: request.uri().to_string(),
        protocol: recording::protocol_name(request.version()).to_owned(),
        cf: request.extensions().get::<Caller>().and_then(|caller| Some(caller.cf.as_ref()?())),
        headers: header_lines(request.headers()),
        bodiless: request.extensions().get::<Bodiless>().is_some(),
        body: Vec::new(),
    }
}
