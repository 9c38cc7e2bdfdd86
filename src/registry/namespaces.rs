//! KV namespaces: their titles, making, renaming and deleting them. What is in them belongs to `kv`.
//!
//! Deleting one takes more than a commit, since it may hold any number of entries. First it is marked and gives up its
//! title: from then on it is not found any more and cannot be bound. Then its entries go, some hundred at a time, and
//! the mark last. What a crash leaves half done, [`Registry::sweep`] finishes.

use super::change::Plan;
use super::new_version::shown;
use super::records::{bucket, decode, encode};
use super::secret::random_hex;
use super::worker::WorkerName;
use super::workers::listed;
use super::{Done, Error, Registry};
use crate::storage::{Change, Entry, Expected, Listing, Revision};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Characters of a title.
const LONGEST_TITLE: usize = 512;
/// Characters of an id.
const LONGEST_ID: usize = 64;
/// Entries removed by one commit.
const CHUNK: usize = 500;

/// A KV namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// 32 hexadecimal digits, or what a wrangler file said.
    pub id: String,
    /// No two have the same.
    pub title: String,
    pub created: Timestamp,
}

/// A namespace as it is stored under its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredNamespace {
    pub title: String,
    pub created: Timestamp,
    /// Its entries are being removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleting: bool,
}

impl Namespace {
    fn new(id: &str, stored: StoredNamespace) -> Self {
        Self { id: id.to_owned(), title: stored.title, created: stored.created }
    }

    /// The changes that make it.
    pub(super) fn creation(&self) -> [Change; 2] {
        let stored = StoredNamespace { title: self.title.clone(), created: self.created, deleting: false };
        [
            Change::put(bucket::NAMESPACES, self.id.as_str(), Expected::Absent, encode(&stored)),
            Change::put(bucket::NAMESPACE_TITLES, self.title.as_str(), Expected::Absent, encode(&self.id)),
        ]
    }
}

impl Registry {
    /// All namespaces, in the order of their ids.
    pub async fn namespaces(&self) -> Result<Vec<Namespace>, Error> {
        let mut namespaces = Vec::new();
        for entry in self.list_all(bucket::NAMESPACES, "", Listing::Values).await? {
            let stored: StoredNamespace = decode(bucket::NAMESPACES, &entry)?;
            if !stored.deleting {
                namespaces.push(Namespace::new(&entry.key, stored));
            }
        }
        Ok(namespaces)
    }

    /// The namespace with this id or, if there is none, this title.
    pub async fn namespace(&self, id_or_title: &str) -> Result<Namespace, Error> {
        if let Some((found, _)) = self.live_namespace(id_or_title).await? {
            return Ok(found);
        }
        if let Some(id) = self.namespace_titled(id_or_title).await?
            && let Some((found, _)) = self.live_namespace(&id).await?
        {
            return Ok(found);
        }
        Err(not_found(id_or_title))
    }

    /// Makes an empty namespace.
    pub async fn create_namespace(&self, title: &str) -> Result<Done<Namespace>, Error> {
        check_title(title)?;
        let mut attempts = self.begin(title).await;
        loop {
            self.check_title_is_free(title).await?;
            let created = self.shared.clock.now();
            let namespace = Namespace { id: random_hex::<16>(), title: title.to_owned(), created };
            if let Some(done) =
                attempts.commit(Plan { changes: namespace.creation().into(), value: namespace, read: 0 }).await?
            {
                return Ok(done);
            }
        }
    }

    /// Gives a namespace another title.
    pub async fn rename_namespace(&self, id: &str, title: &str) -> Result<Done<Namespace>, Error> {
        check_title(title)?;
        let mut attempts = self.begin(id).await;
        loop {
            let (mut namespace, entry) = self.live_namespace(id).await?.ok_or_else(|| not_found(id))?;
            if namespace.title == title {
                return Ok(Done { value: namespace, revision: entry.revision });
            }
            self.check_title_is_free(title).await?;
            let old = std::mem::replace(&mut namespace.title, title.to_owned());
            let stored = StoredNamespace { title: title.to_owned(), created: namespace.created, deleting: false };
            let changes = vec![
                Change::put(bucket::NAMESPACES, id, Expected::Revision(entry.revision), encode(&stored)),
                Change::delete(bucket::NAMESPACE_TITLES, old, Expected::Any),
                Change::put(bucket::NAMESPACE_TITLES, title, Expected::Absent, encode(&id)),
            ];
            if let Some(done) = attempts.commit(Plan { value: namespace, changes, read: entry.revision }).await? {
                return Ok(done);
            }
        }
    }

    /// Deletes a namespace and all that is in it, unless a live version binds it.
    pub async fn delete_namespace(&self, id: &str) -> Result<Done<()>, Error> {
        let mut attempts = self.begin(id).await;
        while attempts.commit(self.plan_mark(id).await?).await?.is_none() {}
        let revision = self.finish_deletion(id).await?;
        Ok(Done { value: (), revision })
    }

    /// The mark that a namespace is being deleted.
    pub(super) async fn plan_mark(&self, id: &str) -> Result<Plan<()>, Error> {
        let (namespace, entry) = self.live_namespace(id).await?.ok_or_else(|| not_found(id))?;
        let users = self.users(|uses| uses.namespaces.contains(id)).await?;
        if !users.is_empty() {
            let what = format!("KV namespace `{}` (`{id}`) is bound by {}", namespace.title, listed(&users));
            return Err(Error::Conflict(format!("{what}\nhint: deploy without the binding first")));
        }
        let stored = StoredNamespace { title: namespace.title.clone(), created: namespace.created, deleting: true };
        let changes = vec![
            Change::put(bucket::NAMESPACES, id, Expected::Revision(entry.revision), encode(&stored)),
            Change::delete(bucket::NAMESPACE_TITLES, namespace.title, Expected::Any),
        ];
        Ok(Plan { value: (), changes, read: entry.revision })
    }

    /// Finishes the deletions that a crash cut short; gives their number.
    pub(super) async fn finish_deletions(&self) -> Result<usize, Error> {
        let mut finished = 0;
        for entry in self.list_all(bucket::NAMESPACES, "", Listing::Values).await? {
            if decode::<StoredNamespace>(bucket::NAMESPACES, &entry)?.deleting {
                self.finish_deletion(&entry.key).await?;
                finished += 1;
            }
        }
        Ok(finished)
    }

    /// Removes the entries of a marked namespace, then the mark. May run twice at a time.
    async fn finish_deletion(&self, id: &str) -> Result<Revision, Error> {
        let entries = bucket::kv(id);
        loop {
            let page = self.storage().list(&entries, "", None, CHUNK, Listing::Keys).await?;
            if page.is_empty() {
                break;
            }
            let changes = page.into_iter().map(|entry| Change::delete(entries.as_str(), entry.key, Expected::Any));
            self.storage().commit(changes.collect()).await?;
        }
        Ok(self.storage().commit(vec![Change::delete(bucket::NAMESPACES, id, Expected::Any)]).await?)
    }

    /// The id for a binding: the one it names, or that of the namespace titled `WORKER-BINDING`. A namespace that is
    /// not there is added to `created`.
    pub(super) async fn namespace_for(
        &self,
        worker: &WorkerName,
        binding: &str,
        id: Option<&str>,
        created: &mut Vec<Namespace>,
    ) -> Result<String, Error> {
        let mut title = format!("{worker}-{binding}");
        let titled = self.namespace_titled(&title).await?;
        let id = match id {
            None => match titled {
                Some(id) => return Ok(id),
                None => random_hex::<16>(),
            },
            Some(id) => {
                check_id(binding, id)?;
                if let Some((stored, _)) = self.read::<StoredNamespace>(bucket::NAMESPACES, id).await? {
                    return match stored.deleting {
                        true => Err(Error::Conflict(format!("KV namespace `{id}` is being deleted"))),
                        false => Ok(id.to_owned()),
                    };
                }
                if created.iter().any(|namespace| namespace.id == id) {
                    return Ok(id.to_owned());
                }
                if titled.is_some() {
                    title = format!("{title}-{id}");
                    self.check_title_is_free(&title).await?;
                }
                id.to_owned()
            }
        };
        created.push(Namespace { id: id.clone(), title, created: self.shared.clock.now() });
        Ok(id)
    }

    async fn live_namespace(&self, id: &str) -> Result<Option<(Namespace, Entry)>, Error> {
        let found = self.read::<StoredNamespace>(bucket::NAMESPACES, id).await?;
        Ok(found.filter(|(stored, _)| !stored.deleting).map(|(stored, entry)| (Namespace::new(id, stored), entry)))
    }

    async fn namespace_titled(&self, title: &str) -> Result<Option<String>, Error> {
        Ok(self.read::<String>(bucket::NAMESPACE_TITLES, title).await?.map(|(id, _)| id))
    }

    async fn check_title_is_free(&self, title: &str) -> Result<(), Error> {
        match self.namespace_titled(title).await? {
            Some(id) => Err(Error::Conflict(format!("KV namespace `{id}` has the title `{title}` already"))),
            None => Ok(()),
        }
    }
}

fn not_found(name: &str) -> Error {
    Error::NotFound { what: "KV namespace", name: shown(name) }
}

fn check_title(title: &str) -> Result<(), Error> {
    let length = title.chars().count();
    if !(1..=LONGEST_TITLE).contains(&length) || title.chars().any(char::is_control) || title.trim() != title {
        let form = format!("1 to {LONGEST_TITLE} characters, no control characters, no spaces around it");
        return Err(Error::invalid(format!("a KV namespace is titled `{}`\nhint: it must have {form}", shown(title))));
    }
    Ok(())
}

/// An id becomes part of a bucket's name.
fn check_id(binding: &str, id: &str) -> Result<(), Error> {
    let well_formed = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if well_formed && (1..=LONGEST_ID).contains(&id.len()) {
        return Ok(());
    }
    let form = format!("1 to {LONGEST_ID} letters, digits, `-` and `_`; without an id a namespace is made");
    Err(Error::invalid(format!("binding `{binding}` has the id `{}`\nhint: an id has {form}", shown(id))))
}
