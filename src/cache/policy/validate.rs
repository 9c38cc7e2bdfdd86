//! Asking whether what is kept is still right, and taking the answer over (RFC 9111, 4.3).

use crate::cache::entry::Variant;
use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderName};

/// Fields that make a request conditional.
pub const CONDITIONS: [HeaderName; 5] = [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE];

/// Turns a client's request into one for a whole response.
pub fn make_whole(headers: &mut HeaderMap) {
    for name in CONDITIONS.iter().chain([&RANGE]) {
        headers.remove(name);
    }
}

/// Turns a client's request into one that asks whether `kept` is still right; false if `kept` has nothing to ask by.
pub fn make_conditional(headers: &mut HeaderMap, kept: &Variant) -> bool {
    make_whole(headers);
    let mut conditional = false;
    for (validator, condition) in [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)] {
        if let Some(value) = kept.headers.get(validator) {
            headers.insert(condition, value.clone());
            conditional = true;
        }
    }
    conditional
}

/// Whether a 304 with these headers is about `kept` (4.3.4): what it says of its validators must be the same.
pub fn is_about(not_modified: &HeaderMap, kept: &Variant) -> bool {
    let weak = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    match (not_modified.get(ETAG), kept.headers.get(ETAG)) {
        (Some(new), Some(old)) => weak(new.as_bytes()) == weak(old.as_bytes()),
        // A tag where there was none: the date alone was asked by.
        (Some(_), None) => not_modified.get(LAST_MODIFIED) == kept.headers.get(LAST_MODIFIED),
        (None, _) => match (not_modified.get(LAST_MODIFIED), kept.headers.get(LAST_MODIFIED)) {
            (Some(new), Some(old)) => new == old,
            _ => true,
        },
    }
}

/// Fields that say how the bytes that are kept are to be read: those bytes stay as they are, so these do too (3.2).
const OF_THE_BYTES: [HeaderName; 6] = [
    CONTENT_LENGTH,
    CONTENT_ENCODING,
    CONTENT_RANGE,
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("digest"),
];

/// Puts the fields of a newer response in place of the same fields in `kept` (3.2).
pub fn update(kept: &mut HeaderMap, newer: &HeaderMap) {
    for name in newer.keys().filter(|name| !OF_THE_BYTES.contains(name)) {
        kept.remove(name);
        for value in newer.get_all(name) {
            kept.append(name, value.clone());
        }
    }
}

/// Whether the head of a response to HEAD is that of `kept` (4.3.5).
pub fn is_same_representation(head: &HeaderMap, kept: &Variant) -> bool {
    [ETAG, LAST_MODIFIED, CONTENT_LENGTH].iter().all(|name| match head.get(name) {
        Some(value) => kept.headers.get(name) == Some(value),
        None => true,
    })
}
