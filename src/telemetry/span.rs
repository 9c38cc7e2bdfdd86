//! One span, and what goes on within it.

use super::Telemetry;
use opentelemetry::logs::{AnyValue, LogRecord, Logger};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanKind, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HeaderInjector;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

pub use opentelemetry::logs::Severity;

/// What a span within another is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Work of the server.
    Internal,
    /// A request to another.
    Client,
}

/// A span. Clones are of the same span.
#[derive(Clone)]
pub struct Span {
    telemetry: Arc<Telemetry>,
    context: Context,
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Span").field(&self.context.span().span_context().span_id()).finish()
    }
}

impl Span {
    pub(super) fn new(telemetry: Arc<Telemetry>, context: Context) -> Self {
        Self { telemetry, context }
    }

    /// Begins a span within this one.
    pub fn child(&self, name: String, kind: Kind, attributes: Vec<KeyValue>) -> Self {
        let kind = match kind {
            Kind::Internal => SpanKind::Internal,
            Kind::Client => SpanKind::Client,
        };
        self.telemetry.start(name, kind, attributes, &self.context)
    }

    /// Names this span as the parent of what the receiver of `headers` does.
    pub fn inject(&self, headers: &mut http::HeaderMap) {
        self.telemetry.propagator.inject_context(&self.context, &mut HeaderInjector(headers));
    }

    /// 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        self.context.span().span_context().trace_id().to_string()
    }

    pub fn set(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.context.span().set_attributes(attributes);
    }

    /// Gives it another name.
    pub fn rename(&self, name: String) {
        self.context.span().update_name(name);
    }

    /// Notes that it failed.
    pub fn fail(&self, why: impl Into<Cow<'static, str>>) {
        self.context.span().set_status(Status::error(why));
    }

    pub fn end(&self) {
        self.context.span().end();
    }

    /// Logs something that happened within it.
    pub fn log(&self, severity: Severity, text: String, attributes: impl IntoIterator<Item = (&'static str, String)>) {
        let Some((_, logger)) = &self.telemetry.logs else { return };
        let mut record = logger.create_log_record();
        let now = SystemTime::now();
        record.set_timestamp(now);
        record.set_observed_timestamp(now);
        record.set_severity_number(severity);
        record.set_severity_text(severity.name());
        record.set_body(AnyValue::from(text));
        let span = self.context.span();
        let context = span.span_context();
        record.set_trace_context(context.trace_id(), context.span_id(), Some(context.trace_flags()));
        for (name, value) in attributes {
            record.add_attribute(name, value);
        }
        logger.emit(record);
    }

    /// Whether [`Span::log`] does anything.
    pub fn has_logs(&self) -> bool {
        self.telemetry.logs.is_some()
    }
}
