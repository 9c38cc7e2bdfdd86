//! Makes a component of a core module that carries its interface types.

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

/// Wrap `module` and validate the result.
pub fn encode(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .context("failed to make a component of the module")
}
