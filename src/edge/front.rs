//! What surrounds every answer: who asks, whether there is room, in what form it is sent, what is told of it.
//!
//! ```text
//! serve     identity of the client -> in-flight limit -> [dispatch: route, rate limit, cache, assets, worker, origin]
//!        -> compression -> the body, counted until its last byte
//! ```

use super::Site;
use super::dispatch::{EdgeBody, dispatch};
use super::exchange::{self, Exchange};
use crate::access_log::AccessLog;
use crate::compression::{Compressed, Compression};
use crate::metrics::InFlight;
use bytes::Bytes;
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
    /// Where requests are logged.
    pub access_log: Option<Arc<AccessLog>>,
    /// How responses are compressed.
    pub compression: Option<Compression>,
    /// Whether answers carry the request's id.
    pub tells_request_id: bool,
}

/// Answers a request as a listener got it.
pub async fn serve<B>(site: Arc<Site>, mut request: Request<B>) -> Response<Outgoing>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let client = exchange::peer(&request);
    let exchange = Exchange::begin(&site, &request, client);
    let held = Held { exchange: exchange.clone(), _in_flight: site.metrics.enter() };
    let wanted =
        site.front.compression.as_ref().map(|rules| (rules, rules.wanted(request.method(), request.headers())));
    request.extensions_mut().insert(exchange.clone());
    let mut response = dispatch(site.clone(), request).await;
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
