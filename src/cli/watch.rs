//! Waits for changes to the files a worker is made from.

use anyhow::{Context, Result};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// Editors write a file in several steps, and tools write several files: one build is enough for all of them.
const QUIET: Duration = Duration::from_millis(60);

/// The folder for what workers keep under development.
pub const DATA_FOLDER: &str = ".glowplug";

/// Watches the folders of a set of files. Folders, since editors replace files rather than write to them.
pub struct FileWatcher {
    watcher: RecommendedWatcher,
    folders: BTreeMap<PathBuf, RecursiveMode>,
    files: Arc<Mutex<BTreeSet<PathBuf>>>,
    changes: mpsc::Receiver<()>,
}

impl FileWatcher {
    pub fn new() -> Result<Self> {
        let files: Arc<Mutex<BTreeSet<PathBuf>>> = Arc::default();
        let (sender, changes) = mpsc::channel(1);
        let watched = files.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, EventKind::Access(_)) {
                return;
            }
            // What workers keep under development is no source of theirs.
            let kept = |path: &PathBuf| path.components().any(|part| part.as_os_str() == DATA_FOLDER);
            if event.paths.iter().all(kept) {
                return;
            }
            let watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            if event.paths.iter().any(|path| path.ancestors().any(|path| watched.contains(path))) {
                // A full channel already says that something changed.
                let _ = sender.try_send(());
            }
        })
        .context("failed to watch files for changes")?;
        Ok(Self { watcher, folders: BTreeMap::new(), files, changes })
    }

    /// Watches `files` from now on, and no others. A file that does not exist yet is watched for all that; of a folder,
    /// everything in it is.
    pub fn watch(&mut self, files: impl IntoIterator<Item = PathBuf>) -> Result<()> {
        let files: BTreeSet<PathBuf> = files.into_iter().map(|file| real(&file)).collect();
        let mut folders = BTreeMap::new();
        for file in &files {
            if file.is_dir() {
                folders.insert(file.clone(), RecursiveMode::Recursive);
            } else if let Some(folder) = file.parent() {
                folders.entry(folder.to_owned()).or_insert(RecursiveMode::NonRecursive);
            }
        }
        let kept = |folder: &PathBuf, mode: &RecursiveMode| folders.get(folder) == Some(mode);
        for (gone, _) in self.folders.iter().filter(|(folder, mode)| !kept(folder, mode)) {
            let _ = self.watcher.unwatch(gone);
        }
        for (folder, mode) in folders.iter().filter(|(folder, mode)| self.folders.get(*folder) != Some(mode)) {
            self.watcher
                .watch(folder, *mode)
                .with_context(|| format!("failed to watch `{}` for changes", folder.display()))?;
        }
        self.folders = folders;
        *self.files.lock().unwrap_or_else(PoisonError::into_inner) = files;
        Ok(())
    }

    /// Returns when a watched file has changed and things are quiet again.
    pub async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        while let Ok(Some(())) = tokio::time::timeout(QUIET, self.changes.recv()).await {}
    }
}

/// `file` without symbolic links or dots, whether or not it is there: a folder must not be watched under two names.
fn real(file: &Path) -> PathBuf {
    if let Ok(real) = file.canonicalize() {
        return real;
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), file.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => file.to_owned(),
    }
}
