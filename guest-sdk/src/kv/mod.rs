//! KV namespaces: values of up to 25 MiB under names, with metadata and an end.
//!
//! ```
//! use std::time::Duration;
//! use glowplug_sdk::{OrError, Request, Response, Result, env};
//! use glowplug_sdk::http::{Method, StatusCode};
//!
//! async fn handle(mut request: Request) -> Result<Response> {
//!     let notes = env::kv("NOTES")?;
//!     let key = request.path().to_owned();
//!     match request.method() {
//!         // streamed: neither the upload nor the download enters the worker's memory
//!         &Method::PUT => {
//!             let author = request.header("x-author").unwrap_or_default().to_owned();
//!             notes.put(key, request.take_body()).metadata(&author).expiration_ttl(Duration::from_secs(3600)).await?;
//!             Ok(Response::new(()).with_status(StatusCode::NO_CONTENT))
//!         }
//!         _ => {
//!             let note = notes.get(&key).await?.or_error(StatusCode::NOT_FOUND, "no such note")?;
//!             let author: Option<String> = note.metadata()?;
//!             Response::new(note.into_body()).with_header("x-author", author.unwrap_or_default())
//!         }
//!     }
//! }
//! ```
//!
//! # Over HTTP
//!
//! Operations are requests of `wasi:http` to the authority that `glowplug:worker/bindings` gives for the invocation, so
//! bodies stream and waiting on one lets others go on. Other languages can send them as well:
//!
//! | request | answer |
//! |---|---|
//! | `GET /values/KEY` | 200 with the value, or 404 |
//! | `PUT /values/KEY?expiration=&expiration_ttl=` | 204 |
//! | `DELETE /values/KEY` | 204 |
//! | `POST /values` with `{"keys": [..]}` | 200 with `[{"value", "metadata", "expiration"}, null, ..]` |
//! | `GET /keys?prefix=&limit=&cursor=` | 200 with `{"keys": [{"name", ..}, ..], "list_complete", "cursor"}` |
//!
//! KEY is percent-encoded. Metadata is the header `glowplug-kv-metadata`, as percent-encoded JSON; a value's end is
//! the header `glowplug-kv-expiration`, in seconds since 1970. Any other status comes with a message as plain text.

mod entry;
mod error;
mod list;
mod put;

use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::body::Body;
use crate::{Error, Request, Response, fetch};
pub use entry::{Entry, TextEntry};
pub use error::KvError;
use error::{Operation, Reason};
pub use list::{Key, List, Page};
pub use put::Put;

/// A KV namespace, from [`env::kv`](crate::env::kv). A clone reaches the same.
#[derive(Clone)]
pub struct Kv {
    authority: Rc<str>,
}

impl Kv {
    pub(crate) fn new(authority: String) -> Self {
        Self { authority: authority.into() }
    }

    /// The value under `key` as a stream, with its metadata and expiration; `None` if there is none.
    #[doc(alias = "get_with_metadata")]
    #[doc(alias = "get_stream")]
    pub async fn get(&self, key: &str) -> Result<Option<Entry>, KvError> {
        let response = self.send(Operation::Get, Method::GET, &value_path(key), Body::empty()).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        accepted(Operation::Get, response).await.map(Entry::new).map(Some)
    }

    /// The value under `key`.
    pub async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        match self.get(key).await? {
            Some(entry) => entry.bytes().await.map(Some),
            None => Ok(None),
        }
    }

    /// The value under `key` as text; an error if it is not UTF-8.
    pub async fn get_text(&self, key: &str) -> Result<Option<String>, KvError> {
        match self.get(key).await? {
            Some(entry) => entry.text().await.map(Some),
            None => Ok(None),
        }
    }

    /// The value under `key`, parsed as JSON.
    pub async fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, KvError> {
        match self.get(key).await? {
            Some(entry) => entry.json().await.map(Some),
            None => Ok(None),
        }
    }

    /// The values under up to 100 keys, which must be text, with their metadata: one for each key, in the keys' order.
    ///
    /// ```
    /// # use glowplug_sdk::{Kv, Result, log};
    /// # async fn example(kv: Kv) -> Result<()> {
    /// let keys = ["a", "b"];
    /// for (key, entry) in keys.iter().zip(kv.get_many(keys).await?) {
    ///     match entry {
    ///         Some(entry) => log!("{key}: {}", entry.value),
    ///         None => log!("{key}: nothing"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_many<I, K>(&self, keys: I) -> Result<Vec<Option<TextEntry>>, KvError>
    where
        I: IntoIterator<Item = K>,
        K: AsRef<str>,
    {
        let keys: Vec<Value> = keys.into_iter().map(|key| Value::from(key.as_ref())).collect();
        let count = keys.len();
        let body = Value::from_iter([("keys", Value::from(keys))]).to_string();
        let response = self.send(Operation::GetMany, Method::POST, "/values", body.into()).await?;
        let answer = accepted(Operation::GetMany, response).await?;
        entry::parse_many(&whole(Operation::GetMany, answer).await?, count)
    }

    /// Store a value under `key` when the result is awaited; options can be set before.
    ///
    /// A body that is streamed is stored whole or not at all.
    pub fn put(&self, key: impl Into<String>, value: impl Into<Body>) -> Put {
        Put::new(self.clone(), key.into(), value.into())
    }

    /// Store `value` as JSON, as [`put`](Self::put) does; an error if it cannot be written as such.
    pub fn put_json(&self, key: impl Into<String>, value: &(impl Serialize + ?Sized)) -> Result<Put, KvError> {
        let json = serde_json::to_vec(value)
            .map_err(|error| KvError::new(Operation::Put, Reason::Unwritable("value", error)))?;
        Ok(self.put(key, json))
    }

    /// Remove the value under `key`, if there is one.
    pub async fn delete(&self, key: &str) -> Result<(), KvError> {
        let response = self.send(Operation::Delete, Method::DELETE, &value_path(key), Body::empty()).await?;
        accepted(Operation::Delete, response).await.map(drop)
    }

    /// The namespace's keys in the order of their bytes, a page at a time, when the result is awaited; options can be
    /// set before.
    pub fn list(&self) -> List {
        List::new(self.clone())
    }

    /// Send a request to the namespace; the answer may be a refusal.
    async fn send(&self, operation: Operation, method: Method, path: &str, body: Body) -> Result<Response, KvError> {
        let request = self.request(method, path, body).map_err(|error| KvError::request(operation, &error))?;
        exchange(operation, request).await
    }

    fn request(&self, method: Method, path: &str, body: Body) -> Result<Request, Error> {
        Ok(Request::new(method, format!("http://{}{path}", self.authority))?.with_body(body))
    }
}

impl fmt::Debug for Kv {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The authority is a key to the namespace: it does not belong in a log.
        formatter.write_str("Kv")
    }
}

/// Every byte that is no letter or digit, so that neither a router nor a URL parser sees `/`, `..` or `?` in a key.
fn value_path(key: &str) -> String {
    format!("/values/{}", escaped(key))
}

/// Add the options that are set.
fn with_query<const N: usize>(mut path: String, options: [(&str, Option<String>); N]) -> String {
    let mut separator = '?';
    for (name, value) in options {
        if let Some(value) = value {
            path.push_str(&format!("{separator}{name}={}", escaped(&value)));
            separator = '&';
        }
    }
    path
}

fn escaped(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

async fn exchange(operation: Operation, request: Request) -> Result<Response, KvError> {
    fetch(request).await.map_err(|error| KvError::new(operation, Reason::Unanswered(error)))
}

/// The response, or the error that it is.
async fn accepted(operation: Operation, mut response: Response) -> Result<Response, KvError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    // A refusal whose words are lost is still a refusal.
    let words = response.text().await.unwrap_or_default();
    Err(KvError::refused(operation, status, &words))
}

async fn whole(operation: Operation, mut response: Response) -> Result<Bytes, KvError> {
    response.bytes().await.map_err(|error| KvError::new(operation, Reason::Broken(error)))
}

#[cfg(test)]
mod tests;
