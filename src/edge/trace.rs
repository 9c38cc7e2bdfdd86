//! Spans of a request: of the request as a whole, and of the worker that runs for it.

use super::exchange;
use crate::host::bindings::log::Level;
use crate::host::{Caller, LogLine, LogSink};
use crate::meter::{Outcome, Usage};
use crate::recording::protocol_name;
use crate::telemetry::{KeyValue, Kind, Severity, Span, Telemetry};
use http::Request;
use http::header::{HOST, USER_AGENT};
use http::request::Parts;
use std::net::IpAddr;
use std::sync::Arc;

/// The span of a request that came in, by the names of OpenTelemetry's conventions.
pub(super) fn begin(telemetry: &Arc<Telemetry>, parts: &Parts, client: Option<IpAddr>, request_id: &str) -> Span {
    let protocol = protocol_name(parts.version).trim_start_matches("HTTP/").to_owned();
    let mut attributes = vec![
        KeyValue::new("http.request.method", parts.method.to_string()),
        KeyValue::new("url.path", parts.uri.path().to_owned()),
        KeyValue::new("url.scheme", parts.uri.scheme_str().unwrap_or("http").to_owned()),
        KeyValue::new("network.protocol.version", protocol),
        KeyValue::new("glowplug.request_id", request_id.to_owned()),
    ];
    let optional = [
        ("client.address", client.map(|client| client.to_string())),
        ("network.peer.address", exchange::peer(parts).map(|peer| peer.to_string())),
        ("url.query", parts.uri.query().map(str::to_owned)),
        ("server.address", exchange::text(&parts.headers, &HOST)),
        ("user_agent.original", exchange::text(&parts.headers, &USER_AGENT)),
    ];
    attributes.extend(optional.into_iter().filter_map(|(name, value)| Some(KeyValue::new(name, value?))));
    telemetry.begin(parts.method.to_string(), &parts.headers, attributes)
}

/// Begins the span of the run of `worker` for a request, within the one that it came with, and gives it to its subrequests.
pub(super) fn run<B>(request: &mut Request<B>, worker: &str, version: &str) -> Option<Span> {
    let caller = request.extensions_mut().get_mut::<Caller>()?;
    let parent = caller.span.as_ref()?;
    let attributes =
        vec![KeyValue::new("faas.name", worker.to_owned()), KeyValue::new("faas.version", version.to_owned())];
    let span = parent.child(format!("worker {worker}"), Kind::Internal, attributes);
    caller.span = Some(span.clone());
    Some(span)
}

/// Ends the span of a run.
pub(super) fn ran(span: &Span, outcome: Outcome, usage: &Usage, problem: Option<String>) {
    span.set([
        KeyValue::new("glowplug.outcome", outcome.as_str()),
        KeyValue::new("glowplug.fuel", i64::try_from(usage.fuel).unwrap_or(i64::MAX)),
        KeyValue::new("glowplug.subrequests", i64::from(usage.subrequests)),
    ]);
    if let Some(problem) = problem {
        span.log(Severity::Error, problem, []);
    }
    if !matches!(outcome, Outcome::Ok | Outcome::Canceled) {
        span.fail(outcome.as_str());
    }
    span.end();
}

/// Sends a worker's console lines to the collector too.
pub(super) fn logged(span: &Span, sink: LogSink) -> LogSink {
    if !span.has_logs() {
        return sink;
    }
    let span = span.clone();
    Arc::new(move |line: LogLine| {
        let severity = match line.level {
            Level::Debug => Severity::Debug,
            Level::Log | Level::Info => Severity::Info,
            Level::Warn => Severity::Warn,
            Level::Error => Severity::Error,
        };
        span.log(severity, line.text.clone(), [("glowplug.request_id", line.request_id.to_string())]);
        sink(line);
    })
}
