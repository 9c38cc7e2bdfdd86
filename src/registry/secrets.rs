//! Secrets of workers: setting, deleting and opening them.

use super::change::Plan;
use super::deployment::{Cause, Deployment, Share};
use super::edit::{Edit, GoLive};
use super::new_version::{IDENTIFIER_HINT, is_identifier, shown};
use super::publish::{Targets, check_count};
use super::records::{bucket, damaged};
use super::retention::Listed;
use super::secret::{SecretRef, wipe};
use super::uses::Uses;
use super::version::{Content, Version};
use super::versions::put_version;
use super::worker::WorkerName;
use super::{Done, Error, Registry};
use crate::limits;
use crate::storage::{Change, Expected, Listing};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// What came of setting secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretsChanged {
    /// The names of all secrets that the worker has now.
    pub names: Vec<String>,
    /// The deployment that gives them to what is live; none if nothing is live, or nothing that is live changes.
    pub deployment: Option<Deployment>,
}

/// One secret to be set (to a value sealed under a new reference) or deleted.
struct Setting {
    name: String,
    sealed: Option<(SecretRef, Vec<u8>)>,
}

impl Registry {
    /// Sets secrets, or deletes those without a value. What is live is copied with the new secrets and takes the place
    /// of the old, with the same shares. Before the first deployment it makes the worker.
    pub async fn put_secrets(
        &self,
        worker: &WorkerName,
        values: BTreeMap<String, Option<String>>,
        author: &str,
    ) -> Result<Done<SecretsChanged>, Error> {
        check_values(&values)?;
        let settings: Vec<Setting> = values
            .into_iter()
            .map(|(name, value)| {
                let sealed = value.map(|value| {
                    let reference = SecretRef::random();
                    let sealed = self.shared.key.seal(worker, &name, &reference, &value);
                    wipe(&mut value.into_bytes());
                    (reference, sealed)
                });
                Setting { name, sealed }
            })
            .collect();
        let mut attempts = self.begin(worker.as_str()).await;
        loop {
            if let Some(done) = attempts.commit(self.plan_secrets(worker, &settings, author).await?).await? {
                return Ok(done);
            }
        }
    }

    async fn plan_secrets(
        &self,
        worker: &WorkerName,
        settings: &[Setting],
        author: &str,
    ) -> Result<Plan<SecretsChanged>, Error> {
        let mut edit = self.edit_or_new(worker).await?;
        let live = self.live_versions(&edit).await?;
        check_missing(&edit, &live, settings)?;

        apply(&mut edit.record.secrets, settings);
        for (name, reference, sealed) in settings.iter().filter_map(Setting::put) {
            let key = secret_key(worker, name, reference);
            edit.changes.push(Change::put(bucket::SECRETS, key, Expected::Absent, sealed.to_vec()));
        }
        let mut problems = Vec::new();
        check_count(0, edit.record.secrets.len(), &mut problems);
        let copies = self.copies(live, settings, author, problems)?;
        let deployment = self.replace_live(&mut edit, &copies, settings, author).await?;

        let mut versions = self.listed_versions(worker).await?;
        let stored: HashSet<_> = versions.iter().map(|version| version.id.clone()).collect();
        for (version, _) in copies.into_iter().filter(|(version, _)| !stored.contains(&version.id)) {
            edit.changes.push(put_version(&version));
            versions.push(Listed { uses: Uses::of(worker, &version.content), id: version.id, made: None });
        }
        let kept = self.prune(&edit.record, versions, &mut edit.changes).await?;
        self.drop_unused_secrets(&edit.record, &kept, &mut edit.changes).await?;
        let names = edit.record.secrets.keys().cloned().collect();
        Ok(edit.plan(SecretsChanged { names, deployment }))
    }

    /// The names of a worker's secrets.
    pub async fn secret_names(&self, worker: &WorkerName) -> Result<Vec<String>, Error> {
        Ok(self.worker(worker).await?.secrets.into_keys().collect())
    }

    /// The names and values of a version's secrets.
    pub async fn open_secrets(&self, version: &Version) -> Result<Vec<(String, String)>, Error> {
        let mut opened = Vec::with_capacity(version.content.secrets.len());
        for (name, reference) in &version.content.secrets {
            opened.push((name.clone(), self.open_secret(&version.worker, name, reference).await?));
        }
        Ok(opened)
    }

    pub(super) async fn open_secret(
        &self,
        worker: &WorkerName,
        name: &str,
        reference: &SecretRef,
    ) -> Result<String, Error> {
        let key = secret_key(worker, name, reference);
        let Some(entry) = self.storage().get(bucket::SECRETS, &key).await? else {
            return Err(damaged(bucket::SECRETS, &key, "it is named by a version, but not there"));
        };
        self.shared
            .key
            .open(worker, name, reference, &entry.value)
            .map_err(|_| damaged(bucket::SECRETS, &key, CANNOT_OPEN))
    }

    /// Tells a key that is not the one the stored secrets were sealed with, by one of them. For a server to ask when it
    /// starts, rather than at the first request that needs a secret.
    pub async fn check_sealing_key(&self) -> Result<(), Error> {
        let Some(first) = self.storage().list(bucket::SECRETS, "", None, 1, Listing::Keys).await?.pop() else {
            return Ok(());
        };
        let (worker, name, reference) = parts_of(&first.key)
            .ok_or_else(|| damaged(bucket::SECRETS, &first.key, "the key is not WORKER/NAME/REFERENCE"))?;
        self.open_secret(&worker, name, &reference).await.map(drop)
    }

    async fn live_versions(&self, edit: &Edit) -> Result<Vec<(Version, u32)>, Error> {
        let mut live = Vec::new();
        for share in edit.record.deployment.iter().flat_map(|deployment| &deployment.shares) {
            live.push((self.version(&edit.record.name, &share.version).await?, share.share));
        }
        Ok(live)
    }

    /// What is live, with the secrets it is to have. Versions that become the same are made one.
    fn copies(
        &self,
        live: Vec<(Version, u32)>,
        settings: &[Setting],
        author: &str,
        mut problems: Vec<String>,
    ) -> Result<Vec<(Version, u32)>, Error> {
        let mut copies: Vec<(Version, u32)> = Vec::new();
        for (version, share) in live {
            let mut content = version.content.clone();
            apply(&mut content.secrets, settings);
            check_content(&content, settings, &mut problems);
            let id = content.id();
            if let Some((_, sum)) = copies.iter_mut().find(|(copy, _)| copy.id == id) {
                *sum += share;
            } else if content == version.content {
                copies.push((version, share));
            } else {
                let created = self.shared.clock.now();
                copies.push((Version { id, created, author: author.to_owned(), content, ..version }, share));
            }
        }
        problems.dedup();
        if problems.is_empty() { Ok(copies) } else { Err(Error::Invalid(problems)) }
    }

    async fn replace_live(
        &self,
        edit: &mut Edit,
        copies: &[(Version, u32)],
        settings: &[Setting],
        author: &str,
    ) -> Result<Option<Deployment>, Error> {
        let shares: Vec<Share> =
            copies.iter().map(|(version, share)| Share { version: version.id.clone(), share: *share }).collect();
        if edit.record.deployment.as_ref().is_none_or(|live| live.shares == shares) {
            return Ok(None);
        }
        let mut uses = Uses::default();
        for (version, _) in copies {
            uses.reach(&Uses::of(&version.worker, &version.content));
        }
        let message = summary(settings);
        let live = GoLive {
            shares,
            uses,
            made: &HashSet::new(),
            targets: Targets::MustExist,
            cause: Cause::Secret,
            author,
            message: &message,
        };
        self.go_live(edit, live).await.map(Some)
    }
}

impl Setting {
    fn put(&self) -> Option<(&str, &SecretRef, &[u8])> {
        self.sealed.as_ref().map(|(reference, sealed)| (self.name.as_str(), reference, sealed.as_slice()))
    }
}

/// What to do about a sealed value that does not open.
pub(super) const CANNOT_OPEN: &str = "it does not open with this key\nhint: bring back the key file that belongs to \
    this data, or set the secret anew";

/// Key of a sealed value.
pub(super) fn secret_key(worker: &WorkerName, name: &str, reference: &SecretRef) -> String {
    format!("{worker}/{name}/{}", reference.0)
}

/// The parts of such a key.
pub(super) fn parts_of(key: &str) -> Option<(WorkerName, &str, SecretRef)> {
    let mut parts = key.splitn(3, '/');
    let worker = parts.next()?.parse().ok()?;
    Some((worker, parts.next()?, SecretRef(parts.next()?.to_owned())))
}

fn apply(secrets: &mut BTreeMap<String, SecretRef>, settings: &[Setting]) {
    for Setting { name, sealed } in settings {
        match sealed {
            Some((reference, _)) => secrets.insert(name.clone(), reference.clone()),
            None => secrets.remove(name),
        };
    }
}

fn check_values(values: &BTreeMap<String, Option<String>>) -> Result<(), Error> {
    let mut problems = Vec::new();
    if values.is_empty() {
        problems.push("no secret is named".to_owned());
    }
    check_count(0, values.len(), &mut problems);
    let most = limits::VARIABLE.maximum;
    for (name, value) in values {
        if !is_identifier(name) {
            problems.push(format!("a secret is named `{}`\nhint: {IDENTIFIER_HINT}", shown(name)));
        }
        let size = value.as_ref().map_or(0, String::len);
        if size as u64 > most {
            problems.push(format!("secret `{}` has {size} bytes, more than the {most} allowed", shown(name)));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// A secret that is to be deleted must be there, so that a typing mistake is not taken for done.
fn check_missing(edit: &Edit, live: &[(Version, u32)], settings: &[Setting]) -> Result<(), Error> {
    let has = |name: &str| {
        edit.record.secrets.contains_key(name) || live.iter().any(|(v, _)| v.content.secrets.contains_key(name))
    };
    match settings.iter().find(|setting| setting.sealed.is_none() && !has(&setting.name)) {
        Some(setting) => Err(Error::NotFound { what: "secret", name: setting.name.clone() }),
        None => Ok(()),
    }
}

fn check_content(content: &Content, settings: &[Setting], problems: &mut Vec<String>) {
    for (name, ..) in settings.iter().filter_map(Setting::put) {
        let other = match (content.vars.contains_key(name), content.bindings.contains_key(name)) {
            (true, _) => "variable",
            (false, true) => "binding",
            (false, false) => continue,
        };
        let hint = format!("deploy without the {other} first, or choose another name");
        problems.push(format!("`{name}` is a {other} of the live version\nhint: {hint}"));
    }
    check_count(content.vars.len(), content.secrets.len(), problems);
}

/// What was done, as the message of the deployment; names only.
fn summary(settings: &[Setting]) -> String {
    let words = settings.iter().map(|Setting { name, sealed }| match sealed {
        Some(_) => format!("set secret {name}"),
        None => format!("deleted secret {name}"),
    });
    let all: Vec<String> = words.collect();
    match all.len() {
        0..=5 => all.join(", "),
        more => format!("{}, and {} more", all[..5].join(", "), more - 5),
    }
}
