//! Components as the server's executor sees them.

use crate::build::{Executor, package};
use crate::digest::Digest;
use crate::registry::version::Artifact;
use anyhow::Result;
use std::sync::Arc;

/// What looks at a component.
type Check = dyn Fn(&[u8], Digest) -> Result<Artifact> + Send + Sync;

/// Looks at components that are to be deployed.
#[derive(Clone)]
pub(super) struct Components {
    engine: Arc<str>,
    check: Arc<Check>,
    /// None in tests that judge for themselves.
    executor: Option<Arc<Executor>>,
}

impl Components {
    /// With the executor that will run them.
    pub fn new(executor: Arc<Executor>) -> Self {
        let engine = executor.javascript().digest().into();
        let checker = executor.clone();
        let check = Arc::new(move |wasm: &[u8], digest| package::check(&checker, wasm, digest));
        Self { engine, check, executor: Some(executor) }
    }

    /// With another judge, for tests.
    #[cfg(test)]
    pub fn judged_by(check: impl Fn(&[u8], Digest) -> Result<Artifact> + Send + Sync + 'static) -> Self {
        Self { engine: Digest::of(b"engine").to_string().into(), check: Arc::new(check), executor: None }
    }

    /// Digest of the server's own JavaScript engine.
    pub fn engine(&self) -> &str {
        &self.engine
    }

    /// Lets workers run that were made with the JavaScript engine whose core module is `wasm`. Takes a second of a
    /// processor the first time.
    pub fn add_engine(&self, digest: Digest, wasm: &[u8]) -> Result<()> {
        match &self.executor {
            Some(executor) if !executor.has_engine(&digest.to_string()) => executor.add_engine(wasm),
            _ => Ok(()),
        }
    }

    /// What there is to say of a component, if it can be run. Takes seconds of a processor; the outcome of compiling is
    /// kept, so that its first request need not wait.
    pub fn check(&self, wasm: &[u8], digest: Digest) -> Result<Artifact> {
        (self.check)(wasm, digest)
    }
}
