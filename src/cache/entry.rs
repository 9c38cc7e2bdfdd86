//! What is kept: responses, and the list of those that answer requests for one URL.

use super::policy::control::{MOST_SECONDS, RequestControl};
use super::policy::vary::{self, Selecting};
use bytes::Bytes;
use foyer::Code;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Responses kept for one URL, at most; the newest stay.
const MOST_VARIANTS: usize = 64;

/// How long a response may be stale at most that stands in for an origin which cannot be reached, when neither says: a day.
const DISCONNECTED: u64 = 86_400;

/// One response, without its body.
#[derive(Debug, Clone)]
pub struct Variant {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// What it was chosen by.
    pub selecting: Vec<Selecting>,
    /// When it was received, or last validated.
    pub received: SystemTime,
    /// Its age then.
    pub initial_age: Duration,
    pub rules: Rules,
    /// How many purges there had been when it was asked for.
    pub sequence: u64,
    /// What it can be purged by.
    pub tags: Vec<String>,
    pub body: BodyRef,
}

/// Where a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRef {
    pub id: u128,
    pub length: u64,
}

/// How long a response may be used, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Seconds that it is fresh from its making on.
    pub lifetime: u64,
    /// It must be validated each time.
    pub no_cache: bool,
    /// It must not be used stale.
    pub must_revalidate: bool,
    /// It must not be used stale, unless the response itself says so.
    pub shared_lifetime: bool,
    /// Seconds that it may be used stale while it is being validated.
    pub while_revalidate: u64,
    /// Seconds that it may be used stale where there would be an error.
    pub if_error: Option<u64>,
    /// They are not what the response says.
    pub overridden: bool,
}

/// What may be done with a response for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It answers.
    AsIs,
    /// It answers, and is to be validated meanwhile.
    WhileRevalidating,
    /// It must be validated first.
    AfterValidation,
}

/// Why there is no new response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The origin gave no answer.
    Disconnected,
    /// It answered with an error.
    Error,
}

impl Variant {
    /// How old it is.
    pub fn age(&self, now: SystemTime) -> Duration {
        self.initial_age + now.duration_since(self.received).unwrap_or_default()
    }

    /// Seconds that it is fresh yet; less than none when it is stale.
    pub fn freshness_left(&self, now: SystemTime) -> i64 {
        self.rules.lifetime as i64 - self.age(now).as_secs() as i64
    }

    /// Whether all of its body is kept.
    pub fn is_whole(&self) -> bool {
        self.status != StatusCode::PARTIAL_CONTENT
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        self.age(now) < Duration::from_secs(self.rules.lifetime)
    }

    fn stale_for(&self, now: SystemTime) -> Duration {
        self.age(now).saturating_sub(Duration::from_secs(self.rules.lifetime))
    }

    /// What may be done with it (RFC 9111, 4).
    pub fn use_for(&self, request: &RequestControl, now: SystemTime) -> Use {
        let within = |seconds: u64| Duration::from_secs(seconds);
        if self.rules.no_cache || request.wants_validation() {
            return Use::AfterValidation;
        }
        let age = self.age(now);
        if request.max_age.is_some_and(|most| age > within(most))
            || request.min_fresh.is_some_and(|least| age + within(least) > within(self.rules.lifetime))
        {
            return Use::AfterValidation;
        }
        if self.is_fresh(now) {
            return Use::AsIs;
        }
        if self.rules.must_revalidate {
            return Use::AfterValidation;
        }
        let stale = self.stale_for(now);
        if !self.rules.shared_lifetime && request.max_stale.is_some_and(|most| stale <= within(most)) {
            return Use::AsIs;
        }
        match self.rules.while_revalidate {
            seconds if seconds > 0 && stale <= within(seconds) => Use::WhileRevalidating,
            _ => Use::AfterValidation,
        }
    }

    /// Whether it may stand in for a response that there is none of (RFC 9111, 4.2.4; RFC 5861, 4).
    pub fn may_stand_in(&self, request: &RequestControl, trouble: Trouble, now: SystemTime) -> bool {
        if self.rules.no_cache || self.rules.must_revalidate || request.wants_validation() {
            return false;
        }
        let stated = self.rules.if_error.max(request.stale_if_error);
        let most = match (stated, trouble) {
            (Some(seconds), _) => seconds,
            (None, Trouble::Disconnected) if !self.rules.shared_lifetime => DISCONNECTED,
            (None, _) => return false,
        };
        self.stale_for(now) <= Duration::from_secs(most.min(MOST_SECONDS))
    }

    /// Whether it answers a request with these headers.
    pub fn answers(&self, request: &HeaderMap) -> bool {
        vary::matches(&self.selecting, request)
    }
}

/// All responses for one URL, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Record(pub Vec<Arc<Variant>>);

impl Record {
    /// The same with `variant` in place of what answers the same requests.
    pub fn with(&self, variant: Arc<Variant>) -> Self {
        let mut variants = vec![variant];
        for other in &self.0 {
            if other.selecting != variants[0].selecting && variants.len() < MOST_VARIANTS {
                variants.push(other.clone());
            }
        }
        Self(variants)
    }
}

/// What a key leads to.
#[derive(Debug, Clone)]
pub enum Value {
    Record(Record),
    Body(Bytes),
}

impl Value {
    /// Bytes that it takes in memory, about.
    pub fn weight(&self) -> usize {
        match self {
            Self::Body(bytes) => bytes.len() + 64,
            Self::Record(record) => 64 + record.0.iter().map(|variant| variant.weight()).sum::<usize>(),
        }
    }
}

impl Variant {
    fn weight(&self) -> usize {
        let lines = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32);
        let selecting =
            self.selecting.iter().map(|(name, value)| name.as_str().len() + value.as_ref().map_or(0, Vec::len));
        lines.sum::<usize>() + selecting.sum::<usize>() + self.tags.iter().map(String::len).sum::<usize>() + 256
    }
}

/// A variant as it is written down.
#[derive(Serialize, Deserialize)]
struct Stored {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    selecting: Vec<(String, Option<Vec<u8>>)>,
    /// Milliseconds since the epoch.
    received: u64,
    /// Milliseconds.
    initial_age: u64,
    rules: Rules,
    sequence: u64,
    tags: Vec<String>,
    body: BodyRef,
}

impl Record {
    /// As it goes to disk.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        let stored: Vec<Stored> = self.0.iter().map(|variant| Stored::of(variant)).collect();
        postcard::to_stdvec(&stored)
    }

    /// What [`Self::to_bytes`] made.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let stored: Vec<Stored> = postcard::from_bytes(bytes).ok()?;
        stored.into_iter().map(|stored| stored.variant().map(Arc::new)).collect::<Option<Vec<_>>>().map(Self)
    }
}

impl Stored {
    fn of(variant: &Variant) -> Self {
        let Variant { status, headers, selecting, received, initial_age, rules, sequence, tags, body } = variant;
        Self {
            status: status.as_u16(),
            headers: headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect(),
            selecting: selecting.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
            received: received.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
            initial_age: initial_age.as_millis() as u64,
            rules: *rules,
            sequence: *sequence,
            tags: tags.clone(),
            body: *body,
        }
    }

    fn variant(self) -> Option<Variant> {
        let mut headers = HeaderMap::with_capacity(self.headers.len());
        for (name, value) in self.headers {
            headers.append(HeaderName::try_from(name).ok()?, HeaderValue::from_bytes(&value).ok()?);
        }
        let selecting = self.selecting.into_iter().map(|(name, value)| Some((HeaderName::try_from(name).ok()?, value)));
        Some(Variant {
            status: StatusCode::from_u16(self.status).ok()?,
            headers,
            selecting: selecting.collect::<Option<_>>()?,
            received: SystemTime::UNIX_EPOCH + Duration::from_millis(self.received),
            initial_age: Duration::from_millis(self.initial_age),
            rules: self.rules,
            sequence: self.sequence,
            tags: self.tags,
            body: self.body,
        })
    }
}

impl Code for Value {
    fn encode(&self, writer: &mut impl std::io::Write) -> foyer::Result<()> {
        let (kind, bytes) = match self {
            Self::Body(bytes) => (0_u8, bytes.clone()),
            Self::Record(record) => {
                let bytes = record.to_bytes().map_err(|error| foyer::Error::io_error(std::io::Error::other(error)))?;
                (1, bytes.into())
            }
        };
        kind.encode(writer)?;
        bytes.encode(writer)
    }

    fn decode(reader: &mut impl std::io::Read) -> foyer::Result<Self> {
        let damaged = || foyer::Error::io_error(std::io::Error::from(std::io::ErrorKind::InvalidData));
        let kind = u8::decode(reader)?;
        let bytes = Bytes::decode(reader)?;
        match kind {
            0 => Ok(Self::Body(bytes)),
            1 => Record::from_bytes(&bytes).map(Self::Record).ok_or_else(damaged),
            _ => Err(damaged()),
        }
    }

    fn estimated_size(&self) -> usize {
        self.weight() + 16
    }
}
