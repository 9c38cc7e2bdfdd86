//! WebAssembly modules that a worker imports: checked here, and given to the engine beside the script.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

/// What some tools want behind the name of a file.
pub(super) const QUERY: &str = "?module";

/// How the names begin by which the engine knows the modules (`js-shim/src/web/wasm/modules.rs`).
const NAME_PREFIX: &str = "glowplug:wasm/";

/// Bytes of modules, by name.
pub(super) type WasmModules = BTreeMap<String, Vec<u8>>;

/// Takes a module in and gives its name, which depends on its bytes alone: files are read in no fixed order.
pub(super) fn add(modules: &Mutex<WasmModules>, bytes: Vec<u8>) -> String {
    let digest = Sha256::digest(&bytes);
    let short: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("{NAME_PREFIX}{short}");
    modules.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), bytes);
    name
}

/// What the engine's interpreter understands.
fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::GC_TYPES
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::FLOATS
}

/// Says why workers cannot run these bytes.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    if let Some(Ok(Payload::Version { encoding: Encoding::Component, .. })) = Parser::new(0).parse_all(bytes).next() {
        return Err("it is a component, and only core modules can be imported".to_owned());
    }
    match Validator::new_with_features(features()).validate_all(bytes) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{} (at byte {})", error.message(), error.offset())),
    }
}
