//! Where workers are reached: what clients print and people click on.

use crate::registry::route::{HostPattern, PathPattern, Scheme};
use crate::registry::{RoutePattern, VersionId, WorkerName, WorkerRecord};
use url::Url;

/// Makes URLs of workers.
#[derive(Debug)]
pub(super) struct Urls {
    scheme: String,
    /// Port of the data plane, unless it is the scheme's own.
    port: Option<u16>,
    base_domain: Option<String>,
}

impl Urls {
    /// `public_url` is how the data plane is reached.
    pub fn new(public_url: &str, base_domain: Option<&str>) -> Self {
        let url = Url::parse(public_url).ok();
        Self {
            scheme: url.as_ref().map_or("http", Url::scheme).to_owned(),
            port: url.as_ref().and_then(Url::port),
            base_domain: base_domain.map(|domain| domain.trim_matches('.').to_owned()),
        }
    }

    /// The URL of a worker below the base domain, if there is one and something is live.
    pub fn worker(&self, record: &WorkerRecord) -> Option<String> {
        let reached = record.subdomain && record.deployment.is_some();
        reached.then(|| self.below_base(record.name.as_str())).flatten()
    }

    /// The URL of one version of a worker, if versions have some.
    pub fn preview(&self, record: &WorkerRecord, version: &VersionId) -> Option<String> {
        record.previews.then(|| self.below_base(&preview_label(&record.name, version))).flatten()
    }

    /// Every URL of a worker that can be told: its own, and the first of each route for a single host.
    pub fn all(&self, record: &WorkerRecord) -> Vec<String> {
        let routes = record.routes.iter().filter(|_| record.deployment.is_some());
        self.worker(record).into_iter().chain(routes.filter_map(|pattern| self.route(pattern))).collect()
    }

    /// The pattern that stands for a worker's own host.
    pub fn subdomain_pattern(&self, label: &str) -> Option<String> {
        self.base_domain.as_ref().map(|base| format!("{label}.{base}/*"))
    }

    fn route(&self, pattern: &RoutePattern) -> Option<String> {
        let parts = pattern.parts();
        let HostPattern::Exact(host) = parts.host else { return None };
        let (PathPattern::Exact(path) | PathPattern::StartsWith(path)) = parts.path;
        let scheme = match parts.scheme {
            Some(Scheme::Http) => "http",
            Some(Scheme::Https) => "https",
            None => &self.scheme,
        };
        // The data plane listens for one scheme; what is in front of it for the other has that scheme's port.
        let port = parts.port.or(self.port.filter(|_| scheme == self.scheme));
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{scheme}://{host}{port}{path}"))
    }

    fn below_base(&self, label: &str) -> Option<String> {
        let base = self.base_domain.as_ref()?;
        // A longer label is no part of any host name.
        let fits = label.len() <= WorkerName::LONGEST;
        let port = self.port.filter(|_| !has_port(base)).map_or_else(String::new, |port| format!(":{port}"));
        fits.then(|| format!("{}://{label}.{base}{port}/", self.scheme))
    }
}

/// The label of a version's preview.
pub(super) fn preview_label(worker: &WorkerName, version: &VersionId) -> String {
    format!("{version}-{worker}")
}

fn has_port(domain: &str) -> bool {
    domain.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Cause, Deployment};
    use jiff::Timestamp;
    use std::collections::BTreeMap;

    fn record(name: &str, routes: &[&str]) -> WorkerRecord {
        WorkerRecord {
            name: name.parse().unwrap(),
            created: Timestamp::UNIX_EPOCH,
            routes: routes.iter().map(|route| route.parse().unwrap()).collect(),
            route_options: BTreeMap::new(),
            subdomain: true,
            previews: true,
            deployment: Some(Deployment {
                number: 1,
                created: Timestamp::UNIX_EPOCH,
                author: String::new(),
                message: String::new(),
                cause: Cause::Deploy,
                shares: Vec::new(),
            }),
            secrets: BTreeMap::new(),
        }
    }

    #[test]
    fn urls_have_the_scheme_and_port_of_the_data_plane() {
        let urls = Urls::new("http://127.0.0.1:8787", Some("localhost"));
        let routes = ["example.com/a/*", "https://example.com/", "*.example.com/*", "example.com:99/x"];
        let mut worker = record("hello", &routes);
        assert_eq!(
            urls.all(&worker),
            [
                "http://hello.localhost:8787/",
                "http://example.com:8787/a/",
                "https://example.com/",
                "http://example.com:99/x"
            ]
        );
        let version = "0123456789ab".parse().unwrap();
        assert_eq!(urls.preview(&worker, &version).as_deref(), Some("http://0123456789ab-hello.localhost:8787/"));
        let long = record(&"x".repeat(51), &[]);
        assert_eq!(urls.preview(&long, &version), None);
        assert!(urls.worker(&long).is_some());

        worker.previews = false;
        assert_eq!(urls.preview(&worker, &version), None);
        worker.deployment = None;
        assert_eq!(urls.all(&worker), [""; 0]);
        let urls = Urls::new("https://edge.example", Some("workers.example"));
        assert_eq!(urls.worker(&record("a", &[])).as_deref(), Some("https://a.workers.example/"));
        assert_eq!(Urls::new("https://edge.example", None).worker(&record("a", &[])), None);
    }
}
