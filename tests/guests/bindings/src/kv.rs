//! The KV namespace.

use std::time::Duration;

use glowplug_sdk::http::{Method, StatusCode};
use glowplug_sdk::kv::Page;
use glowplug_sdk::{BindingError, Error, Kv, KvError, OrError, Request, Response, Result, env};
use serde_json::{Value, json};

use crate::{binding, failed, number, parameter, seconds, text, time};

fn namespace(request: &Request) -> Result<Kv, BindingError> {
    env::kv(&binding(request, "KV"))
}

/// What came of an operation, as JSON.
fn answer(outcome: Result<Value, KvError>) -> Result<Response> {
    match outcome {
        Ok(value) => Response::from_json(&value),
        Err(error) => {
            let refused = error.refusal().map(|(status, _)| status);
            failed(error, refused)
        }
    }
}

pub async fn put(mut request: Request) -> Result<Response> {
    let kv = match namespace(&request) {
        Ok(kv) => kv,
        Err(error) => return failed(error, None),
    };
    let key = text(&request, "key")?;
    let (ttl, expiration) = (number(&request, "ttl")?, number(&request, "expiration")?);
    let metadata: Option<Value> = parameter(&request, "metadata")
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .or_error(StatusCode::BAD_REQUEST, "`metadata` must be JSON")?;
    let mut put = match parameter(&request, "value") {
        Some(value) => kv.put(&key, value),
        None => kv.put(&key, request.take_body()),
    };
    if let Some(ttl) = ttl {
        put = put.expiration_ttl(Duration::from_secs(ttl));
    }
    if let Some(expiration) = expiration {
        put = put.expiration(time(expiration));
    }
    if let Some(metadata) = metadata {
        put = put.metadata(&metadata);
    }
    answer(put.await.map(|()| json!({ "stored": key })))
}

pub async fn get(request: &Request) -> Result<Response> {
    let kv = match namespace(request) {
        Ok(kv) => kv,
        Err(error) => return failed(error, None),
    };
    let key = text(request, "key")?;
    answer(match parameter(request, "type").as_deref() {
        None => entry(&kv, &key).await,
        Some("text") => kv.get_text(&key).await.map(|value| json!({ "value": value })),
        Some("json") => kv.get_json::<Value>(&key).await.map(|value| json!({ "value": value })),
        Some("bytes") => kv.get_bytes(&key).await.map(|value| json!({ "value": value.as_deref() })),
        Some(_) => return Err(Error::new(StatusCode::BAD_REQUEST, "`type` may be text, json or bytes")),
    })
}

async fn entry(kv: &Kv, key: &str) -> Result<Value, KvError> {
    let Some(entry) = kv.get(key).await? else {
        return Ok(json!({ "value": null }));
    };
    let metadata: Option<Value> = entry.metadata()?;
    let expiration = seconds(entry.expiration());
    Ok(json!({ "value": entry.text().await?, "metadata": metadata, "expiration": expiration }))
}

pub async fn many(request: &Request) -> Result<Response> {
    let keys = request.query_pairs().filter_map(|(name, value)| (name == "key").then_some(value));
    let entries = match namespace(request)?.get_many(keys).await {
        Ok(entries) => entries,
        Err(error) => return answer(Err(error)),
    };
    let shown = entries.iter().map(|entry| match entry {
        None => Ok(Value::Null),
        Some(entry) => {
            let metadata: Option<Value> = entry.metadata()?;
            Ok(json!({ "value": entry.value, "metadata": metadata, "expiration": seconds(entry.expiration) }))
        }
    });
    answer(shown.collect())
}

pub async fn delete(request: &Request) -> Result<Response> {
    let key = text(request, "key")?;
    answer(namespace(request)?.delete(&key).await.map(|()| json!({ "deleted": key })))
}

pub async fn list(request: &Request) -> Result<Response> {
    let mut list = namespace(request)?.list();
    if let Some(prefix) = parameter(request, "prefix") {
        list = list.prefix(prefix);
    }
    if let Some(limit) = number(request, "limit")? {
        list = list.limit(limit);
    }
    if let Some(cursor) = parameter(request, "cursor") {
        list = list.cursor(cursor);
    }
    answer(list.await.and_then(|page| shown(&page)))
}

fn shown(page: &Page) -> Result<Value, KvError> {
    let mut keys = Vec::new();
    for key in &page.keys {
        let metadata: Option<Value> = key.metadata()?;
        keys.push(json!({ "name": key.name, "expiration": seconds(key.expiration), "metadata": metadata }));
    }
    Ok(json!({ "keys": keys, "cursor": page.cursor }))
}

pub async fn list_all(request: &Request) -> Result<Response> {
    let limit = number(request, "limit")?.unwrap_or(1000);
    let mut list = namespace(request)?.list().prefix(parameter(request, "prefix").unwrap_or_default()).limit(limit);
    let (mut names, mut pages) = (Vec::new(), 0);
    loop {
        let page = match list.clone().await {
            Ok(page) => page,
            Err(error) => return answer(Err(error)),
        };
        pages += 1;
        names.extend(page.keys.into_iter().map(|key| key.name));
        match page.cursor {
            Some(cursor) => list = list.cursor(cursor),
            None => return answer(Ok(json!({ "names": names, "pages": pages }))),
        }
    }
}

pub async fn stream(mut request: Request) -> Result<Response> {
    let kv = namespace(&request)?;
    let key = text(&request, "key")?;
    if request.method() == Method::GET {
        let entry = kv.get(&key).await?.or_error(StatusCode::NOT_FOUND, "no such key")?;
        return Ok(Response::new(entry.into_body()));
    }
    if let Err(error) = kv.put(&key, request.take_body()).await {
        return answer(Err(error));
    }
    let stored = kv.get(&key).await?.or_error(StatusCode::INTERNAL_SERVER_ERROR, "what was stored is gone")?;
    let mut body = stored.into_body();
    let (mut bytes, mut chunks) = (0, 0);
    while let Some(chunk) = body.read().await? {
        bytes += chunk.len();
        chunks += 1;
    }
    answer(Ok(json!({ "bytes": bytes, "chunks": chunks })))
}
