//! What the server tells of itself: figures of its parts, an address for scrapers, logs opened anew.

use crate::edge::Site;
use crate::edge::listener::{self, Bounds, Listening, Options, Places};
use crate::metrics::Metrics;
use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Connections of scrapers at a time.
const CONNECTIONS: usize = 64;
/// How long a scraper may take to send a request's head.
const HEAD: Duration = Duration::from_secs(10);

/// Makes figures of the site's parts known that are read when somebody asks.
pub(super) fn add_gauges(site: &Arc<Site>) {
    let gauge = |name, help, read: fn(&Site) -> f64| {
        let site = Arc::downgrade(site);
        if let Some(metrics) = site.upgrade().map(|site| site.metrics.clone()) {
            metrics.gauge(name, help, move || site.upgrade().map_or(0.0, |site| read(&site)));
        }
    };
    gauge("sandboxes_in_use", "Sandboxes of the pool that are in use", |site| site.executor.sandboxes().0 as f64);
    gauge("sandboxes", "Sandboxes of the pool", |site| site.executor.sandboxes().1 as f64);
    gauge("loaded_versions", "Versions of workers that are loaded", |site| site.fleet.loaded() as f64);
    gauge("cache_memory_bytes", "Bytes that the cache holds in memory", |site| site.cache.held() as f64);
    gauge("cache_memory_entries", "Records and bodies that the cache holds in memory", |site| {
        site.cache.entries() as f64
    });
    let (written, read) = (site.cache.clone(), site.cache.clone());
    site.metrics
        .counter("cache_disk_written_bytes", "Bytes that the cache wrote to disk", move || written.moved().written);
    site.metrics.counter("cache_disk_read_bytes", "Bytes that the cache read from disk", move || read.moved().read);
    gauge("access_log_dropped_lines", "Lines that the access log lost", |site| {
        site.access_log().map_or(0.0, |log| log.dropped() as f64)
    });
}

/// Makes the counts of connections known.
pub(super) fn add_connections(metrics: &Metrics, places: &Places) {
    let (spoken, refused, open) = (places.clone(), places.clone(), places.clone());
    let help = "Connections that began to speak a protocol";
    metrics.counters("connections", help, "protocol", move || spoken.counts().spoken());
    let help = "Connections that there was no place for";
    metrics.counters("refused_connections", help, "reason", move || refused.counts().refused());
    metrics.gauge("open_connections", "Connections that are open", move || open.taken() as f64);
}

/// Serves `/metrics` alone, to whoever asks.
pub(super) async fn serve(listener: TcpListener, metrics: Arc<Metrics>) {
    let bounds = Bounds { head: HEAD, drain: Duration::ZERO, ..Bounds::default() };
    let options = Options::new(bounds, Places::new(CONNECTIONS, usize::MAX));
    let handler = move |request| std::future::ready(answer(&metrics, &request));
    listener::serve(Listening::Tcp(listener), handler, std::future::pending(), options).await;
}

fn answer<B>(metrics: &Arc<Metrics>, request: &Request<B>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    if request.uri().path() != "/metrics" {
        *response.status_mut() = StatusCode::NOT_FOUND;
        *response.body_mut() = Full::from("there is `/metrics` here and nothing else\n");
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    } else {
        let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let (text, kind) = metrics.exposition(accept);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        *response.body_mut() = Full::from(text);
    }
    response
}

/// Opens the access log anew at each SIGHUP and SIGUSR1, as those who rotate logs send them.
#[cfg(unix)]
pub(super) async fn reopen_logs(site: Arc<Site>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut hang_up), Ok(mut user)) = (signal(SignalKind::hangup()), signal(SignalKind::user_defined1())) else {
        tracing::warn!("the access log cannot be rotated: its signals cannot be listened for");
        return;
    };
    loop {
        tokio::select! {
            _ = hang_up.recv() => {}
            _ = user.recv() => {}
        }
        if let Some(log) = site.access_log().cloned() {
            let _ = tokio::task::spawn_blocking(move || log.reopen()).await;
        }
    }
}

/// There are no such signals.
#[cfg(not(unix))]
pub(super) async fn reopen_logs(_site: Arc<Site>) {
    std::future::pending().await
}
