//! What every storage engine must do: tests that are run against each of them.
//!
//! An engine takes part with `storage_conformance!(make)`, where `make` is an async function that gives an empty
//! [`Storage`] and whatever must live as long as it.

mod blobs;
mod commits;
mod entries;
mod listing;

use super::{Action, Change, Entry, Error, Expected, Listing, Storage};
use bytes::Bytes;

pub(super) use self::blobs::*;
pub(super) use self::commits::*;
pub(super) use self::entries::*;
pub(super) use self::listing::*;

/// Makes a test of each case for one engine.
macro_rules! storage_conformance {
    ($make:path) => {
        $crate::storage::conformance::storage_conformance! { $make:
            a_put_entry_is_got_until_it_is_deleted
            a_put_replaces_value_meta_and_expiry
            buckets_are_apart
            empty_values_and_keys_are_kept
            keys_may_be_any_text
            a_value_of_25_mib_is_kept
            what_has_expired_is_invisible_at_once
            an_expired_entry_counts_as_absent
            a_put_revives_an_expired_entry
            a_sweep_deletes_what_has_expired_and_no_more
            expectations_are_held_to
            an_expired_revision_is_no_longer_expected
            expectations_are_of_what_was_before_the_commit
            the_last_of_two_changes_of_a_key_holds
            a_conflict_in_the_last_change_undoes_them_all
            revisions_grow_and_are_one_within_a_commit
            watchers_hear_of_changes_in_order
            a_watcher_of_a_change_can_read_it
            the_revision_is_that_of_the_last_commit
            a_conflict_is_not_told
            a_watcher_that_lags_is_told_so
            of_racing_commits_exactly_one_wins_each_round
            counting_together_loses_nothing
            a_listing_is_in_the_order_of_bytes
            a_listing_keeps_to_its_prefix
            pages_of_a_listing_make_up_the_whole
            a_listing_of_keys_has_no_values
            a_listing_passes_over_what_has_expired
            a_blob_is_kept_until_it_is_deleted
            a_blob_with_another_digest_is_refused
            putting_a_blob_again_changes_nothing
            one_blob_may_be_put_by_many_at_once
            an_empty_blob_is_a_blob
            a_blob_of_25_mib_is_kept
            a_store_in_order_has_no_problems
        }
    };
    ($make:path: $($case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let (storage, _kept) = $make().await;
                $crate::storage::conformance::$case(storage).await;
            }
        )*
    };
}

pub(super) use storage_conformance;

mod memory {
    use super::Storage;

    async fn make() -> (Storage, ()) {
        (Storage::in_memory(), ())
    }

    super::storage_conformance!(make);
}

/// Some time that has passed, in seconds since the epoch.
pub(super) const PAST: u64 = 1_000_000_000;
/// Some time that no test will see.
pub(super) const FUTURE: u64 = 100_000_000_000;

/// Writes `value` under `key` of bucket `b`, whatever was there.
pub(super) fn put(key: &str, value: &'static str) -> Change {
    Change::put("b", key, Expected::Any, value)
}

fn put_until(key: &str, value: &'static str, expires: u64) -> Change {
    let action = Action::Put { meta: Bytes::new(), value: Bytes::from(value), expires: Some(expires) };
    Change { bucket: "b".to_owned(), key: key.to_owned(), expected: Expected::Any, action }
}

fn conflict(key: &str) -> Error {
    Error::Conflict { bucket: "b".to_owned(), key: key.to_owned() }
}

/// The entry under `key` of bucket `b`.
async fn get(storage: &Storage, key: &str) -> Option<Entry> {
    storage.get("b", key).await.unwrap()
}

async fn value(storage: &Storage, key: &str) -> Option<Bytes> {
    get(storage, key).await.map(|entry| entry.value)
}

/// All keys of bucket `b` with this prefix.
async fn keys(storage: &Storage, prefix: &str) -> Vec<String> {
    let entries = storage.list("b", prefix, None, usize::MAX, Listing::Keys).await.unwrap();
    entries.into_iter().map(|entry| entry.key).collect()
}

/// Bytes that are not all alike.
fn many_bytes(count: usize) -> Bytes {
    (0..count).map(|index| (index % 251) as u8).collect()
}
