//! What surrounds every answer: who asks, whether there is room, in what form it is sent, what is told of it.
//!
//! ```text
//! serve     identity of the client -> in-flight limit -> [dispatch: route, rate limit, cache, assets, worker, origin]
//!        -> compression -> the body, counted until its last byte
//! ```

use super::Site;
use super::admission::Gates;
use super::body::EdgeBody;
use super::dispatch::{dispatch, refuse};
use super::error_page::{Details, ErrorCode};
use super::exchange::Exchange;
use super::identity::{self, Identity};
use super::rate::Rated;
use crate::access_log::AccessLog;
use crate::clients::Believed;
use crate::compression::{Compressed, Compression};
use crate::metrics::{InFlight, Rejection};
use crate::rate_limit::{Buckets, RateLimit};
use crate::telemetry::Telemetry;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};

/// Names the request in answers, for those who are to find it in the logs.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the edge does besides answering. Nothing, unless it is told to.
#[derive(Default)]
pub struct Front {
    pub identity: Identity,
    /// Bounds on requests under way.
    pub gates: Arc<Gates>,
    /// Times that a request may have come by here before; none checks nothing.
    pub loops: Option<usize>,
    /// How often a client may come, whatever it asks for.
    pub rate_limit: Option<RateLimit>,
    /// Where requests are logged.
    pub access_log: Option<Arc<AccessLog>>,
    /// How responses are compressed.
    pub compression: Option<Compression>,
    /// Whether answers carry the request's id.
    pub tells_request_id: bool,
    /// Where traces and logs go.
    pub telemetry: Option<Arc<Telemetry>>,
    /// Of all rate limits.
    pub buckets: Buckets,
}

/// Answers a request as a listener got it.
pub async fn serve<B>(site: Arc<Site>, request: Request<B>) -> Response<Outgoing>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut parts, body) = request.into_parts();
    let believed = identity::believe(&site.front.identity, &parts);
    let exchange = Exchange::begin(&site, &parts, believed.as_ref().map(|believed| believed.client));
    let held = Held { exchange: exchange.clone(), _in_flight: site.metrics.enter() };
    let wanted = site.front.compression.as_ref().map(|rules| (rules, rules.wanted(&parts.method, &parts.headers)));
    parts.extensions.insert(exchange.clone());
    let rated = site.front.rate_limit.as_ref().map(|limit| site.rate(limit, "", &exchange, &parts));
    let mut response = match admit(&site, believed.as_ref(), rated.as_ref(), &exchange, &mut parts).await {
        Ok(()) => dispatch(site.clone(), Request::from_parts(parts, body)).await,
        Err((code, why)) => refuse(&site, &parts, code, why),
    };
    // A route's limit is nearer to what was asked for.
    if let Some(rated) = rated.filter(|_| !Rated::is_told(response.headers())) {
        rated.tell(response.headers_mut());
    }
    exchange.answered(response.headers());
    if site.front.tells_request_id
        && let Ok(id) = HeaderValue::from_str(&exchange.request_id)
    {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let response = match wanted {
        Some((rules, wanted)) => rules.apply(&wanted, response),
        None => Compression::none(response),
    };
    response.map(|body| Outgoing { body, held })
}

/// Everything that is asked of a request before it is known where it leads.
async fn admit(
    site: &Site,
    believed: Option<&Believed>,
    rated: Option<&Rated>,
    exchange: &Exchange,
    parts: &mut Parts,
) -> Result<(), (ErrorCode, Details)> {
    if let Some(refusal) = rated.and_then(Rated::refusal) {
        return Err(refusal);
    }
    let identity = &site.front.identity;
    if let Some(most) = site.front.loops.or(exchange.span.is_some().then_some(usize::MAX)) {
        let mut caller = identity::caller(identity, believed, parts, most).map_err(|why| {
            if why.0 == ErrorCode::Loop {
                site.metrics.reject(Rejection::Loop);
            }
            *why
        })?;
        caller.span.clone_from(&exchange.span);
        parts.extensions.insert(caller);
    }
    if let Some(believed) = believed {
        identity::tell(identity, believed, exchange, parts);
    }
    site.enter(exchange).await
}

/// What a request holds until its response is sent.
struct Held {
    exchange: Arc<Exchange>,
    _in_flight: InFlight,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.exchange.release();
    }
}

pin_project! {
    /// A response's body on its way out.
    pub struct Outgoing {
        #[pin]
        body: Compressed<EdgeBody>,
        held: Held,
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = <Compressed<EdgeBody> as Body>::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            this.held.exchange.sent.fetch_add(data.len() as u64, Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
