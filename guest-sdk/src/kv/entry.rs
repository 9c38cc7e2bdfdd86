//! Values as they are read.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{KvError, Operation, Reason};
use crate::Response;
use crate::body::Body;

/// Percent-encoded JSON, both when a value is read and when it is written.
pub(super) const METADATA: &str = "glowplug-kv-metadata";
/// Seconds since 1970.
const EXPIRATION: &str = "glowplug-kv-expiration";

/// A value, not read yet, and what is stored with it.
#[derive(Debug)]
pub struct Entry {
    /// JSON.
    metadata: Option<String>,
    expiration: Option<SystemTime>,
    body: Body,
}

impl Entry {
    pub(super) fn new(mut response: Response) -> Self {
        let metadata =
            response.header(METADATA).map(|header| percent_decode_str(header).decode_utf8_lossy().into_owned());
        let expiration = response.header(EXPIRATION).and_then(|header| header.parse().ok()).and_then(instant);
        Self { metadata, expiration, body: response.take_body() }
    }

    /// The metadata, if the value has any.
    pub fn metadata<M: DeserializeOwned>(&self) -> Result<Option<M>, KvError> {
        let json = self.metadata.as_deref().unwrap_or("null");
        serde_json::from_str(json).map_err(|error| KvError::new(Operation::Get, Reason::Json("metadata", error)))
    }

    /// When the value ends, in whole seconds, if it does.
    pub fn expiration(&self) -> Option<SystemTime> {
        self.expiration
    }

    /// The value.
    pub async fn bytes(self) -> Result<Bytes, KvError> {
        self.body.bytes().await.map_err(|error| KvError::new(Operation::Get, Reason::Broken(error)))
    }

    /// The value as text; an error if it is not UTF-8.
    pub async fn text(self) -> Result<String, KvError> {
        let bytes = Vec::from(self.bytes().await?);
        String::from_utf8(bytes).map_err(|error| KvError::new(Operation::Get, Reason::NotUtf8(error.utf8_error())))
    }

    /// The value, parsed as JSON.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, KvError> {
        let bytes = self.bytes().await?;
        serde_json::from_slice(&bytes).map_err(|error| KvError::new(Operation::Get, Reason::Json("value", error)))
    }

    /// The value as a stream, for example to make it a response's body.
    pub fn into_body(self) -> Body {
        self.body
    }
}

/// A value of [`Kv::get_many`](super::Kv::get_many).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TextEntry {
    /// The value.
    pub value: String,
    /// When the value ends, in whole seconds, if it does.
    pub expiration: Option<SystemTime>,
    metadata: Value,
}

impl TextEntry {
    /// The metadata, if the value has any.
    pub fn metadata<M: DeserializeOwned>(&self) -> Result<Option<M>, KvError> {
        metadata(Operation::GetMany, &self.metadata)
    }

    /// The value, parsed as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, KvError> {
        serde_json::from_str(&self.value)
            .map_err(|error| KvError::new(Operation::GetMany, Reason::Json("value", error)))
    }
}

/// The host's answer to a request for `count` values.
pub(super) fn parse_many(answer: &[u8], count: usize) -> Result<Vec<Option<TextEntry>>, KvError> {
    let failed = |what| KvError::new(Operation::GetMany, Reason::Answer(what));
    let entries: Vec<Value> = serde_json::from_slice(answer).map_err(|_| failed("it is no list of values"))?;
    if entries.len() != count {
        return Err(failed("it has another number of values than there were keys"));
    }
    let parse = |mut entry: Value| match take(&mut entry, "value") {
        Value::String(value) => {
            let expiration = entry["expiration"].as_u64().and_then(instant);
            Ok(Some(TextEntry { value, expiration, metadata: take(&mut entry, "metadata") }))
        }
        _ => Err(failed("a value is no text")),
    };
    entries.into_iter().map(|entry| if entry.is_null() { Ok(None) } else { parse(entry) }).collect()
}

/// Metadata as a list or a bulk answer gives it; `null` means that there is none.
pub(super) fn metadata<M: DeserializeOwned>(operation: Operation, metadata: &Value) -> Result<Option<M>, KvError> {
    Option::<M>::deserialize(metadata).map_err(|error| KvError::new(operation, Reason::Json("metadata", error)))
}

/// A time that KV gives in seconds since 1970; none if no clock can show it.
pub(super) fn instant(seconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// A field's value; `null` if there is no such field.
pub(super) fn take(value: &mut Value, field: &str) -> Value {
    value.get_mut(field).map(Value::take).unwrap_or_default()
}
