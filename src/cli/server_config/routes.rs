//! `[[route]]`: routes that lead to an origin, without a worker.

use crate::rate_limit::RateLimit;
use crate::registry::{OriginRoutes, RoutePattern};
use crate::route_options::{Origin, RouteOptions};
use anyhow::{Result, bail};
use serde::Deserialize;
use std::sync::Arc;

/// A route as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pattern: RoutePattern,
    origin: Origin,
    #[serde(default)]
    cache: bool,
    rate_limit: Option<RateLimit>,
}

/// All of them, each pattern once.
pub(super) fn routes(tables: Vec<Table>) -> Result<OriginRoutes> {
    let mut routes = OriginRoutes::new();
    for Table { pattern, origin, cache, rate_limit } in tables {
        let options = RouteOptions { cache, fail_open: false, origin: Some(origin), rate_limit };
        if routes.insert(pattern.clone(), Arc::new(options)).is_some() {
            let narrower = pattern.as_str().trim_end_matches(['*', '/']);
            bail!(
                "the settings have two `[[route]]` with the pattern `{pattern}`\n\
                 hint: remove one, or make its pattern more specific, such as `{narrower}/api/*`"
            );
        }
    }
    Ok(routes)
}

#[cfg(test)]
mod tests {
    use super::super::tests::settings;
    use crate::registry::RoutePattern;

    #[test]
    fn routes_are_read_and_what_is_wrong_is_told_with_its_place() {
        let text = "data = \"d\"\n[[route]]\npattern = \"Example.com/*\"\norigin = \"http://127.0.0.1:9/\"\ncache = true\n\
                    rate_limit = { requests = 5, key = \"cookie:id\" }\n[[route]]\npattern = \"*/*\"\norigin = \"https://o\"";
        let routes = settings(text).unwrap().routes;
        let of = |pattern: &str| routes[&pattern.parse::<RoutePattern>().unwrap()].clone();
        let (first, second) = (of("example.com/*"), of("*/*"));
        assert!(
            first.cache && first.rate_limit.is_some() && first.origin.as_ref().unwrap().to_string().ends_with(":9")
        );
        assert!(!second.cache && second.rate_limit.is_none());
        let error = |route: &str| format!("{:#}", settings(&format!("data = \"d\"\n[[route]]\n{route}")).unwrap_err());
        for (route, said) in [
            ("pattern = \"a/*\"", ["line 2", "missing field `origin`"]),
            ("origin = \"http://a\"", ["line 2", "missing field `pattern`"]),
            ("pattern = \"a*b/*\"\norigin = \"http://a\"", ["line 3", "hint:"]),
            ("pattern = \"a/*\"\norigin = \"a\"", ["line 4", "hint: write a URL"]),
            ("pattern = \"a/*\"\norigin = \"http://a\"\nfail_open = true", ["line 5", "unknown field `fail_open`"]),
            (
                "pattern = \"a/*\"\norigin = \"http://a\"\n[[route]]\npattern = \"A/*\"\norigin = \"http://b\"",
                ["two", "`a/*`"],
            ),
        ] {
            let error = error(route);
            assert!(said.iter().all(|said| error.contains(said)), "{route}: {error}");
        }
    }
}
