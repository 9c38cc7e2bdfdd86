//! What is behind a route with a cache: the version that answers, or the origin.

use super::body::{BodyError, EdgeBody};
use super::dispatch::{Client, run_ready};
use super::load::Ready;
use super::record::Record;
use super::{Site, origin, request_id};
use crate::cache::{Answered, Background, CacheBody, Lookup, Place, Position, Upstream};
use crate::route_options::RouteOptions;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use std::sync::{Arc, Mutex, PoisonError};

/// What answers the requests that the cache sends on.
pub(super) struct Behind {
    pub site: Arc<Site>,
    pub client: Client,
    /// None if it is the origin.
    pub ready: Option<Arc<Ready>>,
    pub route: Arc<str>,
    pub options: Arc<RouteOptions>,
    /// The client's. What the cache asks for on its own has records of their own.
    record: Mutex<Option<Record>>,
}

/// Answers a request from the cache, or with what is behind it.
pub(super) async fn answer<B>(behind: Behind, request: Request<B>) -> Response<EdgeBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyError>,
{
    let behind = Arc::new(behind);
    let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
    let answered = behind.site.cache.answer(behind.place(&request), request, behind.clone()).await;
    behind.count(answered.as_ref().map_or(Lookup::Failed, |answered| answered.handled.lookup()));
    let response = match answered {
        Ok(Answered { mut response, handled }) => {
            handled.write(response.headers_mut());
            response.map(EdgeBody::Passed)
        }
        Err(page) => page,
    };
    // Whoever was asked has it; nobody was.
    if let Some(record) = behind.take_record() {
        record.finish_with_cached(response.status().as_u16());
    }
    response
}

impl Behind {
    pub fn new(
        site: &Arc<Site>,
        client: Client,
        record: Record,
        ready: Option<Arc<Ready>>,
        route: Arc<str>,
        options: Arc<RouteOptions>,
    ) -> Self {
        Self { site: site.clone(), client, ready, route, options, record: Mutex::new(Some(record)) }
    }

    /// What belongs to one worker, or one origin, is not seen by another that gets its route.
    fn place<B>(&self, request: &Request<B>) -> Place {
        let scope = match (&self.ready, &self.options.origin) {
            (Some(ready), _) => format!("worker/{}", ready.name),
            (None, Some(origin)) => format!("origin/{origin}"),
            (None, None) => String::new(),
        };
        Place::new(scope.into(), request.uri().to_string())
    }

    /// Counts what came of asking the cache.
    fn count(&self, came: Lookup) {
        let series = self.ready.as_ref().map_or_else(|| self.site.metrics.no_worker(), |ready| &ready.series);
        series.lookups().count(Position::Route, came);
    }

    fn take_record(&self) -> Option<Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn record_for<B>(&self, request: &Request<B>) -> Record {
        let client_waits = request.extensions().get::<Background>().is_none();
        client_waits.then(|| self.take_record()).flatten().unwrap_or_else(|| {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
            let mut record = Record::new(self.site.clone(), request_id::next(), request.method().clone(), path);
            if let Some(ready) = &self.ready {
                record.answered_by(ready, self.route.clone(), request.uri());
            }
            record
        })
    }
}

impl Upstream for Behind {
    /// The page that says so.
    type Failure = Response<EdgeBody>;

    async fn fetch(&self, request: Request<CacheBody>) -> Result<Response<CacheBody>, Response<EdgeBody>> {
        let (record, client) = (self.record_for(&request), self.client.clone());
        let answered = match &self.ready {
            Some(ready) => run_ready(&self.site, client, ready, record, request, &self.options, None).await,
            None => origin::pass(&self.site, &client, record, &self.options, request).await,
        };
        answered.map(|response| {
            response.map(|body| match body {
                EdgeBody::Passed(body) => body,
                body => body.boxed_unsync(),
            })
        })
    }
}
