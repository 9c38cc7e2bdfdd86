//! From a request's host and path to a worker.

use super::super::version::VersionId;
use super::super::worker::{WorkerName, WorkerRecord};
use super::pattern::{HostPattern, PathPattern, RoutePattern, Scheme, split_port};
use super::prefixes::Prefixes;
use crate::registry::OriginRoutes;
use crate::route_options::RouteOptions;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

/// Bytes of a host name; no longer one can be asked for.
const LONGEST_HOST: usize = 255;

/// What hosts that are workers' by their names have.
static NO_OPTIONS: LazyLock<Arc<RouteOptions>> = LazyLock::new(Arc::default);

/// All routes of all workers, and those to origins. Never changed: a new one takes its place.
///
/// A worker without a deployment has no routes and no subdomain here, since it has nothing to answer with; its
/// previews are found. Whether a preview's version exists is for the caller to see.
#[derive(Debug)]
pub struct RouteTable {
    base_domain: Option<String>,
    workers: HashMap<WorkerName, Subdomains>,
    /// What the slots below point at; the first of them are those that no worker can take.
    routes: Vec<Routed>,
    fixed: usize,
    exact: HashMap<Box<str>, Paths>,
    /// By the end of the host, read backwards.
    endings: Prefixes<Paths>,
}

/// One route.
#[derive(Debug)]
struct Routed {
    worker: Option<WorkerName>,
    pattern: RoutePattern,
    options: Arc<RouteOptions>,
}

/// Where a worker is reached without a route.
#[derive(Debug)]
struct Subdomains {
    live: bool,
    previews: bool,
}

/// The routes of one host: those for a port, and those for any.
#[derive(Debug)]
struct Paths {
    /// In the order of the ports.
    by_port: Vec<(u16, Prefixes<Slots>)>,
    any_port: Prefixes<Slots>,
}

/// The routes with one literal path.
#[derive(Debug, Default)]
struct Slots {
    exact: Slot,
    starting: Slot,
}

/// At most one route for each scheme, as an index into `routes`.
#[derive(Debug, Default)]
struct Slot {
    http: Option<u32>,
    https: Option<u32>,
    any: Option<u32>,
}

/// What answers a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// None for a route to an origin.
    pub worker: Option<&'a WorkerName>,
    /// Set for a preview: this version, whatever is live. It may not exist.
    pub version: Option<VersionId>,
    pub how: How<'a>,
    pub options: &'a Arc<RouteOptions>,
}

/// Why it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How<'a> {
    /// One of its routes matches.
    Route(&'a RoutePattern),
    /// The host is `NAME.<base-domain>`.
    Subdomain,
    /// The host is `VERSION-NAME.<base-domain>`.
    Preview,
}

impl RouteTable {
    /// The table of `workers`. Without a base domain there are no subdomains and no previews.
    pub fn new<'r>(
        base_domain: Option<&str>,
        workers: impl Iterator<Item = &'r WorkerRecord>,
        origins: &OriginRoutes,
    ) -> Self {
        Self::with_fixed(base_domain, &OriginRoutes::new(), workers, origins)
    }

    /// The same with routes to origins that come before all that are deployed with the same pattern.
    pub fn with_fixed<'r>(
        base_domain: Option<&str>,
        fixed: &OriginRoutes,
        workers: impl Iterator<Item = &'r WorkerRecord>,
        origins: &OriginRoutes,
    ) -> Self {
        let mut by_name = HashMap::new();
        let mut routes = Vec::new();
        let mut exact: HashMap<Box<str>, Building> = HashMap::new();
        let mut endings: BTreeMap<Vec<u8>, Building> = BTreeMap::new();
        let mut add = |worker: Option<&WorkerName>, pattern: &RoutePattern, options: Arc<RouteOptions>| {
            let building = match pattern.parts().host {
                HostPattern::Exact(host) => exact.entry(host.into()).or_default(),
                HostPattern::EndsWith(end) => endings.entry(end.bytes().rev().collect()).or_default(),
            };
            building.add(pattern, routes.len() as u32);
            routes.push(Routed { worker: worker.cloned(), pattern: pattern.clone(), options });
        };
        for (pattern, options) in fixed {
            add(None, pattern, options.clone());
        }
        for record in workers {
            let deployed = record.deployment.is_some();
            let subdomains = Subdomains { live: record.subdomain && deployed, previews: record.previews };
            by_name.insert(record.name.clone(), subdomains);
            for pattern in record.routes.iter().filter(|_| deployed) {
                let options = record.route_options.get(pattern).cloned();
                add(Some(&record.name), pattern, options.map_or_else(|| NO_OPTIONS.clone(), Arc::new));
            }
        }
        for (pattern, options) in origins {
            add(None, pattern, options.clone());
        }
        Self {
            base_domain: base_domain.and_then(normal_domain),
            workers: by_name,
            routes,
            fixed: fixed.len(),
            exact: exact.into_iter().map(|(host, building)| (host, building.done())).collect(),
            endings: Prefixes::new(endings.into_iter().map(|(end, building)| (end, building.done())).collect()),
        }
    }

    /// The routes that no worker can take.
    pub fn fixed(&self) -> impl Iterator<Item = (&RoutePattern, &Arc<RouteOptions>)> {
        self.routes[..self.fixed].iter().map(|route| (&route.pattern, &route.options))
    }

    /// What answers a request for `host`, which may have a port, and `path_and_query`, as they stand in the request.
    pub fn find(&self, scheme: Scheme, host: &str, path_and_query: &str) -> Option<Found<'_>> {
        self.walk(scheme, host, path_and_query, ControlFlow::Break).break_value()
    }

    /// All that match, in the order of precedence: the first is what [`Self::find`] gives.
    pub fn all(&self, scheme: Scheme, host: &str, path_and_query: &str) -> Vec<Found<'_>> {
        let mut all = Vec::new();
        let _ = self.walk(scheme, host, path_and_query, |found| {
            all.push(found);
            ControlFlow::<()>::Continue(())
        });
        all
    }

    /// The same for a whole URL. The error says what is wrong with it.
    pub fn explain(&self, url: &str) -> Result<Vec<Found<'_>>, String> {
        let wrong = |what: String| format!("`{url}` {what}\nhint: write a whole URL, such as `https://example.com/a`");
        let parsed = url::Url::parse(url).map_err(|cause| wrong(format!("is not a URL: {cause}")))?;
        let scheme = match parsed.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            other => return Err(wrong(format!("has the scheme `{other}`"))),
        };
        let host = &parsed[url::Position::BeforeHost..url::Position::AfterPort];
        Ok(self.all(scheme, host, &parsed[url::Position::BeforePath..url::Position::AfterQuery]))
    }

    /// Visits what matches in the order of precedence.
    fn walk<'t, B>(
        &'t self,
        scheme: Scheme,
        host: &str,
        path_and_query: &str,
        mut visit: impl FnMut(Found<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let Some((host, port)) = host_and_port(host) else { return ControlFlow::Continue(()) };
        let port = port.unwrap_or(scheme.default_port());
        let path: Cow<'_, str> = match path_and_query.as_bytes().first() {
            None | Some(b'?') => format!("/{path_and_query}").into(),
            Some(_) => path_and_query.into(),
        };
        let routes = |paths: &Paths, visit: &mut dyn FnMut(Found<'t>) -> ControlFlow<B>| {
            paths.walk(scheme, port, path.as_bytes(), &mut |index| {
                let Routed { worker, pattern, options } = &self.routes[index as usize];
                visit(Found { worker: worker.as_ref(), version: None, how: How::Route(pattern), options })
            })
        };
        if let Some(paths) = self.exact.get(&*host) {
            routes(paths, &mut visit)?;
        }
        if let Some(label) = self.label(&host) {
            self.walk_subdomains(label, &mut visit)?;
        }
        let mut backwards = [0; LONGEST_HOST];
        for (to, from) in backwards.iter_mut().zip(host.bytes().rev()) {
            *to = from;
        }
        for (_, paths) in self.endings.of(&backwards[..host.len()]) {
            routes(paths, &mut visit)?;
        }
        ControlFlow::Continue(())
    }

    /// The one label before the base domain.
    fn label<'h>(&self, host: &'h str) -> Option<&'h str> {
        let label = host.strip_suffix(self.base_domain.as_deref()?)?.strip_suffix('.')?;
        (!label.contains('.')).then_some(label)
    }

    fn walk_subdomains<'t, B>(
        &'t self,
        label: &str,
        visit: &mut impl FnMut(Found<'t>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if let Some((worker, Subdomains { live: true, .. })) = self.workers.get_key_value(label) {
            visit(Found { worker: Some(worker), version: None, how: How::Subdomain, options: &NO_OPTIONS })?;
        }
        let preview = label.split_once('-').and_then(|(version, name)| {
            let version = version.parse::<VersionId>().ok()?;
            Some((version, self.workers.get_key_value(name)?))
        });
        if let Some((version, (worker, Subdomains { previews: true, .. }))) = preview {
            visit(Found { worker: Some(worker), version: Some(version), how: How::Preview, options: &NO_OPTIONS })?;
        }
        ControlFlow::Continue(())
    }
}

/// A base domain as hosts are compared with it: in ASCII, in lower case, without a port.
fn normal_domain(base: &str) -> Option<String> {
    let name = split_port(base).0.trim_matches('.');
    url::Host::parse(name).ok().map(|host| host.to_string())
}

/// The host in its normal form, and its port. None if it can be no host.
fn host_and_port(authority: &str) -> Option<(Cow<'_, str>, Option<u16>)> {
    let (host, port) = split_port(authority);
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.is_empty() || host.len() > LONGEST_HOST {
        return None;
    }
    let host = match host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => host.to_ascii_lowercase().into(),
        false => host.into(),
    };
    match port {
        None | Some("") => Some((host, None)),
        Some(port) => Some((host, Some(port.parse().ok()?))),
    }
}

impl Paths {
    fn walk<B>(
        &self,
        scheme: Scheme,
        port: u16,
        path: &[u8],
        visit: &mut impl FnMut(u32) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let for_port = self.by_port.binary_search_by_key(&port, |(port, _)| *port).ok();
        for table in for_port.map(|at| &self.by_port[at].1).into_iter().chain([&self.any_port]) {
            for (length, slots) in table.of(path) {
                let exact = Some(&slots.exact).filter(|_| length == path.len());
                for slot in exact.into_iter().chain([&slots.starting]) {
                    let own = match scheme {
                        Scheme::Http => slot.http,
                        Scheme::Https => slot.https,
                    };
                    for index in own.into_iter().chain(slot.any) {
                        visit(index)?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// [`Paths`] being made.
#[derive(Default)]
struct Building {
    by_port: BTreeMap<u16, BTreeMap<Vec<u8>, Slots>>,
    any_port: BTreeMap<Vec<u8>, Slots>,
}

impl Building {
    fn add(&mut self, pattern: &RoutePattern, index: u32) {
        let parts = pattern.parts();
        let paths = match parts.port {
            Some(port) => self.by_port.entry(port).or_default(),
            None => &mut self.any_port,
        };
        let slot = match parts.path {
            PathPattern::Exact(path) => &mut paths.entry(path.into()).or_default().exact,
            PathPattern::StartsWith(path) => &mut paths.entry(path.into()).or_default().starting,
        };
        let slot = match parts.scheme {
            Some(Scheme::Http) => &mut slot.http,
            Some(Scheme::Https) => &mut slot.https,
            None => &mut slot.any,
        };
        // One pattern has one worker; should two claim it, the first keeps it.
        slot.get_or_insert(index);
    }

    fn done(self) -> Paths {
        Paths {
            by_port: self.by_port.into_iter().map(|(port, paths)| (port, Prefixes::new(paths))).collect(),
            any_port: Prefixes::new(self.any_port),
        }
    }
}
