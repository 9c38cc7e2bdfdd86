//! One request and its answer as the edge sees them: who asks, what is held for it, what is told of it when it is over.
//!
//! It travels with the request as an extension, so that every phase finds it, and ends when the last of its holders
//! does: the body on its way to the client, and the record of the work behind it.

use super::Site;
use super::{request_id, trace};
use crate::access_log::Entry;
use crate::connection::Connection;
use crate::meter::{Outcome, Usage};
use crate::recording::protocol_name;
use crate::telemetry::{KeyValue, Span};
use http::header::{HOST, REFERER, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};
use tokio::sync::OwnedSemaphorePermit;

/// Status in the log of a request whose client left before there was a response, as nginx has it.
pub(super) const CLIENT_LEFT: u16 = 499;

/// See the module.
pub struct Exchange {
    pub request_id: Arc<str>,
    pub(super) arrived: Instant,
    /// Where the client is, behind proxies that are trusted; none for requests that came over no network.
    pub client: Option<IpAddr>,
    /// Places that are held until the response is sent.
    places: Mutex<Vec<OwnedSemaphorePermit>>,
    /// Bytes of the body that were handed to the connection.
    pub(super) sent: AtomicU64,
    /// Its span, if requests are traced.
    pub(super) span: Option<Span>,
    /// What the access log gets.
    line: Option<Line>,
}

/// A line of the access log that is being written.
struct Line {
    site: Arc<Site>,
    entry: Mutex<Option<Box<Entry>>>,
}

impl Exchange {
    /// The exchange that `request` begins.
    pub(super) fn begin(site: &Arc<Site>, request: &Parts, client: Option<IpAddr>) -> Arc<Self> {
        let request_id = request_id::next();
        let line = site.front.access_log.is_some().then(|| Line {
            site: site.clone(),
            entry: Mutex::new(Some(Box::new(entry(request, request_id.clone(), client)))),
        });
        let telemetry = site.front.telemetry.as_ref();
        let span = telemetry.map(|telemetry| trace::begin(telemetry, request, client, &request_id));
        if let (Some(span), Some(line)) = (&span, &line)
            && let Some(entry) = line.entry.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            entry.trace_id = Some(span.trace_id());
        }
        Arc::new(Self {
            request_id,
            arrived: Instant::now(),
            client,
            places: Mutex::default(),
            sent: AtomicU64::new(0),
            span,
            line,
        })
    }

    /// Holds a place until the response is sent.
    pub(super) fn hold(&self, place: OwnedSemaphorePermit) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    }

    /// Gives the places back that were held.
    pub(super) fn release(&self) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Notes how it ended.
    pub(super) fn ended(&self, worker: Option<&(Arc<str>, Arc<str>)>, status: u16, outcome: Outcome, usage: &Usage) {
        if let Some(span) = &self.span {
            span.set([
                KeyValue::new("http.response.status_code", i64::from(status)),
                KeyValue::new("glowplug.outcome", outcome.as_str()),
            ]);
            if status >= 500 {
                span.fail("");
            }
        }
        self.edit(|entry| {
            entry.worker = worker.cloned();
            entry.status = status;
            entry.outcome = outcome;
            entry.fuel = usage.fuel;
            entry.subrequests = usage.subrequests;
            entry.wall = usage.wall;
        });
    }

    /// Notes what the response's head says of the cache.
    pub(super) fn answered(&self, headers: &HeaderMap) {
        const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
        if self.line.is_some()
            && let Some(status) = text(headers, &CACHE_STATUS)
        {
            self.edit(|entry| entry.cache = Some(status));
        }
    }

    fn edit(&self, edit: impl FnOnce(&mut Entry)) {
        if let Some(line) = &self.line
            && let Some(entry) = line.entry.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            edit(entry);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(span) = &self.span {
            span.set([KeyValue::new(
                "http.response.body.size",
                i64::try_from(self.sent.load(Relaxed)).unwrap_or(i64::MAX),
            )]);
            span.end();
        }
        let Some(Line { site, entry }) = &self.line else { return };
        let entry = entry.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(log), Some(mut entry)) = (&site.front.access_log, entry) {
            entry.bytes = self.sent.load(Relaxed);
            entry.duration = self.arrived.elapsed();
            log.write(*entry);
        }
    }
}

/// What a request says of itself; how it ends is noted later. Until then its client has left.
fn entry(request: &Parts, request_id: Arc<str>, client: Option<IpAddr>) -> Entry {
    let headers = &request.headers;
    let authority = request.uri.authority().map(|authority| authority.as_str().to_owned());
    Entry {
        time: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
        request_id,
        client,
        method: request.method.clone(),
        protocol: protocol_name(request.version),
        host: authority.or_else(|| text(headers, &HOST)).unwrap_or_default(),
        path: request.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        status: CLIENT_LEFT,
        bytes: 0,
        worker: None,
        outcome: Outcome::Canceled,
        fuel: 0,
        subrequests: 0,
        wall: std::time::Duration::ZERO,
        duration: std::time::Duration::ZERO,
        cache: None,
        user_agent: text(headers, &USER_AGENT),
        referer: text(headers, &REFERER),
        trace_id: None,
    }
}

pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The address that a request's connection came from.
pub(super) fn peer(request: &Parts) -> Option<IpAddr> {
    let connection = request.extensions.get::<Arc<Connection>>()?;
    connection.client.map(|client| client.ip().to_canonical())
}
