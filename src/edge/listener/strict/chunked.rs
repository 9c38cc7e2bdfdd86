//! Follows a body in chunks (RFC 9112, 7.1).

/// Bytes of extensions that a chunk may have: nobody uses them.
const MOST_EXTENSION: u16 = 256;

/// Where in a body the next byte belongs.
#[derive(Default)]
pub(super) struct Chunked {
    place: Place,
    /// Of the chunk: digits of its size as far as they have come, or bytes still to come.
    left: u64,
    digits: u8,
    extension: u16,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Size,
    /// In blanks, after which an extension must come.
    Blank,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
}

/// What came of looking at some bytes.
pub(super) enum Step {
    /// All are part of the body.
    More,
    /// After so many bytes the trailers begin.
    Trailers(usize),
    /// The byte at this index must not be there.
    Wrong(usize),
}

impl Chunked {
    pub fn step(&mut self, bytes: &[u8]) -> Step {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.place == Place::Data {
                let here = (bytes.len() - at).min(usize::try_from(self.left).unwrap_or(usize::MAX));
                at += here;
                self.left -= here as u64;
                if self.left == 0 {
                    self.place = Place::DataCr;
                }
                continue;
            }
            match self.next(byte) {
                None => return Step::Wrong(at),
                Some(place) => self.place = place,
            }
            at += 1;
            if self.place == Place::Data && self.left == 0 {
                return Step::Trailers(at);
            }
        }
        Step::More
    }

    /// The place after a byte that is not data, if it may be there.
    fn next(&mut self, byte: u8) -> Option<Place> {
        Some(match (self.place, byte) {
            (Place::Size, _) if byte.is_ascii_hexdigit() => {
                let digit = (byte as char).to_digit(16)?;
                self.left = self.left.checked_mul(16)?.checked_add(u64::from(digit))?;
                self.digits = self.digits.checked_add(1).filter(|digits| *digits <= 16)?;
                Place::Size
            }
            (Place::Size, _) if self.digits == 0 => return None,
            (Place::Size | Place::Blank, b';') => Place::Extension,
            (Place::Size | Place::Blank, b' ' | b'\t') => {
                self.lengthen()?;
                Place::Blank
            }
            (Place::Size | Place::Extension, b'\r') => Place::SizeLf,
            (Place::Extension, b'\t' | b' '..=b'~') => {
                self.lengthen()?;
                Place::Extension
            }
            (Place::SizeLf, b'\n') => {
                (self.digits, self.extension) = (0, 0);
                Place::Data
            }
            (Place::DataCr, b'\r') => Place::DataLf,
            (Place::DataLf, b'\n') => Place::Size,
            _ => return None,
        })
    }

    fn lengthen(&mut self) -> Option<()> {
        self.extension += 1;
        (self.extension <= MOST_EXTENSION).then_some(())
    }
}
