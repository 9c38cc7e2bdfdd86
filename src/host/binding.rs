//! Bindings: what a worker can reach besides the network, and how requests get there.
//!
//! ## Why
//! A KV namespace, another worker and static assets answer HTTP, so a guest reaches them as it reaches an origin: with
//! streaming bodies, timeouts and subrequest limits that are there already, from any language. Their address is drawn
//! for each invocation, so that a URL which a visitor gave to a worker that fetches URLs never leads to them.

use super::bindings::bindings as wit;
use super::{Caller, HostCtx, generators};
use crate::assets::Assets;
use crate::telemetry::Span;
use crate::{cache, kv};
use http::{HeaderName, Request, Response, Uri, Version};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;
use wasmtime_wasi_http::{Error, WasiBody};

/// The binding that every JavaScript worker has, for its `caches`. No manifest can name one so.
pub const CACHES: &str = ":caches";

/// Ends every binding's address. The top-level domain is reserved and never resolves (RFC 6761).
const SUFFIX: &str = ".binding.invalid";
/// The URL that the callee of a service binding sees: the request's own one has the binding's address.
const URL_HEADER: HeaderName = HeaderName::from_static("glowplug-url");
/// Calls of workers by workers that may be in a row; the worker at the end of it may call no other.
const MAX_DEPTH: u32 = 16;
/// Calls of workers by workers that one request from outside may bring about in all, as with Cloudflare: without it, a
/// worker that calls itself twice would take every sandbox there is.
const MAX_CALLS: u32 = 32;

/// The calls of workers by workers that one request from outside brought about.
#[derive(Clone, Default)]
pub struct Chain {
    /// Calls above this invocation; 0 for the worker that a client called.
    depth: u32,
    made: Arc<AtomicU32>,
}

impl Chain {
    /// One more call from here; the error says why not.
    fn call(&self) -> Result<Self, String> {
        if self.depth >= MAX_DEPTH {
            return Err(format!("too many workers call each other: {MAX_DEPTH} calls may be in a row"));
        }
        if self.made.fetch_add(1, Ordering::Relaxed) >= MAX_CALLS {
            return Err(format!("too many workers are called: {MAX_CALLS} calls may come of one request"));
        }
        Ok(Self { depth: self.depth + 1, made: self.made.clone() })
    }
}

/// What a worker version can reach: its lifetime is that of a deployment.
#[derive(Default)]
pub struct Bindings {
    /// By the names that the worker knows them by.
    pub targets: BTreeMap<String, Target>,
    /// Names and values.
    pub secrets: Vec<(String, String)>,
    pub version: VersionMetadata,
    /// Where responses to its subrequests are kept, if it asks for that.
    pub cache: Option<cache::Space>,
    /// Runs other workers; needed where a target is a service.
    pub dispatch: Option<Arc<dyn Dispatch>>,
}

/// One binding.
pub enum Target {
    Kv(kv::Namespace),
    /// Name of another worker.
    Service(String),
    Assets(Arc<Assets>),
    /// The worker's caches.
    Cache(cache::Space),
}

/// What a worker may know of the version that runs.
#[derive(Debug, Clone, Default)]
pub struct VersionMetadata {
    pub id: String,
    pub tag: String,
    /// RFC 3339.
    pub timestamp: String,
}

/// One call of a worker by another.
pub struct Call {
    /// Name of the worker called.
    pub worker: String,
    pub request: Request<WasiBody>,
    /// Id of the request that came from outside.
    pub request_id: Arc<str>,
    /// Where it stands among the calls of its request.
    pub chain: Chain,
}

/// A response, or why there is none.
pub type Answer = Pin<Box<dyn Future<Output = Result<Response<WasiBody>, Error>> + Send>>;

/// Runs workers for other workers. The edge implements it, since it knows which version answers.
pub trait Dispatch: Send + Sync {
    /// Answers `call` in a sandbox of its own.
    fn call(&self, call: Call) -> Answer;
}

impl Bindings {
    /// The KV namespace bound as `name`.
    pub fn kv(&self, name: &str) -> Option<&kv::Namespace> {
        match self.targets.get(name) {
            Some(Target::Kv(namespace)) => Some(namespace),
            _ => None,
        }
    }
}

/// An invocation's bindings, and the address they have in it.
#[derive(Clone)]
pub(super) struct Reach {
    bindings: Arc<Bindings>,
    /// Unguessable part of the addresses; drawn when an address is first asked for.
    token: Option<Arc<str>>,
    seed: [u8; 32],
    request_id: Arc<str>,
    chain: Chain,
    protocol: Version,
    caller: Caller,
}

impl Reach {
    /// `client` is what the client speaks, and what else is known of it.
    pub fn new(
        bindings: Arc<Bindings>,
        seed: [u8; 32],
        request_id: Arc<str>,
        chain: Chain,
        client: (Version, Caller),
    ) -> Self {
        let (protocol, caller) = client;
        Self { bindings, token: None, seed, request_id, chain, protocol, caller }
    }

    /// What is known of where the request came from, be it through other workers.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What the client that the request came from speaks, be it through other workers.
    pub fn protocol(&self) -> Version {
        self.protocol
    }

    pub fn bindings(&self) -> &Arc<Bindings> {
        &self.bindings
    }

    /// Authority of the URLs that reach the binding `name`.
    fn address(&mut self, name: &str) -> Option<String> {
        let index = self.bindings.targets.keys().position(|key| key == name)?;
        let token = self.token.get_or_insert_with(|| draw(self.seed));
        Some(format!("{token}.{index}{SUFFIX}"))
    }

    /// The binding that `uri` is the address of.
    pub fn find(&self, uri: &Uri) -> Option<Reached> {
        let (token, index) = uri.authority()?.as_str().strip_suffix(SUFFIX)?.split_once('.')?;
        if self.token.as_deref() != Some(token) {
            return None;
        }
        let index: usize = index.parse().ok()?;
        (index < self.bindings.targets.len()).then(|| Reached { reach: self.clone(), index })
    }
}

/// 128 bits from a stream of the invocation's seed that nothing else draws from. They are letters only: guests parse
/// the address, and where a digit takes another path than a letter, one request would not always cost the same.
fn draw(seed: [u8; 32]) -> Arc<str> {
    let mut bytes = [0; 16];
    rand_core::Rng::fill_bytes(&mut generators::stream(seed, generators::ADDRESSES), &mut bytes);
    let token: String =
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|bits| char::from(b'a' + bits)).collect();
    token.into()
}

/// A binding that a request is for.
pub(super) struct Reached {
    reach: Reach,
    index: usize,
}

impl Reached {
    /// What it leads to.
    pub fn target(&self) -> Option<&Target> {
        self.reach.bindings.targets.values().nth(self.index)
    }

    /// The name that the worker knows it by.
    pub fn name(&self) -> &str {
        self.reach.bindings.targets.keys().nth(self.index).map_or("", String::as_str)
    }

    /// The same with `span` as what the request is part of.
    pub fn within(mut self, span: Option<Span>) -> Self {
        self.reach.caller.span = span;
        self
    }

    /// Sends `request` to the binding.
    pub async fn send(self, mut request: Request<WasiBody>) -> Result<Response<WasiBody>, Error> {
        let Reach { bindings, request_id, chain, protocol, caller, .. } = self.reach;
        let url = request.headers_mut().remove(URL_HEADER);
        match bindings.targets.values().nth(self.index) {
            Some(Target::Kv(namespace)) => Ok(kv::serve(namespace, request).await.map(super::http::body)),
            Some(Target::Assets(assets)) => {
                let (mut parts, _) = request.into_parts();
                parts.uri = original(url.as_ref(), parts.uri)?;
                let answer =
                    assets.fetch(&parts).await.map_err(|error| Error::InternalError(Some(error.to_string())))?;
                Ok(answer.map(|bytes| super::http::body(http_body_util::Full::new(bytes))))
            }
            Some(Target::Cache(space)) => {
                let url = original(url.as_ref(), request.uri().clone())?.to_string();
                let answer = cache::serve(space, &url, request, SystemTime::now()).await;
                Ok(answer.map(super::fetch_cache::guest_body))
            }
            Some(Target::Service(worker)) => {
                let chain = chain.call().map_err(|why| Error::InternalError(Some(why)))?;
                let Some(dispatch) = &bindings.dispatch else {
                    return Err(Error::InternalError(Some("no workers can be called here".into())));
                };
                *request.uri_mut() = original(url.as_ref(), request.uri().clone())?;
                *request.version_mut() = protocol;
                request.extensions_mut().insert(caller);
                dispatch.call(Call { worker: worker.clone(), request, request_id, chain }).await
            }
            None => Err(Error::DestinationNotFound),
        }
    }
}

/// The URL that the guest meant.
fn original(url: Option<&http::HeaderValue>, uri: Uri) -> Result<Uri, Error> {
    match url {
        Some(url) => {
            let url = Uri::try_from(url.as_bytes()).map_err(|_| Error::HttpRequestUriInvalid)?;
            if url.scheme().is_some() && url.authority().is_some() {
                Ok(url)
            } else {
                Err(Error::HttpRequestUriInvalid)
            }
        }
        None => Ok(uri),
    }
}

impl wit::Host for HostCtx {
    fn address(&mut self, name: String) -> Option<String> {
        self.subrequests.reach.address(&name)
    }

    fn secrets(&mut self) -> Vec<(String, String)> {
        self.subrequests.reach.bindings().secrets.clone()
    }

    fn version(&mut self) -> wit::VersionMetadata {
        let VersionMetadata { id, tag, timestamp } = self.subrequests.reach.bindings().version.clone();
        wit::VersionMetadata { id, tag, timestamp }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(seed: u8) -> Reach {
        let targets = ["A", "B"].map(|name| (name.to_owned(), Target::Service(name.to_lowercase())));
        let bindings = Bindings { targets: targets.into(), ..Bindings::default() };
        Reach::new(Arc::new(bindings), [seed; 32], "id".into(), Chain::default(), (Version::HTTP_11, Caller::default()))
    }

    fn found(reach: &Reach, address: &str) -> Option<usize> {
        reach.find(&format!("http://{address}/path").parse().unwrap()).map(|reached| reached.index)
    }

    #[test]
    fn an_address_leads_to_its_binding_in_one_invocation_and_no_other() {
        let mut one = reach(1);
        let zeros = "a".repeat(32);
        assert_eq!(found(&one, &format!("{zeros}.0{SUFFIX}")), None, "nothing leads anywhere before it is asked for");
        let (a, b) = (one.address("A").unwrap(), one.address("B").unwrap());
        assert_eq!(one.address("A"), Some(a.clone()));
        assert_eq!(one.address("C"), None);
        assert_eq!((found(&one, &a), found(&one, &b)), (Some(0), Some(1)));
        let token = a.split('.').next().unwrap();
        for guess in [
            format!("{token}.2{SUFFIX}"),
            format!("{token}.-0{SUFFIX}"),
            format!("{zeros}.0{SUFFIX}"),
            format!("x@{a}"),
            format!("{a}:80"),
        ] {
            assert_eq!(found(&one, &guess), None, "{guess}");
        }
        let mut two = reach(2);
        assert_eq!(found(&two, &a), None);
        assert_ne!(two.address("A"), Some(a.clone()));
        assert_eq!(found(&two, &a), None);
    }
}
