//! Listing keys.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::SystemTime;

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::entry::{self, instant, take};
use super::error::{KvError, Operation, Reason};
use super::{Kv, accepted, whole, with_query};
use crate::body::Body;

/// A page of keys to be asked for: made by [`Kv::list`], done by `.await`.
///
/// ```
/// # use glowplug_sdk::{Kv, Result, log};
/// # async fn example(kv: Kv) -> Result<()> {
/// let mut list = kv.list().prefix("user:");
/// loop {
///     let page = list.clone().await?;
///     for key in &page.keys {
///         log!("{}", key.name);
///     }
///     match page.cursor {
///         Some(cursor) => list = list.cursor(cursor),
///         None => break,
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is asked for before it is awaited"]
pub struct List {
    kv: Kv,
    prefix: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

impl List {
    pub(super) fn new(kv: Kv) -> Self {
        Self { kv, prefix: None, limit: None, cursor: None }
    }

    /// Only keys that begin so.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// At most so many keys in a page: 1 to 1000, which is the default.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Go on where the page with this [`cursor`](Page::cursor) ended.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    pub(super) fn path(&self) -> String {
        let limit = self.limit.map(|limit| limit.to_string());
        let options = [("prefix", self.prefix.clone()), ("limit", limit), ("cursor", self.cursor.clone())];
        with_query("/keys".to_owned(), options)
    }
}

impl IntoFuture for List {
    type Output = Result<Page, KvError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let response = self.kv.send(Operation::List, Method::GET, &self.path(), Body::empty()).await?;
            let answer = accepted(Operation::List, response).await?;
            parse(&whole(Operation::List, answer).await?)
        })
    }
}

/// Some of a namespace's keys.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The keys. There may be none though others follow.
    pub keys: Vec<Key>,
    /// Where the next page begins; `None` on the last one.
    pub cursor: Option<String>,
}

/// A key of a [`Page`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Key {
    /// The key itself.
    pub name: String,
    /// When the value ends, if it does.
    pub expiration: Option<SystemTime>,
    metadata: Value,
}

impl Key {
    /// The value's metadata, if it has any.
    pub fn metadata<M: DeserializeOwned>(&self) -> Result<Option<M>, KvError> {
        entry::metadata(Operation::List, &self.metadata)
    }
}

pub(super) fn parse(answer: &[u8]) -> Result<Page, KvError> {
    let failed = |what| KvError::new(Operation::List, Reason::Answer(what));
    let mut page: Value = serde_json::from_slice(answer).map_err(|_| failed("it is no JSON"))?;
    let Value::Array(keys) = take(&mut page, "keys") else {
        return Err(failed("it has no `keys`"));
    };
    let cursor = match (take(&mut page, "list_complete"), take(&mut page, "cursor")) {
        (Value::Bool(true), _) => None,
        (Value::Bool(false), Value::String(cursor)) => Some(cursor),
        _ => return Err(failed("it says neither that the list is complete nor where it goes on")),
    };
    let key = |mut key: Value| match take(&mut key, "name") {
        Value::String(name) => {
            let expiration = key["expiration"].as_u64().and_then(instant);
            Ok(Key { name, expiration, metadata: take(&mut key, "metadata") })
        }
        _ => Err(failed("a key has no `name`")),
    };
    Ok(Page { keys: keys.into_iter().map(key).collect::<Result<_, _>>()?, cursor })
}
