//! Changes that depend on what is there.

use super::{Error, Namespace, PutOptions, now, rules};
use crate::storage::{self, Action, Change, Expected, Listing, Revision};
use bytes::Bytes;

/// How often an increment is tried before it is said to be contended. Each failure means that another writer got on.
const ATTEMPTS: usize = 256;

/// How a compare-and-swap ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// The value was written by this commit.
    Done(Revision),
    /// The entry was not as expected, and stays as it is.
    Changed,
}

impl Namespace {
    /// Adds `delta` to the number at `key`, which counts from 0 when there is none, and gives the sum. The value is
    /// decimal text; metadata and expiration stay.
    pub async fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        rules::check_key(key)?;
        for _ in 0..ATTEMPTS {
            let found = self.storage.get(&self.bucket, key).await?;
            let (number, expected, meta, expires) = match found {
                None => (0, Expected::Absent, Bytes::new(), None),
                Some(entry) => {
                    let number = number_of(key, &entry.value)?;
                    (number, Expected::Revision(entry.revision), entry.meta, entry.expires)
                }
            };
            let Some(sum) = number.checked_add(delta) else {
                return Err(Error::InvalidOption(format!(
                    "`{key}` is {number}: {delta} more is no longer a number of 64 bits"
                )));
            };
            let action = Action::Put { meta, value: sum.to_string().into(), expires };
            let change = Change { bucket: self.bucket.to_string(), key: key.to_owned(), expected, action };
            match self.storage.commit(vec![change]).await {
                Ok(_) => return Ok(sum),
                Err(storage::Error::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended(key.to_owned()))
    }

    /// Writes `bytes` if the entry at `key` was written by the commit `expected`, or is not there if that is `None`.
    pub async fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<Revision>,
        bytes: Bytes,
        options: &PutOptions,
    ) -> Result<Swap, Error> {
        let expected = expected.map_or(Expected::Absent, Expected::Revision);
        let change = self.put_change(key.to_owned(), bytes, options, expected, now())?;
        match self.storage.commit(vec![change]).await {
            Ok(revision) => Ok(Swap::Done(revision)),
            Err(storage::Error::Conflict { .. }) => Ok(Swap::Changed),
            Err(error) => Err(error.into()),
        }
    }

    /// The commit that wrote the entry at `key`; none when it is not there. The value is not read.
    pub async fn revision(&self, key: &str) -> Result<Option<Revision>, Error> {
        rules::check_key(key)?;
        // A key comes before all longer ones that begin with it.
        let first = self.storage.list(&self.bucket, key, None, 1, Listing::Keys).await?;
        Ok(first.into_iter().find(|entry| entry.key == key).map(|entry| entry.revision))
    }

    /// Whether there is an entry at `key`. The value is not read.
    pub async fn exists(&self, key: &str) -> Result<bool, Error> {
        Ok(self.revision(key).await?.is_some())
    }
}

fn number_of(key: &str, value: &[u8]) -> Result<i64, Error> {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or_else(|| Error::NotANumber(key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{put, refusal, text, write_raw};
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn increments_are_not_lost_and_keep_metadata_and_expiration() {
        let namespace = Namespace::in_memory();
        let expires = now() + 600;
        write_raw(&namespace, "n", r#""m""#, "-5", Some(expires)).await;
        let each = (0..50).map(|_| {
            let namespace = namespace.clone();
            tokio::spawn(async move { namespace.increment("n", 2).await.unwrap() })
        });
        for increment in each.collect::<Vec<_>>() {
            increment.await.unwrap();
        }
        let value = namespace.get("n").await.unwrap().unwrap();
        assert_eq!((value.bytes, value.metadata, value.expiration), (text("95"), Some(json!("m")), Some(expires)));
        assert_eq!(namespace.increment("new", -3).await, Ok(-3));
    }

    #[tokio::test]
    async fn what_cannot_be_counted_is_not_incremented() {
        let namespace = Namespace::in_memory();
        for value in ["", "x", "1.5", "99999999999999999999"] {
            put(&namespace, "n", value).await;
            let expected = "400 the value of `n` is not a whole number of 64 bits";
            assert_eq!(refusal(namespace.increment("n", 1).await), expected);
        }
        put(&namespace, "n", &i64::MAX.to_string()).await;
        assert_eq!(
            refusal(namespace.increment("n", 1).await),
            "400 `n` is 9223372036854775807: 1 more is no longer a number of 64 bits"
        );
        assert_eq!(namespace.increment("n", i64::MIN).await, Ok(-1));
    }

    #[tokio::test]
    async fn a_swap_is_made_only_on_what_was_expected() {
        let namespace = Namespace::in_memory();
        let options = PutOptions::default();
        let swap =
            async |expected, value| namespace.compare_and_swap("k", expected, text(value), &options).await.unwrap();
        let Swap::Done(first) = swap(None, "1").await else { panic!("nothing was there") };
        assert_eq!(swap(None, "2").await, Swap::Changed);
        assert_eq!(namespace.get("k").await.unwrap().unwrap().revision, first);
        let Swap::Done(second) = swap(Some(first), "2").await else { panic!("it is as it was written") };
        assert_eq!(swap(Some(first), "3").await, Swap::Changed);
        namespace.delete("k").await.unwrap();
        assert_eq!(swap(Some(second), "3").await, Swap::Changed);
        assert_eq!(namespace.get("k").await, Ok(None));
    }
}
