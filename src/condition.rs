//! What a request's `If-None-Match`, `Range` and `If-Range` ask for (RFC 9110, sections 13 and 14): of a static asset, and of a
//! response in the cache.

use http::HeaderMap;
use http::header::{IF_NONE_MATCH, IF_RANGE, RANGE};
use std::ops::Range;

/// How much of a file to answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// All of it. Also for several ranges, and for what cannot be understood: both may be answered so.
    Whole,
    /// These bytes; at least one.
    Part(Range<u64>),
    /// Nothing, since the range begins after the end.
    Unsatisfiable,
}

/// Whether the client says that it has the file with this `etag` (with its quotes), or any.
pub fn has_current(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).any(|tag| {
        // Compared weakly, as the header asks for.
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

/// Which bytes of a file of `size` bytes the client asks for.
pub fn extent(headers: &HeaderMap, etag: &str, size: u64) -> Extent {
    // Compared strongly; a date never matches, since files have none.
    if headers.get_all(IF_RANGE).iter().any(|validator| validator.as_bytes() != etag.as_bytes()) {
        return Extent::Whole;
    }
    range(headers, size)
}

/// The same without a look at `If-Range`.
pub fn range(headers: &HeaderMap, size: u64) -> Extent {
    let mut ranges = headers.get_all(RANGE).iter();
    let (Some(range), None) = (ranges.next(), ranges.next()) else { return Extent::Whole };
    range.to_str().ok().and_then(|range| parse(range, size)).unwrap_or(Extent::Whole)
}

/// Reads one range of bytes; nothing for what is not one.
fn parse(range: &str, size: u64) -> Option<Extent> {
    let (unit, spec) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = spec.trim().split_once('-')?;
    if first.is_empty() {
        return match position(last)? {
            0 => Some(Extent::Unsatisfiable),
            // There is no way to state a range of an empty file.
            _ if size == 0 => None,
            length => Some(Extent::Part(size.saturating_sub(length)..size)),
        };
    }
    let first = position(first)?;
    let last = if last.is_empty() { u64::MAX } else { position(last)? };
    if last < first {
        return None;
    }
    if first >= size {
        return Some(Extent::Unsatisfiable);
    }
    Some(Extent::Part(first..last.saturating_add(1).min(size)))
}

/// A number of digits only; one that is too large is as good as the largest.
fn position(digits: &str) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_understood() {
        let part = |range: Range<u64>| Some(Extent::Part(range));
        let cases = [
            ("bytes=0-0", part(0..1)),
            ("bytes=2-4", part(2..5)),
            ("Bytes= 2-4 ", part(2..5)),
            ("bytes=9-", part(9..10)),
            ("bytes=0-99999999999999999999999", part(0..10)),
            ("bytes=-3", part(7..10)),
            ("bytes=-30", part(0..10)),
            ("bytes=10-", Some(Extent::Unsatisfiable)),
            ("bytes=99999999999999999999999-", Some(Extent::Unsatisfiable)),
            ("bytes=-0", Some(Extent::Unsatisfiable)),
            ("bytes=4-2", None),
            ("bytes=0-1,3-4", None),
            ("bytes=-", None),
            ("bytes=a-b", None),
            ("bytes=+1-2", None),
            ("bytes", None),
            ("items=0-1", None),
        ];
        for (range, expected) in cases {
            assert_eq!(parse(range, 10), expected, "{range}");
        }
        assert_eq!(parse("bytes=-1", 0), None);
        assert_eq!(parse("bytes=0-", 0), Some(Extent::Unsatisfiable));
    }
}
