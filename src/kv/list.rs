//! Listing keys page by page.
//!
//! A cursor is the last key of a page and nothing else, so it stays good while keys come and go, for as long as one
//! likes, and costs the server nothing.

use super::{Error, Namespace, rules};
use crate::storage::{Entry, Listing};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;

/// Which keys to list. They are checked when the listing is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// What the keys begin with; all keys without one.
    pub prefix: Option<String>,
    /// Most keys of the page, from 1 to [`super::limits::LIST`], which is also what holds without one.
    pub limit: Option<i64>,
    /// Where the page begins: what the page before gave. An empty one is none.
    pub cursor: Option<String>,
}

/// A part of a listing, in the order of the keys' UTF-8 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub keys: Vec<Key>,
    /// Gives the next page; none when the listing is complete.
    pub cursor: Option<String>,
}

/// One key of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key {
    pub name: String,
    /// Seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

impl Namespace {
    /// One page of keys. Keys written or deleted since the page before are seen as they are now.
    pub async fn list(&self, options: &ListOptions) -> Result<Page, Error> {
        let limit = rules::list_limit(options.limit)?;
        let prefix = options.prefix.as_deref().unwrap_or_default();
        rules::check_key_length(prefix)?;
        let after = options.cursor.as_deref().filter(|cursor| !cursor.is_empty()).map(key_of_cursor).transpose()?;
        // One more than asked for tells whether there is a page after this one.
        let mut entries = self.storage.list(&self.bucket, prefix, after.as_deref(), limit + 1, Listing::Keys).await?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let keys = entries.into_iter().map(|entry| self.key(entry)).collect::<Result<Vec<_>, _>>()?;
        let cursor = keys.last().filter(|_| more).map(|key| URL_SAFE_NO_PAD.encode(&key.name));
        Ok(Page { keys, cursor })
    }

    fn key(&self, entry: Entry) -> Result<Key, Error> {
        let metadata = self.metadata(&entry)?;
        Ok(Key { name: entry.key, expiration: entry.expires, metadata })
    }
}

fn key_of_cursor(cursor: &str) -> Result<String, Error> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|key| rules::check_key(key).is_ok())
        .ok_or_else(|| Error::InvalidOption("Invalid cursor. Please specify the cursor of an earlier list.".into()))
}
