//! Spans of subrequests.

use super::binding::Reached;
use crate::telemetry::{KeyValue, Kind, Span};
use http::{Request, Response};
use wasmtime_wasi_http::{Error, WasiBody};

/// The span of a subrequest within `parent`.
pub(super) fn begin(parent: &Span, request: &Request<WasiBody>, binding: Option<&Reached>) -> Span {
    let method = request.method();
    let mut attributes = vec![KeyValue::new("http.request.method", method.to_string())];
    let name = match binding {
        // Its address is nobody's business, and means nothing outside.
        Some(binding) => {
            attributes.push(KeyValue::new("glowplug.binding", binding.name().to_owned()));
            format!("{method} {}", binding.name())
        }
        None => {
            let uri = request.uri();
            attributes.push(KeyValue::new("server.address", uri.host().unwrap_or_default().to_owned()));
            attributes.push(KeyValue::new("url.full", uri.to_string()));
            method.to_string()
        }
    };
    parent.child(name, Kind::Client, attributes)
}

/// Ends it with what came of the subrequest: its response's head, or why there is none.
pub(super) fn end(span: &Span, answer: &Result<Response<WasiBody>, Error>) {
    match answer {
        Ok(response) => {
            let status = response.status();
            span.set([KeyValue::new("http.response.status_code", i64::from(status.as_u16()))]);
            if status.is_client_error() || status.is_server_error() {
                span.fail("");
            }
        }
        Err(error) => span.fail(error.to_string()),
    }
    span.end();
}
