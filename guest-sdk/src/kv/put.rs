//! Storing a value.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use http::Method;
use http::header::{HeaderName, HeaderValue};
use serde::Serialize;

use super::entry::METADATA;
use super::error::{KvError, Operation, Reason};
use super::{Kv, accepted, escaped, exchange, value_path, with_query};
use crate::body::Body;
use crate::{Error, Request};

/// A value to be stored: made by [`Kv::put`], done by `.await`.
///
/// ```
/// # use glowplug_sdk::{Kv, Result};
/// # use std::time::Duration;
/// # async fn example(kv: Kv) -> Result<()> {
/// kv.put("greeting", "hello").await?;
/// kv.put("session", "…").metadata(&["v2"]).expiration_ttl(Duration::from_secs(600)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is stored before it is awaited"]
pub struct Put {
    kv: Kv,
    key: String,
    value: Body,
    /// Seconds since 1970.
    expiration: Option<u64>,
    /// Seconds.
    expiration_ttl: Option<u64>,
    /// JSON, or why there is none.
    metadata: Option<Result<String, serde_json::Error>>,
}

impl Put {
    pub(super) fn new(kv: Kv, key: String, value: Body) -> Self {
        Self { kv, key, value, expiration: None, expiration_ttl: None, metadata: None }
    }

    /// End the value at this time, which counts in whole seconds; at least a minute from now.
    pub fn expiration(mut self, time: SystemTime) -> Self {
        // A time before 1970 is refused by the namespace, as every one that has passed.
        self.expiration = Some(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs());
        self
    }

    /// End the value after this time, which counts in whole seconds; at least a minute.
    pub fn expiration_ttl(mut self, time: Duration) -> Self {
        self.expiration_ttl = Some(time.as_secs());
        self
    }

    /// Store this with the value, as JSON of at most 1024 bytes: it comes back with the value and in lists of keys.
    pub fn metadata(mut self, metadata: &(impl Serialize + ?Sized)) -> Self {
        self.metadata = Some(serde_json::to_string(metadata));
        self
    }

    pub(super) fn request(self) -> Result<Request, KvError> {
        let seconds = |seconds: Option<u64>| seconds.map(|seconds| seconds.to_string());
        let options = [("expiration", seconds(self.expiration)), ("expiration_ttl", seconds(self.expiration_ttl))];
        let path = with_query(value_path(&self.key), options);
        let failed = |error: Error| KvError::request(Operation::Put, &error);
        let mut request = self.kv.request(Method::PUT, &path, self.value).map_err(failed)?;
        if let Some(metadata) = self.metadata {
            let json = metadata.map_err(|error| KvError::new(Operation::Put, Reason::Unwritable("metadata", error)))?;
            let value = HeaderValue::try_from(escaped(&json).to_string()).map_err(|error| failed(error.into()))?;
            request.headers_mut().insert(HeaderName::from_static(METADATA), value);
        }
        Ok(request)
    }
}

impl IntoFuture for Put {
    type Output = Result<(), KvError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            let response = exchange(Operation::Put, self.request()?).await?;
            accepted(Operation::Put, response).await.map(drop)
        })
    }
}
