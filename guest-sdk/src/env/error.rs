//! What a worker asks of its configuration and the configuration does not hold.

use std::error::Error as StdError;
use std::fmt;

/// The worker's configuration has no such binding, or a variable is not what the worker takes it for. With `?` it
/// becomes a 500 whose cause goes to the log.
pub struct BindingError {
    name: String,
    kind: Kind,
}

pub(super) enum Kind {
    NoKv,
    NoService,
    NoAssets,
    Json(serde_json::Error),
}

impl BindingError {
    pub(super) fn new(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind }
    }

    /// The name that was asked for.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for BindingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        let (what, key) = match &self.kind {
            Kind::NoKv => ("KV namespace", "kv_namespaces"),
            Kind::NoService => ("service", "services"),
            Kind::NoAssets => ("assets", "assets"),
            Kind::Json(error) => return write!(formatter, "the variable `{name}` is not the JSON expected: {error}"),
        };
        write!(formatter, "no {what} bound to `{name}`: add the binding to `{key}` in the worker's configuration")
    }
}

impl fmt::Debug for BindingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BindingError({self})")
    }
}

impl StdError for BindingError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Json(error) => Some(error),
            Kind::NoKv | Kind::NoService | Kind::NoAssets => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn a_missing_binding_says_where_it_belongs_and_tells_the_client_nothing() {
        let error = BindingError::new("CACHE", Kind::NoKv);
        assert_eq!(
            error.to_string(),
            "no KV namespace bound to `CACHE`: add the binding to `kv_namespaces` in the worker's configuration"
        );
        assert_eq!(Error::from(error).status().as_u16(), 500);
    }
}
