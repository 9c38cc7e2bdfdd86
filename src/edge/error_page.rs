//! What a client sees when a worker gave no response: a code, a title, and in dev all there is to know.

use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Serialize;
use std::fmt::Write as _;

/// The errors a client can meet; `docs/errors.md` has a section for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// 1101
    Exception,
    /// 1102
    CpuLimit,
    /// 1103
    MemoryLimit,
    /// 1104
    WallClockLimit,
    /// 1105
    StartUp,
    /// 1106
    Overloaded,
    /// 1107
    Internal,
    /// 1108
    UrlTooLong,
    /// 1109
    BodyTooLarge,
    /// 1110
    BadRequest,
    /// 1111
    BudgetEmpty,
    /// 1015, as Cloudflare has it
    RateLimited,
    /// 1019, as Cloudflare has it
    Loop,
    /// 1120
    OriginUnreachable,
    /// 1121
    OriginTimeout,
    /// 1022, as Cloudflare has it
    NoRoute,
}

impl ErrorCode {
    /// Number shown to people and in `X-Glowplug-Error`.
    pub fn number(self) -> u16 {
        match self {
            Self::Exception => 1101,
            Self::CpuLimit => 1102,
            Self::MemoryLimit => 1103,
            Self::WallClockLimit => 1104,
            Self::StartUp => 1105,
            Self::Overloaded => 1106,
            Self::Internal => 1107,
            Self::UrlTooLong => 1108,
            Self::BodyTooLarge => 1109,
            Self::BadRequest => 1110,
            Self::BudgetEmpty => 1111,
            Self::RateLimited => 1015,
            Self::Loop => 1019,
            Self::OriginUnreachable => 1120,
            Self::OriginTimeout => 1121,
            Self::NoRoute => 1022,
        }
    }

    /// Status of the response.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Exception | Self::StartUp | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::CpuLimit | Self::MemoryLimit | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::WallClockLimit | Self::OriginTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::OriginUnreachable => StatusCode::BAD_GATEWAY,
            Self::UrlTooLong => StatusCode::URI_TOO_LONG,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::BudgetEmpty | Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Loop => StatusCode::LOOP_DETECTED,
            Self::NoRoute => StatusCode::NOT_FOUND,
        }
    }

    /// One line that says what happened.
    pub fn title(self) -> &'static str {
        match self {
            Self::Exception => "Worker threw an exception",
            Self::CpuLimit => "Worker exceeded its CPU limit",
            Self::MemoryLimit => "Worker exceeded its memory limit",
            Self::WallClockLimit => "Worker exceeded its wall-clock limit",
            Self::StartUp => "Worker failed to start",
            Self::Overloaded => "The server has too much to do",
            Self::Internal => "The server failed",
            Self::UrlTooLong => "The URL is too long",
            Self::BodyTooLarge => "The request's body is too large",
            Self::BadRequest => "The request cannot be understood",
            Self::BudgetEmpty => "The fuel budget is used up",
            Self::RateLimited => "Too many requests came from here",
            Self::Loop => "The request goes in circles",
            Self::OriginUnreachable => "The origin cannot be reached",
            Self::OriginTimeout => "The origin did not answer in time",
            Self::NoRoute => "No worker answers here",
        }
    }
}

/// One thing to show on the page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Details {
    /// The error as the worker's author would write it: `TypeError: x is not a function`.
    pub error: String,
    /// Source-mapped frames, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<String>,
    /// Source around the innermost frame, with a marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// What the worker was waiting for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
    /// Fuel used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Header that carries the error's number, so that programs need not read the page.
pub const ERROR_HEADER: &str = "x-glowplug-error";

/// The response for `code`; `details` are shown in dev only.
pub fn error_response(
    code: ErrorCode,
    request_id: &str,
    accept: &HeaderMap,
    details: Option<&Details>,
) -> Response<String> {
    let json = wants_json(accept);
    let body = if json { json_body(code, request_id, details) } else { html_body(code, request_id, details) };
    let content_type = if json { "application/json" } else { "text/html; charset=utf-8" };
    let mut response = Response::new(body);
    *response.status_mut() = code.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ERROR_HEADER, HeaderValue::from(code.number()));
    if code == ErrorCode::Overloaded {
        headers.insert(http::header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// A client that names JSON and not HTML wants JSON.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepts = |what: &str| {
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains(what))
    };
    (accepts("application/json") || accepts("+json")) && !accepts("text/html")
}

fn json_body(code: ErrorCode, request_id: &str, details: Option<&Details>) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        code: u16,
        title: &'a str,
        request_id: &'a str,
        #[serde(flatten)]
        details: Option<&'a Details>,
    }
    let body = Body { code: code.number(), title: code.title(), request_id, details };
    serde_json::to_string_pretty(&body).unwrap_or_else(|_| format!("{{\"code\":{}}}", code.number()))
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1d2025;--dim:#667;--line:#d9dce1;--paper:#fff;--panel:#f5f6f8;--hot:#c2410c}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--dim:#9aa3ad;--line:#33383f;--paper:#15171a;--panel:#1e2126;--hot:#fb923c}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:3rem 1.25rem}
.code{color:var(--hot);font-weight:600;letter-spacing:.04em}
h1{font-size:1.6rem;margin:.2rem 0 1.5rem}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:1rem;overflow-x:auto;font:13px/1.55 ui-monospace,monospace}
h2{font-size:1rem;margin:1.75rem 0 .5rem}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem;color:var(--dim);font-size:.85rem}";

fn html_body(code: ErrorCode, request_id: &str, details: Option<&Details>) -> String {
    let (number, title) = (code.number(), code.title());
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Error {number}: {title}</title>\
         <style>{STYLE}</style></head><body><main><div class=\"code\">Error {number}</div><h1>{title}</h1>\n"
    );
    if let Some(details) = details {
        write_details(&mut page, details);
    }
    let _ = writeln!(page, "<footer>Request {} · glowplug</footer></main></body></html>", escape(request_id));
    page
}

fn write_details(page: &mut String, details: &Details) {
    let mut text = details.error.clone();
    for frame in &details.stack {
        let _ = write!(text, "\n    {frame}");
    }
    let _ = writeln!(page, "<pre>{}</pre>", escape(&text));
    if let Some(excerpt) = &details.excerpt {
        let _ = writeln!(page, "<h2>Source</h2><pre>{}</pre>", escape(excerpt));
    }
    if !details.pending.is_empty() {
        let _ = writeln!(page, "<h2>Still waiting for</h2><pre>{}</pre>", escape(&details.pending.join("\n")));
    }
    if let Some(hint) = &details.hint {
        let _ = writeln!(page, "<p>{}</p>", escape(hint));
    }
    if let Some(fuel) = details.fuel {
        let _ = writeln!(page, "<p>Fuel spent: {fuel}</p>");
    }
}

/// Makes text safe between HTML tags.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_escapes_what_the_worker_said() {
        let details = Details { error: "Error: <script>".into(), ..Details::default() };
        let page = error_response(ErrorCode::Exception, "r1", &HeaderMap::new(), Some(&details));
        assert_eq!(page.status(), 500);
        assert!(page.body().contains("Error: &lt;script&gt;") && !page.body().contains("<script>"));
    }

    #[test]
    fn json_is_given_to_clients_that_ask_for_it() {
        let mut accept = HeaderMap::new();
        accept.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let page = error_response(ErrorCode::CpuLimit, "r1", &accept, None);
        let body: serde_json::Value = serde_json::from_str(page.body()).unwrap();
        assert_eq!((body["code"].as_u64(), body["request_id"].as_str()), (Some(1102), Some("r1")));
        accept.insert(ACCEPT, HeaderValue::from_static("text/html,application/json"));
        assert!(error_response(ErrorCode::CpuLimit, "r1", &accept, None).body().starts_with("<!doctype html>"));
    }
}
