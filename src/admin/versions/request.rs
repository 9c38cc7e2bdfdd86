//! What a client says of a version to be made. Nothing that is not known is let pass.

use crate::admin::routes::RouteText;
use crate::digest::Digest;
use crate::limits::Settings;
use crate::registry::version::{Artifact, Assets};
use crate::registry::{Binding, NewVersion, WorkerName};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The body of a request to publish.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Publication {
    pub version: Wanted,
    /// Whether it takes all traffic.
    pub deploy: bool,
    /// The worker's routes from now on; without any it keeps those it has.
    #[serde(default)]
    pub routes: Option<Vec<RouteText>>,
    #[serde(default)]
    pub subdomain: Option<bool>,
    #[serde(default)]
    pub previews: Option<bool>,
}

/// The version itself. Blobs are named by their digests; what is in them the server finds out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Wanted {
    #[serde(default)]
    pub artifact: Option<Digest>,
    #[serde(default)]
    pub assets: Option<Digest>,
    #[serde(default)]
    vars: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    bindings: BTreeMap<String, WantedBinding>,
    #[serde(default)]
    limits: WantedLimits,
    #[serde(default)]
    compatibility_date: String,
    #[serde(default)]
    compatibility_flags: Vec<String>,
    #[serde(default)]
    crons: Vec<String>,
    #[serde(default)]
    tail_consumers: Vec<WorkerName>,
    #[serde(default)]
    required_secrets: Vec<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    tag: String,
}

/// [`Binding`], read strictly.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum WantedBinding {
    Kv {
        #[serde(default)]
        id: Option<String>,
    },
    Service {
        worker: WorkerName,
    },
    // With braces, since serde lets unknown fields pass without.
    Assets {},
    VersionMetadata {},
}

/// [`Settings`], read strictly.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WantedLimits {
    cpu_ms: Option<i64>,
    wall_ms: Option<i64>,
    memory_mb: Option<i64>,
    subrequests: Option<i64>,
}

impl Wanted {
    /// The version to make, with what was found in its blobs.
    pub fn checked(self, artifact: Option<Artifact>, assets: Option<Assets>) -> NewVersion {
        let bindings = self.bindings.into_iter().map(|(name, binding)| (name, binding.into())).collect();
        let WantedLimits { cpu_ms, wall_ms, memory_mb, subrequests } = self.limits;
        NewVersion {
            artifact,
            vars: self.vars,
            bindings,
            assets,
            limits: Settings { cpu_ms, wall_ms, memory_mb, subrequests },
            compatibility_date: self.compatibility_date,
            compatibility_flags: self.compatibility_flags,
            crons: self.crons,
            tail_consumers: self.tail_consumers,
            required_secrets: self.required_secrets,
            message: self.message,
            tag: self.tag,
        }
    }
}

impl From<WantedBinding> for Binding {
    fn from(binding: WantedBinding) -> Self {
        match binding {
            WantedBinding::Kv { id } => Self::Kv { id },
            WantedBinding::Service { worker } => Self::Service { worker },
            WantedBinding::Assets {} => Self::Assets,
            WantedBinding::VersionMetadata {} => Self::VersionMetadata,
        }
    }
}
