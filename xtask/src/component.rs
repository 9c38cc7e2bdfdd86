//! Makes a component of a core module that carries its interface types.

use anyhow::{Context, Result};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

/// Wrap `module` and validate the result.
pub fn encode(module: &[u8]) -> Result<Vec<u8>> {
    finish(ComponentEncoder::default().module(module))
}

/// The same for a module that imports WASI preview 1, which is translated to the WASI 0.2 of components.
pub fn encode_with_preview1(module: &[u8]) -> Result<Vec<u8>> {
    finish(ComponentEncoder::default().module(module).and_then(|encoder| {
        encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)
    }))
}

fn finish(encoder: Result<ComponentEncoder>) -> Result<Vec<u8>> {
    encoder.and_then(|encoder| encoder.validate(true).encode()).context("failed to make a component of the module")
}
