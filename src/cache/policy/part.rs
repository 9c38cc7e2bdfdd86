//! Responses that are a part of a whole (RFC 9111, 3.3 and 3.4; RFC 9110, 14.4).

use super::super::entry::Variant;
use crate::condition::{self, Extent};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, RANGE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use std::cmp::Ordering;
use std::ops::Range;

/// Which bytes of how many a response has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub bytes: Range<u64>,
    pub total: u64,
}

impl Part {
    /// What a 206 with this head has. None for several parts, for a whole of unknown length, and for what contradicts
    /// itself. Only of a part that goes to the end is the `Content-Length` believed where it is less: the end is there.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(CONTENT_RANGE).iter();
        let (line, None) = (lines.next()?.to_str().ok()?, lines.next()) else { return None };
        let (unit, range) = line.trim().split_once(' ')?;
        let (range, total) = range.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |digits: &str| {
            let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            all_digits.then(|| digits.parse::<u64>().ok()).flatten()
        };
        let (first, last, total) = (number(first)?, number(last)?, number(total)?);
        if !unit.eq_ignore_ascii_case("bytes") || last < first || last >= total {
            return None;
        }
        let part = Self { bytes: first..last + 1, total };
        let length = match headers.get(CONTENT_LENGTH) {
            Some(length) => number(length.to_str().ok()?)?,
            None => part.length(),
        };
        match length.cmp(&part.length()) {
            Ordering::Equal => Some(part),
            Ordering::Less if part.bytes.end == total && length > 0 => {
                Some(Self { bytes: first..first + length, total: first + length })
            }
            _ => None,
        }
    }

    pub fn length(&self) -> u64 {
        self.bytes.end - self.bytes.start
    }

    /// Which of its own bytes a request asks for; none unless it asks for bytes that are all there.
    pub fn cut(&self, request: &HeaderMap) -> Option<(Range<u64>, Self)> {
        let Extent::Part(wanted) = condition::range(request, self.total) else { return None };
        let there = wanted.start >= self.bytes.start && wanted.end <= self.bytes.end;
        let own = || wanted.start - self.bytes.start..wanted.end - self.bytes.start;
        there.then(|| (own(), Self { bytes: wanted.clone(), total: self.total }))
    }

    /// Whether the two together are without a gap.
    fn touches(&self, other: &Self) -> bool {
        self.total == other.total && self.bytes.start <= other.bytes.end && other.bytes.start <= self.bytes.end
    }

    /// As `Content-Range` says it.
    pub fn field(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("bytes {}-{}/{}", self.bytes.start, self.bytes.end - 1, self.total)).ok()
    }
}

/// Whether `kept` has all that a request asks for; what is whole has.
pub fn has_wanted(kept: &Variant, method: &Method, request: &HeaderMap) -> bool {
    if kept.status != StatusCode::PARTIAL_CONTENT {
        return true;
    }
    let wanted = *method == Method::GET && request.contains_key(RANGE);
    wanted && Part::of(&kept.headers).is_some_and(|part| part.cut(request).is_some())
}

/// What two parts of the same representation are together: its range, and the bytes. The same strong tag says that they
/// are of the same (3.4); where both have a byte, that of `new` counts.
pub fn combined(new: &Variant, bytes: &[u8], old: &Variant, old_bytes: &[u8]) -> Option<(Part, Vec<u8>)> {
    let tag = new.headers.get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""))?;
    if old.status != StatusCode::PARTIAL_CONTENT || old.headers.get(ETAG) != Some(tag) {
        return None;
    }
    let (part, before) = (Part::of(&new.headers)?, Part::of(&old.headers)?);
    let whole = (bytes.len() as u64, old_bytes.len() as u64) == (part.length(), before.length());
    if !whole || !part.touches(&before) {
        return None;
    }
    let head = part.bytes.start.saturating_sub(before.bytes.start);
    let tail = before.bytes.end.saturating_sub(part.bytes.end);
    let mut all = old_bytes[..head as usize].to_vec();
    all.extend_from_slice(bytes);
    all.extend_from_slice(&old_bytes[old_bytes.len() - tail as usize..]);
    let range = part.bytes.start.min(before.bytes.start)..part.bytes.end.max(before.bytes.end);
    Some((Part { bytes: range, total: part.total }, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(line: &'static str) -> Option<Part> {
        Part::of(&HeaderMap::from_iter([(CONTENT_RANGE, HeaderValue::from_static(line))]))
    }

    #[test]
    fn only_one_range_of_a_known_length_is_a_part() {
        assert_eq!(part("bytes 2-4/10"), Some(Part { bytes: 2..5, total: 10 }));
        for wrong in ["bytes */10", "bytes 2-4/*", "bytes 4-2/10", "bytes 2-10/10", "items 2-4/10", "bytes 2-+4/10", ""]
        {
            assert_eq!(part(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_part_is_as_long_as_it_says_or_ends_sooner() {
        let of = |range: &'static str, length: &'static str| {
            let range = (CONTENT_RANGE, HeaderValue::from_static(range));
            Part::of(&HeaderMap::from_iter([range, (CONTENT_LENGTH, HeaderValue::from_static(length))]))
        };
        assert_eq!(of("bytes 4-9/10", "6"), Some(Part { bytes: 4..10, total: 10 }));
        assert_eq!(of("bytes 4-9/10", "5"), Some(Part { bytes: 4..9, total: 9 }), "its end is that of the whole");
        for (range, length) in
            [("bytes 4-9/10", "7"), ("bytes 4-9/10", "0"), ("bytes 4-8/10", "4"), ("bytes 4-9/10", "x")]
        {
            assert_eq!(of(range, length), None, "{range}, {length} bytes");
        }
    }

    #[test]
    fn a_part_answers_what_lies_within_it() {
        let part = part("bytes 4-8/10").unwrap();
        let cut = |range: &'static str| {
            let request = HeaderMap::from_iter([(RANGE, HeaderValue::from_static(range))]);
            part.cut(&request).map(|(own, part)| (own, part.field().unwrap().to_str().unwrap().to_owned()))
        };
        assert_eq!(cut("bytes=5-6"), Some((1..3, "bytes 5-6/10".into())));
        assert_eq!(cut("bytes=4-8"), Some((0..5, "bytes 4-8/10".into())));
        for outside in ["bytes=3-5", "bytes=8-9", "bytes=5-", "bytes=-2", "bytes=20-", "bytes=5-6,7-7", "bytes=x"] {
            assert_eq!(cut(outside), None, "{outside}");
        }
    }
}
