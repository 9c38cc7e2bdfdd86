//! What a version reaches beyond its own worker, kept as the meta of its entry so that a listing shows it.

use super::secret::SecretRef;
use super::version::{Binding, Content};
use super::worker::WorkerName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a version, or all live versions of a worker, name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Uses {
    /// Other workers.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub services: BTreeSet<WorkerName>,
    /// KV namespaces by id.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub namespaces: BTreeSet<String>,
    /// Sealed values. Empty in a worker's meta: its record has them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secrets: BTreeSet<SecretRef>,
}

impl Uses {
    /// What a version of `worker` with this content names.
    pub fn of(worker: &WorkerName, content: &Content) -> Self {
        let mut uses = Self { secrets: content.secrets.values().cloned().collect(), ..Self::default() };
        for binding in content.bindings.values() {
            match binding {
                Binding::Kv { id } => uses.namespaces.extend(id.clone()),
                Binding::Service { worker: target } if target != worker => {
                    uses.services.insert(target.clone());
                }
                Binding::Service { .. } | Binding::Assets | Binding::VersionMetadata => {}
            }
        }
        uses
    }

    /// Adds what another version of the same worker reaches; secrets are left out.
    pub fn reach(&mut self, other: &Self) {
        self.services.extend(other.services.iter().cloned());
        self.namespaces.extend(other.namespaces.iter().cloned());
    }
}
