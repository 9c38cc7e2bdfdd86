//! A request that is sent on, and what becomes of its response: a task of its own, so that it outlives the client.

use super::answer::{Place, Upstream};
use super::entry::{BodyRef, Trouble, Variant};
use super::filling::Filling;
use super::flight::{Landed, Lead};
use super::policy::control::{RequestControl, ResponseControl};
use super::policy::freshness;
use super::policy::part::{self, Part};
use super::policy::plan::{self, Plan, plan};
use super::policy::storing::{self, Asked};
use super::policy::{validate, vary};
use super::reply::{Freshly, Source, reply};
use super::store::Key;
use super::{Cache, CacheBody, bytes_body};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, DATE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::oneshot;

/// Tells an origin that `Surrogate-Control` is understood, and by what name it can be meant for this cache.
const CAPABILITY: HeaderName = HeaderName::from_static("surrogate-capability");

/// What came of it, for the client that it was sent for.
pub enum Fetched<F> {
    Failed(F),
    /// It is not kept.
    Passed(Response<CacheBody>),
    /// It is being kept.
    Stored {
        response: Response<CacheBody>,
        /// Of the origin's response; the client's may be another.
        status: StatusCode,
        ttl: i64,
    },
    /// What was kept is still right.
    Validated(Arc<Variant>),
    /// What was kept is used in its place.
    StandsIn(Arc<Variant>, Trouble),
}

/// A request to be sent on.
pub struct Job<U> {
    cache: Cache,
    place: Place,
    key: Key,
    /// The client's.
    client: Parts,
    upstream: Arc<U>,
    kept: Option<Arc<Variant>>,
    lead: Option<Lead>,
    /// It goes as the client sent it, conditions and all.
    as_it_is: bool,
    /// Purges, and invalidations, that there had been when it was made.
    sequence: u64,
    turn: u64,
}

impl<U: Upstream> Job<U> {
    pub fn new(cache: &Cache, place: Place, key: Key, client: Parts, upstream: Arc<U>) -> Self {
        let (sequence, turn) = (cache.purges.number(), cache.invalidated.now());
        let cache = cache.clone();
        Self { cache, place, key, client, upstream, kept: None, lead: None, as_it_is: false, sequence, turn }
    }

    /// Others wait for it.
    pub fn with_lead(self, lead: Option<Lead>) -> Self {
        Self { lead, ..self }
    }

    /// `kept` is to be validated, or replaced.
    pub fn with_kept(self, kept: Arc<Variant>) -> Self {
        Self { kept: Some(kept), ..self }
    }

    /// It goes as the client sent it.
    pub fn unchanged(self) -> Self {
        Self { as_it_is: true, ..self }
    }

    /// Sends it, tells the client what came, and goes on until the body is kept.
    pub async fn run(mut self, client: oneshot::Sender<Fetched<U::Failure>>) {
        let mut request = self.client.clone();
        let conditional = match &self.kept {
            Some(kept) => validate::make_conditional(&mut request.headers, kept),
            None if self.as_it_is => false,
            None => {
                validate::make_whole(&mut request.headers);
                false
            }
        };
        let mut asked = SystemTime::now();
        let mut result = self.fetch(request).await;
        let not_modified = match &result {
            Ok(response) if conditional && response.status() == StatusCode::NOT_MODIFIED => {
                self.kept.clone().map(|kept| (kept, response.headers().clone()))
            }
            _ => None,
        };
        if let Some((kept, headers)) = not_modified {
            if validate::is_about(&headers, &kept) && self.cache.store.body(kept.body).await.is_some() {
                return self.validated(&kept, &headers, asked, client).await;
            }
            // It is about something else than what is kept, or that is gone: ask for all of it.
            let mut request = self.client.clone();
            validate::make_whole(&mut request.headers);
            asked = SystemTime::now();
            result = self.fetch(request).await;
        }
        let control = RequestControl::of(&self.client.headers);
        let stand_in =
            |trouble| self.kept.clone().filter(|kept| kept.may_stand_in(&control, trouble, SystemTime::now()));
        // Whoever got it has nobody to tell any more if the client has left.
        match result {
            Err(failure) => {
                _ = client.send(match stand_in(Trouble::Disconnected) {
                    Some(kept) => Fetched::StandsIn(kept, Trouble::Disconnected),
                    None => Fetched::Failed(failure),
                });
            }
            Ok(response) if is_error(response.status()) && stand_in(Trouble::Error).is_some() => {
                if let Some(kept) = stand_in(Trouble::Error) {
                    _ = client.send(Fetched::StandsIn(kept, Trouble::Error));
                }
            }
            Ok(response) => {
                let lead = self.lead.take();
                self.received(response, &control, lead, asked, client).await;
            }
        }
    }

    async fn fetch(&self, mut parts: Parts) -> Result<Response<CacheBody>, U::Failure> {
        parts.headers.append(CAPABILITY, HeaderValue::from_static("glowplug=\"Surrogate/1.0\""));
        self.upstream.fetch(Request::from_parts(parts, bytes_body(Bytes::new()))).await
    }

    async fn validated(
        self,
        kept: &Arc<Variant>,
        headers: &HeaderMap,
        asked: SystemTime,
        client: oneshot::Sender<Fetched<U::Failure>>,
    ) {
        let mut newer = Variant::clone(kept);
        self.cache.freshen(&mut newer, headers, asked);
        newer.sequence = self.sequence;
        let newer = Arc::new(newer);
        if !self.cache.invalidated.since(self.key, self.turn) {
            self.cache.store.replace(self.key, kept, newer.clone()).await;
        }
        if let Some(lead) = &self.lead {
            lead.land(Landed::Validated(newer.clone()));
        }
        _ = client.send(Fetched::Validated(newer));
    }

    async fn received(
        self,
        response: Response<CacheBody>,
        control: &RequestControl,
        lead: Option<Lead>,
        asked: SystemTime,
        client: oneshot::Sender<Fetched<U::Failure>>,
    ) {
        let received = SystemTime::now();
        let asking = Asked { method: &Method::GET, headers: &self.client.headers, control };
        let (status, headers) = (response.status(), response.headers());
        let planned = plan(&asking, status, headers, &self.place.overrides, received);
        let planned = planned.filter(|_| self.cache.has_room_for(headers));
        self.cache.flights.remember(self.key, planned.is_none());
        let Some(planned) = planned else {
            drop(lead);
            _ = client.send(Fetched::Passed(response));
            return;
        };
        let variant = variant(planned, status, &self.client.headers, asked, received, self.sequence);
        let filling = Filling::new(self.cache.settings.object, self.cache.room.clone());
        let own = reply(
            &variant,
            &self.client.method,
            &self.client.headers,
            Source::Filling(filling.clone()),
            Freshly::Received,
            received,
        );
        if let Some(lead) = &lead {
            lead.land(Landed::Filling(variant.clone(), filling.clone()));
        }
        if let Some(response) = own {
            let ttl = variant.freshness_left(received);
            _ = client.send(Fetched::Stored { response, status, ttl });
        }
        let expected = length(response.headers());
        let keep = |bytes| self.cache.keep(&self.place, self.key, &variant, bytes, self.turn);
        filling.fill(response.into_body(), expected, keep).await;
        // Until here whoever asks finds the flight, from here on what is kept.
        drop(lead);
    }
}

fn variant(
    planned: Plan,
    status: StatusCode,
    request: &HeaderMap,
    asked: SystemTime,
    received: SystemTime,
    sequence: u64,
) -> Arc<Variant> {
    let Plan { mut headers, rules, tags } = planned;
    let initial_age = freshness::initial_age(&headers, asked, received);
    add_date(&mut headers, received);
    Arc::new(Variant {
        status,
        selecting: vary::selecting(&headers, request),
        headers,
        received,
        initial_age,
        rules,
        sequence,
        tags,
        body: BodyRef { id: 0, length: 0 },
    })
}

/// A response without a date gets that of its receipt (RFC 9110, 6.6.1).
fn add_date(headers: &mut HeaderMap, received: SystemTime) {
    if !headers.contains_key(DATE)
        && let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(received))
    {
        headers.insert(DATE, date);
    }
}

/// The length that a head states.
fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Statuses in whose place something stale may stand (RFC 5861, 4).
fn is_error(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

impl Cache {
    fn has_room_for(&self, headers: &HeaderMap) -> bool {
        length(headers).is_none_or(|length| length <= self.settings.object) && self.room.is_left()
    }

    /// Keeps a response whose body is complete.
    async fn keep(&self, place: &Place, key: Key, variant: &Variant, bytes: Bytes, turn: u64) {
        let (mut variant, mut bytes) = (variant.clone(), bytes);
        if !variant.is_whole() {
            match self.with_the_part_before(key, place, &mut variant, bytes).await {
                Some(all) => bytes = all,
                None => return,
            }
        }
        if !matches!(variant.status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT) {
            variant.headers.insert(CONTENT_LENGTH, bytes.len().into());
        }
        let Some(body) = self.store.put_body(bytes).await else { return };
        variant.body = body;
        if !self.is_purged(place, &variant) && !self.invalidated.since(key, turn) {
            self.store.put(key, Arc::new(variant)).await;
        }
    }

    /// Puts a part together with the one that is kept, if they are of the same and touch; what is whole then becomes a
    /// 200. None if it is not as long as it says.
    async fn with_the_part_before(
        &self,
        key: Key,
        place: &Place,
        variant: &mut Variant,
        bytes: Bytes,
    ) -> Option<Bytes> {
        if Part::of(&variant.headers)?.length() != bytes.len() as u64 {
            return None;
        }
        let record = self.store.record(key).await.0;
        let before = record.iter().find(|old| old.selecting == variant.selecting && !self.is_purged(place, old));
        let Some(before) = before.filter(|old| !old.is_whole()) else { return Some(bytes) };
        let Some(old_bytes) = self.store.body(before.body).await else { return Some(bytes) };
        let Some((part, all)) = part::combined(variant, &bytes, before, &old_bytes) else { return Some(bytes) };
        if all.len() as u64 > self.settings.object {
            return Some(bytes);
        }
        if part.length() == part.total {
            variant.status = StatusCode::OK;
            variant.headers.remove(CONTENT_RANGE);
        } else {
            variant.headers.insert(CONTENT_RANGE, part.field()?);
        }
        Some(all.into())
    }

    /// Takes over what a validating response says (3.2, 4.3.4).
    pub(super) fn freshen(&self, kept: &mut Variant, headers: &HeaderMap, asked: SystemTime) {
        let received = SystemTime::now();
        let mut newer = headers.clone();
        storing::strip_connection(&mut newer);
        kept.initial_age = freshness::initial_age(&newer, asked, received);
        kept.received = received;
        add_date(&mut newer, received);
        validate::update(&mut kept.headers, &newer);
        let control = ResponseControl::of(&kept.headers);
        storing::strip(&mut kept.headers, &control);
        if kept.rules.overridden {
            return;
        }
        let lifetime = freshness::lifetime(kept.status, &kept.headers, &control, received);
        kept.rules = plan::rules(&control, lifetime);
        kept.tags = plan::tags(&kept.headers);
    }

    /// Keeps a response to POST for later GETs, if it says that it is one (RFC 9110, 9.3.3).
    pub(super) fn keep_post(
        &self,
        place: &Place,
        request: &HeaderMap,
        answered: &mut super::answer::Answered,
        asked: SystemTime,
    ) -> Option<Response<CacheBody>> {
        let response = &answered.response;
        let (status, headers) = (response.status(), response.headers());
        let stated = headers.get(http::header::CONTENT_LOCATION)?.to_str().ok()?;
        let own = url::Url::parse(&place.url).ok()?;
        if status != StatusCode::OK || own.join(stated).ok()? != own {
            return None;
        }
        let (received, control) = (SystemTime::now(), RequestControl::of(request));
        let asking = Asked { method: &Method::GET, headers: request, control: &control };
        let planned = plan(&asking, status, headers, &place.overrides, received)?;
        let explicit = freshness::lifetime(status, headers, &ResponseControl::of(headers), received);
        if !matches!(explicit, freshness::Lifetime::Explicit(1..)) || !self.has_room_for(headers) {
            return None;
        }
        let variant = variant(planned, status, request, asked, received, self.purges.number());
        let filling = Filling::new(self.settings.object, self.room.clone());
        let source = Source::Filling(filling.clone());
        let own = reply(&variant, &Method::POST, &HeaderMap::new(), source, Freshly::Received, received)?;
        let body = std::mem::replace(answered.response.body_mut(), bytes_body(Bytes::new()));
        let expected = length(answered.response.headers());
        let (cache, place, turn) = (self.clone(), place.clone(), self.invalidated.now());
        tokio::spawn(async move {
            filling.fill(body, expected, |bytes| cache.keep(&place, place.key(), &variant, bytes, turn)).await;
        });
        Some(own)
    }
}
