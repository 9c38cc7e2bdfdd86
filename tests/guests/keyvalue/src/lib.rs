//! KV through `wasi:keyvalue`, as a component in any language would use it. The bucket is `KV` unless `?bucket=` names
//! another.
//!
//! | path | behaviour |
//! |---|---|
//! | `/set?key=&value=` | stores text |
//! | `/get?key=` | the value as text, or null |
//! | `/exists?key=` | whether there is one |
//! | `/delete?key=` | removes it |
//! | `/list` | all keys, and how many pages they were on |
//! | `/increment?key=&delta=` | the sum |
//! | `/batch?key=&key=..` | sets each key to its own name, reads them back, deletes the first, reads again |
//! | `/open-missing` | opens a bucket that is not there |
//!
//! Answers are JSON: `{"ok": value}` or `{"error": name, "message": text}`.

wit_bindgen::generate!({ path: "wit", world: "guest", generate_all });

use glowplug_sdk::http::StatusCode;
use glowplug_sdk::{Context, Error, OrError, Request, Response, Result};
use serde_json::{Value, json};
use wasi::keyvalue::store::{self, Bucket};
use wasi::keyvalue::{atomics, batch};

async fn handle(request: Request, _ctx: Context) -> Result<Response> {
    let bucket = match request.path() {
        "/open-missing" => "no such bucket".to_owned(),
        _ => request.query("bucket").unwrap_or("KV".into()).into_owned(),
    };
    let answer = match store::open(&bucket) {
        Ok(bucket) => answer(&request, &bucket)?,
        Err(error) => Err(error),
    };
    Response::from_json(&match answer {
        Ok(value) => json!({ "ok": value }),
        Err(store::Error::NoSuchStore) => json!({ "error": "no-such-store", "message": null }),
        Err(store::Error::AccessDenied) => json!({ "error": "access-denied", "message": null }),
        Err(store::Error::Other(message)) => json!({ "error": "other", "message": message }),
    })
}

glowplug_sdk::export!(handle);

/// What the store answered, or what is wrong with the request.
fn answer(request: &Request, bucket: &Bucket) -> Result<Result<Value, store::Error>> {
    Ok(match request.path() {
        "/set" => bucket.set(&text(request, "key")?, text(request, "value")?.as_bytes()).map(|()| Value::Null),
        "/get" => bucket.get(&text(request, "key")?).map(|value| json!(value.map(shown))),
        "/exists" => bucket.exists(&text(request, "key")?).map(Value::Bool),
        "/delete" => bucket.delete(&text(request, "key")?).map(|()| Value::Null),
        "/list" => list(bucket),
        "/increment" => {
            let delta =
                text(request, "delta")?.parse().or_error(StatusCode::BAD_REQUEST, "`delta` must be a number")?;
            atomics::increment(bucket, &text(request, "key")?, delta).map(Value::from)
        }
        "/batch" => {
            let keys = request.query_pairs().filter_map(|(name, value)| (name == "key").then(|| value.into_owned()));
            many(bucket, &keys.collect::<Vec<_>>())
        }
        "/open-missing" => Ok(Value::Null),
        _ => return Err(Error::new(StatusCode::NOT_FOUND, "no such case")),
    })
}

fn text(request: &Request, name: &str) -> Result<String> {
    let value = request.query(name).or_error(StatusCode::BAD_REQUEST, format!("give `{name}`"))?;
    Ok(value.into_owned())
}

fn shown(value: Vec<u8>) -> String {
    String::from_utf8_lossy(&value).into_owned()
}

fn list(bucket: &Bucket) -> Result<Value, store::Error> {
    let (mut keys, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page = bucket.list_keys(cursor.as_deref())?;
        pages += 1;
        keys.extend(page.keys);
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(json!({ "keys": keys, "pages": pages })),
        }
    }
}

fn many(bucket: &Bucket, keys: &[String]) -> Result<Value, store::Error> {
    let pairs: Vec<_> = keys.iter().map(|key| (key.clone(), key.clone().into_bytes())).collect();
    batch::set_many(bucket, &pairs)?;
    let stored = read(bucket, keys)?;
    batch::delete_many(bucket, keys.get(..1).unwrap_or_default())?;
    Ok(json!({ "stored": stored, "left": read(bucket, keys)? }))
}

/// Each key and its value, or null.
fn read(bucket: &Bucket, keys: &[String]) -> Result<Value, store::Error> {
    let pairs = batch::get_many(bucket, keys)?;
    Ok(pairs.into_iter().map(|(key, value)| json!((key, value.map(shown)))).collect())
}
