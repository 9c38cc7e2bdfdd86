//! One frame's head (RFC 6455, 5.2).

use super::{Role, Violation};

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn parse(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    /// Whether it is about the connection: such frames come whole, and between the parts of a message.
    pub const fn is_control(self) -> bool {
        self.bits() >= 8
    }
}

/// A frame's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub last: bool,
    pub compressed: bool,
    pub opcode: Opcode,
    pub mask: Option<[u8; 4]>,
    pub length: u64,
}

impl Head {
    /// The head at the start of `bytes`, and its own length; none if more bytes are needed. `from` is who sent it.
    pub fn parse(bytes: &[u8], from: Role) -> Result<Option<(Self, usize)>, Violation> {
        let [first, second, ..] = *bytes else { return Ok(None) };
        let Some(opcode) = Opcode::parse(first & 15) else { return Err(Violation::protocol("an unknown opcode")) };
        if first & 0b0011_0000 != 0 {
            return Err(Violation::protocol("a reserved bit is set"));
        }
        let (last, compressed) = (first & 0x80 != 0, first & 0x40 != 0);
        let masked = second & 0x80 != 0;
        if masked != (from == Role::Client) {
            return Err(Violation::protocol(match from {
                Role::Client => "a client's frame is not masked",
                Role::Server => "a server's frame is masked",
            }));
        }
        let short = second & 0x7f;
        if opcode.is_control() && (!last || short > 125 || compressed) {
            return Err(Violation::protocol("a control frame is fragmented, compressed, or too long"));
        }
        let (length, mut at) = match short {
            126 => match bytes.get(2..4) {
                None => return Ok(None),
                Some(two) => (u64::from(u16::from_be_bytes([two[0], two[1]])), 4),
            },
            127 => match bytes.get(2..10).and_then(|eight| eight.try_into().ok()) {
                None => return Ok(None),
                Some(eight) => (u64::from_be_bytes(eight), 10),
            },
            short => (u64::from(short), 2),
        };
        if length >> 63 != 0 {
            return Err(Violation::protocol("a frame's length has its highest bit set"));
        }
        if (short == 126 && length < 126) || (short == 127 && length <= u64::from(u16::MAX)) {
            return Err(Violation::protocol("a frame's length is not in its shortest form"));
        }
        let mut mask = None;
        if masked {
            let Some(four) = bytes.get(at..at + 4) else { return Ok(None) };
            mask = Some([four[0], four[1], four[2], four[3]]);
            at += 4;
        }
        Ok(Some((Self { last, compressed, opcode, mask, length }, at)))
    }

    /// Writes the head.
    pub fn write(&self, out: &mut Vec<u8>) {
        let first = u8::from(self.last) << 7 | u8::from(self.compressed) << 6 | self.opcode.bits();
        let masked = u8::from(self.mask.is_some()) << 7;
        out.push(first);
        match self.length {
            0..=125 => out.push(masked | self.length as u8),
            126..=0xffff => {
                out.push(masked | 126);
                out.extend_from_slice(&(self.length as u16).to_be_bytes());
            }
            _ => {
                out.push(masked | 127);
                out.extend_from_slice(&self.length.to_be_bytes());
            }
        }
        out.extend_from_slice(self.mask.as_ref().map_or(&[], |mask| &mask[..]));
    }
}

/// Masks, or unmasks, what is `offset` bytes into the frame.
pub fn mask(bytes: &mut [u8], mask: [u8; 4], offset: usize) {
    let mut turned = mask;
    turned.rotate_left(offset % 4);
    let wide =
        u64::from_ne_bytes([turned[0], turned[1], turned[2], turned[3], turned[0], turned[1], turned[2], turned[3]]);
    let mut chunks = bytes.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let value =
            u64::from_ne_bytes([chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7]]) ^ wide;
        chunk.copy_from_slice(&value.to_ne_bytes());
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(turned.iter().cycle()) {
        *byte ^= key;
    }
}

/// A whole frame that is not fragmented.
pub fn write(opcode: Opcode, compressed: bool, payload: &[u8], key: Option<[u8; 4]>, out: &mut Vec<u8>) {
    out.reserve(payload.len() + 14);
    Head { last: true, compressed, opcode, mask: key, length: payload.len() as u64 }.write(out);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = key {
        mask(&mut out[start..], key, 0);
    }
}
