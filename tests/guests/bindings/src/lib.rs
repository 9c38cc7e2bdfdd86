//! A worker that shows what it is bound to. It expects the KV namespace `KV`, the service `OTHER` and the assets
//! `ASSETS`; `?binding=` names another one.
//!
//! | path | behaviour |
//! |---|---|
//! | `/kv/put?key=&ttl=&expiration=&metadata=` | stores the request's body, streamed; `value=` in its place |
//! | `/kv/get?key=&type=text\|json\|bytes` | value, metadata and expiration |
//! | `/kv/many?key=&key=..` | the same for many keys at once |
//! | `/kv/delete?key=` | removes it |
//! | `/kv/list?prefix=&limit=&cursor=` | one page |
//! | `/kv/list-all?prefix=&limit=` | the names on all pages |
//! | `/kv/stream?key=` | with a body: stores it and counts what comes back; without: the value itself |
//! | `/service?url=&method=` | what the other worker answers to a request for `url`, the body passed on |
//! | `/service/forward` | the request as it is; the other worker's response as it is |
//! | `/assets?path=` | what the assets answer |
//! | `/secret?name=`, `/var?name=` | a secret, a variable (and what it is as JSON) |
//! | `/version` | the version's id, tag and timestamp |
//! | `/cached?url=&ttl=&tag=` | a subrequest that is answered by the shared cache |
//! | `/escape?url=` | a subrequest, not through a binding |
//!
//! Everything but streams is JSON. An operation that fails is a 500 with `error` and what KV answered as `refused`.

mod kv;
mod others;

use std::time::{Duration, SystemTime};

use glowplug_sdk::http::StatusCode;
use glowplug_sdk::{Context, Error, OrError, Request, Response, Result};
use serde_json::{Value, json};

async fn handle(request: Request, _ctx: Context) -> Result<Response> {
    match request.path() {
        "/kv/put" => kv::put(request).await,
        "/kv/get" => kv::get(&request).await,
        "/kv/many" => kv::many(&request).await,
        "/kv/delete" => kv::delete(&request).await,
        "/kv/list" => kv::list(&request).await,
        "/kv/list-all" => kv::list_all(&request).await,
        "/kv/stream" => kv::stream(request).await,
        "/service" => others::service(request).await,
        "/service/forward" => others::forward(request).await,
        "/assets" => others::assets(&request).await,
        "/secret" => others::secret(&request),
        "/var" => others::var(&request),
        "/version" => others::version(),
        "/cached" => others::cached(&request).await,
        "/escape" => others::escape(&request).await,
        _ => Err(Error::new(StatusCode::NOT_FOUND, "no such case")),
    }
}

glowplug_sdk::export!(handle);

/// A query parameter, or 400.
fn text(request: &Request, name: &str) -> Result<String> {
    parameter(request, name).or_error(StatusCode::BAD_REQUEST, format!("give `{name}`"))
}

/// A query parameter that need not be there.
fn parameter(request: &Request, name: &str) -> Option<String> {
    request.query(name).map(|value| value.into_owned())
}

/// A number in the query that need not be there; 400 if it is none.
fn number<T: std::str::FromStr<Err: std::error::Error + 'static>>(request: &Request, name: &str) -> Result<Option<T>> {
    let parsed = request.query(name).map(|value| value.parse()).transpose();
    parsed.or_error(StatusCode::BAD_REQUEST, format!("`{name}` must be a number"))
}

/// The binding that the query names, or the one this worker expects.
fn binding(request: &Request, expected: &str) -> String {
    parameter(request, "binding").unwrap_or(expected.to_owned())
}

fn seconds(time: Option<SystemTime>) -> Value {
    let since = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    json!(since.map(|since| since.as_secs()))
}

fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The answer to what failed.
fn failed(error: impl std::error::Error, refused: Option<StatusCode>) -> Result<Response> {
    let answer = json!({ "error": error.to_string(), "refused": refused.map(|status| status.as_u16()) });
    Ok(Response::from_json(&answer)?.with_status(StatusCode::INTERNAL_SERVER_ERROR))
}
