//! Traces and logs as a collector of OpenTelemetry gets them.

use crate::node::Node;
use crate::support::PATIENCE;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

/// A collector, which answers other requests too and notes what they had.
pub struct Collector {
    pub base: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    spans: Vec<Span>,
    logs: Vec<LogRecord>,
    services: Vec<String>,
    others: Vec<HeaderMap>,
}

impl Collector {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let collector = Self { base, seen: seen.clone() };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let seen = seen.clone();
                let service = service_fn(move |request| take(seen.clone(), request));
                tokio::spawn(async move {
                    let _ =
                        auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        collector
    }

    /// Headers of the requests that were no exports.
    pub fn others(&self) -> Vec<HeaderMap> {
        self.seen.lock().unwrap().others.clone()
    }
}

async fn take(seen: Arc<Mutex<Seen>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut seen = seen.lock().unwrap();
    match head.uri.path() {
        "/v1/traces" => {
            assert_eq!(head.headers["content-type"], "application/x-protobuf");
            for spans in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
                seen.services.extend(text(&spans.resource.unwrap().attributes, "service.name"));
                seen.spans.extend(spans.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        }
        "/v1/logs" => {
            let logs = ExportLogsServiceRequest::decode(body).unwrap().resource_logs;
            seen.logs.extend(logs.into_iter().flat_map(|logs| logs.scope_logs).flat_map(|scope| scope.log_records));
        }
        _ => seen.others.push(head.headers),
    }
    Ok(Response::new(Full::default()))
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.key == name)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{other:?}"),
    }
}

const WORKER: &str = "export default { async fetch(request) {
    console.warn('about to ask');
    await fetch(new URL(request.url).searchParams.get('to'));
    return new Response('hello');
} };";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_trace_goes_through_the_worker_to_what_it_asks() {
    let collector = Collector::start().await;
    let node = Node::start_with(&["--otlp-endpoint", &collector.base, "--private-egress"]).await;
    node.deploy_script("hello", WORKER).await;
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let request = node.to("hello", Method::GET, &format!("/a?to={}/origin", collector.base));
    let request = request.header("traceparent", format!("00-{trace}-{parent}-01"));
    let answer = node.send(request.body(Full::default()).unwrap()).await;
    assert_eq!(answer.text(), "hello");
    // What is not sampled is not sent, and what it asks is told so.
    let unsampled = node.to("hello", Method::GET, &format!("/b?to={}/origin", collector.base));
    let unsampled = unsampled.header("traceparent", "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-00");
    node.send(unsampled.body(Full::default()).unwrap()).await;
    let (status, stderr) = tokio::time::timeout(PATIENCE, node.stop()).await.unwrap();
    assert!(status.success(), "{stderr}");

    let seen = collector.seen.lock().unwrap();
    assert!(seen.services.iter().all(|service| service == "glowplug") && !seen.services.is_empty());
    let named = |name: &str, kind: i32| {
        let mut found = seen.spans.iter().filter(|span| span.name == name && span.kind == kind);
        let span = found.next().unwrap_or_else(|| panic!("no span `{name}` in {:#?}", seen.spans));
        assert!(found.next().is_none(), "one span `{name}` alone");
        span
    };
    let (server, worker, client) = (named("GET", 2), named("worker hello", 1), named("GET", 3));
    for span in [server, worker, client] {
        assert_eq!(hex(&span.trace_id), trace);
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    }
    assert_eq!(hex(&server.parent_span_id), parent);
    assert_eq!((&worker.parent_span_id, &client.parent_span_id), (&server.span_id, &worker.span_id));
    assert_eq!(text(&server.attributes, "url.path").as_deref(), Some("/a"));
    assert_eq!(text(&server.attributes, "http.response.status_code").as_deref(), Some("200"));
    assert_eq!(text(&server.attributes, "glowplug.request_id").as_deref(), answer.header("x-request-id"));
    assert!(text(&worker.attributes, "glowplug.fuel").unwrap().parse::<u64>().unwrap() > 1000);
    assert_eq!(text(&client.attributes, "http.response.status_code").as_deref(), Some("200"));
    let asked: Vec<_> = seen.others.iter().map(|headers| headers["traceparent"].to_str().unwrap()).collect();
    assert_eq!(asked[0], format!("00-{trace}-{}-01", hex(&client.span_id)));
    assert!(asked[1].starts_with("00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-") && asked[1].ends_with("-00"), "{asked:?}");
    let log = seen.logs.iter().find(|log| hex(&log.trace_id) == trace).expect("its console lines are sent");
    let body = log.body.as_ref().and_then(|body| body.value.clone());
    assert_eq!((body, &log.severity_text), (Some(Value::StringValue("about to ask".into())), &"WARN".to_owned()));
    assert_eq!(log.span_id, worker.span_id);
}
