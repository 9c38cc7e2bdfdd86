//! The elements of DER, one after the other.

/// Takes tag and content of the next element; none if there is no whole one.
pub fn take<'a>(from: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let [tag, first, rest @ ..] = *from else { return None };
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), &rest[2..]),
        _ => return None,
    };
    let content = rest.get(..length)?;
    *from = &rest[length..];
    Some((*tag, content))
}
