//! KV over HTTP: what a sandbox's binding and the admin API both speak.
//!
//! ```text
//! GET    /values/KEY?cache_ttl=                   200 value, or 404
//! PUT    /values/KEY?expiration=&expiration_ttl=  204
//! DELETE /values/KEY                              204
//! POST   /values    {"keys": [...]}               200 [null | {"value", "metadata", "expiration"}, ...]
//! GET    /keys?prefix=&limit=&cursor=             200 {"keys": [...], "list_complete", "cursor"?}
//! ```
//!
//! KEY is percent-encoded; queries are form-encoded. Metadata travels in a header as percent-encoded JSON. A refusal's
//! body is the message that Workers KV puts after `KV PUT failed: 400 `.

mod receive;
#[cfg(test)]
mod tests;

use self::receive::{Refusal, collect, key_of, metadata_of, number_of, query_of};
use super::limits::{BULK_READ_ANSWER, BULK_READ_REQUEST, VALUE};
use super::{Error, Key, ListOptions, Namespace, PutOptions, Value, rules};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::Full;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// An entry's metadata: JSON, percent-encoded.
pub const METADATA_HEADER: HeaderName = HeaderName::from_static("glowplug-kv-metadata");
/// Seconds since the epoch at which an entry is gone.
pub const EXPIRATION_HEADER: HeaderName = HeaderName::from_static("glowplug-kv-expiration");

/// What a header value cannot hold as it is; characters past ASCII are always encoded.
const NOT_IN_HEADERS: &AsciiSet = &CONTROLS.add(b'%').add(b' ');

/// Answers `request`, whose path begins with `/values` or `/keys`. The body is read no further than its limit.
pub async fn serve<B>(namespace: &Namespace, request: Request<B>) -> Response<Full<Bytes>>
where
    B: Body<Data = Bytes>,
    B::Error: fmt::Display,
{
    let (head, body) = request.into_parts();
    let (path, query) = (head.uri.path(), head.uri.query());
    let answered = match (&head.method, path.strip_prefix("/values/")) {
        (&Method::GET, Some(key)) => get(namespace, key, query).await,
        (&Method::PUT, Some(key)) => put(namespace, key, query, &head.headers, body).await,
        (&Method::DELETE, Some(key)) => delete(namespace, key).await,
        (_, Some(_)) => Err(Refusal::method("GET, PUT, DELETE")),
        (&Method::POST, None) if path == "/values" => get_many(namespace, &head.headers, body).await,
        (_, None) if path == "/values" => Err(Refusal::method("POST")),
        (&Method::GET, None) if path == "/keys" => list(namespace, query).await,
        (_, None) if path == "/keys" => Err(Refusal::method("GET")),
        _ => Err(Refusal::not_found()),
    };
    answered.unwrap_or_else(Refusal::into_response)
}

async fn get(namespace: &Namespace, key: &str, query: Option<&str>) -> Result<Response<Full<Bytes>>, Refusal> {
    let key = key_of(key)?;
    for (name, value) in query_of(query) {
        if name == rules::CACHE_TTL {
            rules::check_cache_ttl(number_of(&value).ok_or_else(|| rules::not_a_cache_ttl(&value))?)?;
        }
    }
    let Some(value) = namespace.get(&key).await? else { return Ok(empty(StatusCode::NOT_FOUND)) };
    let mut response = Response::new(Full::new(value.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Some(metadata) = &value.metadata {
        let encoded = utf8_percent_encode(&metadata.to_string(), NOT_IN_HEADERS).to_string();
        let encoded = HeaderValue::try_from(encoded).expect("what is percent-encoded has visible ASCII alone");
        headers.insert(METADATA_HEADER, encoded);
    }
    if let Some(expiration) = value.expiration {
        headers.insert(EXPIRATION_HEADER, expiration.into());
    }
    Ok(response)
}

async fn put<B>(
    namespace: &Namespace,
    key: &str,
    query: Option<&str>,
    headers: &http::HeaderMap,
    body: B,
) -> Result<Response<Full<Bytes>>, Refusal>
where
    B: Body<Data = Bytes>,
    B::Error: fmt::Display,
{
    let key = key_of(key)?;
    let mut options = PutOptions { metadata: metadata_of(headers)?, ..PutOptions::default() };
    for (name, value) in query_of(query) {
        match name.as_ref() {
            rules::EXPIRATION => {
                options.expiration = Some(number_of(&value).ok_or_else(|| rules::not_an_expiration(&value))?);
            }
            rules::EXPIRATION_TTL => {
                options.expiration_ttl = Some(number_of(&value).ok_or_else(|| rules::not_a_ttl(&value))?);
            }
            _ => {}
        }
    }
    namespace.check_put(&key, &options)?;
    let too_long = |length| rules::check_value_length(length).err();
    let bytes = collect(headers, body, VALUE.default, too_long).await?;
    namespace.put(&key, bytes, &options).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

async fn delete(namespace: &Namespace, key: &str) -> Result<Response<Full<Bytes>>, Refusal> {
    namespace.delete(&key_of(key)?).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// What `POST /values` asks for.
#[derive(Deserialize)]
struct BulkRead {
    keys: Vec<String>,
    cache_ttl: Option<i64>,
}

/// One entry of the answer to it.
#[derive(Serialize)]
struct BulkValue<'a> {
    value: Cow<'a, str>,
    metadata: &'a Option<serde_json::Value>,
    expiration: Option<u64>,
}

async fn get_many<B>(
    namespace: &Namespace,
    headers: &http::HeaderMap,
    body: B,
) -> Result<Response<Full<Bytes>>, Refusal>
where
    B: Body<Data = Bytes>,
    B::Error: fmt::Display,
{
    let limit = BULK_READ_REQUEST.default;
    let too_long = |length| {
        (length > limit).then(|| Error::TooLarge(format!("Request length of {length} exceeds limit of {limit}.")))
    };
    let body = collect(headers, body, limit, too_long).await?;
    let asked: BulkRead = serde_json::from_slice(&body)
        .map_err(|error| Error::InvalidOption(format!("the body must be `{{\"keys\": [\"…\"]}}` as JSON: {error}")))?;
    asked.cache_ttl.map_or(Ok(()), rules::check_cache_ttl)?;
    let mut json = Vec::from(b"[");
    for value in namespace.get_many(&asked.keys).await? {
        if json.len() > 1 {
            json.push(b',');
        }
        write_json(&mut json, &value.as_ref().map(bulk_value));
        if json.len() as u64 > BULK_READ_ANSWER.default {
            return Err(rules::bulk_read_too_large().into());
        }
    }
    json.push(b']');
    Ok(json_response(json))
}

fn bulk_value(value: &Value) -> BulkValue<'_> {
    BulkValue { value: String::from_utf8_lossy(&value.bytes), metadata: &value.metadata, expiration: value.expiration }
}

/// The answer to `GET /keys`.
#[derive(Serialize)]
struct Listed {
    keys: Vec<Key>,
    list_complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

async fn list(namespace: &Namespace, query: Option<&str>) -> Result<Response<Full<Bytes>>, Refusal> {
    let mut options = ListOptions::default();
    for (name, value) in query_of(query) {
        match name.as_ref() {
            "prefix" => options.prefix = Some(value.into_owned()),
            "limit" => options.limit = Some(number_of(&value).ok_or_else(|| rules::not_a_list_limit(&value))?),
            "cursor" => options.cursor = Some(value.into_owned()),
            _ => {}
        }
    }
    let page = namespace.list(&options).await?;
    let mut json = Vec::new();
    write_json(&mut json, &Listed { keys: page.keys, list_complete: page.cursor.is_none(), cursor: page.cursor });
    Ok(json_response(json))
}

fn write_json(json: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(json, value).expect("text and numbers are always written to memory");
}

fn json_response(json: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(json));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
