//! Numbers and texts as bytes: LEB128, seven bits to a byte, the lowest first.

/// Appends a number.
pub(super) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Appends a number that may need more than 64 bits.
pub(super) fn put_wide(bytes: &mut Vec<u8>, number: u128) {
    put(bytes, number as u64);
    put(bytes, (number >> 64) as u64);
}

/// Appends a text with its length.
pub(super) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Takes from the front what was appended in the same order. None says that the bytes are not what is expected.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                return None;
            }
            number |= part << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub fn wide(&mut self) -> Option<u128> {
        let low = self.number()?;
        Some(u128::from(self.number()?) << 64 | u128::from(low))
    }

    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    pub fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?.try_into().ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::MAX - 1, u64::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| put(&mut bytes, *number));
        put_wide(&mut bytes, u128::MAX - 5);
        put_text(&mut bytes, "käse");
        let mut reader = Reader(&bytes);
        assert!(numbers.iter().all(|number| reader.number() == Some(*number)));
        assert_eq!((reader.wide(), reader.text()), (Some(u128::MAX - 5), Some("käse")));
        assert!(reader.is_empty() && reader.number().is_none());
        assert_eq!(Reader(&[0xff; 10]).number(), None, "more than 64 bits");
        assert_eq!(Reader(&[5, b'a']).text(), None, "cut off");
        assert_eq!(Reader(&[1, 0xff]).text(), None, "no UTF-8");
    }
}
