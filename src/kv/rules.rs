//! What Workers KV accepts, and the sentences it refuses the rest with.

use super::limits::{self, BULK_READ, BULK_READ_VALUES, BULK_WRITE, KEY, LIST, METADATA, VALUE};
use super::{Error, PutOptions};
use bytes::Bytes;
use serde_json::Value;
use std::fmt;

const MIN_EXPIRATION_SECONDS: u64 = limits::EXPIRATION.default / 1000;
const MIN_CACHE_TTL_SECONDS: u64 = limits::CACHE_TTL.default / 1000;

/// Names of options as Workers KV spells them in its messages.
pub(super) const EXPIRATION: &str = "expiration";
pub(super) const EXPIRATION_TTL: &str = "expiration_ttl";
pub(super) const CACHE_TTL: &str = "cache_ttl";
pub(super) const LIST_LIMIT: &str = "key_count_limit";

pub(super) fn check_key(key: &str) -> Result<(), Error> {
    match key {
        "" => Err(Error::IllegalKey("Key names must not be empty".into())),
        "." | ".." => Err(Error::IllegalKey(format!("Illegal key name \"{key}\". Please use a different name."))),
        _ => check_key_length(key),
    }
}

pub(super) fn check_key_length(key: &str) -> Result<(), Error> {
    if key.len() as u64 > KEY.default { Err(Error::KeyTooLong(key.len())) } else { Ok(()) }
}

pub(super) fn check_value_length(length: u64) -> Result<(), Error> {
    if length > VALUE.default {
        return Err(Error::TooLarge(format!("Value length of {length} exceeds limit of {}.", VALUE.default)));
    }
    Ok(())
}

pub(super) fn check_metadata_length(length: usize) -> Result<(), Error> {
    if length as u64 > METADATA.default {
        return Err(Error::TooLarge(format!("Metadata length of {length} exceeds limit of {}.", METADATA.default)));
    }
    Ok(())
}

/// The metadata as it is stored: JSON text, empty for none.
pub(super) fn metadata_text(metadata: Option<&Value>) -> Result<Bytes, Error> {
    let Some(metadata) = metadata.filter(|value| !value.is_null()) else { return Ok(Bytes::new()) };
    let text = metadata.to_string();
    check_metadata_length(text.len())?;
    Ok(text.into())
}

/// The second at which an entry written at `now` with `options` is gone. The TTL decides when both are given.
pub(super) fn expiry(options: &PutOptions, now: u64) -> Result<Option<u64>, Error> {
    if let Some(ttl) = options.expiration_ttl {
        let Some(seconds) = positive(ttl) else { return Err(not_a_ttl(ttl)) };
        if seconds < MIN_EXPIRATION_SECONDS {
            return Err(Error::InvalidOption(format!(
                "Invalid {EXPIRATION_TTL} of {ttl}. Expiration TTL must be at least {MIN_EXPIRATION_SECONDS}."
            )));
        }
        return Ok(Some(latest(now.saturating_add(seconds))));
    }
    let Some(expiration) = options.expiration else { return Ok(None) };
    let Some(at) = positive(expiration).filter(|at| *at > now) else { return Err(not_an_expiration(expiration)) };
    if at < now.saturating_add(MIN_EXPIRATION_SECONDS) {
        return Err(Error::InvalidOption(format!(
            "Invalid {EXPIRATION} of {expiration}. Expiration times must be at least {MIN_EXPIRATION_SECONDS} seconds in \
             the future."
        )));
    }
    Ok(Some(latest(at)))
}

/// Storage engines keep times as signed numbers.
fn latest(seconds: u64) -> u64 {
    seconds.min(i64::MAX as u64)
}

fn positive(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|number| *number > 0)
}

/// `given` is what was written where a TTL belongs.
pub(super) fn not_a_ttl(given: impl fmt::Display) -> Error {
    Error::InvalidOption(format!("Invalid {EXPIRATION_TTL} of {given}. Please specify integer greater than 0."))
}

/// `given` is what was written where an expiration belongs.
pub(super) fn not_an_expiration(given: impl fmt::Display) -> Error {
    Error::InvalidOption(format!(
        "Invalid {EXPIRATION} of {given}. Please specify integer greater than the current number of seconds since the \
         UNIX epoch."
    ))
}

pub(super) fn check_cache_ttl(seconds: i64) -> Result<(), Error> {
    match u64::try_from(seconds) {
        Ok(seconds) if seconds >= MIN_CACHE_TTL_SECONDS => Ok(()),
        _ => Err(not_a_cache_ttl(seconds)),
    }
}

/// `given` is what was written where a cache TTL belongs.
pub(super) fn not_a_cache_ttl(given: impl fmt::Display) -> Error {
    Error::InvalidOption(format!("Invalid {CACHE_TTL} of {given}. Cache TTL must be at least {MIN_CACHE_TTL_SECONDS}."))
}

/// How many keys a page may have.
pub(super) fn list_limit(limit: Option<i64>) -> Result<usize, Error> {
    let Some(limit) = limit else { return Ok(LIST.default as usize) };
    match positive(limit) {
        None => Err(not_a_list_limit(limit)),
        Some(number) if number > LIST.default => Err(Error::InvalidOption(format!(
            "Invalid {LIST_LIMIT} of {limit}. Please specify an integer less than {}.",
            LIST.default
        ))),
        Some(number) => Ok(number as usize),
    }
}

/// `given` is what was written where a listing's limit belongs.
pub(super) fn not_a_list_limit(given: impl fmt::Display) -> Error {
    Error::InvalidOption(format!("Invalid {LIST_LIMIT} of {given}. Please specify an integer greater than 0."))
}

pub(super) fn check_bulk_read(keys: usize) -> Result<(), Error> {
    match keys as u64 {
        0 => Err(Error::InvalidOption("You must request a minimum of 1 key".into())),
        keys if keys > BULK_READ.default => {
            Err(Error::InvalidOption(format!("You can request a maximum of {} keys", BULK_READ.default)))
        }
        _ => Ok(()),
    }
}

pub(super) fn bulk_read_too_large() -> Error {
    Error::TooLarge(format!("Total size of request exceeds the limit of {}MB", BULK_READ_VALUES.default >> 20))
}

pub(super) fn check_bulk_write(keys: usize) -> Result<(), Error> {
    if keys as u64 > BULK_WRITE.default {
        return Err(Error::InvalidOption(format!("You can write a maximum of {} keys", BULK_WRITE.default)));
    }
    Ok(())
}
