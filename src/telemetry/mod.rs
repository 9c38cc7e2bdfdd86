//! OpenTelemetry: traces and logs over OTLP, W3C trace context in and out.
//!
//! ## Why
//! A request that goes through several services is understood as one trace or not at all. So what comes in with a
//! `traceparent` goes on with it, through the worker and everything that it asks. Where telemetry is off there is no
//! [`Telemetry`], no [`Span`], and nothing is done for any request.

mod client;
mod span;

pub use self::span::{Kind, Severity, Span};
pub use opentelemetry::KeyValue;

use self::client::ExportClient;
use opentelemetry::Context;
use opentelemetry::logs::LoggerProvider;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanKind, TraceContextExt, Tracer, TracerProvider};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{ExporterBuildError, LogExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use std::fmt;
use std::sync::Arc;

/// Name of the instrumentation, and of the service unless `OTEL_SERVICE_NAME` gives another.
const NAME: &str = "glowplug";

/// How telemetry is sent. What is not said here comes from the standard `OTEL_*` variables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TelemetryOptions {
    /// Base URL of the collector; signals have their paths below it.
    pub endpoint: Option<String>,
    pub transport: Transport,
    /// The part of the traces begun here that is sampled, from 0 to 1.
    pub sample: Option<f64>,
    pub traces: bool,
    /// Console output of workers, and what went wrong with them.
    pub logs: bool,
}

/// What OTLP is sent over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// Protobuf over HTTP.
    #[default]
    Http,
    Grpc,
}

/// Sends what happens to a collector. Its lifetime is that of the process.
pub struct Telemetry {
    tracer: SdkTracer,
    traces: SdkTracerProvider,
    logs: Option<(SdkLoggerProvider, SdkLogger)>,
    propagator: TraceContextPropagator,
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}

impl Telemetry {
    /// Sets everything up, on a tokio runtime. Fails on an endpoint that is no URL; one that nobody listens at is
    /// found out later and told in the log.
    pub fn new(options: &TelemetryOptions) -> Result<Arc<Self>, ExporterBuildError> {
        let service = std::env::var("OTEL_SERVICE_NAME").unwrap_or_else(|_| NAME.to_owned());
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(service).with_attribute(version).build();
        let mut traces = SdkTracerProvider::builder().with_resource(resource.clone());
        if options.traces {
            traces = traces.with_batch_exporter(span_exporter(options)?);
        }
        if let Some(part) = options.sample {
            traces = traces.with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(part))));
        }
        let traces = traces.build();
        let logs = if options.logs {
            let provider = SdkLoggerProvider::builder().with_resource(resource);
            let provider = provider.with_batch_exporter(log_exporter(options)?).build();
            let logger = provider.logger(NAME);
            Some((provider, logger))
        } else {
            None
        };
        let propagator = TraceContextPropagator::new();
        Ok(Arc::new(Self { tracer: traces.tracer(NAME), traces, logs, propagator }))
    }

    /// Begins the span of a request that came in, within the trace that its headers name if they name one.
    pub fn begin(self: &Arc<Self>, name: String, headers: &http::HeaderMap, attributes: Vec<KeyValue>) -> Span {
        let parent = self.propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers));
        self.start(name, SpanKind::Server, attributes, &parent)
    }

    fn start(self: &Arc<Self>, name: String, kind: SpanKind, attributes: Vec<KeyValue>, parent: &Context) -> Span {
        let builder = self.tracer.span_builder(name).with_kind(kind).with_attributes(attributes);
        let span = self.tracer.build_with_context(builder, parent);
        Span::new(self.clone(), parent.with_span(span))
    }

    /// Sends what is waiting, and ends. Waits for the collector, but not for long.
    pub fn shut_down(&self) {
        if let Err(error) = self.traces.shutdown() {
            tracing::warn!(%error, "some traces may be lost");
        }
        if let Some((provider, _)) = &self.logs
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "some logs may be lost");
        }
    }
}

fn span_exporter(options: &TelemetryOptions) -> Result<SpanExporter, ExporterBuildError> {
    match options.transport {
        Transport::Http => {
            let mut exporter = SpanExporter::builder().with_http().with_http_client(ExportClient::new());
            exporter = exporter.with_protocol(Protocol::HttpBinary);
            if let Some(endpoint) = &options.endpoint {
                exporter = exporter.with_endpoint(below(endpoint, "v1/traces"));
            }
            exporter.build()
        }
        Transport::Grpc => {
            let mut exporter = SpanExporter::builder().with_tonic();
            if let Some(endpoint) = &options.endpoint {
                exporter = exporter.with_endpoint(endpoint);
            }
            exporter.build()
        }
    }
}

fn log_exporter(options: &TelemetryOptions) -> Result<LogExporter, ExporterBuildError> {
    match options.transport {
        Transport::Http => {
            let mut exporter = LogExporter::builder().with_http().with_http_client(ExportClient::new());
            exporter = exporter.with_protocol(Protocol::HttpBinary);
            if let Some(endpoint) = &options.endpoint {
                exporter = exporter.with_endpoint(below(endpoint, "v1/logs"));
            }
            exporter.build()
        }
        Transport::Grpc => {
            let mut exporter = LogExporter::builder().with_tonic();
            if let Some(endpoint) = &options.endpoint {
                exporter = exporter.with_endpoint(endpoint);
            }
            exporter.build()
        }
    }
}

fn below(endpoint: &str, path: &str) -> String {
    format!("{}/{path}", endpoint.trim_end_matches('/'))
}
