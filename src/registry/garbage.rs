//! What is stored but not needed any more.

use super::records::{bucket, damaged, decode};
use super::secret::SecretRef;
use super::secrets::parts_of;
use super::version::Version;
use super::worker::WorkerRecord;
use super::{Error, Registry};
use crate::digest::Digest;
use crate::storage::{Change, Expected, Listing};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// How long a blob is kept that a version to be made will name.
const WANTED_FOR: Duration = Duration::from_secs(3600);

/// What no version names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Garbage {
    /// Blobs.
    pub blobs: Vec<Digest>,
    /// Keys of sealed values.
    pub secrets: Vec<String>,
}

impl Registry {
    /// What could be removed. `names_in` gives the blobs that an assets index names, or says why it cannot be read.
    ///
    /// A blob that was uploaded for a version still to be made is found too, and kept by [`Self::want`]. If anything cannot be read this fails, so that nothing goes by mistake.
    pub async fn garbage(&self, names_in: impl Fn(&[u8]) -> Result<Vec<Digest>, String>) -> Result<Garbage, Error> {
        // Listed before what names them, so that nothing new is taken for garbage.
        let blobs = self.storage().blobs().await?;
        let sealed = self.list_all(bucket::SECRETS, "", Listing::Keys).await?;
        let mut named = HashSet::new();
        let mut indexes = HashSet::new();
        let mut secrets: HashMap<String, HashSet<SecretRef>> = HashMap::new();
        let mut pages = self.pages(bucket::VERSIONS, "", Listing::Values);
        while let Some(page) = pages.next().await? {
            for entry in page {
                let version: Version = decode(bucket::VERSIONS, &entry)?;
                named.extend(version.content.artifact.iter().map(|artifact| artifact.digest));
                named.extend(version.content.engine());
                indexes.extend(version.content.assets.iter().map(|assets| assets.index));
                let references = version.content.secrets.into_values();
                secrets.entry(version.worker.into()).or_default().extend(references);
            }
        }
        let mut pages = self.pages(bucket::WORKERS, "", Listing::Values);
        while let Some(page) = pages.next().await? {
            for entry in page {
                let record: WorkerRecord = decode(bucket::WORKERS, &entry)?;
                secrets.entry(record.name.into()).or_default().extend(record.secrets.into_values());
            }
        }
        for index in indexes {
            let Some(bytes) = self.storage().get_blob(index).await? else {
                return Err(Error::Damaged(format!("assets index {index} is named by a version, but not stored")));
            };
            let files = names_in(&bytes).map_err(|cause| Error::Damaged(format!("assets index {index}: {cause}")))?;
            named.extend(files);
            named.insert(index);
        }
        let mut garbage = Garbage {
            blobs: blobs.into_iter().filter(|digest| !named.contains(digest)).collect(),
            ..Garbage::default()
        };
        for entry in sealed {
            let (worker, _, reference) = parts_of(&entry.key)
                .ok_or_else(|| damaged(bucket::SECRETS, &entry.key, "the key is not WORKER/NAME/REFERENCE"))?;
            if !secrets.get(worker.as_str()).is_some_and(|named| named.contains(&reference)) {
                garbage.secrets.push(entry.key);
            }
        }
        garbage.blobs.sort();
        Ok(garbage)
    }

    /// Removes what [`Self::garbage`] found.
    pub async fn remove_garbage(&self, garbage: &Garbage) -> Result<(), Error> {
        // References are random and never used again, so what nobody named then, nobody names now.
        for keys in garbage.secrets.chunks(500) {
            let changes = keys.iter().map(|key| Change::delete(bucket::SECRETS, key.as_str(), Expected::Any));
            self.storage().commit(changes.collect()).await?;
        }
        for digest in &garbage.blobs {
            let wanted = self.shared.wanted.write().await;
            if wanted.get(digest).is_none_or(|since| since.elapsed() >= WANTED_FOR) {
                self.storage().delete_blob(*digest).await?;
            }
        }
        self.shared.wanted.write().await.retain(|_, since| since.elapsed() < WANTED_FOR);
        Ok(())
    }

    /// Keeps blobs for an hour, whether they are stored already or not: a version that names them is about to be made.
    pub async fn want(&self, blobs: impl IntoIterator<Item = Digest>) {
        let now = Instant::now();
        self.shared.wanted.write().await.extend(blobs.into_iter().map(|digest| (digest, now)));
    }
}
