//! From a request's URL to the version that answers it.

use super::error_page::{Details, ErrorCode};
use super::fleet::{Live, LoadError, Way};
use super::load::Ready;
use super::sticky::{self, Place};
use super::{Entry, Site};
use crate::registry::route::Scheme;
use crate::registry::{VersionId, WorkerName};
use crate::route_options::RouteOptions;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri};
use std::sync::{Arc, LazyLock};

/// In place of a pattern: the host names a version.
pub(super) static PREVIEW: LazyLock<Arc<str>> = LazyLock::new(|| "(preview)".into());
/// Another worker calls it.
static BINDING: LazyLock<Arc<str>> = LazyLock::new(|| "(binding)".into());
/// All requests go to it.
static PRIMARY: LazyLock<Arc<str>> = LazyLock::new(|| "(primary)".into());

/// Of requests that no route led here.
static NO_OPTIONS: LazyLock<Arc<RouteOptions>> = LazyLock::new(Arc::default);

/// What answers a request.
pub struct Target {
    /// None if it is the route's origin.
    pub ready: Option<Arc<Ready>>,
    /// The pattern that matched, or what led there instead.
    pub route: Arc<str>,
    /// Keeps the client at its version while several share the traffic.
    pub cookie: Option<HeaderValue>,
    /// What the route says of its requests.
    pub options: Arc<RouteOptions>,
}

/// Why nothing answers.
pub struct NoTarget {
    pub code: ErrorCode,
    pub why: Box<Details>,
}

impl NoTarget {
    fn new(code: ErrorCode, error: String, hint: Option<&str>) -> Self {
        Self { code, why: Box::new(Details { error, hint: hint.map(str::to_owned), ..Details::default() }) }
    }

    fn unloadable(error: &LoadError) -> Self {
        Self::new(ErrorCode::Internal, format!("the version cannot be loaded: {error:#}"), None)
    }
}

impl Way {
    /// To `live`, with no options.
    fn to(live: Arc<Live>, route: Arc<str>) -> Self {
        Self { live: Some(live), route, version: None, options: NO_OPTIONS.clone() }
    }
}

impl Site {
    /// What answers the request with these parts, whose URI is absolute.
    pub(super) async fn target(&self, parts: &Parts) -> Result<Target, NoTarget> {
        let way = match &self.entry {
            Entry::Routes => Some(self.routed(&parts.uri)?),
            Entry::Primary => {
                self.primary().and_then(|name| self.fleet.live(&name)).map(|live| Way::to(live, PRIMARY.clone()))
            }
        };
        match way {
            Some(Way { live: None, route, options, .. }) => Ok(Target { ready: None, route, cookie: None, options }),
            Some(Way { live: Some(live), route, version: None, options }) => {
                Ok(Target { options, ..self.live_version(&live, route, &parts.headers).await? })
            }
            Some(Way { live: Some(live), route, version: Some(version), .. }) => {
                self.preview(&live, route, &version).await
            }
            None => Err(match self.broken() {
                Some(why) => NoTarget { code: ErrorCode::StartUp, why: Box::new((*why).clone()) },
                None => NoTarget::new(ErrorCode::NoRoute, "there is no worker yet".into(), None),
            }),
        }
    }

    /// The version of the worker `name` that answers when another worker calls it.
    pub(super) async fn target_named(&self, name: &str, headers: &HeaderMap) -> Result<Target, NoTarget> {
        let live = name.parse::<WorkerName>().ok().and_then(|name| self.fleet.live(&name));
        let missing = || NoTarget::new(ErrorCode::NoRoute, format!("there is no worker `{name}` here"), None);
        self.live_version(&*live.ok_or_else(missing)?, BINDING.clone(), headers).await
    }

    fn routed(&self, uri: &Uri) -> Result<Way, NoTarget> {
        let scheme = if uri.scheme() == Some(&http::uri::Scheme::HTTPS) { Scheme::Https } else { Scheme::Http };
        let host = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        self.fleet.find(scheme, host, path).ok_or_else(|| {
            NoTarget::new(
                ErrorCode::NoRoute,
                format!("no route leads from `{host}` to a worker"),
                Some("`glowplug routes explain URL` says what there is"),
            )
        })
    }

    async fn live_version(&self, live: &Live, route: Arc<str>, headers: &HeaderMap) -> Result<Target, NoTarget> {
        let Place { place, cookie } = sticky::place(live.record.deployment.as_ref(), headers);
        match self.fleet.current(live, place).await {
            Ok(Some(ready)) => Ok(Target { ready: Some(ready), route, cookie, options: NO_OPTIONS.clone() }),
            Ok(None) => {
                let error = format!("the worker `{}` has no version that is live", live.record.name);
                Err(NoTarget::new(ErrorCode::NoRoute, error, Some("deploy one with `glowplug deploy`")))
            }
            Err(error) => Err(NoTarget::unloadable(&error)),
        }
    }

    async fn preview(&self, live: &Live, route: Arc<str>, version: &VersionId) -> Result<Target, NoTarget> {
        match self.fleet.version(&live.record.name, version).await {
            Ok(Some(ready)) => Ok(Target { ready: Some(ready), route, cookie: None, options: NO_OPTIONS.clone() }),
            Ok(None) => {
                let error = format!("the worker `{}` has no version {version}", live.record.name);
                Err(NoTarget::new(ErrorCode::NoRoute, error, None))
            }
            Err(error) => Err(NoTarget::unloadable(&error)),
        }
    }
}
