//! Environment variables, from `wasi:cli/environment`.
//!
//! `std::env` sees nothing on `wasm32-unknown-unknown`. A component imports the interface only when it
//! calls these functions, so one that does not still runs on hosts that give HTTP alone.

/// The variable's value, if it is set.
pub fn var(name: &str) -> Option<String> {
    vars().into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

/// All variables, in the host's order.
pub fn vars() -> Vec<(String, String)> {
    wasip2::cli::environment::get_environment()
}
