//! A request through the cache, from its first line to its response (RFC 9111, 4).

use super::entry::{Trouble, Use, Variant};
use super::fetch::{Fetched, Job};
use super::flight::{Landed, Role, follow};
use super::policy::control::{OURS, RequestControl};
use super::policy::plan::Overrides;
use super::policy::storing::is_safe;
use super::policy::validate;
use super::reply::{Freshly, Source, has_current, has_wanted, is_conditional, reply, wants_part};
use super::status::{Forward, Handled};
use super::store::Key;
use super::{Cache, CacheBody, bytes_body};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body;
use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::oneshot;

/// Marks a request that no client waits for.
#[derive(Debug, Clone, Copy)]
pub struct Background;

/// Where responses come from when the cache has none.
pub trait Upstream: Send + Sync + 'static {
    /// Why there is none.
    type Failure: Send + 'static;

    /// Sends a request on. A request may be sent more than once, and with conditions that the client's had not.
    fn fetch(
        &self,
        request: Request<CacheBody>,
    ) -> impl Future<Output = Result<Response<CacheBody>, Self::Failure>> + Send;
}

/// What a response is kept under.
#[derive(Debug, Clone)]
pub struct Place {
    /// Part of the cache: what is kept in one is not seen in another.
    pub scope: Arc<str>,
    /// Absolute, without a fragment.
    pub url: Arc<str>,
    /// What is asked for instead of what responses say.
    pub overrides: Arc<Overrides>,
}

impl Place {
    /// In `scope`, as responses say.
    pub fn new(scope: Arc<str>, url: impl Into<Arc<str>>) -> Self {
        Self { scope, url: url.into(), overrides: Arc::default() }
    }

    pub fn key(&self) -> Key {
        Key::of(&self.scope, &self.url)
    }
}

/// A response, and how it came about.
pub struct Answered {
    pub response: Response<CacheBody>,
    pub handled: Handled,
}

impl Answered {
    fn new(response: Response<CacheBody>, handled: Handled) -> Self {
        Self { response, handled }
    }
}

/// What is kept for a request.
pub(super) struct Found {
    /// What answers it, the newest.
    pub variant: Option<Arc<Variant>>,
    /// Something is kept for its URL.
    pub any: bool,
    /// What would answer it is only a part, and not the one that it asks for.
    pub other_part: bool,
}

impl Cache {
    /// Answers `request` with what is kept, or with what `upstream` gives, which is kept if it may be.
    pub async fn answer<U: Upstream>(
        &self,
        place: Place,
        request: Request<CacheBody>,
        upstream: Arc<U>,
    ) -> Result<Answered, U::Failure> {
        let mut answered = self.look_up_or_ask(place, request, upstream).await?;
        for name in &OURS {
            answered.response.headers_mut().remove(name);
        }
        Ok(answered)
    }

    async fn look_up_or_ask<U: Upstream>(
        &self,
        place: Place,
        request: Request<CacheBody>,
        upstream: Arc<U>,
    ) -> Result<Answered, U::Failure> {
        let control = RequestControl::of(request.headers());
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return self.pass(&place, request, upstream).await;
        }
        if !request.body().is_end_stream() {
            return sent_on(&*upstream, request, Forward::Bypass).await;
        }
        let key = place.key();
        let (parts, body) = request.into_parts();
        let mut found = self.find(key, &place, &parts.method, &parts.headers).await;
        let now = SystemTime::now();
        // A validation asks about all of it, which may be large: who wants a part gets it from the origin.
        found.variant = found.variant.filter(|kept| kept.is_whole() || kept.use_for(&control, now) == Use::AsIs);
        let mut why = match found.any {
            _ if found.other_part => Forward::Partial,
            true => Forward::VaryMiss,
            false => Forward::UriMiss,
        };
        if let Some(kept) = &found.variant {
            let usable = kept.use_for(&control, now);
            if usable != Use::AfterValidation
                && let Some(answered) = self.hit(kept, &parts, now).await
            {
                if usable == Use::WhileRevalidating {
                    self.revalidate(&place, key, &parts, kept.clone(), upstream);
                }
                return Ok(answered);
            }
            let fresh = kept.use_for(&RequestControl::default(), now) == Use::AsIs;
            why = if fresh { Forward::Request } else { Forward::Stale };
        }
        if control.only_if_cached {
            let mut response = Response::new(bytes_body(Bytes::new()));
            *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
            return Ok(Answered::new(response, Handled { detail: Some("only-if-cached"), ..Handled::forwarded(why) }));
        }
        if control.no_store {
            return sent_on(&*upstream, Request::from_parts(parts, body), why).await;
        }
        if parts.method == Method::HEAD {
            return self.head(key, found.variant, Request::from_parts(parts, body), upstream, why).await;
        }
        self.get(place, key, control, found.variant, parts, upstream, why).await
    }

    /// What is kept for a request, and not purged.
    pub(super) async fn find(&self, key: Key, place: &Place, method: &Method, request: &HeaderMap) -> Found {
        let mut record = self.store.record(key).await.0;
        record.retain(|variant| !self.is_purged(place, variant));
        let any = !record.is_empty();
        let selected = record.into_iter().find(|variant| variant.answers(request));
        let wanted = selected.as_ref().is_some_and(|variant| has_wanted(variant, method, request));
        Found { other_part: selected.is_some() && !wanted, variant: selected.filter(|_| wanted), any }
    }

    /// A response from what is kept. None if its body is not there any more.
    pub(super) async fn hit(&self, kept: &Variant, request: &Parts, now: SystemTime) -> Option<Answered> {
        let bodiless = request.method == Method::HEAD || has_current(&request.headers, kept);
        let bytes = match bodiless {
            true => Bytes::new(),
            false => self.store.body(kept.body).await?,
        };
        let (method, headers) = (&request.method, &request.headers);
        let response = reply(kept, method, headers, Source::Kept(bytes), Freshly::Kept, now)?;
        Some(Answered::new(response, Handled::hit(kept.freshness_left(now))))
    }

    /// Asks for a newer response while an older one is used; at most one at a time asks.
    fn revalidate<U: Upstream>(&self, place: &Place, key: Key, request: &Parts, kept: Arc<Variant>, upstream: Arc<U>) {
        let Role::Lead(lead) = self.flights.board(key) else { return };
        let mut request = request.clone();
        request.method = Method::GET;
        // What is known of the client is not about this request.
        request.extensions.clear();
        request.extensions.insert(Background);
        let job = Job::new(self, place.clone(), key, request, upstream).with_lead(Some(lead)).with_kept(kept);
        let (send, _nobody) = oneshot::channel();
        tokio::spawn(job.run(send));
    }

    /// Sends a GET on, unless another that is under way brings the same.
    #[expect(clippy::too_many_arguments, reason = "all that is known of the request by now")]
    async fn get<U: Upstream>(
        &self,
        place: Place,
        key: Key,
        control: RequestControl,
        kept: Option<Arc<Variant>>,
        parts: Parts,
        upstream: Arc<U>,
        why: Forward,
    ) -> Result<Answered, U::Failure> {
        // Without anything kept, what depends on what the client has is for the origin to answer.
        let particular = kept.is_none() && (wants_part(&parts.headers) || is_conditional(&parts.headers));
        let role = match particular || control.wants_validation() {
            true => Role::Alone,
            false => self.flights.board(key),
        };
        let lead = match role {
            Role::Lead(lead) => {
                // It may have come between the look at what is kept and the look at who is under way.
                let now = SystemTime::now();
                if kept.is_none()
                    && let Some(variant) = self.find(key, &place, &parts.method, &parts.headers).await.variant
                    && variant.use_for(&control, now) == Use::AsIs
                    && let Some(answered) = self.hit(&variant, &parts, now).await
                {
                    return Ok(answered);
                }
                Some(lead)
            }
            Role::Alone => None,
            Role::Follow(flight) => {
                let waited = flight.borrow().is_none();
                let landed = follow(flight).await;
                if let Some(answered) = self.share(landed, waited, &control, &parts, why).await {
                    return Ok(answered);
                }
                None
            }
        };
        let (method, headers) = (parts.method.clone(), parts.headers.clone());
        let mut job = Job::new(self, place, key, parts, upstream).with_lead(lead);
        job = match kept.clone() {
            Some(kept) => job.with_kept(kept),
            None if particular => job.unchanged(),
            None => job,
        };
        let (send, receive) = oneshot::channel();
        // Not ended when the client leaves: others may be waiting, and what has come is worth keeping.
        tokio::spawn(job.run(send));
        let handled = Handled::forwarded(why);
        let now = SystemTime::now();
        Ok(match receive.await {
            Ok(Fetched::Failed(failure)) => return Err(failure),
            Ok(Fetched::Passed(response)) => {
                let forward_status = Some(response.status());
                Answered::new(response, Handled { forward_status, ..handled })
            }
            Ok(Fetched::Stored { response, status, ttl }) => {
                let (forward_status, ttl) = (Some(status), Some(ttl));
                Answered::new(response, Handled { forward_status, stored: true, ttl, ..handled })
            }
            Ok(Fetched::Validated(variant)) => {
                let forward_status = Some(StatusCode::NOT_MODIFIED);
                let ttl = Some(variant.freshness_left(now));
                match self.kept_body(&variant, &method, &headers, now).await {
                    Some(response) => Answered::new(response, Handled { forward_status, stored: true, ttl, ..handled }),
                    None => lost(handled),
                }
            }
            Ok(Fetched::StandsIn(variant, trouble)) => {
                let detail = match trouble {
                    Trouble::Disconnected => "origin-unreachable",
                    Trouble::Error => "origin-error",
                };
                match self.kept_body(&variant, &method, &headers, now).await {
                    Some(response) => {
                        let ttl = Some(variant.freshness_left(now));
                        Answered::new(response, Handled { ttl, detail: Some(detail), ..handled })
                    }
                    None => lost(handled),
                }
            }
            Err(_) => lost(handled),
        })
    }

    async fn kept_body(
        &self,
        variant: &Variant,
        method: &Method,
        request: &HeaderMap,
        now: SystemTime,
    ) -> Option<Response<CacheBody>> {
        let bytes = match has_current(request, variant) {
            true => Bytes::new(),
            false => self.store.body(variant.body).await?,
        };
        reply(variant, method, request, Source::Kept(bytes), Freshly::Kept, now)
    }

    /// A response from what another request brought, if it answers this one too. `waited` for it, or did it come before?
    async fn share(
        &self,
        landed: Option<Landed>,
        waited: bool,
        control: &RequestControl,
        parts: &Parts,
        why: Forward,
    ) -> Option<Answered> {
        let now = SystemTime::now();
        let usable = |variant: &Variant| {
            variant.answers(&parts.headers) && (waited || variant.use_for(control, now) != Use::AfterValidation)
        };
        let (variant, response) = match landed? {
            Landed::Filling(variant, filling) if usable(&variant) => {
                let (method, headers) = (&parts.method, &parts.headers);
                let response = reply(&variant, method, headers, Source::Filling(filling), Freshly::Kept, now)?;
                (variant, response)
            }
            Landed::Validated(variant) if usable(&variant) => {
                let response = self.kept_body(&variant, &parts.method, &parts.headers, now).await?;
                (variant, response)
            }
            _ => return None,
        };
        let handled = Handled { collapsed: true, ttl: Some(variant.freshness_left(now)), ..Handled::forwarded(why) };
        Some(Answered::new(response, handled))
    }

    /// Sends a HEAD on, and takes from its answer what it says of the response to GET that is kept (4.3.5).
    async fn head<U: Upstream>(
        &self,
        key: Key,
        kept: Option<Arc<Variant>>,
        request: Request<CacheBody>,
        upstream: Arc<U>,
        why: Forward,
    ) -> Result<Answered, U::Failure> {
        let asked = SystemTime::now();
        let whole = !is_conditional(request.headers()) && !wants_part(request.headers());
        let answered = sent_on(&*upstream, request, why).await?;
        if let Some(kept) = kept.filter(|_| whole && answered.response.status() == StatusCode::OK) {
            let mut newer = Variant::clone(&kept);
            let headers = answered.response.headers();
            if kept.status == StatusCode::OK && validate::is_same_representation(headers, &kept) {
                self.freshen(&mut newer, headers, asked);
            } else {
                newer.rules.no_cache = true;
            }
            self.store.replace(key, &kept, Arc::new(newer)).await;
        }
        Ok(answered)
    }

    /// Sends on what is never answered from a cache, and forgets what it may have changed (4.4).
    async fn pass<U: Upstream>(
        &self,
        place: &Place,
        request: Request<CacheBody>,
        upstream: Arc<U>,
    ) -> Result<Answered, U::Failure> {
        let (method, asked) = (request.method().clone(), SystemTime::now());
        let headers = (method == Method::POST).then(|| request.headers().clone());
        let mut answered = sent_on(&*upstream, request, Forward::Method).await?;
        let status = answered.response.status();
        if is_safe(&method) || !(status.is_success() || status.is_redirection()) {
            return Ok(answered);
        }
        self.invalidate(place, answered.response.headers()).await;
        if let Some(headers) = headers
            && let Some(response) = self.keep_post(place, &headers, &mut answered, asked)
        {
            answered.response = response;
            answered.handled.stored = true;
        }
        Ok(answered)
    }
}

async fn sent_on<U: Upstream>(upstream: &U, request: Request<CacheBody>, why: Forward) -> Result<Answered, U::Failure> {
    let response = upstream.fetch(request).await?;
    let forward_status = Some(response.status());
    Ok(Answered::new(response, Handled { forward_status, ..Handled::forwarded(why) }))
}

/// The work was lost, or the body that was to be used is gone at this very moment.
fn lost(handled: Handled) -> Answered {
    let mut response = Response::new(bytes_body(Bytes::new()));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    Answered::new(response, Handled { detail: Some("lost"), ..handled })
}
