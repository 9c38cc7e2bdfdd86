//! From a request's URL to the version that answers it.

use super::error_page::{Details, ErrorCode};
use super::fleet::{Live, LoadError};
use super::load::Ready;
use super::sticky::{self, Place};
use super::{Entry, Site};
use crate::registry::route::Scheme;
use crate::registry::{VersionId, WorkerName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri};
use std::sync::Arc;

/// What answers a request.
pub struct Target {
    pub ready: Arc<Ready>,
    /// Keeps the client at its version while several share the traffic.
    pub cookie: Option<HeaderValue>,
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

impl Site {
    /// What answers the request with these parts, whose URI is absolute.
    pub(super) async fn target(&self, parts: &Parts) -> Result<Target, NoTarget> {
        let (live, version) = match &self.entry {
            Entry::Routes => self.routed(&parts.uri)?,
            Entry::Primary => (self.primary().and_then(|name| self.fleet.live(&name)), None),
        };
        match (live, version) {
            (Some(live), None) => self.live_version(&live, &parts.headers).await,
            (Some(live), Some(version)) => self.preview(&live, &version).await,
            (None, _) => Err(match self.broken() {
                Some(why) => NoTarget { code: ErrorCode::StartUp, why: Box::new((*why).clone()) },
                None => NoTarget::new(ErrorCode::NoRoute, "there is no worker yet".into(), None),
            }),
        }
    }

    /// The version of the worker `name` that answers when another worker calls it.
    pub(super) async fn target_named(&self, name: &str, headers: &HeaderMap) -> Result<Target, NoTarget> {
        let live = name.parse::<WorkerName>().ok().and_then(|name| self.fleet.live(&name));
        let missing = || NoTarget::new(ErrorCode::NoRoute, format!("there is no worker `{name}` here"), None);
        self.live_version(&*live.ok_or_else(missing)?, headers).await
    }

    fn routed(&self, uri: &Uri) -> Result<(Option<Arc<Live>>, Option<VersionId>), NoTarget> {
        let scheme = if uri.scheme() == Some(&http::uri::Scheme::HTTPS) { Scheme::Https } else { Scheme::Http };
        let host = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        match self.fleet.find(scheme, host, path) {
            Some((live, version)) => Ok((Some(live), version)),
            None => Err(NoTarget::new(
                ErrorCode::NoRoute,
                format!("no route leads from `{host}` to a worker"),
                Some("`glowplug routes explain URL` says what there is"),
            )),
        }
    }

    async fn live_version(&self, live: &Live, headers: &HeaderMap) -> Result<Target, NoTarget> {
        let Place { place, cookie } = sticky::place(live.record.deployment.as_ref(), headers);
        match self.fleet.current(live, place).await {
            Ok(Some(ready)) => Ok(Target { ready, cookie }),
            Ok(None) => {
                let error = format!("the worker `{}` has no version that is live", live.record.name);
                Err(NoTarget::new(ErrorCode::NoRoute, error, Some("deploy one with `glowplug deploy`")))
            }
            Err(error) => Err(NoTarget::unloadable(&error)),
        }
    }

    async fn preview(&self, live: &Live, version: &VersionId) -> Result<Target, NoTarget> {
        match self.fleet.version(&live.record.name, version).await {
            Ok(Some(ready)) => Ok(Target { ready, cookie: None }),
            Ok(None) => {
                let error = format!("the worker `{}` has no version {version}", live.record.name);
                Err(NoTarget::new(ErrorCode::NoRoute, error, None))
            }
            Err(error) => Err(NoTarget::unloadable(&error)),
        }
    }
}
