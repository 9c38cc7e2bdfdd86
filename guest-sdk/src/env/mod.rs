//! What a worker is bound to: variables, secrets, KV namespaces, other workers, assets, its own version.
//!
//! The names are those of the worker's configuration (`wrangler.toml`, `glowplug.toml`).
//!
//! ```
//! use glowplug_sdk::{Request, Response, Result, env};
//!
//! async fn handle(request: Request) -> Result<Response> {
//!     if request.path().starts_with("/api/") {
//!         return Ok(env::service("API")?.fetch(request).await?);
//!     }
//!     let visits = env::kv("VISITS")?;
//!     let count: u32 = visits.get_json(request.path()).await?.unwrap_or(0) + 1;
//!     visits.put_json(request.path(), &count)?.await?;
//!     env::assets("ASSETS")?.fetch(request).await?.with_header("x-version", env::version().id)
//! }
//! ```
//!
//! A component imports an interface only when it calls a function that needs it. Variables come from
//! `wasi:cli/environment`, which many hosts give; the rest comes from `glowplug:worker/bindings`, which glowplug
//! alone gives. A worker that uses neither runs wherever there is HTTP. (`std::env` sees nothing on
//! `wasm32-unknown-unknown`.)

mod error;
// As `wit-bindgen rust` 0.60.0 makes it from a world that imports `glowplug:worker/bindings` and nothing else:
// checked in so that no worker compiles a code generator. To be made again when that interface changes.
mod host;
mod service;

use serde::de::DeserializeOwned;

use crate::kv::Kv;
pub use error::BindingError;
use error::Kind;
use host::glowplug::worker::bindings;
pub use service::Service;

/// The variable's value, if it is set.
pub fn var(name: &str) -> Option<String> {
    vars().into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

/// All variables, in the host's order.
pub fn vars() -> Vec<(String, String)> {
    wasip2::cli::environment::get_environment()
}

/// The value of a variable that the configuration gives as a number, a list or a table; `None` if it is not set.
///
/// ```
/// # use glowplug_sdk::{Result, env};
/// # fn example() -> Result<()> {
/// let limits: Vec<u32> = env::json_var("LIMITS")?.unwrap_or_default();
/// # Ok(())
/// # }
/// ```
pub fn json_var<T: DeserializeOwned>(name: &str) -> Result<Option<T>, BindingError> {
    var(name).map(|value| parse(name, &value)).transpose()
}

fn parse<T: DeserializeOwned>(name: &str, value: &str) -> Result<T, BindingError> {
    serde_json::from_str(value).map_err(|error| BindingError::new(name, Kind::Json(error)))
}

/// The secret's value, if it is set.
pub fn secret(name: &str) -> Option<String> {
    bindings::secrets().into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

/// The KV namespace that is bound to `name`.
pub fn kv(name: &str) -> Result<Kv, BindingError> {
    address(name, Kind::NoKv).map(Kv::new)
}

/// The other worker that is bound to `name`.
pub fn service(name: &str) -> Result<Service, BindingError> {
    address(name, Kind::NoService).map(Service::new)
}

/// The worker's static assets, bound to `name`. Of the URLs asked for, their path alone counts.
pub fn assets(name: &str) -> Result<Service, BindingError> {
    address(name, Kind::NoAssets).map(Service::new)
}

fn address(name: &str, absent: Kind) -> Result<String, BindingError> {
    bindings::address(name).ok_or_else(|| BindingError::new(name, absent))
}

/// The version of the worker that runs.
pub fn version() -> VersionMetadata {
    let bindings::VersionMetadata { id, tag, timestamp } = bindings::version();
    VersionMetadata { id, tag, timestamp }
}

/// Which version of a worker this is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionMetadata {
    /// 12 hexadecimal digits.
    pub id: String,
    /// What its author called it; may be empty.
    pub tag: String,
    /// When it was made, as RFC 3339: `2026-01-31T12:00:00Z`.
    pub timestamp: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_variable_is_parsed_or_named() {
        assert_eq!(parse::<Vec<u8>>("LIMITS", "[1, 2]").expect("JSON"), [1, 2]);
        let error = parse::<Vec<u8>>("LIMITS", "one, two").expect_err("not JSON");
        let message = error.to_string();
        assert!(message.starts_with("the variable `LIMITS` is not the JSON expected: "), "{message}");
    }
}
